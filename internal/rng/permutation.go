package rng

import (
	"fmt"
	"math/bits"
)

// Permutation is a pseudo-random order of 0, 1, ..., n-1 that is computed and
// not stored: a shuffle of any size in constant memory, at any position.
//
// It is a balanced Feistel network on the smallest even number of bits that
// holds n, walked along its cycles until it lands below n (Black and Rogaway,
// "Ciphers with arbitrary finite domains", CT-RSA 2002). The zero value is the
// empty order.
type Permutation struct {
	n    uint64
	half int                   // bits of one half of the network
	keys [feistelRounds]uint64 // one per round
}

const (
	// Luby and Rackoff show that 4 rounds of random functions pass for a random
	// permutation; small halves need more, and the mixer is no cipher.
	feistelRounds = 8
	// Below 2^8 places the network could reach too few of the n! orders. A small
	// n walks more steps instead: 256/n on average.
	minHalfBits = 4
)

// NewPermutation returns the order of n items for (seed, purpose, keys...), such
// as the shuffle of one epoch. It panics where n is negative.
func NewPermutation(n int, seed uint64, purpose string, keys ...int) Permutation {
	if n < 0 {
		panic(fmt.Sprintf("rng: NewPermutation of %d items", n))
	}
	p := Permutation{n: uint64(n), half: max(minHalfBits, (bits.Len64(uint64(max(n, 1)-1))+1)/2)}
	s := New(seed, purpose, keys...)
	for i := range p.keys {
		p.keys[i] = s.Uint64()
	}
	return p
}

// Len is the number of items.
func (p *Permutation) Len() int { return int(p.n) }

// At returns the item at position i of the order. It panics unless 0 <= i < Len().
func (p *Permutation) At(i int) int {
	if i < 0 || uint64(i) >= p.n {
		panic(fmt.Sprintf("rng: Permutation.At(%d) of %d items", i, p.n))
	}
	x := uint64(i)
	for {
		if x = p.network(x); x < p.n {
			return int(x)
		}
	}
}

// network is a bijection of [0, 2^(2*half)).
func (p *Permutation) network(x uint64) uint64 {
	mask := uint64(1)<<p.half - 1
	left, right := x>>p.half, x&mask
	for _, k := range p.keys {
		left, right = right, left^(mix(right^k)&mask)
	}
	return left<<p.half | right
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
