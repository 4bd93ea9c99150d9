// Package rng makes random numbers that depend on what they are for and on
// nothing else.
//
// A stream is keyed by (seed, purpose, integers...): the weights of layer 3,
// the crop of item 17 in epoch 2. No stream depends on how many numbers another
// one drew, on a worker, or on the past, so a resumed run needs no replay and
// prefetch order does not matter.
//
// The generator is Philox4x32-10, a counter-based generator that passes
// TestU01's BigCrush: Salmon, Moraes, Dror and Shaw, "Parallel random numbers:
// as easy as 1, 2, 3", SC 2011, https://doi.org/10.1145/2063384.2063405.
// The key and the upper half of the counter, 128 bits together, come from
// chaining the same function over the seed, the purpose and the integers.
package rng

import (
	"fmt"
	"math"
	"math/bits"
)

// Source is one stream of random numbers. It is a small value: a copy continues
// independently from the same place. It is not for use by several goroutines at once.
type Source struct {
	key, stream uint64 // which stream
	block       uint64 // the next block of 128 bits
	spare       uint64 // the second half of the last block
	hasSpare    bool
}

// New returns the stream of (seed, purpose, keys...). Different arguments, also
// a different number of keys, give unrelated streams.
func New(seed uint64, purpose string, keys ...int) Source {
	key, stream := digest(seed, purpose, keys)
	return Source{key: key, stream: stream}
}

// digest chains Philox over its arguments, 64 bits at a time, to 128 bits.
func digest(seed uint64, purpose string, keys []int) (a, b uint64) {
	a, b = philox64(seed, uint64(len(purpose)), uint64(len(keys)))
	for len(purpose) > 0 {
		var word uint64
		n := min(8, len(purpose))
		for i := range n {
			word |= uint64(purpose[i]) << (8 * i)
		}
		purpose = purpose[n:]
		a, b = philox64(word, b, a)
	}
	for _, k := range keys {
		a, b = philox64(uint64(k), b, a)
	}
	return a, b
}

// Uint64 returns 64 random bits.
func (s *Source) Uint64() uint64 {
	if s.hasSpare {
		s.hasSpare = false
		return s.spare
	}
	first, second := philox64(s.block, s.stream, s.key)
	s.block++
	s.spare, s.hasSpare = second, true
	return first
}

// Float64 returns a number in [0, 1), a multiple of 2^-53.
func (s *Source) Float64() float64 { return float64(s.Uint64()>>11) * 0x1p-53 }

// Float32 returns a number in [0, 1), a multiple of 2^-24.
func (s *Source) Float32() float32 { return float32(s.Uint64()>>40) * 0x1p-24 }

// Uniform returns a number in [lo, hi). It panics unless lo <= hi and both are
// finite; lo == hi returns lo.
func (s *Source) Uniform(lo, hi float64) float64 {
	if !(lo <= hi) || math.IsInf(lo, 0) || math.IsInf(hi, 0) {
		panic(fmt.Sprintf("rng: Uniform(%g, %g): want finite bounds with lo <= hi", lo, hi))
	}
	u := s.Float64()
	x := float64(lo*(1-u)) + float64(hi*u) // lo + (hi-lo)*u could overflow
	if x >= hi && lo < hi {
		return math.Nextafter(hi, lo) // rounding must not reach hi
	}
	return max(x, lo)
}

// Normal returns a number of the standard normal distribution by the method of
// Box and Muller. Each takes two draws of 64 bits, always.
func (s *Source) Normal() float64 {
	u := 1 - s.Float64() // in (0, 1]: its logarithm is finite
	v := s.Float64()
	return math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*v)
}

// IntN returns an integer in [0, n), each equally likely (Lemire's method with
// rejection, https://doi.org/10.1145/3230636). It panics where n <= 0.
func (s *Source) IntN(n int) int {
	if n <= 0 {
		panic(fmt.Sprintf("rng: IntN(%d): want a positive bound", n))
	}
	hi, lo := bits.Mul64(s.Uint64(), uint64(n))
	if lo < uint64(n) {
		for reject := -uint64(n) % uint64(n); lo < reject; {
			hi, lo = bits.Mul64(s.Uint64(), uint64(n))
		}
	}
	return int(hi)
}

// Perm fills dst with a random permutation of 0, 1, ..., len(dst)-1, each
// equally likely (Fisher and Yates). For orders too long to store, see Permutation.
func (s *Source) Perm(dst []int) {
	for i := range dst {
		j := s.IntN(i + 1)
		dst[i] = dst[j]
		dst[j] = i
	}
}
