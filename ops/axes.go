package ops

import (
	"fmt"

	"partials/device"
	"partials/tensor"
)

// axisOf returns axis i of s as a number from 0.
func axisOf(s tensor.Shape, i int) int {
	k := i
	if k < 0 {
		k += s.Rank()
	}
	if k < 0 || k >= s.Rank() {
		panic(fmt.Sprintf("there is no axis %d in %v", i, s))
	}
	return k
}

// count is the number of entries of axes from up to, not including, to.
func count(s tensor.Shape, from, to int) int {
	n := 1
	for i := from; i < to; i++ {
		n *= s.Dim(i)
	}
	return n
}

// around views s as (outer, axis k, inner).
func around(s tensor.Shape, k int) device.Axis {
	return device.Axis{Outer: count(s, 0, k), N: s.Dim(k), Inner: count(s, k+1, s.Rank())}
}

// replaced returns s with the axes from up to, not including, to replaced by
// the given ones.
func replaced(s tensor.Shape, from, to int, dims ...int) tensor.Shape {
	rank := from + len(dims) + s.Rank() - to
	if rank > tensor.MaxRank {
		panic(fmt.Sprintf("the result would have %d axes, at most %d are possible", rank, tensor.MaxRank))
	}
	var d [tensor.MaxRank]int
	for i := range from {
		d[i] = s.Dim(i)
	}
	copy(d[from:], dims)
	for i := to; i < s.Rank(); i++ {
		d[from+len(dims)+i-to] = s.Dim(i)
	}
	return tensor.Of(d[:rank]...)
}
