package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// run is a forward kernel in the making.
type run struct {
	*kind
	name string
	s    fields
	now  locals // where the present step, and the present tile of items, stand
}

// moving are the pointers that a step and a tile of items move along.
var moving = []string{"h", "c", "x", "p", "y", "gates", "cells"}

// forward writes a kernel of all steps and items that its struct names. Items go
// in tiles whose sums over the input and the state stay in registers.
func forward(name string, k *kind) {
	TEXT(name, NOSPLIT, "func(s *byte)")
	s := structOf(Load(Param("s"), GP64()),
		"h", "c", "x", "p", "y", "gates", "cells",
		"hItem", "cItem", "xItem", "pItem", "yItem", "gatesItem", "cellsItem",
		"xStep", "pStep", "yStep", "gatesStep", "cellsStep",
		"gate", "slots", "w", "k", "in", "hidden", "lastUnit", "items", "steps", "tile")
	r := &run{kind: k, name: name, s: s}
	r.now = locals{}
	for _, m := range append(moving, "hItem", "cItem", "items", "steps") {
		r.now["step."+m] = AllocLocal(8)
		r.now["tile."+m] = AllocLocal(8)
		move(s.mem(m), r.now["step."+m])
	}
	Label("step")
	for _, m := range append(moving, "items") {
		move(r.now["step."+m], r.now["tile."+m])
	}
	for n := k.tile; n > 0; n-- {
		r.tiles(n, n == k.tile)
	}
	// The states of this step are what the next one starts from.
	for _, m := range [][2]string{{"h", "y"}, {"c", "cells"}} {
		move(r.now["step."+m[1]], r.now["step."+m[0]])
		move(s.mem(m[1]+"Item"), r.now["step."+m[0]+"Item"])
	}
	for _, m := range []string{"x", "p", "y", "gates", "cells"} {
		addTimes(1, s.mem(m+"Step"), r.now["step."+m])
	}
	DECQ(r.now["step.steps"])
	JNZ(LabelRef("step"))
	VZEROUPPER()
	RET()
}

// tiles writes the loop over tiles of n items, or the one tile of the last n.
func (r *run) tiles(n int, many bool) {
	label := name("tile%d", n)
	Label(label)
	CMPQ(r.now["tile.items"], Imm(uint64(n)))
	JL(LabelRef(label + "_done"))
	r.blocks(n)
	for _, m := range moving {
		item := r.s.mem(m + "Item")
		if m == "h" || m == "c" {
			item = r.now["step."+m+"Item"]
		}
		addTimes(n, item, r.now["tile."+m])
	}
	SUBQ(Imm(uint64(n)), r.now["tile.items"])
	if many {
		JMP(LabelRef(label))
	}
	Label(label + "_done")
}

// blocks writes the loop over blocks of eight units of n items.
func (r *run) blocks(n int) {
	label := name("block%d", n)
	w := r.s.load("w")
	unit, slot := GP64(), GP64() // bytes from a row's start: of a unit, and in rows of whole blocks
	XORQ(unit, unit)
	XORQ(slot, slot)
	tile := GP64()
	LEAQ(r.s.mem("tile"), tile)
	Label(label)
	sums := make([][]VecVirtual, n)
	for i := range sums {
		sums[i] = []VecVirtual{YMM(), YMM(), YMM(), YMM()}[:r.gates]
	}
	extra := r.gates * vector * n // in the tile: x_n of a GRU

	// Biases, and the products with the input.
	for g := range r.gates {
		for i := range n {
			if i == 0 {
				VMOVUPS(Mem{Base: w, Disp: vector * g}, sums[i][g])
			} else {
				VMOVAPS(sums[0][g], sums[i][g])
			}
		}
	}
	p := r.now.load("tile.p")
	TESTQ(p, p)
	JZ(LabelRef(label + "_x"))
	ADDQ(slot, p)
	at := newRows(n, p, r.s.load("pItem"))
	apart := r.s.load("slots")
	for g := range r.gates {
		for i := range n {
			VADDPS(at.at(i, 0), sums[i][g], sums[i][g])
		}
		if g < r.gates-1 {
			at.p = add(at.p, apart)
			if at.p3 != nil {
				at.p3 = add(at.p3, apart)
			}
		}
	}
	Label(label + "_x")
	ADDQ(U32(uint32(r.gates*vector)), w)
	r.multiply(label+"_in", n, newRows(n, r.now.load("tile.x"), r.s.load("xItem")), r.s.load("in"), w, sums)
	if r.gates == 3 { // x_n is complete; h_n begins with its own bias
		for i := range n {
			VMOVUPS(sums[i][2], Mem{Base: tile, Disp: extra + vector*i})
			if i == 0 {
				VMOVUPS(Mem{Base: w}, sums[i][2])
			} else {
				VMOVAPS(sums[0][2], sums[i][2])
			}
		}
		ADDQ(Imm(vector), w)
	}
	r.multiply(label+"_state", n, newRows(n, r.now.load("tile.h"), r.now.load("step.hItem")), r.s.load("hidden"), w, sums)
	for i := range n {
		for g := range r.gates {
			VMOVUPS(sums[i][g], Mem{Base: tile, Disp: (i*r.gates + g) * vector})
		}
	}
	if r.gates == 4 {
		r.lstmItems(label, n, tile, unit)
	} else {
		r.gruItems(label, n, tile, unit)
	}
	// The last block ends with the last unit: it may overlap the one before it.
	last := r.s.load("lastUnit")
	CMPQ(unit, last)
	JE(LabelRef(label + "_done"))
	ADDQ(Imm(vector), slot)
	MOVQ(slot, unit)
	CMPQ(unit, last)
	CMOVQGT(last, unit)
	JMP(LabelRef(label))
	Label(label + "_done")
}

