package fft

import (
	"fmt"
	"sync"
)

// Real holds the tables of the real transform of n samples, eight frames side
// by side in float32. A time block is n rows of 8 floats, a spectrum block
// n/2+1 rows of 16 (see the package comment). It is immutable and safe for
// concurrent use; the caller brings the scratch memory.
//
// For even n the rows of a time block, two by two, are the rows of a complex
// block of n/2 points: z[t] = x[2t] + i*x[2t+1]. Its spectrum is untangled into
// that of x. For odd n the transform is a complex one of n points.
type Real struct {
	n      int
	points *Complex // of n/2 points for even n, of n points for odd n
	// For even n and k = 1..n/4:
	places  []int32   // the bytes at which rows k and n/2-k of a packed spectrum begin
	forward []float32 // pairs -i*exp(-2*pi*i*k/n)
	inverse []float32 // their conjugates
}

var reals sync.Map // int -> *Real

// NewReal returns the real transform of n >= 1 samples. It is cached by n.
func NewReal(n int) *Real {
	if n < 1 {
		panic(fmt.Sprintf("fft.NewReal: length %d, need at least 1", n))
	}
	if p, ok := reals.Load(n); ok {
		return p.(*Real)
	}
	p := &Real{n: n}
	if n%2 == 1 {
		p.points = NewComplex(n)
	} else {
		p.points = NewComplex(n / 2)
		for k := 1; k <= n/4; k++ {
			w := root(k, n) * complex(0, -1)
			p.forward = appendPair(p.forward, w)
			p.inverse = appendPair(p.inverse, complex(real(w), -imag(w)))
			p.places = append(p.places, int32(4*p.points.place(k)), int32(4*p.points.place(n/2-k)))
		}
	}
	v, _ := reals.LoadOrStore(n, p)
	return v.(*Real)
}

// Len returns n, the number of samples.
func (p *Real) Len() int { return p.n }

// Bins returns n/2+1, the number of bins.
func (p *Real) Bins() int { return p.n/2 + 1 }

// TimeLen returns the length of a time block: 8n floats.
func (p *Real) TimeLen() int { return p.n * 8 }

// SpectrumLen returns the length of a spectrum block: 16*(n/2+1) floats.
func (p *Real) SpectrumLen() int { return p.Bins() * 16 }

// ScratchLen returns how many floats of scratch any call needs.
func (p *Real) ScratchLen() int {
	return p.TimeLen() + p.points.packedLen() + p.complexLen() + p.points.packedScratch()
}

// complexLen is the scratch for a complex time block, which odd n needs.
func (p *Real) complexLen() int {
	if p.n%2 == 1 {
		return p.points.BlockLen()
	}
	return 0
}

// Forward computes, for each lane, the bins 0..n/2 of the transform:
// dst[k] = sum over t of src[t]*exp(-2*pi*i*k*t/n). dst is a spectrum block, src
// a time block. dst, src and scratch must not overlap.
func (p *Real) Forward(dst, src, scratch []float32) {
	p.check("Forward", len(src), len(dst), len(scratch))
	p.analyse(dst, src, scratch[p.TimeLen():], 1)
}

// Inverse computes, for each lane, the real signal whose spectrum is src, times
// n. As in pocketfft and PyTorch, the imaginary parts of bin 0 and, for even n,
// of bin n/2 are ignored. dst is a time block, src a spectrum block. dst, src
// and scratch must not overlap.
func (p *Real) Inverse(dst, src, scratch []float32) {
	p.check("Inverse", len(dst), len(src), len(scratch))
	p.synthesise(dst, src, scratch[p.TimeLen():], 1)
}

// ForwardAdjoint is the transpose of Forward as a real linear map: from the
// gradient of the spectrum, (dL/dre, dL/dim), to the gradient of the signal. It
// is Inverse of src with all bins but 0 and n/2 halved. dst is a time block, src
// a spectrum block. dst, src and scratch must not overlap.
func (p *Real) ForwardAdjoint(dst, src, scratch []float32) {
	p.check("ForwardAdjoint", len(dst), len(src), len(scratch))
	p.synthesise(dst, src, scratch[p.TimeLen():], 0.5)
}

// InverseAdjoint is the transpose of Inverse as a real linear map: from the
// gradient of the signal to that of the spectrum. It is Forward of src with all
// bins but 0 and n/2 doubled. dst is a spectrum block, src a time block. dst,
// src and scratch must not overlap.
func (p *Real) InverseAdjoint(dst, src, scratch []float32) {
	p.check("InverseAdjoint", len(src), len(dst), len(scratch))
	p.analyse(dst, src, scratch[p.TimeLen():], 2)
}

// ForwardFrames is LoadFrames into scratch, then Forward: the spectra of count
// windowed frames, frame l starting at x[l*hop]. window has n elements, or is
// nil for none. Lanes from count on get the spectrum of silence. dst is a
// spectrum block; dst, x and scratch must not overlap.
func (p *Real) ForwardFrames(dst, x []float32, hop, count int, window, scratch []float32) {
	p.check("ForwardFrames", p.TimeLen(), len(dst), len(scratch))
	time := scratch[:p.TimeLen()]
	LoadFrames(time, x, hop, count, window)
	p.analyse(dst, time, scratch[p.TimeLen():], 1)
}

// analyse is Forward with the inner bins multiplied by inner.
func (p *Real) analyse(dst, src, scratch []float32, inner float32) {
	z := scratch[:p.points.packedLen()]
	p.ForwardPacked(z, src, scratch[len(z):])
	p.unpack(dst, dst[16*(p.Bins()-p.Pairs()):], z, 0, p.Pairs(), 1, inner)
}

// ForwardPacked computes the packed spectrum of a time block; see Windowed.
func (p *Real) ForwardPacked(z, src, scratch []float32) {
	wide := scratch[:p.complexLen()]
	if p.n%2 == 1 {
		for t := range p.n {
			copy(wide[16*t:16*t+8], src[8*t:])
			clear(wide[16*t+8 : 16*t+16])
		}
		src = wide
	}
	p.points.forward(z, src, scratch[len(wide):], 0, 8)
}

// synthesise is Inverse with the inner bins multiplied by inner.
func (p *Real) synthesise(dst, src, scratch []float32, inner float32) {
	z := scratch[:p.points.packedLen()]
	p.pack(z, src, src[16*(p.Bins()-p.Pairs()):], 0, p.Pairs(), 1, inner)
	p.InversePacked(dst, z, scratch[len(z):])
}

// InversePacked is the transpose of ForwardPacked. It spoils z.
func (p *Real) InversePacked(dst, z, scratch []float32) {
	wide := scratch[:p.complexLen()]
	if p.n%2 == 0 {
		p.points.inverse(dst, z, scratch, 8, 0)
		return
	}
	p.points.inverse(wide, z, scratch[len(wide):], 8, 0)
	for t := range p.n {
		copy(dst[8*t:8*t+8], wide[16*t:])
	}
}

func (p *Real) check(op string, time, spectrum, scratch int) {
	if time != p.TimeLen() || spectrum != p.SpectrumLen() || scratch < p.ScratchLen() {
		panic(fmt.Sprintf("fft.Real.%s: time block has %d floats, want %d; spectrum block %d, want %d; scratch %d, want %d",
			op, time, p.TimeLen(), spectrum, p.SpectrumLen(), scratch, p.ScratchLen()))
	}
}
