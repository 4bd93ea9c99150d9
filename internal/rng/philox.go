package rng

import "math/bits"

// Constants of Philox 4x32: multipliers and Weyl increments of Salmon et al.
// (see the package comment), table 2 and section 3.3.
const (
	philoxM0     = 0xD2511F53
	philoxM1     = 0xCD9E8D57
	philoxW0     = 0x9E3779B9 // golden ratio
	philoxW1     = 0xBB67AE85 // sqrt(3) - 1
	philoxRounds = 10
)

// philox is the Philox4x32-10 bijection of a 128-bit counter under a 64-bit key.
func philox(c [4]uint32, k [2]uint32) [4]uint32 {
	for range philoxRounds {
		hi0, lo0 := bits.Mul32(philoxM0, c[0])
		hi1, lo1 := bits.Mul32(philoxM1, c[2])
		c = [4]uint32{hi1 ^ c[1] ^ k[0], lo1, hi0 ^ c[3] ^ k[1], lo0}
		k[0] += philoxW0
		k[1] += philoxW1
	}
	return c
}

// philox64 is philox on 64-bit words, least significant half first.
func philox64(c0, c1, key uint64) (uint64, uint64) {
	r := philox([4]uint32{uint32(c0), uint32(c0 >> 32), uint32(c1), uint32(c1 >> 32)},
		[2]uint32{uint32(key), uint32(key >> 32)})
	return uint64(r[0]) | uint64(r[1])<<32, uint64(r[2]) | uint64(r[3])<<32
}
