// Command vec writes the AVX2 kernels of internal/simd/vec. The generic Go loops
// there are the definition: every kernel does the same operations in the same
// order, without fused multiply-add, and so gives the same bits.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Predicates of VCMPPS, ordered and quiet unless said otherwise.
const (
	equal          = 0
	notEqual       = 4 // true for NaN
	less           = 17
	lessSame       = 18
	notLess        = 21 // true for NaN
	notLessOrdered = 29 // false for NaN
	greater        = 30
)

// arguments are the pointers of an elementwise kernel, advanced by its loop, and
// k, which stays: constants, eight copies of each.
type arguments struct{ dst, a, b, k Register }

func at(base Register, u int) Mem { return Mem{Base: base, Disp: 32 * u} }

// elementwise writes a kernel that handles n elements, a multiple of 8: body makes
// the code for u vectors side by side, once for unroll of them and once for 1.
func elementwise(name string, unroll int, body func(p arguments, u int)) {
	TEXT(name, NOSPLIT, "func(dst, a, b, k *float32, n int)")
	Pragma("noescape")
	p := arguments{
		Load(Param("dst"), GP64()), Load(Param("a"), GP64()),
		Load(Param("b"), GP64()), Load(Param("k"), GP64()),
	}
	n := Load(Param("n"), GP64())
	loop := func(label, end string, u int) {
		Label(label)
		CMPQ(n, Imm(uint64(8*u)))
		JL(LabelRef(end))
		body(p, u)
		for _, r := range []Register{p.dst, p.a, p.b} {
			ADDQ(U32(uint64(32*u)), r)
		}
		SUBQ(Imm(uint64(8*u)), n)
		JMP(LabelRef(label))
	}
	loop("many", "one", unroll)
	loop("one", "done", 1)
	Label("done")
	VZEROUPPER()
	RET()
}

// plain writes a kernel whose vectors need no other's registers: f makes the
// value that is stored, from the address of each argument.
func plain(name string, f func(k Register, d, a, b Mem) VecVirtual) {
	elementwise(name, 4, func(p arguments, u int) {
		for i := range u {
			VMOVUPS(f(p.k, at(p.dst, i), at(p.a, i), at(p.b, i)), at(p.dst, i))
		}
	})
}

func load(m Mem) VecVirtual {
	v := YMM()
	VMOVUPS(m, v)
	return v
}

// registers returns u vectors, and each calls f for every one of u vectors: long
// chains of dependent operations run side by side.
func registers(u int) []VecVirtual {
	v := make([]VecVirtual, u)
	for i := range v {
		v[i] = YMM()
	}
	return v
}

func each(u int, f func(i int)) {
	for i := range u {
		f(i)
	}
}

// horner does p = p*x + k[i] for i in [from, to].
func horner(k Register, from, to int, p, x []VecVirtual) {
	for i := from; i <= to; i++ {
		each(len(p), func(j int) { VMULPS(x[j], p[j], p[j]) })
		c := load(at(k, i))
		each(len(p), func(j int) { VADDPS(c, p[j], p[j]) })
	}
}

func arithmetic() {
	plain("addAVX2", func(k Register, d, a, b Mem) VecVirtual {
		v := load(a)
		VADDPS(b, v, v)
		return v
	})
	plain("subAVX2", func(k Register, d, a, b Mem) VecVirtual {
		v := load(a)
		VSUBPS(b, v, v)
		return v
	})
	plain("mulAVX2", func(k Register, d, a, b Mem) VecVirtual {
		v := load(a)
		VMULPS(b, v, v)
		return v
	})
	plain("scaleAVX2", func(k Register, d, a, b Mem) VecVirtual {
		v := load(a)
		VMULPS(at(k, 0), v, v)
		return v
	})
	plain("addScaledAVX2", func(k Register, d, a, b Mem) VecVirtual {
		v := load(a)
		VMULPS(at(k, 0), v, v)
		VADDPS(d, v, v)
		return v
	})
	plain("mulAddAVX2", func(k Register, d, a, b Mem) VecVirtual {
		v := load(a)
		VMULPS(b, v, v)
		VADDPS(d, v, v)
		return v
	})
	plain("sqrtAVX2", func(k Register, d, a, b Mem) VecVirtual {
		v := YMM()
		VSQRTPS(a, v)
		return v
	})
	// leaky is v where x > 0, else slope*v.
	leaky := func(k Register, x Mem, v VecVirtual) VecVirtual {
		s, positive, zero := YMM(), YMM(), YMM()
		VMULPS(at(k, 0), v, s)
		VXORPS(zero, zero, zero)
		VCMPPS(Imm(less), x, zero, positive)
		VBLENDVPS(positive, v, s, s)
		return s
	}
	plain("leakyReLUAVX2", func(k Register, d, a, b Mem) VecVirtual { return leaky(k, a, load(a)) })
	plain("leakyReLUGradAVX2", func(k Register, d, a, b Mem) VecVirtual {
		v := leaky(k, a, load(b))
		VADDPS(d, v, v)
		return v
	})
	plain("tanhGradAVX2", func(k Register, d, a, b Mem) VecVirtual { // d + b*(1 - a*a)
		v, one := load(a), load(at(k, 0))
		VMULPS(v, v, v)
		VSUBPS(v, one, v)
		VMULPS(b, v, v)
		VADDPS(d, v, v)
		return v
	})
	plain("sigmoidGradAVX2", func(k Register, d, a, b Mem) VecVirtual { // d + (b*a)*(1 - a)
		y, one, v := load(a), load(at(k, 0)), YMM()
		VMULPS(b, y, v)
		VSUBPS(y, one, y)
		VMULPS(y, v, v)
		VADDPS(d, v, v)
		return v
	})
}

