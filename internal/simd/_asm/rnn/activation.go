package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The constants of internal/simd/rnn's table, vectors each.
const (
	kMax = iota
	kMin
	kLog2e
	kTanhMax
	kTanhMin
	kTwoLog2e
	kRound
	k5
	k4
	k3
	k2
	k1
	kOne
	kTwo
)

// constants is the table.
type constants struct{ base Register }

func (c constants) mem(i int) Mem { return Mem{Base: c.base, Disp: vector * i} }

// activation is a function of a chain.
type activation struct{ max, min, scale, add int }

var (
	sigmoid = activation{kMax, kMin, kLog2e, kOne}
	tanh    = activation{kTanhMax, kTanhMin, kTwoLog2e, kTwo}
)

// activate replaces every x by its function of x, side by side: the chains are
// long, and many of them keep the processor busy. With exp(x*scale*ln 2) =
// s*(1 + p), s a power of two, sigmoid is e/(1+e) with e = s + s*p, tanh e/(e+2)
// with e = s-1 + s*p.
func (c constants) activate(x []VecVirtual, f []activation) {
	each := func(do func(i int)) {
		for i := range x {
			do(i)
		}
	}
	s, r := make([]VecVirtual, len(x)), make([]VecVirtual, len(x))
	// In this order of operands NaN stays.
	bound := func(k func(activation) int, op func(...Op)) {
		var v VecVirtual
		each(func(i int) {
			if i == 0 || k(f[i]) != k(f[i-1]) {
				v = load(c.mem(k(f[i])))
			}
			op(x[i], v, x[i])
		})
	}
	bound(func(f activation) int { return f.max }, VMINPS)
	bound(func(f activation) int { return f.min }, VMAXPS)
	round := load(c.mem(kRound))
	each(func(i int) {
		s[i] = YMM()
		VMOVAPS(round, s[i])
		VFMADD231PS(c.mem(f[i].scale), x[i], s[i])
	})
	each(func(i int) { r[i] = YMM(); VSUBPS(round, s[i], r[i]) })
	each(func(i int) { VFMSUB231PS(c.mem(f[i].scale), x[i], r[i]) })
	top := load(c.mem(k5))
	each(func(i int) { VMOVAPS(top, x[i]) })
	for _, k := range []int{k4, k3, k2, k1} {
		v := load(c.mem(k))
		each(func(i int) { VFMADD213PS(v, r[i], x[i]) })
	}
	each(func(i int) { VMULPS(r[i], x[i], x[i]) }) // p
	one := load(c.mem(kOne))
	each(func(i int) { VPSLLD(Imm(23), s[i], s[i]) })
	each(func(i int) { VPADDD(one, s[i], s[i]) })
	each(func(i int) {
		e := r[i]
		if f[i] == tanh {
			VSUBPS(one, s[i], e)
		} else {
			VMOVAPS(s[i], e)
		}
		VFMADD231PS(s[i], x[i], e)
	})
	each(func(i int) { VADDPS(c.mem(f[i].add), r[i], x[i]) })
	each(func(i int) { VDIVPS(x[i], r[i], x[i]) })
}
