package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// measures are the names of vec.Measure.
var measures = []string{"power", "magnitudeAdd", "magnitudeMax"}

// measured is the measure of the power p, and where it is above 0 and not
// clamped: nil for everywhere.
func measured(m string, p VecVirtual, eps VecVirtual, mask bool) (y, live VecVirtual) {
	switch m {
	case "power":
		return p, nil
	case "magnitudeAdd":
		VADDPS(eps, p, p)
	case "magnitudeMax":
		if mask {
			live = YMM()
			VCMPPS(Imm(notLessOrdered), eps, p, live)
		}
		VMAXPS(p, eps, p) // in this order of operands NaN stays
	}
	VSQRTPS(p, p)
	if mask {
		zero, positive := YMM(), YMM()
		VXORPS(zero, zero, zero)
		VCMPPS(Imm(less), p, zero, positive)
		if live == nil {
			return p, positive
		}
		VANDPS(positive, live, live)
	}
	return p, live
}

func groupsOf(name string) (groups, step GPVirtual) {
	groups, step = Load(Param("groups"), GP64()).(GPVirtual), Load(Param(name), GP64()).(GPVirtual)
	SHLQ(Imm(2), step)
	return groups, step
}

func epsilon() VecVirtual {
	eps, v := YMM(), XMM()
	Load(Param("eps"), v)
	VBROADCASTSS(v, eps)
	return eps
}

func powerOf(re, im VecVirtual) VecVirtual {
	p, q := mul(re, re), mul(im, im)
	VADDPS(q, p, p)
	return p
}

func polar() {
	for _, m := range measures {
		name := m + "AVX2"
		TEXT(name, NOSPLIT, "func(dst, re, im *float32, step, groups int, eps float32)")
		Pragma("noescape")
		dst, re, im := Load(Param("dst"), GP64()), Load(Param("re"), GP64()), Load(Param("im"), GP64())
		groups, step := groupsOf("step")
		eps := epsilon()
		Label("next")
		y, _ := measured(m, powerOf(load(Mem{Base: re}), load(Mem{Base: im})), eps, false)
		VMOVUPS(y, Mem{Base: dst})
		ADDQ(Imm(32), dst)
		ADDQ(step, re)
		ADDQ(step, im)
		DECQ(groups)
		JNZ(LabelRef("next"))
		VZEROUPPER()
		RET()
	}
	for _, m := range measures {
		for _, overwrite := range []bool{false, true} {
			name := m + "GradAVX2"
			if overwrite {
				name = m + "GradOverAVX2"
			}
			TEXT(name, NOSPLIT, "func(dre, dim *float32, dstep int, re, im *float32, step int, dy *float32, groups int, eps float32)")
			Pragma("noescape")
			dre, dim := Load(Param("dre"), GP64()), Load(Param("dim"), GP64())
			re, im, dy := Load(Param("re"), GP64()), Load(Param("im"), GP64()), Load(Param("dy"), GP64())
			groups, step := groupsOf("step")
			dstep := Load(Param("dstep"), GP64())
			SHLQ(Imm(2), dstep)
			eps := epsilon()
			Label("next")
			x, y, g := load(Mem{Base: re}), load(Mem{Base: im}), load(Mem{Base: dy})
			if m == "power" {
				VADDPS(g, g, g)
			} else {
				size, live := measured(m, powerOf(x, y), eps, true)
				VDIVPS(size, g, g)
				VANDPS(live, g, g)
			}
			for i, part := range []VecVirtual{x, y} {
				to := Mem{Base: []Register{dre, dim}[i]}
				VMULPS(g, part, part)
				if !overwrite {
					VADDPS(to, part, part)
				}
				VMOVUPS(part, to)
			}
			ADDQ(dstep, dre)
			ADDQ(dstep, dim)
			ADDQ(step, re)
			ADDQ(step, im)
			ADDQ(Imm(32), dy)
			DECQ(groups)
			JNZ(LabelRef("next"))
			VZEROUPPER()
			RET()
		}
	}
}