// exponential replaces v by exp(v), with expTable at k.
func exponential(k Register, v []VecVirtual) {
	u := len(v)
	hi, lo := load(at(k, 0)), load(at(k, 1))
	each(u, func(i int) { VMINPS(v[i], hi, v[i]) }) // in this order of operands NaN stays
	each(u, func(i int) { VMAXPS(v[i], lo, v[i]) })
	biased, t := registers(u), registers(u)
	each(u, func(i int) { VMULPS(at(k, 2), v[i], biased[i]) })
	bias := load(at(k, 3))
	each(u, func(i int) { VADDPS(bias, biased[i], biased[i]) })
	each(u, func(i int) {
		n := t[i]
		VSUBPS(bias, biased[i], n)
		w := YMM()
		VMULPS(at(k, 4), n, w)
		VSUBPS(w, v[i], v[i])
		VMULPS(at(k, 5), n, n)
		VSUBPS(n, v[i], v[i])
	})
	p := t
	each(u, func(i int) { VMOVUPS(at(k, 6), p[i]) })
	horner(k, 7, 11, p, v)
	each(u, func(i int) {
		r2 := YMM()
		VMULPS(v[i], v[i], r2)
		VMULPS(r2, p[i], p[i])
		VADDPS(v[i], p[i], p[i])
		VADDPS(at(k, 12), p[i], p[i])
	})
	each(u, func(i int) {
		e, half := biased[i], YMM()
		VPSUBD(at(k, 3), e, e)
		VPSRAD(Imm(1), e, half)
		VPSUBD(half, e, e)
		for _, x := range []VecVirtual{half, e} {
			VPADDD(at(k, 13), x, x)
			VPSLLD(Imm(23), x, x)
		}
		VMULPS(half, p[i], p[i])
		VMULPS(e, p[i], v[i])
	})
}

func exp() {
	elementwise("expAVX2", 4, func(p arguments, u int) {
		v := registers(u)
		each(u, func(i int) { VMOVUPS(at(p.a, i), v[i]) })
		exponential(p.k, v)
		each(u, func(i int) { VMOVUPS(v[i], at(p.dst, i)) })
	})
}

func sigmoid() {
	elementwise("sigmoidAVX2", 4, func(p arguments, u int) {
		v := registers(u)
		sign := load(at(p.k, 14))
		each(u, func(i int) { VORPS(at(p.a, i), sign, v[i]) })
		exponential(p.k, v)
		one, zero := load(at(p.k, 12)), YMM()
		VXORPS(zero, zero, zero)
		each(u, func(i int) {
			num, positive := YMM(), YMM()
			VCMPPS(Imm(lessSame), at(p.a, i), zero, positive)
			VBLENDVPS(positive, one, v[i], num)
			VADDPS(one, v[i], v[i])
			VDIVPS(v[i], num, num)
			VMOVUPS(num, at(p.dst, i))
		})
	})
}

