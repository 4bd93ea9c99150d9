package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Places in compareTable.
const (
	cEps = iota
	cOne
	cHalf
	cSigns
	cMinusLog
	cMinusLin
	cLogFac
	cLogEps
	cZero
	cLog // logTable
)

// Operations that leave their arguments alone.
func add(a, b Op) VecVirtual { v := YMM(); VADDPS(b, a, v); return v }
func sub(a, b Op) VecVirtual { v := YMM(); VSUBPS(b, a, v); return v }
func mul(a, b Op) VecVirtual { v := YMM(); VMULPS(b, a, v); return v }
func div(a, b Op) VecVirtual { v := YMM(); VDIVPS(b, a, v); return v }
func and(a, b Op) VecVirtual { v := YMM(); VANDPS(b, a, v); return v }
func xor(a, b Op) VecVirtual { v := YMM(); VXORPS(b, a, v); return v }
func root(a Op) VecVirtual   { v := YMM(); VSQRTPS(a, v); return v }

// compare writes compareGroupGeneric for rows of x and y, in groups of 16.
func compare(name string, clamp, squares, ratios bool) {
	TEXT(name, NOSPLIT, "func(x, y *float32, rows int, k *float32, sums *float64)")
	Pragma("noescape")
	x, y := Load(Param("x"), GP64()), Load(Param("y"), GP64())
	rows, k, sums := Load(Param("rows"), GP64()), Load(Param("k"), GP64()), Load(Param("sums"), GP64())
	K := func(i int) Mem { return at(k, i) }
	terms := 4
	if ratios {
		terms = 3
	}
	lanes := registers(terms)
	left := GP64()

	Label("group")
	MOVQ(U32(16), left)
	CMPQ(rows, left)
	CMOVQLT(rows, left)
	SUBQ(left, rows)
	each(terms, func(i int) { VXORPS(lanes[i], lanes[i], lanes[i]) })

	Label("row")
	power := func(p Register) VecVirtual {
		re, im := load(at(p, 0)), load(at(p, 1))
		VMULPS(re, re, re)
		VMULPS(im, im, im)
		VADDPS(im, re, re)
		return re
	}
	px, py := power(x), power(y)
	eps := load(K(cEps))
	var live VecVirtual
	if clamp {
		live = YMM()
		VCMPPS(Imm(notLessOrdered), eps, px, live)
		VMAXPS(px, eps, px) // in this order of operands NaN stays
		VMAXPS(py, eps, py)
	} else {
		VADDPS(eps, px, px)
		VADDPS(eps, py, py)
	}
	VADDPS(py, lanes[1], lanes[1])
	unequal := func(d VecVirtual) VecVirtual {
		v := YMM()
		VCMPPS(Imm(notEqual), K(cZero), d, v)
		return v
	}
	// toward is v with its sign changed where d is negative, 0 where it is 0.
	toward := func(d, unequal, v VecVirtual) VecVirtual {
		s := and(d, K(cSigns))
		VXORPS(s, v, s)
		VANDPS(unequal, s, s)
		return s
	}
	tally := func(far VecVirtual, sum VecVirtual) {
		v := YMM()
		if squares {
			VMULPS(far, far, v)
		} else {
			VANDNPS(far, load(K(cSigns)), v)
		}
		VADDPS(v, sum, sum)
	}
	var a, b VecVirtual
	if ratios {
		inv := div(load(K(cOne)), px)
		delta := sub(py, px)
		VMULPS(inv, delta, delta)
		ratio, different := mul(py, inv), unequal(delta)
		VBLENDVPS(different, ratio, load(K(cOne)), ratio)
		a = sub(load(K(cOne)), root(ratio))
		square := mul(a, a)
		VMULPS(square, px, square)
		VADDPS(square, lanes[0], lanes[0])
		far := logRatio(K, ratio, delta)
		VMULPS(K(cHalf), far, far)
		tally(far, lanes[2])
		if squares {
			b = mul(far, inv)
			VMULPS(K(cMinusLog), b, b)
		} else {
			VMULPS(K(cMinusLog), inv, inv)
			b = toward(delta, different, inv)
		}
	} else {
		mx, my := root(px), root(py)
		positive := YMM()
		VCMPPS(Imm(greater), K(cZero), mx, positive)
		if clamp {
			VANDPS(positive, live, live)
		} else {
			live = positive
		}
		inv, d := div(load(K(cOne)), mx), sub(my, mx)
		square := mul(d, d)
		VADDPS(square, lanes[0], lanes[0])
		for _, m := range []VecVirtual{mx, my} {
			VMULPS(K(cLogFac), m, m)
			VADDPS(K(cLogEps), m, m)
		}
		slope := div(load(K(cOne)), mx)
		ratio := mul(my, slope)
		VMULPS(K(cLogFac), slope, slope)
		far := logRatio(K, ratio, mul(d, slope))
		tally(far, lanes[2])
		tally(d, lanes[3])
		if squares {
			VMULPS(slope, far, far)
			VMULPS(K(cMinusLog), far, far)
			b = mul(d, K(cMinusLin))
			VADDPS(b, far, b)
		} else {
			VMULPS(K(cMinusLog), slope, slope)
			VADDPS(K(cMinusLin), slope, slope)
			b = toward(d, unequal(d), slope)
		}
		VMULPS(inv, b, b)
		a = xor(d, K(cSigns))
		VMULPS(inv, a, a)
	}
	if live != nil {
		VANDPS(live, a, a)
		VANDPS(live, b, b)
	}
	re, im := load(at(x, 0)), load(at(x, 1))
	for i, g := range []VecVirtual{a, b} {
		p := []Register{x, y}[i]
		VMOVUPS(mul(g, re), at(p, 0))
		VMOVUPS(mul(g, im), at(p, 1))
	}
	ADDQ(Imm(64), x)
	ADDQ(Imm(64), y)
	DECQ(left)
	JNZ(LabelRef("row"))
	for i, lane := range lanes {
		low, high := YMM(), YMM()
		VEXTRACTF128(Imm(1), lane, high.AsX())
		VCVTPS2PD(lane.AsX(), low)
		VCVTPS2PD(high.AsX(), high)
		VADDPD(at(sums, 2*i), low, low)
		VADDPD(at(sums, 2*i+1), high, high)
		VMOVUPD(low, at(sums, 2*i))
		VMOVUPD(high, at(sums, 2*i+1))
	}
	TESTQ(rows, rows)
	JNZ(LabelRef("group"))
	VZEROUPPER()
	RET()
}

