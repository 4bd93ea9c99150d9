//go:build amd64 && !purego

package vec

//go:generate go run -C ../_asm ./vec -out ../vec/kernels_amd64.s -stubs ../vec/kernels_amd64.go -pkg vec

import (
	"unsafe"

	"partials/internal/impl"
)

var useAVX2 bool

func init() { impl.Register(pkg, impl.AVX2, impl.HasAVX2(), &useAVX2) }

// stretch bounds one assembly call, which the Go scheduler cannot interrupt: the
// slowest kernel takes some 20 us for it. It is a multiple of every unrolling.
const stretch = 1 << 14

// elementwise runs o on the first len(dst) &^ 7 elements and returns how many
// it did: 0 without AVX2. k points to the constants of o.
func elementwise(o op, dst, a, b []float32, k *float32) int {
	if !useAVX2 {
		return 0
	}
	n := len(dst) &^ 7
	for i := 0; i < n; i += stretch {
		d, a, b, m := &dst[i], &a[i], &b[i], min(stretch, n-i)
		switch o {
		case opAdd:
			addAVX2(d, a, b, k, m)
		case opSub:
			subAVX2(d, a, b, k, m)
		case opMul:
			mulAVX2(d, a, b, k, m)
		case opScale:
			scaleAVX2(d, a, b, k, m)
		case opAddScaled:
			addScaledAVX2(d, a, b, k, m)
		case opMulAdd:
			mulAddAVX2(d, a, b, k, m)
		case opExp:
			expAVX2(d, a, b, k, m)
		case opLog:
			logAVX2(d, a, b, k, m)
		case opTanh:
			tanhAVX2(d, a, b, k, m)
		case opSigmoid:
			sigmoidAVX2(d, a, b, k, m)
		case opSqrt:
			sqrtAVX2(d, a, b, k, m)
		case opLeakyReLU:
			leakyReLUAVX2(d, a, b, k, m)
		case opLeakyReLUGrad:
			leakyReLUGradAVX2(d, a, b, k, m)
		case opTanhGrad:
			tanhGradAVX2(d, a, b, k, m)
		case opSigmoidGrad:
			sigmoidGradAVX2(d, a, b, k, m)
		}
	}
	return n
}

// reduce adds the first len(a) &^ 15 elements to their lanes and returns how many.
func reduce(o reduction, a, b []float32, l *lanes) int {
	if !useAVX2 {
		return 0
	}
	n := len(a) &^ 15
	for i := 0; i < n; i += stretch {
		if m := min(stretch, n-i); o == reduceDot {
			dotAVX2(&a[i], &b[i], &l[0], m)
		} else {
			sumAVX2(&a[i], &b[i], &l[0], m)
		}
	}
	return n
}

// reduceMaxAbs takes the first len(x) &^ 7 elements into top and returns how many.
func reduceMaxAbs(x []float32, top *[8]uint32) int {
	if !useAVX2 {
		return 0
	}
	n := len(x) &^ 7
	for i := 0; i < n; i += stretch {
		maxAbsAVX2(&x[i], &top[0], min(stretch, n-i))
	}
	return n
}

// compareSpectra compares all rows and returns the length of x: 0 without AVX2.
func compareSpectra(x, y []float32, c *Comparison, sums *Compared) int {
	if !useAVX2 || len(x) == 0 {
		return 0
	}
	k := c.table()
	for i := 0; i < len(x); i += stretch {
		compareRows(c, &x[i], &y[i], min(stretch, len(x)-i)/16, &k.eps[0], &sums.Errors[0])
	}
	return len(x)
}

func compareRows(c *Comparison, x, y *float32, rows int, k *float32, sums *float64) {
	switch {
	case c.Clamp && c.Squares && c.ratios():
		compareClampSquaresRatiosAVX2(x, y, rows, k, sums)
	case c.Clamp && c.Squares:
		compareClampSquaresAVX2(x, y, rows, k, sums)
	case c.Clamp && c.ratios():
		compareClampRatiosAVX2(x, y, rows, k, sums)
	case c.Clamp:
		compareClampAVX2(x, y, rows, k, sums)
	case c.Squares && c.ratios():
		compareAddSquaresRatiosAVX2(x, y, rows, k, sums)
	case c.Squares:
		compareAddSquaresAVX2(x, y, rows, k, sums)
	case c.ratios():
		compareAddRatiosAVX2(x, y, rows, k, sums)
	default:
		compareAddAVX2(x, y, rows, k, sums)
	}
}

// measured measures the first len(dst) &^ 7 numbers and returns how many.
func measured(m Measure, dst []float32, z Parts, eps float32) int {
	if !useAVX2 {
		return 0
	}
	n := len(dst) &^ 7
	for i := 0; i < n; i += stretch {
		d, re, im, groups := &dst[i], &z.Re[z.at(i)], &z.Im[z.at(i)], min(stretch, n-i)/8
		switch m {
		case PowerOf:
			powerAVX2(d, re, im, z.Step, groups, eps)
		case MagnitudeAdd:
			magnitudeAddAVX2(d, re, im, z.Step, groups, eps)
		case MagnitudeMax:
			magnitudeMaxAVX2(d, re, im, z.Step, groups, eps)
		}
	}
	return n
}

// measuredGrad does the gradient of the first len(dy) &^ 7 numbers.
func measuredGrad(m Measure, dz, z Parts, dy []float32, eps float32, overwrite bool) int {
	if !useAVX2 {
		return 0
	}
	n := len(dy) &^ 7
	for i := 0; i < n; i += stretch {
		dre, dim, re, im := &dz.Re[dz.at(i)], &dz.Im[dz.at(i)], &z.Re[z.at(i)], &z.Im[z.at(i)]
		g, groups := &dy[i], min(stretch, n-i)/8
		switch {
		case m == PowerOf && overwrite:
			powerGradOverAVX2(dre, dim, dz.Step, re, im, z.Step, g, groups, eps)
		case m == PowerOf:
			powerGradAVX2(dre, dim, dz.Step, re, im, z.Step, g, groups, eps)
		case m == MagnitudeAdd && overwrite:
			magnitudeAddGradOverAVX2(dre, dim, dz.Step, re, im, z.Step, g, groups, eps)
		case m == MagnitudeAdd:
			magnitudeAddGradAVX2(dre, dim, dz.Step, re, im, z.Step, g, groups, eps)
		case overwrite:
			magnitudeMaxGradOverAVX2(dre, dim, dz.Step, re, im, z.Step, g, groups, eps)
		default:
			magnitudeMaxGradAVX2(dre, dim, dz.Step, re, im, z.Step, g, groups, eps)
		}
	}
	return n
}

// stream copies the first len(dst) &^ 15 elements past the cache, where dst allows that,
// and returns how many it did.
func stream(dst, x []float32) int {
	n := len(dst) &^ 15
	if !useAVX2 || n == 0 || uintptr(unsafe.Pointer(&dst[0]))%32 != 0 {
		return 0
	}
	streamAVX2(&dst[0], &x[0], n)
	return n
}

// prefetch asks for the cache lines of x.
func prefetch(x []float32) {
	if useAVX2 && len(x) > 0 {
		prefetchAVX2(&x[0], (len(x)+15)/16)
	}
}
