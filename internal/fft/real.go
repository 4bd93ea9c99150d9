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
	n       int
	points  *Complex  // of n/2 points for even n, of n points for odd n
	forward []float32 // even n: pairs -i*exp(-2*pi*i*k/n) for k = 1..n/4
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
	return p.TimeLen() + p.pointsLen() + p.points.ScratchLen()
}

// pointsLen is the scratch of the transforms beside that of points: for odd n
// the complex input and output.
func (p *Real) pointsLen() int {
	if p.n%2 == 1 {
		return 2 * p.points.BlockLen()
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
	p.synthesise(dst, src, scratch, 1)
}

// ForwardAdjoint is the transpose of Forward as a real linear map: from the
// gradient of the spectrum, (dL/dre, dL/dim), to the gradient of the signal. It
// is Inverse of src with all bins but 0 and n/2 halved. dst is a time block, src
// a spectrum block. dst, src and scratch must not overlap.
func (p *Real) ForwardAdjoint(dst, src, scratch []float32) {
	p.check("ForwardAdjoint", len(dst), len(src), len(scratch))
	p.synthesise(dst, src, scratch, 0.5)
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
	if p.n%2 == 1 {
		p.analyseOdd(dst, src, scratch, inner)
		return
	}
	m := p.n / 2
	p.points.transform(dst[:m*16], src, scratch, 0, 8)
	mirror(dst, dst, m, p.forward, inner/2)
	first, nyquist := (*[16]float32)(dst), (*[16]float32)(dst[m*16:])
	for l := range 8 {
		even, odd := first[l], first[8+l]
		first[l], first[8+l] = even+odd, 0
		nyquist[l], nyquist[8+l] = even-odd, 0
	}
}

func (p *Real) analyseOdd(dst, src, scratch []float32, inner float32) {
	size := p.points.BlockLen()
	in, out := scratch[:size], scratch[size:2*size]
	for t := range p.n {
		copy(in[t*16:t*16+8], src[t*8:])
		clear(in[t*16+8 : t*16+16])
	}
	p.points.transform(out, in, scratch[2*size:], 0, 8)
	copy(dst, out)
	clear(dst[8:16])
	for i := 16; i < len(dst); i++ {
		dst[i] *= inner
	}
}

// synthesise is Inverse with the inner bins multiplied by inner.
func (p *Real) synthesise(dst, src, scratch []float32, inner float32) {
	if p.n%2 == 1 {
		p.synthesiseOdd(dst, src, scratch[p.TimeLen():], inner)
		return
	}
	m := p.n / 2
	z := scratch[:m*16]
	mirror(z, src, m, p.inverse, inner)
	first, nyquist := (*[16]float32)(src), (*[16]float32)(src[m*16:])
	for l := range 8 {
		z[l], z[8+l] = first[l]+nyquist[l], first[l]-nyquist[l]
	}
	p.points.transform(dst, z, scratch[p.TimeLen():], 8, 0)
}

func (p *Real) synthesiseOdd(dst, src, scratch []float32, inner float32) {
	size := p.points.BlockLen()
	in, out := scratch[:size], scratch[size:2*size]
	copy(in[:8], src)
	clear(in[8:16])
	for k := 1; k < p.Bins(); k++ {
		bin := (*[16]float32)(src[k*16:])
		low, high := (*[16]float32)(in[k*16:]), (*[16]float32)(in[(p.n-k)*16:])
		for l := range 8 {
			re, im := bin[l]*inner, bin[8+l]*inner
			low[l], low[8+l] = re, im
			high[l], high[8+l] = re, -im
		}
	}
	p.points.transform(out, in, scratch[2*size:], 8, 0)
	for t := range p.n {
		copy(dst[t*8:t*8+8], out[t*16:])
	}
}

func (p *Real) check(op string, time, spectrum, scratch int) {
	if time != p.TimeLen() || spectrum != p.SpectrumLen() || scratch < p.ScratchLen() {
		panic(fmt.Sprintf("fft.Real.%s: time block has %d floats, want %d; spectrum block %d, want %d; scratch %d, want %d",
			op, time, p.TimeLen(), spectrum, p.SpectrumLen(), scratch, p.ScratchLen()))
	}
}
