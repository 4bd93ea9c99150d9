// Command gemm writes the AVX2 micro-kernel of internal/simd/gemm.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// micro6x16: 6 rows of A, packed side by side, times 16 contiguous columns of B
// whose rows are ldb floats apart. Twelve accumulators leave four registers: two for
// a row of B and two for elements of A.
func micro() {
	TEXT("micro6x16AVX2", NOSPLIT, "func(k int, a, b *float32, ldb int, c *float32, ldc int, add bool)")
	Pragma("noescape")
	k := Load(Param("k"), GP64())
	a, b := Load(Param("a"), GP64()), Load(Param("b"), GP64())
	ldb := Load(Param("ldb"), GP64())
	SHLQ(Imm(2), ldb)
	var acc [6][2]VecVirtual
	for i := range acc {
		for j := range acc[i] {
			acc[i][j] = YMM()
			VXORPS(acc[i][j], acc[i][j], acc[i][j])
		}
	}
	b0, b1 := YMM(), YMM()
	bc := []VecVirtual{YMM(), YMM()}
	step := func(u int) {
		VMOVUPS(Mem{Base: b}, b0)
		VMOVUPS(Mem{Base: b, Disp: 32}, b1)
		ADDQ(ldb, b)
		for i := range acc {
			t := bc[i%2]
			VBROADCASTSS(Mem{Base: a, Disp: u*24 + i*4}, t)
			VFMADD231PS(t, b0, acc[i][0])
			VFMADD231PS(t, b1, acc[i][1])
		}
	}
	quads := GP64()
	MOVQ(k, quads)
	SHRQ(Imm(2), quads)
	JZ(LabelRef("rest"))
	Label("four")
	for u := range 4 {
		step(u)
	}
	ADDQ(Imm(96), a)
	DECQ(quads)
	JNZ(LabelRef("four"))
	Label("rest")
	ANDQ(Imm(3), k)
	JZ(LabelRef("sums"))
	Label("one")
	step(0)
	ADDQ(Imm(24), a)
	DECQ(k)
	JNZ(LabelRef("one"))
	Label("sums")
	c, ldc := Load(Param("c"), GP64()), Load(Param("ldc"), GP64())
	SHLQ(Imm(2), ldc)
	add := Load(Param("add"), GP8())
	TESTB(add, add)
	JZ(LabelRef("store"))
	p := GP64()
	MOVQ(c, p)
	for i := range acc {
		VADDPS(Mem{Base: p}, acc[i][0], acc[i][0])
		VADDPS(Mem{Base: p, Disp: 32}, acc[i][1], acc[i][1])
		if i < len(acc)-1 {
			ADDQ(ldc, p)
		}
	}
	Label("store")
	for i := range acc {
		VMOVUPS(acc[i][0], Mem{Base: c})
		VMOVUPS(acc[i][1], Mem{Base: c, Disp: 32})
		if i < len(acc)-1 {
			ADDQ(ldc, c)
		}
	}
	VZEROUPPER()
	RET()
}

func main() {
	ConstraintExpr("amd64,!purego")
	micro()
	Generate()
}