func add(p, n Register) Register { ADDQ(n, p); return p }

// multiply adds to the sums the products of count numbers of each row with the
// weights at w, which it moves past.
func (r *run) multiply(label string, n int, x rows, count, w Register, sums [][]VecVirtual) {
	loop(label, count, func(u int) {
		value := func(i int) VecVirtual {
			v := YMM()
			VBROADCASTSS(x.at(i, 4*u), v)
			return v
		}
		weight := func(g int) Mem { return Mem{Base: w, Disp: (u*r.gates + g) * vector} }
		// Whichever is fewer stays in registers.
		switch {
		case n == 1:
			v := value(0)
			for g := range r.gates {
				VFMADD231PS(weight(g), v, sums[0][g])
			}
		case n < r.gates:
			values := make([]VecVirtual, n)
			for i := range values {
				values[i] = value(i)
			}
			for g := range r.gates {
				m := load(weight(g))
				for i := range n {
					VFMADD231PS(values[i], m, sums[i][g])
				}
			}
		default:
			weights := make([]VecVirtual, r.gates)
			for g := range weights {
				weights[g] = load(weight(g))
			}
			for i := range n {
				v := value(i)
				for g := range r.gates {
					VFMADD231PS(v, weights[g], sums[i][g])
				}
			}
		}
	}, func(n int) {
		x.advance(4 * n)
		ADDQ(U32(uint32(n*r.gates*vector)), w)
	})
}

// itemPointer is a moving pointer of item i of the tile, at the unit.
func (r *run) itemPointer(m string, i int, unit Register) GPVirtual {
	p := r.now.load("tile." + m)
	item := r.s.mem(m + "Item")
	if m == "h" || m == "c" {
		item = r.now["step."+m+"Item"]
	}
	for range i {
		ADDQ(item, p)
	}
	ADDQ(unit, p)
	return p
}

// saveGates stores the activated gates where they are kept.
func (r *run) saveGates(label string, i int, unit Register, gates ...VecVirtual) {
	g := r.now.load("tile.gates")
	TESTQ(g, g)
	JZ(LabelRef(label))
	p := r.itemPointer("gates", i, unit)
	apart := r.s.load("gate")
	for j, v := range gates {
		VMOVUPS(v, Mem{Base: p})
		if j < len(gates)-1 {
			ADDQ(apart, p)
		}
	}
	Label(label)
}

// lstmItems is c = f*c' + i*g, h = o*tanh(c) of eight units of n items.
func (r *run) lstmItems(label string, n int, tile, unit Register) {
	k := constants{r.s.load("k")}
	at := func(i, g int) Mem { return Mem{Base: tile, Disp: (4*i + g) * vector} }
	for i := range n {
		in, forget, out, cell := load(at(i, 0)), load(at(i, 1)), load(at(i, 3)), load(at(i, 2))
		k.activate([]VecVirtual{in, forget, out, cell}, []activation{sigmoid, sigmoid, sigmoid, tanh})
		r.saveGates(name("%s_saved%d", label, i), i, unit, in, forget, cell, out)
		VMULPS(Mem{Base: r.itemPointer("c", i, unit)}, forget, forget)
		VFMADD231PS(in, cell, forget)
		VMOVUPS(forget, Mem{Base: r.itemPointer("cells", i, unit)})
		VMOVUPS(forget, at(i, 2))
		VMOVUPS(out, at(i, 3))
	}
	cells, f := make([]VecVirtual, n), make([]activation, n)
	for i := range n {
		cells[i], f[i] = load(at(i, 2)), tanh
	}
	k.activate(cells, f)
	for i, c := range cells {
		VMULPS(at(i, 3), c, c)
		VMOVUPS(c, Mem{Base: r.itemPointer("y", i, unit)})
	}
}

// gruItems is n = tanh(x_n + r*h_n), h = n + z*(h'-n) of eight units of n items.
func (r *run) gruItems(label string, n int, tile, unit Register) {
	k := constants{r.s.load("k")}
	at := func(i, g int) Mem { return Mem{Base: tile, Disp: (3*i + g) * vector} }
	xn := func(i int) Mem { return Mem{Base: tile, Disp: (3*n + i) * vector} }
	for i := 0; i < n; i += 2 {
		var x []VecVirtual
		for j := i; j < min(n, i+2); j++ {
			x = append(x, load(at(j, 0)), load(at(j, 1)))
		}
		k.activate(x, []activation{sigmoid, sigmoid, sigmoid, sigmoid})
		for j := i; j < min(n, i+2); j++ {
			reset, update := x[2*(j-i)], x[2*(j-i)+1]
			hn := load(at(j, 2))
			VMOVUPS(hn, Mem{Base: r.itemPointer("cells", j, unit)})
			VFMADD213PS(xn(j), reset, hn)
			VMOVUPS(hn, xn(j))
			VMOVUPS(reset, at(j, 0))
			VMOVUPS(update, at(j, 1))
		}
	}
	candidates, f := make([]VecVirtual, n), make([]activation, n)
	for i := range n {
		candidates[i], f[i] = load(xn(i)), tanh
	}
	k.activate(candidates, f)
	for i, c := range candidates {
		reset, update := load(at(i, 0)), load(at(i, 1))
		r.saveGates(name("%s_saved%d", label, i), i, unit, reset, update, c)
		h := load(Mem{Base: r.itemPointer("h", i, unit)})
		VSUBPS(c, h, h)
		VFMADD231PS(h, update, c)
		VMOVUPS(c, Mem{Base: r.itemPointer("y", i, unit)})
	}
}