func tanh() {
	elementwise("tanhAVX2", 4, func(p arguments, u int) {
		K := func(i int) Mem { return at(p.k, i) }
		x, z, h, q := registers(u), registers(u), registers(u), registers(u)
		hi, lo := load(K(0)), load(K(1))
		each(u, func(i int) {
			VMOVUPS(at(p.a, i), x[i])
			VMINPS(x[i], hi, x[i]) // in this order of operands NaN stays
			VMAXPS(x[i], lo, x[i])
			VMULPS(x[i], x[i], z[i])
		})
		start := func(v []VecVirtual, k int) {
			each(u, func(i int) { VMULPS(K(k), z[i], v[i]) })
			each(u, func(i int) { VADDPS(K(k+1), v[i], v[i]) })
		}
		start(h, 2)
		each(u, func(i int) { VMULPS(z[i], h[i], h[i]) })
		each(u, func(i int) { VADDPS(K(4), h[i], h[i]) })
		each(u, func(i int) { VMULPS(x[i], h[i], h[i]) })
		start(q, 5)
		for k := 7; k <= 8; k++ {
			each(u, func(i int) { VMULPS(z[i], q[i], q[i]) })
			each(u, func(i int) { VADDPS(K(k), q[i], q[i]) })
		}
		one, minus := load(K(9)), load(K(10))
		each(u, func(i int) {
			y := x[i]
			VMULPS(q[i], h[i], y)
			VADDPS(y, y, y)
			VMULPS(q[i], q[i], q[i])
			VMULPS(h[i], h[i], h[i])
			VADDPS(h[i], q[i], q[i])
			VDIVPS(q[i], y, y)
			VMINPS(y, one, y)
			VMAXPS(y, minus, y)
			VMOVUPS(y, at(p.dst, i))
		})
	})
}

// logOnePlus is ln((1+f) * 2^e), with logTable at K; e is spoilt.
func logOnePlus(K func(i int) Mem, f, e []VecVirtual) []VecVirtual {
	u := len(f)
	z, z2, low, high, t := registers(u), registers(u), registers(u), registers(u), registers(u)
	each(u, func(i int) {
		// linear is K(c)*f + K(c+1).
		linear := func(c int, v VecVirtual) {
			VMULPS(K(c), f[i], v)
			VADDPS(K(c+1), v, v)
		}
		VMULPS(f[i], f[i], z[i])
		linear(11, high[i])
		linear(9, t[i])
		VMULPS(z[i], t[i], t[i])
		VADDPS(t[i], high[i], high[i])
		VMULPS(z[i], z[i], z2[i])
		VMULPS(K(8), z2[i], t[i])
		VADDPS(t[i], high[i], high[i])
		linear(15, low[i])
		linear(13, t[i])
		VMULPS(z[i], t[i], t[i])
		VADDPS(t[i], low[i], low[i])
		VMULPS(z2[i], high[i], high[i])
		VADDPS(high[i], low[i], low[i])
	})
	each(u, func(i int) {
		q := low[i]
		VMULPS(f[i], q, q)
		VMULPS(z[i], q, q)
		VMULPS(K(17), e[i], t[i])
		VADDPS(t[i], q, q)
		VMULPS(K(18), z[i], z[i])
		VSUBPS(z[i], q, q)
		VADDPS(f[i], q, q)
		VMULPS(K(19), e[i], e[i])
		VADDPS(e[i], q, q)
	})
	return low
}

func log() {
	elementwise("logAVX2", 2, func(p arguments, u int) {
		K := func(i int) Mem { return at(p.k, i) }
		b, e, f := registers(u), registers(u), registers(u)
		each(u, func(i int) {
			x, denormal, scaled, shift := load(at(p.a, i)), YMM(), YMM(), YMM()
			VCMPPS(Imm(less), K(0), x, denormal)
			VMULPS(K(1), x, scaled)
			VBLENDVPS(denormal, scaled, x, x)
			VANDPS(K(2), denormal, shift)
			VPADDD(K(3), x, b[i])
			VPSRLD(Imm(23), b[i], e[i])
			VPSUBD(K(4), e[i], e[i])
			VCVTDQ2PS(e[i], e[i])
			VSUBPS(shift, e[i], e[i])
			VPAND(K(5), b[i], b[i])
			VPADDD(K(6), b[i], b[i])
			VSUBPS(K(7), b[i], f[i])
		})
		q := logOnePlus(K, f, e)
		each(u, func(i int) {
			// Infinity and NaN stay, zero gives -Inf, less gives NaN.
			x, is, zero := load(at(p.a, i)), YMM(), YMM()
			VXORPS(zero, zero, zero)
			VCMPPS(Imm(notLess), K(20), x, is)
			VBLENDVPS(is, x, q[i], q[i])
			VCMPPS(Imm(equal), zero, x, is)
			VBLENDVPS(is, K(21), q[i], q[i])
			VCMPPS(Imm(less), zero, x, is)
			VBLENDVPS(is, K(22), q[i], q[i])
			VMOVUPS(q[i], at(p.dst, i))
		})
	})
}

