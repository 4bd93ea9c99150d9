package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// back is a backward kernel in the making.
type back struct {
	*kind
	s   fields
	now locals
}

// movingBack are the pointers that a step and a tile of items move along.
var movingBack = []string{"gates", "cells", "before", "dy", "sums", "dh", "dc"}

// backward writes a kernel of all steps and items that its struct names, from
// the last step to the first.
func backward(name string, k *kind) {
	TEXT(name, NOSPLIT, "func(s *byte)")
	s := structOf(Load(Param("s"), GP64()),
		"gates", "cells", "before", "dy", "sums", "dh", "dc",
		"gatesItem", "cellsItem", "beforeItem", "dyItem", "sumsItem", "dhItem", "dcItem",
		"gatesStep", "cellsStep", "beforeStep", "dyStep", "sumsStep",
		"gate", "slots", "w", "k", "blocks", "lastUnit", "items", "steps")
	b := &back{kind: k, s: s, now: locals{}}
	for _, m := range append(movingBack, "items", "steps") {
		b.now["step."+m] = AllocLocal(8)
		b.now["tile."+m] = AllocLocal(8)
		move(s.mem(m), b.now["step."+m])
	}
	b.now["row.items"] = AllocLocal(8)
	Label("step")
	for _, m := range append(movingBack, "items") {
		move(b.now["step."+m], b.now["tile."+m])
	}
	for _, n := range []int{4, 2, 1} {
		b.tiles(n, n == 4)
	}
	for _, m := range []string{"gates", "cells", "before", "dy", "sums"} {
		r := s.load(m + "Step")
		SUBQ(r, b.now["step."+m])
	}
	DECQ(b.now["step.steps"])
	JNZ(LabelRef("step"))
	VZEROUPPER()
	RET()
}

// tiles writes the loop over tiles of n items, or the one of the last n: the
// gradients of the gates' sums, item by item, then of the state before them.
func (b *back) tiles(n int, many bool) {
	label := name("tile%d", n)
	Label(label)
	CMPQ(b.now["tile.items"], Imm(uint64(n)))
	JL(LabelRef(label + "_done"))
	sums, dh := b.now.load("tile.sums"), b.now.load("tile.dh")
	MOVQ(I32(int32(n)), b.now["row.items"])
	Label(label + "_item")
	b.cells(label + "_cells")
	for _, m := range movingBack {
		addTimes(1, b.s.mem(m+"Item"), b.now["tile."+m])
	}
	DECQ(b.now["row.items"])
	JNZ(LabelRef(label + "_item"))
	b.state(label+"_state", n, sums, dh)
	SUBQ(Imm(uint64(n)), b.now["tile.items"])
	if many {
		JMP(LabelRef(label))
	}
	Label(label + "_done")
}

// cells writes the loop over blocks of eight units of one item.
func (b *back) cells(label string) {
	unit, slot := GP64(), GP64()
	XORQ(unit, unit)
	XORQ(slot, slot)
	k := constants{b.s.load("k")}
	gate, slots := b.s.load("gate"), b.s.load("slots")
	Label(label)
	p := b.now.load("tile.gates")
	ADDQ(unit, p)
	gates := newRows(b.gates, p, gate)
	q := b.now.load("tile.sums")
	ADDQ(slot, q)
	sums := newRows(4, q, slots)
	vectorAt := func(m string, at Register) Mem { return Mem{Base: b.now.load("tile." + m), Index: at, Scale: 1} }
	dh := load(vectorAt("dh", slot))
	VADDPS(vectorAt("dy", unit), dh, dh)
	if b.gates == 4 {
		b.lstmCells(k, gates, sums, dh, unit, slot, vectorAt)
	} else {
		b.gruCells(k, gates, sums, dh, unit, slot, vectorAt)
	}
	last := b.s.load("lastUnit")
	CMPQ(unit, last)
	JE(LabelRef(label + "_done"))
	ADDQ(Imm(vector), slot)
	MOVQ(slot, unit)
	CMPQ(unit, last)
	CMOVQGT(last, unit)
	JMP(LabelRef(label))
	Label(label + "_done")
}

// slope is y*(1-y), sigmoid's derivative.
func slope(y VecVirtual) VecVirtual {
	d := YMM()
	VMOVAPS(y, d)
	VFNMADD231PS(y, y, d)
	return d
}

// lstmCells is the gradient of c = f*c' + i*g, h = o*tanh(c).
func (b *back) lstmCells(k constants, gates, sums rows, dh VecVirtual, unit, slot Register, at func(string, Register) Mem) {
	c := load(at("cells", unit))
	k.activate([]VecVirtual{c}, []activation{tanh})
	o := load(gates.at(3, 0))
	do := slope(o)
	VMULPS(dh, do, do)
	VMULPS(c, do, do)
	VMOVUPS(do, sums.at(3, 0))
	dc, one := load(at("dc", slot)), load(k.mem(kOne))
	VMULPS(o, dh, dh)
	VFNMADD213PS(one, c, c) // 1 - c*c
	VFMADD231PS(c, dh, dc)
	f := load(gates.at(1, 0))
	df := slope(f)
	VMULPS(dc, df, df)
	VMULPS(at("before", unit), df, df)
	VMOVUPS(df, sums.at(1, 0))
	VMULPS(dc, f, f)
	VMOVUPS(f, at("dc", slot))
	i, g := load(gates.at(0, 0)), load(gates.at(2, 0))
	di := slope(i)
	VMULPS(dc, di, di)
	VMULPS(g, di, di)
	VMOVUPS(di, sums.at(0, 0))
	VMULPS(dc, i, i)
	VFNMADD213PS(one, g, g)
	VMULPS(i, g, g)
	VMOVUPS(g, sums.at(2, 0))
}

