package tensor

import "fmt"

// MaxRank is the largest number of axes a Shape can have.
const MaxRank = 4

// Shape is the extent of up to MaxRank axes, outermost first. It is a small
// value and comparable with ==. The zero Shape is a scalar of length 1.
type Shape struct {
	dims [MaxRank]int
	rank int
}

// Of returns the shape with the given dims, outermost axis first. It panics
// where there are more than MaxRank of them or one is negative.
func Of(dims ...int) Shape {
	if len(dims) > MaxRank {
		panic(fmt.Sprintf("tensor.Of: %d axes, at most %d", len(dims), MaxRank))
	}
	var s Shape
	for _, d := range dims {
		if d < 0 {
			panic(fmt.Sprintf("tensor.Of: negative dimension %d", d))
		}
		s.dims[s.rank] = d
		s.rank++
	}
	return s
}

// Dim returns the extent of axis i. A negative i counts from the last axis:
// Dim(-1) is the innermost. An axis the shape does not have panics.
func (s Shape) Dim(i int) int { return s.dims[s.axis(i)] }

// With returns the shape with axis i, counted as in Dim, set to n.
func (s Shape) With(i, n int) Shape {
	if n < 0 {
		panic(fmt.Sprintf("tensor.Shape.With: negative dimension %d", n))
	}
	s.dims[s.axis(i)] = n
	return s
}

func (s Shape) axis(i int) int {
	k := i
	if k < 0 {
		k += s.rank
	}
	if k < 0 || k >= s.rank {
		panic(fmt.Sprintf("tensor.Shape: axis %d of %v", i, s))
	}
	return k
}

// Rank returns the number of axes.
func (s Shape) Rank() int { return s.rank }

// Len returns the number of elements, the product of all dims.
func (s Shape) Len() int {
	n := 1
	for _, d := range s.dims[:s.rank] {
		n *= d
	}
	return n
}

// String returns the dims as "(2, 3)", and "()" for a scalar.
func (s Shape) String() string {
	b := []byte{'('}
	for i, d := range s.dims[:s.rank] {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = fmt.Append(b, d)
	}
	return string(append(b, ')'))
}