// sums writes a reduction of n elements, a multiple of 16, into 16 float64 lanes.
func sums(name string, product bool) {
	TEXT(name, NOSPLIT, "func(a, b *float32, lanes *float64, n int)")
	Pragma("noescape")
	a, b := Load(Param("a"), GP64()), Load(Param("b"), GP64())
	lanes, n := Load(Param("lanes"), GP64()), Load(Param("n"), GP64())
	acc := registers(4)
	each(4, func(i int) { VMOVUPS(at(lanes, i), acc[i]) })
	Label("loop")
	each(4, func(i int) {
		x := YMM()
		VCVTPS2PD(Mem{Base: a, Disp: 16 * i}, x)
		if product { // exact, so that the sum is rounded once with or without fusing
			y := YMM()
			VCVTPS2PD(Mem{Base: b, Disp: 16 * i}, y)
			VMULPD(y, x, x)
		}
		VADDPD(x, acc[i], acc[i])
	})
	ADDQ(Imm(64), a)
	ADDQ(Imm(64), b)
	SUBQ(Imm(16), n)
	JNZ(LabelRef("loop"))
	each(4, func(i int) { VMOVUPS(acc[i], at(lanes, i)) })
	VZEROUPPER()
	RET()
}

// maxAbs writes the maximum of the magnitudes' bits into 8 lanes.
func maxAbs() {
	TEXT("maxAbsAVX2", NOSPLIT, "func(x *float32, top *uint32, n int)")
	Pragma("noescape")
	x, top, n := Load(Param("x"), GP64()), Load(Param("top"), GP64()), Load(Param("n"), GP64())
	acc, mask := registers(4), YMM()
	VPCMPEQD(mask, mask, mask)
	VPSRLD(Imm(1), mask, mask)
	each(4, func(i int) { VMOVDQU(Mem{Base: top}, acc[i]) })
	loop := func(label, end string, u int) {
		Label(label)
		CMPQ(n, Imm(uint64(8*u)))
		JL(LabelRef(end))
		each(u, func(i int) {
			v := YMM()
			VPAND(at(x, i), mask, v)
			VPMAXUD(v, acc[i], acc[i])
		})
		ADDQ(U32(uint64(32*u)), x)
		SUBQ(Imm(uint64(8*u)), n)
		JMP(LabelRef(label))
	}
	loop("many", "one", 4)
	loop("one", "done", 1)
	Label("done")
	for i := 1; i < 4; i++ {
		VPMAXUD(acc[i], acc[0], acc[0])
	}
	VMOVDQU(acc[0], Mem{Base: top})
	VZEROUPPER()
	RET()
}

// stream writes the copy of n elements, a multiple of 16, past the cache: dst is on a
// 32-byte boundary.
func stream() {
	TEXT("streamAVX2", NOSPLIT, "func(dst, x *float32, n int)")
	Pragma("noescape")
	dst, x, n := Load(Param("dst"), GP64()), Load(Param("x"), GP64()), Load(Param("n"), GP64())
	Label("loop")
	v := registers(2)
	each(2, func(i int) { VMOVUPS(at(x, i), v[i]) })
	each(2, func(i int) { VMOVNTPS(v[i], at(dst, i)) })
	ADDQ(Imm(64), x)
	ADDQ(Imm(64), dst)
	SUBQ(Imm(16), n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// prefetch writes the kernel that asks for n cache lines.
func prefetch() {
	TEXT("prefetchAVX2", NOSPLIT, "func(x *float32, n int)")
	Pragma("noescape")
	x, n := Load(Param("x"), GP64()), Load(Param("n"), GP64())
	Label("loop")
	PREFETCHT0(Mem{Base: x})
	ADDQ(Imm(64), x)
	DECQ(n)
	JNZ(LabelRef("loop"))
	RET()
}

func main() {
	ConstraintExpr("amd64,!purego")
	arithmetic()
	exp()
	log()
	tanh()
	sigmoid()
	sums("sumAVX2", false)
	sums("dotAVX2", true)
	maxAbs()
	stream()
	prefetch()
	comparisons()
	polar()
	Generate()
}