// gruCells is the gradient of h = n + z*(h'-n), n = tanh(x_n + r*h_n). The sums
// lie in the order n, r, z, h_n.
func (b *back) gruCells(k constants, gates, sums rows, dh VecVirtual, unit, slot Register, at func(string, Register) Mem) {
	r, z, n := load(gates.at(0, 0)), load(gates.at(1, 0)), load(gates.at(2, 0))
	one := load(k.mem(kOne))
	dz := slope(z)
	VMULPS(dh, dz, dz)
	h := load(at("before", unit))
	VSUBPS(n, h, h)
	VMULPS(h, dz, dz)
	VMOVUPS(dz, sums.at(2, 0))
	rest := YMM()
	VMULPS(z, dh, rest)
	VMOVUPS(rest, at("dh", slot))
	VSUBPS(z, one, z)
	VMULPS(dh, z, z)
	VFNMADD213PS(one, n, n)
	VMULPS(z, n, n) // dn
	VMOVUPS(n, sums.at(0, 0))
	dr := slope(r)
	VMULPS(n, dr, dr)
	VMULPS(at("cells", unit), dr, dr)
	VMOVUPS(dr, sums.at(1, 0))
	VMULPS(n, r, r)
	VMOVUPS(r, sums.at(3, 0))
}

// state writes the products of n items' sums with the weights of the state,
// three vectors of units at a time while more than four are left. They are two
// chains, of the first and the second half of the sums, which add up in this order
// whatever n is: side by side where the items alone would leave registers idle.
func (b *back) state(label string, n int, sums, dh Register) {
	w := b.s.load("w")
	left := b.s.load("blocks")
	if b.gates == 3 { // r, z, h_n
		ADDQ(b.s.mem("slots"), sums)
	}
	chain := b.s.load("slots") // bytes of a chain's sums
	if b.gates == 3 {
		LEAQ(Mem{Base: chain, Index: chain, Scale: 2}, chain)
		SHRQ(Imm(1), chain)
	} else {
		SHLQ(Imm(1), chain)
	}
	Label(label)
	CMPQ(left, Imm(1))
	JE(LabelRef(label + "_1"))
	CMPQ(left, Imm(2))
	JE(LabelRef(label + "_2"))
	CMPQ(left, Imm(4))
	JE(LabelRef(label + "_2"))
	for v := 3; v > 0; v-- {
		if v < 3 {
			Label(name("%s_%d", label, v))
		}
		b.columns(name("%s_%d", label, v), n, v, sums, dh, chain, w)
		ADDQ(Imm(uint64(v*vector)), dh)
		SUBQ(Imm(uint64(v)), left)
		JNZ(LabelRef(label))
		if v > 1 {
			JMP(LabelRef(label + "_done"))
		}
	}
	Label(label + "_done")
}

// columns writes v vectors of n items' gradients of the state, and moves w past
// their weights.
func (b *back) columns(label string, n, v int, sums, dh, chain, w Register) {
	p, item := GP64(), b.s.load("sumsItem")
	MOVQ(sums, p)
	wchain := GP64() // a chain's weights: v vectors for each of its sums of 4 bytes
	IMUL3Q(Imm(uint64(v*vector/4)), chain, wchain)
	if n == 4 {
		b.chains(label+"_first", n, v, 1, newRows(n, p, item), dh, chain, w, wchain, b.gates == 3)
		MOVQ(sums, p)
		ADDQ(chain, p)
		b.chains(label+"_second", n, v, 1, newRows(n, p, item), dh, chain, w, wchain, true)
	} else {
		b.chains(label, n, v, 2, newRows(n, p, item), dh, chain, w, wchain, b.gates == 3)
		ADDQ(wchain, w)
	}
}

// chains writes one chain, or two side by side, of n items, and moves at and w
// past the first.
func (b *back) chains(label string, n, v, chains int, at rows, dh, chain, w, wchain Register, add bool) {
	acc := make([][][]VecVirtual, chains)
	for c := range acc {
		acc[c] = make([][]VecVirtual, n)
		for i := range acc[c] {
			for range v {
				a := YMM()
				VXORPS(a, a, a)
				acc[c][i] = append(acc[c][i], a)
			}
		}
	}
	from, weights := []rows{at}, newRows(chains, w, wchain)
	if chains == 2 {
		q := GP64()
		LEAQ(Mem{Base: at.p, Index: chain, Scale: 1}, q)
		from = append(from, newRows(n, q, at.stride))
	}
	count := GP64()
	MOVQ(chain, count)
	SHRQ(Imm(2), count)
	loop(label, count, func(u int) {
		for c := range chains {
			ws := make([]Op, v)
			for j := range ws {
				ws[j] = weights.at(c, (u*v+j)*vector)
				if n > 1 {
					ws[j] = load(weights.at(c, (u*v+j)*vector))
				}
			}
			for i := range n {
				x := YMM()
				VBROADCASTSS(from[c].at(i, 4*u), x)
				for j := range v {
					VFMADD231PS(ws[j], x, acc[c][i][j])
				}
			}
		}
	}, func(k int) {
		for _, r := range from {
			r.advance(4 * k)
		}
		weights.advance(k * v * vector)
	})
	out := newRows(n, dh, b.s.load("dhItem"))
	for i := range n {
		for j := range v {
			if add {
				VADDPS(out.at(i, j*vector), acc[0][i][j], acc[0][i][j])
			}
			for c := 1; c < chains; c++ {
				VADDPS(acc[c][i][j], acc[0][i][j], acc[0][i][j])
			}
			VMOVUPS(acc[0][i][j], out.at(i, j*vector))
		}
	}
}
