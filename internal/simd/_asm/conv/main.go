// Command conv writes the AVX2 kernels of internal/simd/conv.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const signature = "func(terms, blocks, strips int, a *float32, step int, off *int, b *float32, t int, start, c, was *float32, stride int"

// product writes the kernel of a tile of rows by 8*vectors samples. It goes
// through strips of that many samples, and in each through blocks of that many
// rows. Rows of b come through the offset table, so that a dilated tap is just
// another row. A masked kernel has one vector and one strip, and leaves the
// samples alone that the mask leaves out.
func product(rows, vectors int, masked bool) {
	name, signature := fmt.Sprintf("product%dx%dAVX2", rows, 8*vectors), signature
	if masked {
		name, signature = fmt.Sprintf("product%dAVX2", rows), signature+", mask *int32"
	}
	TEXT(name, NOSPLIT, signature+")")
	Pragma("noescape")
	b, c := Load(Param("b"), GP64()), Load(Param("c"), GP64())
	t := Load(Param("t"), GP64())
	LEAQ(Mem{Base: b, Index: t, Scale: 4}, b)
	s1 := Load(Param("stride"), GP64())
	SHLQ(Imm(2), s1)
	s3 := GP64()
	LEAQ(Mem{Base: s1, Index: s1, Scale: 2}, s3)
	row := func(base Register, r, j int) Mem {
		m := Mem{Base: base, Disp: 32 * j}
		switch r {
		case 1, 2:
			m.Index, m.Scale = s1, uint8(r)
		case 3:
			m.Index, m.Scale = s3, 1
		}
		return m
	}
	was := Load(Param("was"), GP64()) // less c, where there is one
	TESTQ(was, was)
	JZ(LabelRef("strip"))
	SUBQ(c, was)

	Label("strip")
	a, start := Load(Param("a"), GP64()), Load(Param("start"), GP64())
	to := GP64() // the block's rows of c
	MOVQ(c, to)
	var blocks Register
	if rows == 4 { // a last block of fewer rows stands alone
		blocks = Load(Param("blocks"), GP64())
	}
	Label("block")
	acc := make([][]VecVirtual, rows)
	for r := range acc {
		for range vectors {
			acc[r] = append(acc[r], YMM())
		}
		VBROADCASTSS(Mem{Base: start, Disp: 4 * r}, acc[r][0])
		for j := 1; j < vectors; j++ {
			VMOVAPS(acc[r][0], acc[r][j])
		}
	}
	ADDQ(Imm(uint64(4*rows)), start)
	off, terms := Load(Param("off"), GP64()), Load(Param("terms"), GP64())
	var mask VecVirtual
	move := func(m Mem, v VecVirtual) {
		if masked {
			VMASKMOVPS(m, mask, v)
		} else {
			VMOVUPS(m, v)
		}
	}
	if masked {
		mask = YMM()
		VMOVDQU(Mem{Base: Load(Param("mask"), GP64())}, mask)
	}
	Label("term")
	o := GP64()
	MOVQ(Mem{Base: off}, o)
	x := func(j int) Mem { return Mem{Base: b, Index: o, Scale: 4, Disp: 32 * j} }
	switch {
	case rows == 1 && !masked:
		w := YMM()
		VBROADCASTSS(Mem{Base: a}, w)
		for j := range vectors {
			VFMADD231PS(x(j), w, acc[0][j])
		}
	case vectors <= 3: // the samples stay in registers
		v := make([]VecVirtual, vectors)
		for j := range v {
			v[j] = YMM()
			move(x(j), v[j])
		}
		for r := range acc {
			w := YMM()
			VBROADCASTSS(Mem{Base: a, Disp: 4 * r}, w)
			for j := range v {
				VFMADD231PS(w, v[j], acc[r][j])
			}
		}
	default: // the weights do
		w := make([]VecVirtual, rows)
		for r := range w {
			w[r] = YMM()
			VBROADCASTSS(Mem{Base: a, Disp: 4 * r}, w[r])
		}
		for j := range vectors {
			v := YMM()
			move(x(j), v)
			for r := range acc {
				VFMADD231PS(w[r], v, acc[r][j])
			}
		}
	}
	ADDQ(Imm(8), off)
	ADDQ(Imm(uint64(4*rows)), a)
	DECQ(terms)
	JNZ(LabelRef("term"))
	ADDQ(Load(Param("step"), GP64()), a)

	w, _ := Param("was").Resolve()
	CMPQ(w.Addr, Imm(0))
	JEQ(LabelRef("store"))
	from := GP64()
	LEAQ(Mem{Base: to, Index: was, Scale: 1}, from)
	for r := range acc {
		for j := range acc[r] {
			if masked {
				v := YMM()
				move(row(from, r, j), v)
				VADDPS(v, acc[r][j], acc[r][j])
			} else {
				VADDPS(row(from, r, j), acc[r][j], acc[r][j])
			}
		}
	}
	Label("store")
	for r := range acc {
		for j := range acc[r] {
			if masked {
				VMASKMOVPS(acc[r][j], mask, row(to, r, j))
			} else {
				VMOVUPS(acc[r][j], row(to, r, j))
			}
		}
	}
	if rows == 4 {
		LEAQ(Mem{Base: to, Index: s1, Scale: 4}, to)
		DECQ(blocks)
		JNZ(LabelRef("block"))
	}
	if !masked {
		ADDQ(U32(uint64(32*vectors)), b)
		ADDQ(U32(uint64(32*vectors)), c)
		strips, _ := Param("strips").Resolve()
		DECQ(strips.Addr)
		JNZ(LabelRef("strip"))
	}
	VZEROUPPER()
	RET()
}