// logRatio is ln(ratio); less1 is ratio-1.
func logRatio(K func(i int) Mem, ratio, less1 VecVirtual) VecVirtual {
	L := func(i int) Mem { return K(cLog + i) }
	b, e, f := YMM(), YMM(), YMM()
	VPADDD(L(3), ratio, b)
	VPSRLD(Imm(23), b, e)
	VPSUBD(L(4), e, e)
	VCVTDQ2PS(e, e)
	VPAND(L(5), b, b)
	VPADDD(L(6), b, b)
	VSUBPS(L(7), b, b)
	near := YMM()
	VCMPPS(Imm(equal), K(cZero), e, near)
	VBLENDVPS(near, less1, b, f)
	q := logOnePlus(L, []VecVirtual{f}, []VecVirtual{e})[0]
	infinite := YMM()
	VCMPPS(Imm(notLess), L(20), less1, infinite)
	VBLENDVPS(infinite, less1, q, q)
	return q
}

func comparisons() {
	for i := range 8 {
		clamp, squares, ratios := i&4 != 0, i&2 != 0, i&1 != 0
		name := "compareAdd"
		if clamp {
			name = "compareClamp"
		}
		if squares {
			name += "Squares"
		}
		if ratios {
			name += "Ratios"
		}
		compare(name+"AVX2", clamp, squares, ratios)
	}
}
