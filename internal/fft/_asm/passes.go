package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func text(name, signature string, doc ...string) {
	TEXT(name, NOSPLIT, signature)
	Pragma("noescape")
	Doc(doc...)
}

func gp(name string) GPVirtual { return Load(Param(name), GP64()).(GPVirtual) }

func finish() {
	VZEROUPPER()
	RET()
}

func localMemory(radix int) Mem {
	if size := localSize(radix); size > 0 {
		return AllocLocal(size)
	}
	return Mem{}
}

// leaf: transforms of radix rows that lie stride apart in src, side by side in dst.
func leaf(radix int) {
	name := fmt.Sprintf("leaf%d", radix)
	text(name, "func(dstRe, dstIm, srcRe, srcIm *float32, stride int, leaves *int32, count int)",
		name+" is leafGeneric of this radix; the pointers give the places of the parts.")
	dstRe, dstIm, srcRe, srcIm := gp("dstRe"), gp("dstIm"), gp("srcRe"), gp("srcIm")
	stride, leaves, count := gp("stride"), gp("leaves"), gp("count")
	SHLQ(Imm(6), stride)
	by := multiples(stride, radix)
	local := localMemory(radix)

	Label(name + "next")
	re, im := GP64(), GP64()
	MOVLQSX(Mem{Base: leaves}, im)
	SHLQ(Imm(6), im)
	LEAQ(Mem{Base: srcRe, Index: im, Scale: 1}, re)
	ADDQ(srcIm, im)
	srcR, srcI := strided{base: re, by: by}, strided{base: im, by: by}
	butterfly(radix, func(q int) pair {
		return pair{load(srcR.at(q)), load(srcI.at(q))}
	}, func(q int, x pair) {
		VMOVUPS(x.re, Mem{Base: dstRe, Disp: q * row})
		VMOVUPS(x.im, Mem{Base: dstIm, Disp: q * row})
	}, local)
	ADDQ(I32(int32(radix*row)), dstRe)
	ADDQ(I32(int32(radix*row)), dstIm)
	ADDQ(Imm(4), leaves)
	DECQ(count)
	JNZ(LabelRef(name + "next"))
	finish()
}

// pass: m butterflies in place on rows that lie m apart, after the twiddles.
func pass(radix int) {
	name := fmt.Sprintf("pass%d", radix)
	text(name, "func(re, im *float32, m int, tw *float32)",
		name+" is passGeneric of this radix on a block of radix*m rows; the pointers give the places of the parts.")
	re, im, m, tw := gp("re"), gp("im"), gp("m"), gp("tw")
	stride := GP64()
	MOVQ(m, stride)
	SHLQ(Imm(6), stride)
	by := multiples(stride, radix)
	local := localMemory(radix)
	r, i := strided{base: re, by: by}, strided{base: im, by: by}

	Label(name + "next")
	butterfly(radix, func(q int) pair {
		x := pair{load(r.at(q)), load(i.at(q))}
		if q == 0 {
			return x
		}
		return product(x, Mem{Base: tw, Disp: (q - 1) * 8})
	}, func(q int, x pair) {
		VMOVUPS(x.re, r.at(q))
		VMOVUPS(x.im, i.at(q))
	}, local)
	ADDQ(Imm(row), re)
	ADDQ(Imm(row), im)
	ADDQ(Imm(uint64((radix-1)*8)), tw)
	DECQ(m)
	JNZ(LabelRef(name + "next"))
	finish()
}

// mirror: count pairs of rows k and m-k.
func mirror() {
	text("mirrorAVX2", "func(dst, src *float32, m, count int, tw *float32, inner float32)",
		"mirrorAVX2 is mirrorGeneric with count = m/2 >= 1.")
	dst, src, m, count, tw := gp("dst"), gp("src"), gp("m"), gp("count"), gp("tw")
	inner := YMM()
	scale, err := Param("inner").Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSS(scale.Addr, inner)
	SHLQ(Imm(6), m)
	dstHigh, srcHigh := GP64(), GP64()
	LEAQ(Mem{Base: dst, Index: m, Scale: 1, Disp: -row}, dstHigh)
	LEAQ(Mem{Base: src, Index: m, Scale: 1, Disp: -row}, srcHigh)
	ADDQ(Imm(row), dst)
	ADDQ(Imm(row), src)

	Label("mirrornext")
	a := pair{load(Mem{Base: src}), load(Mem{Base: src, Disp: row / 2})}
	highRe, highIm := Mem{Base: srcHigh}, Mem{Base: srcHigh, Disp: row / 2}
	sum := pair{plus(a.re, highRe), minus(a.im, highIm)}
	diff := pair{minus(a.re, highRe), plus(a.im, highIm)}
	diff = pair{times(diff.re, inner), times(diff.im, inner)}
	turned := product(diff, Mem{Base: tw})
	VMOVUPS(plusTimes(turned.re, sum.re, inner), Mem{Base: dst})
	VMOVUPS(plusTimes(turned.im, sum.im, inner), Mem{Base: dst, Disp: row / 2})
	VFMSUB231PS(inner, sum.re, turned.re)
	VFNMADD231PS(inner, sum.im, turned.im)
	VMOVUPS(turned.re, Mem{Base: dstHigh})
	VMOVUPS(turned.im, Mem{Base: dstHigh, Disp: row / 2})
	ADDQ(Imm(row), src)
	ADDQ(Imm(row), dst)
	SUBQ(Imm(row), srcHigh)
	SUBQ(Imm(row), dstHigh)
	ADDQ(Imm(8), tw)
	DECQ(count)
	JNZ(LabelRef("mirrornext"))
	finish()
}

// mulRows: each row times its pair.
func mulRows() {
	text("mulRowsAVX2", "func(dstRe, dstIm, srcRe, srcIm, tw *float32, rows int)",
		"mulRowsAVX2 is mulRowsGeneric; the pointers give the places of the parts.")
	dstRe, dstIm, srcRe, srcIm := gp("dstRe"), gp("dstIm"), gp("srcRe"), gp("srcIm")
	tw, rows := gp("tw"), gp("rows")

	Label("mulnext")
	x := product(pair{load(Mem{Base: srcRe}), load(Mem{Base: srcIm})}, Mem{Base: tw})
	VMOVUPS(x.re, Mem{Base: dstRe})
	VMOVUPS(x.im, Mem{Base: dstIm})
	for _, p := range []GPVirtual{dstRe, dstIm, srcRe, srcIm} {
		ADDQ(Imm(row), p)
	}
	ADDQ(Imm(8), tw)
	DECQ(rows)
	JNZ(LabelRef("mulnext"))
	finish()
}