// inner writes the kernel of a tile of rows by cols inner products over n
// samples. It goes through tiles of columns, and in each through blocks of
// rows. The tables are of slices, whose first word is the pointer. The mask picks
// the n%8 samples of the last vector.
func inner(rows, cols int) {
	TEXT(fmt.Sprintf("inner%dx%dAVX2", rows, cols), NOSPLIT, "func(n int, a *[]float32, blocks int, b *[]float32, tiles int, lanes *float32, mask *int32)")
	Pragma("noescape")
	const header = 24
	b, lanes := Load(Param("b"), GP64()), Load(Param("lanes"), GP64())
	pointers := func(table Register, count int) []Register {
		p := make([]Register, count)
		for i := range p {
			p[i] = GP64()
			MOVQ(Mem{Base: table, Disp: header * i}, p[i])
		}
		return p
	}
	Label("tile")
	x := pointers(b, cols)
	a := Load(Param("a"), GP64())
	var blocks Register
	if rows == 4 {
		blocks = Load(Param("blocks"), GP64())
	}
	Label("block")
	y := pointers(a, rows)
	acc := make([][]VecVirtual, rows)
	for r := range acc {
		for c := range cols {
			acc[r] = append(acc[r], YMM())
			VMOVUPS(Mem{Base: lanes, Disp: 32 * (r*cols + c)}, acc[r][c])
		}
	}
	i, end := GP64(), Load(Param("n"), GP64())
	XORQ(i, i)
	SHRQ(Imm(3), end)
	SHLQ(Imm(5), end) // bytes in whole vectors
	JZ(LabelRef("rest"))
	Label("vector")
	at := func(p Register) Mem { return Mem{Base: p, Index: i, Scale: 1} }
	if cols <= 3 {
		var xv [3]VecVirtual
		for c := range cols {
			xv[c] = YMM()
			VMOVUPS(at(x[c]), xv[c])
		}
		for r := range acc {
			v := YMM()
			VMOVUPS(at(y[r]), v)
			for c := range acc[r] {
				VFMADD231PS(v, xv[c], acc[r][c])
			}
		}
	} else {
		yv := make([]VecVirtual, rows)
		for r := range yv {
			yv[r] = YMM()
			VMOVUPS(at(y[r]), yv[r])
		}
		for c := range cols {
			if rows == 1 {
				VFMADD231PS(at(x[c]), yv[0], acc[0][c])
				continue
			}
			v := YMM()
			VMOVUPS(at(x[c]), v)
			for r := range acc {
				VFMADD231PS(v, yv[r], acc[r][c])
			}
		}
	}
	ADDQ(Imm(32), i)
	CMPQ(i, end)
	JNE(LabelRef("vector"))
	Label("rest")
	n, _ := Param("n").Resolve()
	TESTQ(U32(7), n.Addr)
	JZ(LabelRef("store"))
	// One column at a time: the mask needs a register too.
	for c := range cols {
		p, m, v := Load(Param("mask"), GP64()), YMM(), YMM()
		VMOVDQU(Mem{Base: p}, m)
		VMASKMOVPS(at(x[c]), m, v)
		for r := range acc {
			d := YMM()
			VMASKMOVPS(at(y[r]), m, d)
			VFMADD231PS(d, v, acc[r][c])
		}
	}
	Label("store")
	for r := range acc {
		for c := range acc[r] {
			VMOVUPS(acc[r][c], Mem{Base: lanes, Disp: 32 * (r*cols + c)})
		}
	}
	ADDQ(U32(uint64(32*rows*cols)), lanes)
	if rows == 4 {
		ADDQ(Imm(header*4), a)
		DECQ(blocks)
		JNZ(LabelRef("block"))
	}
	ADDQ(U32(uint64(header*cols)), b)
	tiles, _ := Param("tiles").Resolve()
	DECQ(tiles.Addr)
	JNZ(LabelRef("tile"))
	VZEROUPPER()
	RET()
}

