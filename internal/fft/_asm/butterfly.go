package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// butterfly is the transform of radix rows, of which the first few are read,
// the others being zeros, and the first few written.
type butterfly struct {
	radix, reads, writes int
	local                *Mem // stack memory for what 16 registers cannot hold
}

func newButterfly(radix, reads, writes int, v variant) butterfly {
	f := butterfly{radix: radix, reads: reads, writes: writes}
	if size := localSize(radix); size > 0 && !v.wide {
		m := AllocLocal(size)
		f.local = &m
	}
	return f
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

// keep holds x until it is taken back: on the stack where registers are few.
func (f butterfly) keep(q int, x pair) (take func() pair) {
	if f.local == nil {
		return func() pair { return x }
	}
	if x.zero() {
		return func() pair { return x }
	}
	re, im := f.local.Offset(q*row), f.local.Offset(q*row+row/2)
	x.store(re, im)
	return func() pair { return loaded(re, im) }
}

// write writes the code. in gives row q, out takes row q; all rows are read
// before one is written.
func (f butterfly) write(in func(q int) pair, out func(q int, x pair)) {
	read := func(q int) pair {
		if q >= f.reads {
			return pair{} // zeros
		}
		return in(q)
	}
	// x is made only where somebody wants it.
	write := func(q int, x func() pair) {
		if q < f.writes {
			out(q, x())
		}
	}
	switch f.radix {
	case 2:
		a, b := read(0), read(1)
		write(0, func() pair { return a.plus(b) })
		write(1, func() pair { return a.minus(b) })
	case 4:
		a, c := read(0), read(2)
		s, t := a.plus(c), a.minus(c)
		b, d := read(1), read(3)
		quarters(s, t, b.plus(d), b.minus(d), write)
	case 8:
		f.eighths(read, write)
	default:
		f.odd(read, write)
	}
}

// quarters ends a radix-4 butterfly: s, t = a+c, a-c and u, v = b+d, b-d.
func quarters(s, t, u, v pair, write func(q int, x func() pair)) {
	write(0, func() pair { return s.plus(u) })
	write(2, func() pair { return s.minus(u) })
	write(1, func() pair { return t.plus(v.rotated()) })
	write(3, func() pair { return t.minus(v.rotated()) })
}

func (f butterfly) eighths(read func(q int) pair, write func(q int, x func() pair)) {
	var sum [4]pair                // x[q] + x[q+4]
	var differences [4]func() pair // x[q] - x[q+4]
	for q := range 4 {
		a, b := read(q), read(q+4)
		differences[q] = f.keep(q, a.minus(b))
		sum[q] = a.plus(b)
	}
	quarters(sum[0].plus(sum[2]), sum[0].minus(sum[2]), sum[1].plus(sum[3]), sum[1].minus(sum[3]),
		func(q int, x func() pair) { write(2*q, x) })

	// The differences d0..d3 times 1, (1-i)*r, -i, (-1-i)*r with r = sqrt(1/2), r
	// being applied last.
	d := differences[1]()
	p := d.plus(d.rotated())
	d = differences[3]()
	x := d.rotated().minus(d)
	u, v := p.plus(x), p.minus(x)
	d, h := differences[0](), differences[2]()
	r := load(constant(math.Sqrt(0.5)))
	e := d.plus(h.rotated())
	write(1, func() pair { return e.plusTimes(u, r) })
	write(5, func() pair { return e.minusTimes(u, r) })
	g := d.minus(h.rotated())
	write(3, func() pair { return g.plusTimes(v.rotated(), r) })
	write(7, func() pair { return g.minusTimes(v.rotated(), r) })
}

// odd pairs row j with row radix-j: cosines act on their sums, sines on their
// differences.
func (f butterfly) odd(read func(q int) pair, write func(q int, x func() pair)) {
	half := f.radix / 2
	sum, kept := make([]pair, half+1), make([]func() pair, half+1) // kept: differences
	for j := 1; j <= half; j++ {
		a, b := read(j), read(f.radix-j)
		sum[j] = a.plus(b)
		kept[j] = f.keep(j-1, a.minus(b))
	}
	first := read(0)
	total := first.plus(sum[1])
	for j := 2; j <= half; j++ {
		VADDPS(sum[j].re.v, total.re.v, total.re.v)
		VADDPS(sum[j].im.v, total.im.v, total.im.v)
	}
	write(0, func() pair { return total })
	middle := make([]pair, half+1) // first + sum over j of cos(2*pi*j*k/radix)*sum[j]
	for k := 1; k <= half; k++ {
		re, im := YMM(), YMM()
		VMOVAPS(first.re.v, re)
		VMOVAPS(first.im.v, im)
		middle[k] = pair{number{v: re}, number{v: im}}
		for j := 1; j <= half; j++ {
			c := constant(math.Cos(2 * math.Pi * float64(j*k%f.radix) / float64(f.radix)))
			VFMADD231PS(c, sum[j].re.v, re)
			VFMADD231PS(c, sum[j].im.v, im)
		}
	}
	for k := 1; k <= half; k++ {
		var side pair // sum over j of sin(2*pi*j*k/radix)*diff[j]
		for j := 1; j <= half; j++ {
			index, negative := j*k%f.radix, false
			if index > half {
				index, negative = f.radix-index, true
			}
			s, d := constant(math.Sin(2*math.Pi*float64(index)/float64(f.radix))), kept[j]()
			switch {
			case j == 1:
				side = pair{number{v: times(d.re.v, s)}, number{v: times(d.im.v, s)}}
			case negative:
				VFNMADD231PS(s, d.re.v, side.re.v)
				VFNMADD231PS(s, d.im.v, side.im.v)
			default:
				VFMADD231PS(s, d.re.v, side.re.v)
				VFMADD231PS(s, d.im.v, side.im.v)
			}
		}
		write(k, func() pair { return middle[k].plus(side.rotated()) })
		write(f.radix-k, func() pair { return middle[k].minus(side.rotated()) })
	}
}
