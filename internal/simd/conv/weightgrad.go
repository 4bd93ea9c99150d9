package conv

import (
	"fmt"

	"partials/internal/simd/vec"
)

// block is how many samples WeightGrad sums in float32 before it adds to dw: short
// enough that rounding stays small and that 16 channels stay in the second-level cache.
const block = 512

// A dot kernel computes 4 rows of dy times 3 rows of x.
const cols = 3

// lanes is how many partial sums one inner product has.
const lanes = 8

// WeightGrad adds the gradient of a convolution with respect to its weights and
// biases, from samples [t0, t1) of dy and [t0, t1+Span()) of x:
//
//	dw[o][i][k] += sum over t of dy[o][t] * x[i][t + k*Dilation]
//	db[o]       += sum over t of dy[o][t]                         // db may be nil
//
// Time is cut into blocks of 512 samples from t0 on. In a block, sample t adds to
// lane (t-start)%8 in float32; the lanes fold pairwise (j with j+4, j+2, j+1), and
// the block's sum adds to dw. db takes the float64 sum of vec.Sum once. The
// bits depend on t0 and t1: to use threads, cut time into fixed chunks, give
// each its own dw and db, and fold those in the order of the chunks.
//
// It panics where shape, strides and lengths do not agree, and allocates nothing.
func WeightGrad(s Shape, dw, db, x []float32, xStride int, dy []float32, dyStride, t0, t1 int) {
	s.check(len(dw))
	if db != nil && len(db) != s.Out {
		panic(fmt.Sprintf("conv: %d bias gradients for shape %+v", len(db), s))
	}
	checkRange("WeightGrad", t0, t1, t1)
	if t0 == t1 {
		return
	}
	holds("x", len(x), s.In, t1+s.Span(), xStride)
	holds("dy", len(dy), s.Out, t1, dyStride)
	for t := t0; t < t1; t += block {
		n := min(block, t1-t)
		for g := range s.Groups {
			weightBlock(s, g, dw, x, xStride, dy, dyStride, t, n)
		}
	}
	for o := range db {
		db[o] += float32(vec.Sum(dy[o*dyStride+t0 : o*dyStride+t1]))
	}
}

// weightBlock adds what samples [t, t+n) of group g give to dw.
func weightBlock(s Shape, g int, dw, x []float32, xStride int, dy []float32, dyStride, t, n int) {
	in, out := s.In/s.Groups, s.Out/s.Groups
	terms := in * s.Kernel
	var a [rows]int // where the rows of dy start
	var b [cols]int // where the rows of x start
	var sum [rows * cols]float32
	for o := 0; o < out; o += rows {
		for r := range a { // rows past the last repeat it, and are dropped below
			a[r] = (g*out+min(o+r, out-1))*dyStride + t
		}
		for q := 0; q < terms; q += cols {
			for c := range b {
				i, k := min(q+c, terms-1)/s.Kernel, min(q+c, terms-1)%s.Kernel
				b[c] = (g*in+i)*xStride + k*s.Dilation + t
			}
			dots(n, dy, &a, x, &b, &sum)
			for r := range min(rows, out-o) {
				to := dw[(g*out+o+r)*terms+q:]
				for c := range min(cols, terms-q) {
					to[c] += sum[r*cols+c]
				}
			}
		}
	}
}
