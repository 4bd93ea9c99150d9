package fft

import (
	"fmt"
	"sync"
)

// Complex holds the tables of the complex transform of n points, eight lanes
// side by side in float32. Both blocks are n rows of 16 floats: the real parts
// of the eight lanes, then the imaginary parts. It is immutable and safe for
// concurrent use; the caller brings the scratch memory.
type Complex struct {
	n      int
	smooth *smooth    // one of the two is nil
	chirp  *bluestein // where n has a prime factor over 7
}

var complexes sync.Map // int -> *Complex

// NewComplex returns the complex transform of n >= 1 points. It is cached by n.
func NewComplex(n int) *Complex {
	if n < 1 {
		panic(fmt.Sprintf("fft.NewComplex: length %d, need at least 1", n))
	}
	if c, ok := complexes.Load(n); ok {
		return c.(*Complex)
	}
	c := &Complex{n: n, smooth: newSmooth(n)}
	if c.smooth == nil {
		c.chirp = newBluestein(n)
	}
	v, _ := complexes.LoadOrStore(n, c)
	return v.(*Complex)
}

// Len returns n, the number of points.
func (c *Complex) Len() int { return c.n }

// BlockLen returns the length of a block of eight lanes: 16n floats.
func (c *Complex) BlockLen() int { return c.n * 16 }

// ScratchLen returns how many floats of scratch a call needs.
func (c *Complex) ScratchLen() int { return c.packedLen() + c.packedScratch() }

// Forward computes, for each lane, dst[k] = sum over t of
// src[t]*exp(-2*pi*i*k*t/n). dst, src and scratch must not overlap.
func (c *Complex) Forward(dst, src, scratch []float32) {
	c.check("Forward", dst, src, scratch)
	c.transform(dst, src, scratch, 0, 8)
}

// Inverse computes, for each lane, dst[t] = sum over k of
// src[k]*exp(+2*pi*i*k*t/n): the inverse transform times n. It is also the
// adjoint of Forward, as Forward is of Inverse. dst, src and scratch must not
// overlap.
func (c *Complex) Inverse(dst, src, scratch []float32) {
	c.check("Inverse", dst, src, scratch)
	c.transform(dst, src, scratch, 8, 0)
}

func (c *Complex) transform(dst, src, scratch []float32, re, im int) {
	z := scratch[:c.packedLen()]
	c.forward(z, src, scratch[len(z):], re, im)
	for k := range c.n {
		*(*[16]float32)(dst[16*k:]) = *(*[16]float32)(z[c.place(k):])
	}
}

// A packed spectrum is rows in the order in which the passes leave them.

// packedLen is its length.
func (c *Complex) packedLen() int {
	if c.chirp != nil {
		return c.BlockLen()
	}
	return c.smooth.blockLen()
}

// packedScratch is the scratch that forward and inverse need.
func (c *Complex) packedScratch() int {
	if c.chirp != nil {
		return c.chirp.scratchLen()
	}
	return 0
}

// place is where the row of bin k begins in a packed spectrum.
func (c *Complex) place(k int) int {
	if c.chirp != nil {
		return 16 * k
	}
	return int(c.smooth.place[k] / 4)
}

// forward computes the packed transform z of src. re and im are the places of
// the parts in a row.
func (c *Complex) forward(z, src, scratch []float32, re, im int) {
	if c.smooth != nil {
		c.smooth.forward(z, src, re, im)
	} else {
		c.chirp.transform(z, src, scratch, re, im)
	}
}

// inverse is the transpose of forward. It spoils z.
func (c *Complex) inverse(dst, z, scratch []float32, re, im int) {
	if c.smooth != nil {
		c.smooth.inverse(dst, z, re, im)
	} else {
		c.chirp.transform(dst, z, scratch, re, im)
	}
}

func (c *Complex) check(op string, dst, src, scratch []float32) {
	if len(dst) != c.BlockLen() || len(src) != c.BlockLen() || len(scratch) < c.ScratchLen() {
		panic(fmt.Sprintf("fft.Complex.%s: dst has %d and src %d floats, want %d; scratch has %d, want %d",
			op, len(dst), len(src), c.BlockLen(), len(scratch), c.ScratchLen()))
	}
	if &dst[0] == &src[0] {
		panic(fmt.Sprintf("fft.Complex.%s: dst and src are the same memory", op))
	}
}
