package fft

// point is one point of a transform in all eight lanes.
type point struct{ re, im [8]float32 }

func (p *point) at(l int) complex64     { return complex(p.re[l], p.im[l]) }
func (p *point) set(l int, v complex64) { p.re[l], p.im[l] = real(v), imag(v) }

// butterfly computes the small transforms of eight lanes in place:
// x[k] = sum over q of x[q]*exp(-2*pi*i*k*q/radix).
func butterfly(radix int, x *[8]point) {
	switch radix {
	case 2:
		butterfly2(x)
	case 3:
		butterfly3(x)
	case 4:
		butterfly4(x)
	case 5:
		butterfly5(x)
	case 7:
		butterfly7(x)
	case 8:
		butterfly8(x)
	}
}

// rotate returns -i*v.
func rotate(v complex64) complex64 { return complex(imag(v), -real(v)) }

// scale returns c*v for a real c.
func scale(c float32, v complex64) complex64 { return complex(c*real(v), c*imag(v)) }

func dft4(a, b, c, d complex64) (complex64, complex64, complex64, complex64) {
	s, t, u, v := a+c, a-c, b+d, rotate(b-d)
	return s + u, t + v, s - u, t - v
}

func butterfly2(x *[8]point) {
	for l := range 8 {
		a, b := x[0].at(l), x[1].at(l)
		x[0].set(l, a+b)
		x[1].set(l, a-b)
	}
}

func butterfly3(x *[8]point) {
	for l := range 8 {
		a, b, c := x[0].at(l), x[1].at(l), x[2].at(l)
		t, d := b+c, rotate(scale(sin60, b-c))
		m := a - scale(0.5, t)
		x[0].set(l, a+t)
		x[1].set(l, m+d)
		x[2].set(l, m-d)
	}
}

func butterfly4(x *[8]point) {
	for l := range 8 {
		a, b, c, d := dft4(x[0].at(l), x[1].at(l), x[2].at(l), x[3].at(l))
		x[0].set(l, a)
		x[1].set(l, b)
		x[2].set(l, c)
		x[3].set(l, d)
	}
}

func butterfly5(x *[8]point) {
	for l := range 8 {
		a, b, c, d, e := x[0].at(l), x[1].at(l), x[2].at(l), x[3].at(l), x[4].at(l)
		t1, t2, d1, d2 := b+e, c+d, b-e, c-d
		m1 := a + scale(cos72, t1) + scale(cos144, t2)
		m2 := a + scale(cos144, t1) + scale(cos72, t2)
		r1 := rotate(scale(sin72, d1) + scale(sin144, d2))
		r2 := rotate(scale(sin144, d1) - scale(sin72, d2))
		x[0].set(l, a+t1+t2)
		x[1].set(l, m1+r1)
		x[2].set(l, m2+r2)
		x[3].set(l, m2-r2)
		x[4].set(l, m1-r1)
	}
}

func butterfly7(x *[8]point) {
	for l := range 8 {
		a := x[0].at(l)
		t1, d1 := x[1].at(l)+x[6].at(l), x[1].at(l)-x[6].at(l)
		t2, d2 := x[2].at(l)+x[5].at(l), x[2].at(l)-x[5].at(l)
		t3, d3 := x[3].at(l)+x[4].at(l), x[3].at(l)-x[4].at(l)
		m1 := a + scale(cos7, t1) + scale(cos2of7, t2) + scale(cos3of7, t3)
		m2 := a + scale(cos2of7, t1) + scale(cos3of7, t2) + scale(cos7, t3)
		m3 := a + scale(cos3of7, t1) + scale(cos7, t2) + scale(cos2of7, t3)
		r1 := rotate(scale(sin7, d1) + scale(sin2of7, d2) + scale(sin3of7, d3))
		r2 := rotate(scale(sin2of7, d1) - scale(sin3of7, d2) - scale(sin7, d3))
		r3 := rotate(scale(sin3of7, d1) - scale(sin7, d2) + scale(sin2of7, d3))
		x[0].set(l, a+t1+t2+t3)
		x[1].set(l, m1+r1)
		x[2].set(l, m2+r2)
		x[3].set(l, m3+r3)
		x[4].set(l, m3-r3)
		x[5].set(l, m2-r2)
		x[6].set(l, m1-r1)
	}
}

func butterfly8(x *[8]point) {
	for l := range 8 {
		a0, a1, a2, a3 := dft4(x[0].at(l), x[2].at(l), x[4].at(l), x[6].at(l))
		b0, b1, b2, b3 := dft4(x[1].at(l), x[3].at(l), x[5].at(l), x[7].at(l))
		b1 = scale(sqrtHalf, b1+rotate(b1))
		b2 = rotate(b2)
		b3 = scale(sqrtHalf, rotate(b3)-b3)
		x[0].set(l, a0+b0)
		x[1].set(l, a1+b1)
		x[2].set(l, a2+b2)
		x[3].set(l, a3+b3)
		x[4].set(l, a0-b0)
		x[5].set(l, a1-b1)
		x[6].set(l, a2-b2)
		x[7].set(l, a3-b3)
	}
}
