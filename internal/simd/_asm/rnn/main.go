// Command rnn writes the AVX2 kernels of internal/simd/rnn: LSTM and GRU steps
// forward and back, over some items and steps a call. Vectors are eight units of
// a layer.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!purego")
	forward("lstmForwardAVX2", lstm)
	forward("gruForwardAVX2", gru)
	backward("lstmBackwardAVX2", lstm)
	backward("gruBackwardAVX2", gru)
	Generate()
}

type kind struct {
	gates int // products with the state
	tile  int // items whose sums are in registers at once
}

var (
	lstm = &kind{gates: 4, tile: 3}
	gru  = &kind{gates: 3, tile: 4}
)

// vector is the bytes of a vector of eight units.
const vector = 32

// fields are the places of a struct of 8-byte fields, in their order.
type fields struct {
	base Register
	at   map[string]int
}

func structOf(base Register, names ...string) fields {
	f := fields{base, map[string]int{}}
	for i, n := range names {
		f.at[n] = 8 * i
	}
	return f
}

func (f fields) mem(name string) Mem {
	at, ok := f.at[name]
	if !ok {
		panic(name)
	}
	return Mem{Base: f.base, Disp: at}
}

func (f fields) load(name string) GPVirtual {
	r := GP64()
	MOVQ(f.mem(name), r)
	return r
}

// locals are quadwords on the stack.
type locals map[string]Mem

func newLocals(names ...string) locals {
	l := locals{}
	for _, n := range names {
		l[n] = AllocLocal(8)
	}
	return l
}

func (l locals) load(name string) GPVirtual {
	r := GP64()
	MOVQ(l.mem(name), r)
	return r
}

func (l locals) mem(name string) Mem {
	m, ok := l[name]
	if !ok {
		panic(name)
	}
	return m
}

// move copies a quadword from memory to memory.
func move(from, to Mem) {
	r := GP64()
	MOVQ(from, r)
	MOVQ(r, to)
}

// addTimes adds n times a quadword in memory to one on the stack.
func addTimes(n int, amount, to Mem) {
	r := GP64()
	MOVQ(amount, r)
	if n != 1 {
		IMUL3Q(Imm(uint64(n)), r, r)
	}
	ADDQ(r, to)
}

// rows are pointers into up to four rows, a stride apart.
type rows struct{ p, stride, p3 Register }

func newRows(n int, p, stride Register) rows {
	r := rows{p: p, stride: stride}
	if n > 3 {
		r.p3 = GP64()
		LEAQ(Mem{Base: p, Index: stride, Scale: 2}, r.p3)
		ADDQ(stride, r.p3)
	}
	return r
}

func (r rows) at(i, disp int) Mem {
	switch i {
	case 0:
		return Mem{Base: r.p, Disp: disp}
	case 3:
		return Mem{Base: r.p3, Disp: disp}
	}
	return Mem{Base: r.p, Index: r.stride, Scale: uint8(i), Disp: disp}
}

func (r rows) advance(bytes int) {
	ADDQ(Imm(uint64(bytes)), r.p)
	if r.p3 != nil {
		ADDQ(Imm(uint64(bytes)), r.p3)
	}
}

// loop runs body for two, then for one of count, which is used up.
func loop(label string, count Register, body func(u int), advance func(n int)) {
	pairs := GP64()
	MOVQ(count, pairs)
	SHRQ(Imm(1), pairs)
	JZ(LabelRef(label + "_odd"))
	Label(label + "_two")
	body(0)
	body(1)
	advance(2)
	DECQ(pairs)
	JNZ(LabelRef(label + "_two"))
	Label(label + "_odd")
	TESTQ(U32(1), count)
	JZ(LabelRef(label + "_end"))
	body(0)
	advance(1)
	Label(label + "_end")
}

func load(m Mem) VecVirtual {
	v := YMM()
	VMOVUPS(m, v)
	return v
}

func name(format string, args ...any) string { return fmt.Sprintf(format, args...) }
