// Command conv writes the AVX2 micro-kernels of internal/simd/conv.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// micro writes a kernel of 4 rows by 8*vectors samples. Rows of b come through the
// offset table, so that a dilated tap is just another row. masked kernels have
// one vector and leave the samples alone that the mask leaves out.
func micro(name string, vectors int, masked bool) {
	signature := "func(terms int, a *float32, off *int, b *float32, t int, start, c *float32, stride int, add bool)"
	if masked {
		signature = "func(terms int, a *float32, off *int, b *float32, t int, start, c *float32, stride int, add bool, mask *int32)"
	}
	TEXT(name, NOSPLIT, signature)
	Pragma("noescape")
	terms := Load(Param("terms"), GP64())
	a, off := Load(Param("a"), GP64()), Load(Param("off"), GP64())
	b, t := Load(Param("b"), GP64()), Load(Param("t"), GP64())
	LEAQ(Mem{Base: b, Index: t, Scale: 4}, b)
	start := Load(Param("start"), GP64())
	var mask VecVirtual
	if masked {
		mask = YMM()
		VMOVDQU(Mem{Base: Load(Param("mask"), GP64())}, mask)
	}
	load := func(m Mem, v VecVirtual) {
		if masked {
			VMASKMOVPS(m, mask, v)
		} else {
			VMOVUPS(m, v)
		}
	}
	var acc [4][]VecVirtual
	for r := range acc {
		for range vectors {
			acc[r] = append(acc[r], YMM())
		}
		VBROADCASTSS(Mem{Base: start, Disp: 4 * r}, acc[r][0])
		for j := 1; j < vectors; j++ {
			VMOVAPS(acc[r][0], acc[r][j])
		}
	}
	Label("term")
	o := GP64()
	MOVQ(Mem{Base: off}, o)
	x := make([]VecVirtual, vectors)
	for j := range x {
		x[j] = YMM()
		load(Mem{Base: b, Index: o, Scale: 4, Disp: 32 * j}, x[j])
	}
	for r := range acc {
		w := YMM()
		VBROADCASTSS(Mem{Base: a, Disp: 4 * r}, w)
		for j := range x {
			VFMADD231PS(w, x[j], acc[r][j])
		}
	}
	ADDQ(Imm(8), off)
	ADDQ(Imm(16), a)
	DECQ(terms)
	JNZ(LabelRef("term"))

	c, stride := Load(Param("c"), GP64()), Load(Param("stride"), GP64())
	SHLQ(Imm(2), stride)
	add := Load(Param("add"), GP8())
	TESTB(add, add)
	JZ(LabelRef("store"))
	p := GP64()
	MOVQ(c, p)
	for r := range acc {
		for j := range acc[r] {
			was := YMM()
			load(Mem{Base: p, Disp: 32 * j}, was)
			VADDPS(was, acc[r][j], acc[r][j])
		}
		if r < len(acc)-1 {
			ADDQ(stride, p)
		}
	}
	Label("store")
	for r := range acc {
		for j := range acc[r] {
			if masked {
				VMASKMOVPS(acc[r][j], mask, Mem{Base: c, Disp: 32 * j})
			} else {
				VMOVUPS(acc[r][j], Mem{Base: c, Disp: 32 * j})
			}
		}
		if r < len(acc)-1 {
			ADDQ(stride, c)
		}
	}
	VZEROUPPER()
	RET()
}

// dots writes the inner products of 4 rows of dy with 3 rows of x over n samples.
// The mask picks the n%8 samples of the last vector.
func dots() {
	const rows, cols = 4, 3
	TEXT("dots4x3AVX2", NOSPLIT, "func(n int, dy *float32, a *int, x *float32, b *int, sum *float32, mask *int32)")
	Pragma("noescape")
	n := Load(Param("n"), GP64())
	pointers := func(base, offsets string, count int) (p []Register) {
		from, table := Load(Param(base), GP64()), Load(Param(offsets), GP64())
		for i := range count {
			q := GP64()
			MOVQ(Mem{Base: table, Disp: 8 * i}, q)
			LEAQ(Mem{Base: from, Index: q, Scale: 4}, q)
			p = append(p, q)
		}
		return p
	}
	dy := pointers("dy", "a", rows)
	x := pointers("x", "b", cols)
	var acc [rows][cols]VecVirtual
	for r := range acc {
		for c := range acc[r] {
			acc[r][c] = YMM()
			VXORPS(acc[r][c], acc[r][c], acc[r][c])
		}
	}
	i := GP64() // the sample
	XORQ(i, i)
	vectors := GP64()
	MOVQ(n, vectors)
	SHRQ(Imm(3), vectors)
	JZ(LabelRef("rest"))
	Label("vector")
	var xv [cols]VecVirtual
	for c := range xv {
		xv[c] = YMM()
		VMOVUPS(Mem{Base: x[c], Index: i, Scale: 4}, xv[c])
	}
	for r := range acc {
		d := YMM()
		VMOVUPS(Mem{Base: dy[r], Index: i, Scale: 4}, d)
		for c := range xv {
			VFMADD231PS(d, xv[c], acc[r][c])
		}
	}
	ADDQ(Imm(8), i)
	DECQ(vectors)
	JNZ(LabelRef("vector"))
	Label("rest")
	ANDQ(Imm(7), n)
	JZ(LabelRef("fold"))
	// One column at a time: the mask needs a register too.
	mask := Load(Param("mask"), GP64())
	for c := range xv {
		m, v, d := YMM(), YMM(), YMM()
		VMOVDQU(Mem{Base: mask}, m)
		VMASKMOVPS(Mem{Base: x[c], Index: i, Scale: 4}, m, v)
		for r := range acc {
			VMASKMOVPS(Mem{Base: dy[r], Index: i, Scale: 4}, m, d)
			VFMADD231PS(d, v, acc[r][c])
		}
	}
	Label("fold")
	sum := Load(Param("sum"), GP64())
	for r := range acc {
		for c := range acc[r] {
			lo, hi := acc[r][c].AsX(), XMM()
			VEXTRACTF128(Imm(1), acc[r][c], hi)
			VADDPS(hi, lo, lo) // j with j+4
			VMOVHLPS(lo, lo, hi)
			VADDPS(hi, lo, lo) // j with j+2
			VSHUFPS(Imm(1), lo, lo, hi)
			VADDSS(hi, lo, lo) // j with j+1
			VMOVSS(lo, Mem{Base: sum, Disp: 4 * (r*cols + c)})
		}
	}
	VZEROUPPER()
	RET()
}

func main() {
	ConstraintExpr("amd64,!purego")
	micro("micro4x24AVX2", 3, false)
	micro("micro4x8AVX2", 1, true)
	dots()
	Generate()
}
