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

// variant is the instructions that a pass is written for.
type variant struct {
	name string
	wide bool // AVX-512VL: 32 registers
}

var (
	avx2   = variant{"AVX2", false}
	avx512 = variant{"AVX512", true}
)

// passName is that of a pass whose butterflies have some rows only.
func passName(kind string, radix, some int, v variant) string {
	name := fmt.Sprintf("%s%d", kind, radix)
	if some < radix {
		name += fmt.Sprintf("of%d", some)
	}
	return name + v.name
}

// leaf: transforms of radix neighbouring rows.
func leaf(radix int, v variant) {
	name := passName("leaf", radix, radix, v)
	text(name, "func(dstRe, dstIm, srcRe, srcIm *float32, blocks int)",
		name+" is leafGeneric of this radix; the pointers give the places of the parts.")
	dstRe, dstIm, srcRe, srcIm, blocks := gp("dstRe"), gp("dstIm"), gp("srcRe"), gp("srcIm"), gp("blocks")
	f := newButterfly(radix, radix, radix, v)

	Label(name + "next")
	f.write(func(q int) pair {
		return loaded(Mem{Base: srcRe, Disp: q * row}, Mem{Base: srcIm, Disp: q * row})
	}, func(q int, x pair) {
		x.store(Mem{Base: dstRe, Disp: q * row}, Mem{Base: dstIm, Disp: q * row})
	})
	for _, p := range []GPVirtual{dstRe, dstIm, srcRe, srcIm} {
		ADDQ(I32(int32(radix*row)), p)
	}
	DECQ(blocks)
	JNZ(LabelRef(name + "next"))
	finish()
}

// pass writes split, or join where the twiddles come first: butterflies of rows
// that lie apart from each other.
func pass(kind string, radix, some int, v variant) {
	name := passName(kind, radix, some, v)
	text(name, "func(dstRe, dstIm *float32, dstApart int, srcRe, srcIm *float32, srcApart, count, blocks int, tw *float32)",
		name+" is "+kind+"Generic of this radix and some; the pointers give the places of the parts.")
	twiddlesFirst := kind == "join"
	reads, writes := some, radix
	if twiddlesFirst {
		reads, writes = radix, some
	}
	srcRe, srcIm, srcApart := gp("srcRe"), gp("srcIm"), gp("srcApart")
	dstRe, dstIm, dstApart := gp("dstRe"), gp("dstIm"), gp("dstApart")
	SHLQ(Imm(6), srcApart)
	SHLQ(Imm(6), dstApart)
	srcBy, dstBy := multiples(srcApart, reads), multiples(dstApart, writes)
	srcR, srcI := strided{srcRe, srcBy}, strided{srcIm, srcBy}
	dstR, dstI := strided{dstRe, dstBy}, strided{dstIm, dstBy}
	f := newButterfly(radix, reads, writes, v)
	tw, count := GP64(), GP64()

	Label(name + "block")
	Load(Param("tw"), tw)
	Load(Param("count"), count)
	Label(name + "next")
	f.write(func(q int) pair {
		x := loaded(srcR.at(q), srcI.at(q))
		if q == 0 || !twiddlesFirst {
			return x
		}
		return product(x, Mem{Base: tw, Disp: (q - 1) * 8})
	}, func(q int, x pair) {
		if q > 0 && !twiddlesFirst {
			x = product(x, Mem{Base: tw, Disp: (q - 1) * 8})
		}
		x.store(dstR.at(q), dstI.at(q))
	})
	for _, p := range []GPVirtual{dstRe, dstIm, srcRe, srcIm} {
		ADDQ(Imm(row), p)
	}
	ADDQ(Imm(uint64((radix-1)*8)), tw)
	DECQ(count)
	JNZ(LabelRef(name + "next"))
	if some == radix { // the next block lies radix-1 distances on
		for _, s := range []struct {
			apart  GPVirtual
			re, im GPVirtual
		}{{dstApart, dstRe, dstIm}, {srcApart, srcRe, srcIm}} {
			skip := GP64()
			IMUL3Q(Imm(uint64(radix-1)), s.apart, skip)
			ADDQ(skip, s.re)
			ADDQ(skip, s.im)
		}
		DECQ(frame("blocks"))
		JNZ(LabelRef(name + "block"))
	}
	finish()
}

// untangle: count pairs of rows, unpack or, the other way round, pack.
func untangle(name string, pack bool) {
	signature := "func(low, high, z *float32, places *int32, count int, tw *float32, inner float32)"
	text(name, signature, name+" is "+name[:len(name)-4]+"Generic; count is at least 1.")
	low, high, z, places := gp("low"), gp("high"), gp("z"), gp("places")
	count, tw := gp("count"), gp("tw")
	inner := YMM()
	VBROADCASTSS(frame("inner"), inner)
	last := GP64() // high goes down from its last row
	LEAQ(Mem{Base: count, Disp: -1}, last)
	SHLQ(Imm(6), last)
	ADDQ(last, high)

	Label(name + "next")
	first, second := GP64(), GP64()
	MOVLQSX(Mem{Base: places}, first)
	MOVLQSX(Mem{Base: places, Disp: 4}, second)
	k, mk := Mem{Base: z, Index: first, Scale: 1}, Mem{Base: z, Index: second, Scale: 1}
	from, to := [2]Mem{k, mk}, [2]Mem{{Base: low}, {Base: high}}
	if pack {
		from, to = to, from
	}
	a, b := loaded(from[0], from[0].Offset(row/2)), loaded(from[1], from[1].Offset(row/2))
	b.im = b.im.negative()
	sum, diff := a.plus(b), a.minus(b)
	diff.re.v, diff.im.v = times(diff.re.v, inner), times(diff.im.v, inner)
	turned := product(diff, Mem{Base: tw})
	turned.plusTimes(sum, inner).store(to[0], to[0].Offset(row/2))
	// inner*sum - turned, and its conjugate.
	VFMSUB231PS(inner, sum.re.v, turned.re.v)
	VFNMADD231PS(inner, sum.im.v, turned.im.v)
	turned.store(to[1], to[1].Offset(row/2))
	ADDQ(Imm(row), low)
	SUBQ(Imm(row), high)
	ADDQ(Imm(8), places)
	ADDQ(Imm(8), tw)
	DECQ(count)
	JNZ(LabelRef(name + "next"))
	finish()
}

// mulRows: each row times its pair.
func mulRows() {
	text("mulRowsAVX2", "func(dstRe, dstIm, srcRe, srcIm, tw *float32, rows int)",
		"mulRowsAVX2 is mulRowsGeneric; the pointers give the places of the parts.")
	dstRe, dstIm, srcRe, srcIm := gp("dstRe"), gp("dstIm"), gp("srcRe"), gp("srcIm")
	tw, rows := gp("tw"), gp("rows")

	Label("mulnext")
	product(loaded(Mem{Base: srcRe}, Mem{Base: srcIm}), Mem{Base: tw}).store(Mem{Base: dstRe}, Mem{Base: dstIm})
	for _, p := range []GPVirtual{dstRe, dstIm, srcRe, srcIm} {
		ADDQ(Imm(row), p)
	}
	ADDQ(Imm(8), tw)
	DECQ(rows)
	JNZ(LabelRef("mulnext"))
	finish()
}
