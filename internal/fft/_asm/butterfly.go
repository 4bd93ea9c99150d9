package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// butterfly writes the transform of radix rows. in gives row q, multiplied by
// its twiddle; out takes row q. All rows are read before one is written.
// local is stack memory for what the registers cannot hold.
func butterfly(radix int, in func(q int) pair, out func(q int, x pair), local Mem) {
	switch radix {
	case 2:
		a, b := in(0), in(1)
		out(0, pair{plus(a.re, b.re), plus(a.im, b.im)})
		out(1, pair{minus(a.re, b.re), minus(a.im, b.im)})
	case 4:
		a, c := in(0), in(2)
		s := pair{plus(a.re, c.re), plus(a.im, c.im)}
		t := pair{minus(a.re, c.re), minus(a.im, c.im)}
		b, d := in(1), in(3)
		u := pair{plus(b.re, d.re), plus(b.im, d.im)}
		v := pair{minus(b.re, d.re), minus(b.im, d.im)}
		quarters(s, t, u, v, out)
	case 8:
		butterfly8(in, out, local)
	default:
		butterflyOdd(radix, in, out, local)
	}
}

// quarters ends a radix-4 butterfly: s, t = a+c, a-c and u, v = b+d, b-d.
func quarters(s, t, u, v pair, out func(q int, x pair)) {
	out(0, pair{plus(s.re, u.re), plus(s.im, u.im)})
	out(2, pair{minus(s.re, u.re), minus(s.im, u.im)})
	out(1, pair{plus(t.re, v.im), minus(t.im, v.re)})
	out(3, pair{minus(t.re, v.im), plus(t.im, v.re)})
}

// localSize is the stack memory of a butterfly in bytes.
func localSize(radix int) int {
	switch radix {
	case 7:
		return 3 * row
	case 8:
		return 4 * row
	}
	return 0
}

func butterfly8(in func(q int) pair, out func(q int, x pair), local Mem) {
	spill := func(q int) (re, im Mem) { return local.Offset(q * row), local.Offset(q*row + row/2) }
	var sum [4]pair // x[q] + x[q+4]; the differences go to the stack
	for q := range 4 {
		a, b := in(q), in(q+4)
		re, im := spill(q)
		VMOVUPS(minus(a.re, b.re), re)
		VMOVUPS(minus(a.im, b.im), im)
		sum[q] = pair{plus(a.re, b.re), plus(a.im, b.im)}
	}
	s := pair{plus(sum[0].re, sum[2].re), plus(sum[0].im, sum[2].im)}
	t := pair{minus(sum[0].re, sum[2].re), minus(sum[0].im, sum[2].im)}
	u := pair{plus(sum[1].re, sum[3].re), plus(sum[1].im, sum[3].im)}
	v := pair{minus(sum[1].re, sum[3].re), minus(sum[1].im, sum[3].im)}
	quarters(s, t, u, v, func(q int, x pair) { out(2*q, x) })

	// The differences d0..d3 times 1, (1-i)*r, -i, (-1-i)*r with r = sqrt(1/2), r
	// being applied last.
	re, im := spill(1)
	dr, di := load(re), load(im)
	p, q := plus(dr, di), minus(di, dr)
	re, im = spill(3)
	dr, di = load(re), load(im)
	x, y := minus(di, dr), plus(di, dr)
	ur, ui := plus(p, x), minus(q, y)
	vr, vi := minus(p, x), plus(q, y)
	re, im = spill(0)
	dr, di = load(re), load(im)
	re, im = spill(2)
	e := pair{plus(dr, im), minus(di, re)}
	f := pair{minus(dr, im), plus(di, re)}
	r := load(constant(math.Sqrt(0.5)))
	out(1, pair{plusTimes(e.re, ur, r), plusTimes(e.im, ui, r)})
	out(5, pair{minusTimes(e.re, ur, r), minusTimes(e.im, ui, r)})
	out(3, pair{plusTimes(f.re, vi, r), minusTimes(f.im, vr, r)})
	out(7, pair{minusTimes(f.re, vi, r), plusTimes(f.im, vr, r)})
}

// butterflyOdd pairs row j with row radix-j: cosines act on their sums,
// sines on their differences.
func butterflyOdd(radix int, in func(q int) pair, out func(q int, x pair), local Mem) {
	half := radix / 2
	sum, diff := make([]pair, half+1), make([]pair, half+1)
	stack := localSize(radix) > 0
	for j := 1; j <= half; j++ {
		a, b := in(j), in(radix-j)
		sum[j] = pair{plus(a.re, b.re), plus(a.im, b.im)}
		diff[j] = pair{minus(a.re, b.re), minus(a.im, b.im)}
		if stack {
			VMOVUPS(diff[j].re, local.Offset((j-1)*row))
			VMOVUPS(diff[j].im, local.Offset((j-1)*row+row/2))
		}
	}
	first := in(0)
	total := pair{plus(first.re, sum[1].re), plus(first.im, sum[1].im)}
	for j := 2; j <= half; j++ {
		VADDPS(sum[j].re, total.re, total.re)
		VADDPS(sum[j].im, total.im, total.im)
	}
	out(0, total)
	middle := make([]pair, half+1) // first + sum over j of cos(2*pi*j*k/radix)*sum[j]
	for k := 1; k <= half; k++ {
		middle[k] = pair{YMM(), YMM()}
		VMOVAPS(first.re, middle[k].re)
		VMOVAPS(first.im, middle[k].im)
		for j := 1; j <= half; j++ {
			c := constant(math.Cos(2 * math.Pi * float64(j*k%radix) / float64(radix)))
			VFMADD231PS(c, sum[j].re, middle[k].re)
			VFMADD231PS(c, sum[j].im, middle[k].im)
		}
	}
	if stack {
		for j := 1; j <= half; j++ {
			diff[j] = pair{load(local.Offset((j - 1) * row)), load(local.Offset((j-1)*row + row/2))}
		}
	}
	for k := 1; k <= half; k++ {
		var side pair // sum over j of sin(2*pi*j*k/radix)*diff[j]
		for j := 1; j <= half; j++ {
			index, negative := j*k%radix, false
			if index > half {
				index, negative = radix-index, true
			}
			s := constant(math.Sin(2 * math.Pi * float64(index) / float64(radix)))
			switch {
			case j == 1:
				side = pair{times(diff[1].re, s), times(diff[1].im, s)}
			case negative:
				VFNMADD231PS(s, diff[j].re, side.re)
				VFNMADD231PS(s, diff[j].im, side.im)
			default:
				VFMADD231PS(s, diff[j].re, side.re)
				VFMADD231PS(s, diff[j].im, side.im)
			}
		}
		out(k, pair{plus(middle[k].re, side.im), minus(middle[k].im, side.re)})
		out(radix-k, pair{minus(middle[k].re, side.im), plus(middle[k].im, side.re)})
	}
}
