package vec

import "math"

// lanes are the partial sums of a reduction: element i adds to lane i%16, in the
// order of i, in float64. fold adds them up. The structure depends on the length
// alone.
type lanes [16]float64

// reduction names a summing kernel.
type reduction int

const (
	reduceSum reduction = iota
	reduceDot
)

// fold adds lanes j and j+8, then j and j+4, then j and j+2, then the last two.
func (l *lanes) fold() float64 {
	for w := len(l) / 2; w > 0; w /= 2 {
		for j := range w {
			l[j] += l[j+w]
		}
	}
	return l[0]
}

// Sum adds up x in float64, in 16 lanes:
//
//	for i := range x { lane[i%16] += float64(x[i]) }
//
// and then folds the lanes pairwise: j with j+8, j+4, j+2, j+1.
func Sum(x []float32) float64 {
	var l lanes
	for i := reduce(reduceSum, x, x, &l); i < len(x); i++ {
		l[i%16] += float64(x[i])
	}
	return l.fold()
}

// Dot is the inner product in float64, in 16 lanes folded as Sum's:
//
//	for i := range a { lane[i%16] += float64(a[i]) * float64(b[i]) }
//
// The product of two float32 is exact in float64, so fusing changes nothing.
func Dot(a, b []float32) float64 {
	same2("Dot", len(a), len(b))
	var l lanes
	for i := reduce(reduceDot, a, b, &l); i < len(a); i++ {
		l[i%16] += float64(a[i]) * float64(b[i])
	}
	return l.fold()
}

// SumSquares is Dot(x, x).
func SumSquares(x []float32) float64 { return Dot(x, x) }

// MaxAbs is the largest magnitude in x, and 0 for an empty x. It is NaN where
// x holds a NaN:
//
//	for i := range x { m = max(m, math.Float32bits(x[i]) &^ (1<<31)) }
//
// The order of the bits is the order of the numbers, with NaN above Inf.
func MaxAbs(x []float32) float32 { return math.Float32frombits(maxAbsBits(x)) }

// AllFinite reports whether x holds neither an infinity nor a NaN.
func AllFinite(x []float32) bool { return maxAbsBits(x) < math.Float32bits(inf) }

func maxAbsBits(x []float32) uint32 {
	var top [8]uint32
	for i := reduceMaxAbs(x, &top); i < len(x); i++ {
		top[i%8] = max(top[i%8], math.Float32bits(x[i])&^(1<<31))
	}
	var m uint32
	for _, t := range top {
		m = max(m, t)
	}
	return m
}