// fold adds the sums of 8 lanes each to 8*n elements, and clears the lanes: j with
// j+4, j+2, j+1.
func fold() {
	TEXT("foldAVX2", NOSPLIT, "func(n int, lanes, sums *float32)")
	Pragma("noescape")
	n, lanes, sums := Load(Param("n"), GP64()), Load(Param("lanes"), GP64()), Load(Param("sums"), GP64())
	zero := YMM()
	VXORPS(zero, zero, zero)
	Label("loop")
	element := func(e int) Mem { return Mem{Base: lanes, Disp: 32 * e} }
	var four [4]VecVirtual // elements e and e+4, four lanes each
	for e := range four {
		lo, hi := YMM(), YMM()
		VMOVUPS(element(e), lo)
		VPERM2F128(Imm(0x31), element(e+4), lo, hi)
		VPERM2F128(Imm(0x20), element(e+4), lo, lo)
		VADDPS(hi, lo, lo)
		four[e] = lo
	}
	var two [2]VecVirtual // two lanes each
	for e := range two {
		lo, hi := YMM(), YMM()
		VSHUFPS(Imm(0x44), four[2*e+1], four[2*e], lo)
		VSHUFPS(Imm(0xee), four[2*e+1], four[2*e], hi)
		VADDPS(hi, lo, lo)
		two[e] = lo
	}
	lo, hi := YMM(), YMM()
	VSHUFPS(Imm(0x88), two[1], two[0], lo)
	VSHUFPS(Imm(0xdd), two[1], two[0], hi)
	VADDPS(hi, lo, lo)
	VADDPS(Mem{Base: sums}, lo, lo)
	VMOVUPS(lo, Mem{Base: sums})
	for e := range 8 {
		VMOVUPS(zero, element(e))
	}
	ADDQ(U32(256), lanes)
	ADDQ(Imm(32), sums)
	DECQ(n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

func main() {
	ConstraintExpr("amd64,!purego")
	product(4, 3, false)
	product(3, 3, false)
	product(2, 6, false)
	product(1, 10, false)
	for rows := 1; rows <= 4; rows++ {
		product(rows, 1, true)
	}
	inner(4, 3)
	inner(3, 4)
	inner(2, 6)
	inner(1, 8)
	fold()
	Generate()
}
