package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// A row of a block is 64 bytes: eight real parts, eight imaginary parts.
const row = 64

// pair is a complex number in each of eight lanes.
type pair struct{ re, im VecVirtual }

func load(m Op) VecVirtual      { v := YMM(); VMOVUPS(m, v); return v }
func broadcast(m Op) VecVirtual { v := YMM(); VBROADCASTSS(m, v); return v }
func plus(a, b Op) VecVirtual   { v := YMM(); VADDPS(b, a, v); return v }
func minus(a, b Op) VecVirtual  { v := YMM(); VSUBPS(b, a, v); return v }
func times(a, b Op) VecVirtual  { v := YMM(); VMULPS(b, a, v); return v }

// plusTimes returns acc + a*b, minusTimes acc - a*b; acc stays as it was.
func plusTimes(acc, a VecVirtual, b Op) VecVirtual {
	v := YMM()
	VMOVAPS(acc, v)
	VFMADD231PS(b, a, v)
	return v
}

func minusTimes(acc, a VecVirtual, b Op) VecVirtual {
	v := YMM()
	VMOVAPS(acc, v)
	VFNMADD231PS(b, a, v)
	return v
}

// product returns x times the twiddle (re, im) at tw.
func product(x pair, tw Mem) pair {
	wr, wi := broadcast(tw), broadcast(tw.Offset(4))
	u, v := times(x.im, wi), times(x.im, wr)
	VFMSUB231PS(wr, x.re, u)
	VFMADD231PS(wi, x.re, v)
	return pair{u, v}
}

// strided addresses elements that lie a stride apart. by holds the multiples of
// the stride that an address cannot scale by itself.
type strided struct {
	base Register
	by   map[int]Register // 1, 3, 5, 7 times the stride, in bytes
}

// multiples fills the registers for elements up to count-1 of a stride.
func multiples(stride GPVirtual, count int) map[int]Register {
	by := map[int]Register{1: stride}
	if count > 3 {
		r := GP64()
		LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, r)
		by[3] = r
	}
	if count > 5 {
		r := GP64()
		LEAQ(Mem{Base: stride, Index: stride, Scale: 4}, r)
		by[5] = r
	}
	if count > 7 {
		r := GP64()
		LEAQ(Mem{Base: by[3], Index: stride, Scale: 4}, r)
		by[7] = r
	}
	return by
}

// at is the address of element q.
func (a strided) at(q int) Mem {
	m := Mem{Base: a.base}
	switch q {
	case 0:
	case 1, 3, 5, 7:
		m.Index, m.Scale = a.by[q], 1
	case 2, 4:
		m.Index, m.Scale = a.by[1], uint8(q)
	case 6:
		m.Index, m.Scale = a.by[3], 2
	default:
		panic("strided: element out of reach")
	}
	return m
}

var constants = map[uint32]Mem{}

// constant is eight copies of v in read-only memory.
func constant(v float64) Mem {
	bits := math.Float32bits(float32(v))
	if m, ok := constants[bits]; ok {
		return m
	}
	m := GLOBL(fmt.Sprintf("const%08x", bits), RODATA|NOPTR)
	for lane := range 8 {
		DATA(lane*4, U32(bits))
	}
	constants[bits] = m
	return m
}
