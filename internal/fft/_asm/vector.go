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

func load(m Op) VecVirtual      { v := YMM(); VMOVUPS(m, v); return v }
func broadcast(m Op) VecVirtual { v := YMM(); VBROADCASTSS(m, v); return v }
func plus(a, b Op) VecVirtual   { v := YMM(); VADDPS(b, a, v); return v }
func minus(a, b Op) VecVirtual  { v := YMM(); VSUBPS(b, a, v); return v }
func times(a, b Op) VecVirtual  { v := YMM(); VMULPS(b, a, v); return v }

// number is a real number in each of eight lanes, or minus what v holds, or
// zero without v: signs and zeros cost no instruction.
type number struct {
	v     VecVirtual
	minus bool
}

func (a number) negative() number { return number{a.v, !a.minus} }

func (a number) plus(b number) number {
	switch {
	case a.v == nil:
		return b
	case b.v == nil:
		return a
	case a.minus == b.minus:
		return number{plus(a.v, b.v), a.minus}
	case b.minus:
		return number{v: minus(a.v, b.v)}
	}
	return number{v: minus(b.v, a.v)}
}

// plusTimes is a + b*r, rounded once.
func (a number) plusTimes(b number, r Op) number {
	switch {
	case b.v == nil:
		return a
	case a.v == nil:
		return number{times(b.v, r), b.minus}
	}
	v := YMM()
	VMOVAPS(a.v, v)
	if a.minus == b.minus {
		VFMADD231PS(r, b.v, v)
	} else {
		VFNMADD231PS(r, b.v, v)
	}
	return number{v, a.minus}
}

// vector returns a register that holds a.
func (a number) vector() VecVirtual {
	if a.v == nil || a.minus {
		zero := YMM()
		VXORPS(zero, zero, zero)
		if a.v == nil {
			return zero
		}
		return minus(zero, a.v)
	}
	return a.v
}

// pair is a complex number in each of eight lanes.
type pair struct{ re, im number }

func loaded(re, im Mem) pair { return pair{number{v: load(re)}, number{v: load(im)}} }

func (x pair) store(re, im Mem) {
	VMOVUPS(x.re.vector(), re)
	VMOVUPS(x.im.vector(), im)
}

func (x pair) zero() bool       { return x.re.v == nil && x.im.v == nil }
func (x pair) plus(y pair) pair { return pair{x.re.plus(y.re), x.im.plus(y.im)} }
func (x pair) minus(y pair) pair {
	return pair{x.re.plus(y.re.negative()), x.im.plus(y.im.negative())}
}

// rotated is -i*x.
func (x pair) rotated() pair { return pair{x.im, x.re.negative()} }

// plusTimes is x + y*r for a real r, minusTimes x - y*r.
func (x pair) plusTimes(y pair, r Op) pair {
	return pair{x.re.plusTimes(y.re, r), x.im.plusTimes(y.im, r)}
}

func (x pair) minusTimes(y pair, r Op) pair {
	return pair{x.re.plusTimes(y.re.negative(), r), x.im.plusTimes(y.im.negative(), r)}
}

// product returns x times the twiddle (re, im) at tw.
func product(x pair, tw Mem) pair {
	wr, wi := broadcast(tw), broadcast(tw.Offset(4))
	re, im := x.re.vector(), x.im.vector()
	u, v := times(im, wi), times(im, wr)
	VFMSUB231PS(wr, re, u)
	VFMADD231PS(wi, re, v)
	return pair{number{v: u}, number{v: v}}
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
