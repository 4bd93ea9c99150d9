package fft

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"partials/internal/impl/impltest"
)

func sizeName(n int) string { return fmt.Sprintf("n=%d", n) }

// limit is the relative error that a float32 transform of n points may have:
// about two roundings, and twice that through Bluestein, which is two transforms.
func limit(n int) float64 {
	if n%2 == 0 && NewReal(n).points.chirp == nil || NewComplex(n).chirp == nil {
		return 2e-7
	}
	return 4e-7
}

func random32(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// fenced returns n floats and a function that tells whether those around them are
// untouched: assembly writes where no bounds check sees it.
func fenced(n int) (block []float32, intact func() bool) {
	const fence = 64
	all := make([]float32, fence+n+fence)
	for i := range all {
		all[i] = -12345
	}
	return all[fence : fence+n : fence+n], func() bool {
		for i := range fence {
			if all[i] != -12345 || all[fence+n+i] != -12345 {
				return false
			}
		}
		return true
	}
}

// lane returns lane l of a block with rows of 16.
func lane(block []float32, l int) []complex128 {
	x := make([]complex128, len(block)/16)
	for k := range x {
		x[k] = complex(float64(block[k*16+l]), float64(block[k*16+8+l]))
	}
	return x
}

// timeLane returns lane l of a time block as float64, and as complex numbers.
func timeLane(block []float32, l int) ([]float64, []complex128) {
	x, z := make([]float64, len(block)/8), make([]complex128, len(block)/8)
	for t := range x {
		x[t] = float64(block[t*8+l])
		z[t] = complex(x[t], 0)
	}
	return x, z
}

func parts(z []complex128) (re, im []float64) {
	for _, v := range z {
		re, im = append(re, real(v)), append(im, imag(v))
	}
	return re, im
}

func dot(a, b []float32) float64 {
	s := 0.0
	for i, v := range a {
		s += float64(v) * float64(b[i])
	}
	return s
}

func norm(a []float32) float64 { return math.Sqrt(dot(a, a)) }

func TestComplexEqualsReference(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, n := range lengths() {
			c, p := NewComplex(n), NewPlan(n)
			src := random32(r, c.BlockLen())
			dst, dstIntact := fenced(c.BlockLen())
			scratch, scratchIntact := fenced(c.ScratchLen())
			want := make([]complex128, n)
			c.Forward(dst, src, scratch)
			for l := range 8 {
				p.Forward(want, lane(src, l))
				if e := distance(lane(dst, l), want); !(e < limit(n)) {
					t.Fatalf("n=%d lane %d: forward is off by %.1e, limit %.1e", n, l, e, limit(n))
				}
			}
			c.Inverse(dst, src, scratch)
			for l := range 8 {
				p.Inverse(want, lane(src, l))
				if e := distance(lane(dst, l), want); !(e < limit(n)) {
					t.Fatalf("n=%d lane %d: inverse is off by %.1e, limit %.1e", n, l, e, limit(n))
				}
			}
			if !dstIntact() || !scratchIntact() {
				t.Fatalf("n=%d: wrote outside dst or scratch", n)
			}
		}
	})
}

func TestRealEqualsReference(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		r := rand.New(rand.NewPCG(2, 2))
		for _, n := range lengths() {
			f, p := NewReal(n), NewPlan(n)
			time, spectrum := random32(r, f.TimeLen()), random32(r, f.SpectrumLen())
			gotSpectrum, spectrumIntact := fenced(f.SpectrumLen())
			gotTime, timeIntact := fenced(f.TimeLen())
			scratch, scratchIntact := fenced(f.ScratchLen())
			f.Forward(gotSpectrum, time, scratch)
			f.Inverse(gotTime, spectrum, scratch)
			if !spectrumIntact() || !timeIntact() || !scratchIntact() {
				t.Fatalf("n=%d: wrote outside dst or scratch", n)
			}
			re, im := make([]float64, f.Bins()), make([]float64, f.Bins())
			want := make([]complex128, f.Bins())
			x, wantTime := make([]float64, n), make([]complex128, n)
			for l := range 8 {
				in, _ := timeLane(time, l)
				p.RFFT(re, im, in)
				for k := range want {
					want[k] = complex(re[k], im[k])
				}
				if e := distance(lane(gotSpectrum, l), want); !(e < limit(n)) {
					t.Fatalf("n=%d lane %d: Forward is off by %.1e, limit %.1e", n, l, e, limit(n))
				}
				inRe, inIm := parts(lane(spectrum, l))
				p.IRFFT(x, inRe, inIm)
				for i, v := range x {
					wantTime[i] = complex(v, 0)
				}
				_, got := timeLane(gotTime, l)
				if e := distance(got, wantTime); !(e < limit(n)) {
					t.Fatalf("n=%d lane %d: Inverse is off by %.1e, limit %.1e", n, l, e, limit(n))
				}
			}
		}
	})
}

// <F x, y> = <x, F^T y> for the four real maps, and the complex pair.
func TestAdjoint(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 2))
		for _, n := range lengths() {
			f := NewReal(n)
			scratch := random32(r, f.ScratchLen())
			time, spectrum := random32(r, f.TimeLen()), random32(r, f.SpectrumLen())
			toSpectrum, toTime := make([]float32, f.SpectrumLen()), make([]float32, f.TimeLen())
			same := func(name string) {
				a, b := dot(toSpectrum, spectrum), dot(toTime, time)
				if size := norm(toSpectrum) * norm(spectrum); !(math.Abs(a-b) < 2*limit(n)*size) {
					t.Fatalf("n=%d: %s: %g against %g (of %g)", n, name, a, b, size)
				}
			}
			f.Forward(toSpectrum, time, scratch)
			f.ForwardAdjoint(toTime, spectrum, scratch)
			same("Forward and ForwardAdjoint")
			f.InverseAdjoint(toSpectrum, time, scratch)
			f.Inverse(toTime, spectrum, scratch)
			same("InverseAdjoint and Inverse")
			// Inverse ignores these inputs, so their gradient is zero.
			for l := 8; l < 16; l++ {
				if toSpectrum[l] != 0 || n%2 == 0 && toSpectrum[n/2*16+l] != 0 {
					t.Fatalf("n=%d: InverseAdjoint gives the ignored imaginary parts a gradient", n)
				}
			}
			c := NewComplex(n)
			scratch = random32(r, c.ScratchLen())
			time, spectrum = random32(r, c.BlockLen()), random32(r, c.BlockLen())
			toSpectrum, toTime = make([]float32, c.BlockLen()), make([]float32, c.BlockLen())
			c.Forward(toSpectrum, time, scratch)
			c.Inverse(toTime, spectrum, scratch)
			same("Complex.Forward and Complex.Inverse")
		}
	})
}

// FFTW's verifier: linear, an impulse gives a line, a shift gives a phase.
func TestLinearImpulseShift(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		r := rand.New(rand.NewPCG(4, 2))
		for _, n := range lengths() {
			c := NewComplex(n)
			scratch := random32(r, c.ScratchLen())
			run := func(x []float32) []float32 {
				y := make([]float32, c.BlockLen())
				c.Forward(y, x, scratch)
				return y
			}
			x, y := random32(r, c.BlockLen()), random32(r, c.BlockLen())
			mixed := make([]float32, c.BlockLen())
			for i := range mixed {
				mixed[i] = 2*x[i] - y[i]
			}
			fx, fy, fm := run(x), run(y), run(mixed)
			for i := range fx {
				fx[i] = 2*fx[i] - fy[i]
			}
			if e := distance(lane(fm, 3), lane(fx, 3)); !(e < 3*limit(n)) {
				t.Fatalf("n=%d: not linear by %.1e", n, e)
			}
			// Lane l has an impulse at l: its spectrum is exp(-2*pi*i*k*l/n).
			clear(x)
			for l := range 8 {
				x[l%n*16+l] = 1
			}
			fx = run(x)
			for l := range 8 {
				want := make([]complex128, n)
				for k := range want {
					s, c := math.Sincos(-2 * math.Pi * float64(k*l%n) / float64(n))
					want[k] = complex(c, s)
				}
				if e := distance(lane(fx, l), want); !(e < limit(n)) {
					t.Fatalf("n=%d: impulse at %d is off by %.1e", n, l, e)
				}
			}
			// y[t] = x[t-1].
			x = random32(r, c.BlockLen())
			copy(y[16:], x)
			copy(y[:16], x[(n-1)*16:])
			fx, fy = run(x), run(y)
			want := lane(fx, 5)
			for k := range want {
				s, c := math.Sincos(-2 * math.Pi * float64(k) / float64(n))
				want[k] *= complex(c, s)
			}
			if e := distance(lane(fy, 5), want); !(e < 2*limit(n)) {
				t.Fatalf("n=%d: shift is off by %.1e", n, e)
			}
		}
	})
}

// A frame gets the same bits in whatever lane it lies.
func TestLanesAlike(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		r := rand.New(rand.NewPCG(6, 2))
		for _, n := range lengths() {
			f := NewReal(n)
			x, window := random32(r, n), random32(r, n)
			spectrum, time := make([]float32, f.SpectrumLen()), make([]float32, f.TimeLen())
			scratch := make([]float32, f.ScratchLen())
			f.ForwardFrames(spectrum, x, 0, 8, window, scratch)
			f.Inverse(time, spectrum, scratch)
			for _, block := range [][]float32{spectrum, time} {
				for i, v := range block {
					if first := block[i&^7]; v != first {
						t.Fatalf("n=%d: row %d has %g in lane %d and %g in lane 0", n, i/8, v, i%8, first)
					}
				}
			}
		}
	})
}

// What lies in other lanes, NaN included, and in scratch changes no bit.
func TestLanesIndependent(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 2))
		for _, n := range lengths() {
			f := NewReal(n)
			scratchLen := max(f.ScratchLen(), NewComplex(n).ScratchLen())
			maps := map[string]struct {
				run      func(dst, src, scratch []float32)
				dst, src int
			}{
				"Forward":         {f.Forward, f.SpectrumLen(), f.TimeLen()},
				"Inverse":         {f.Inverse, f.TimeLen(), f.SpectrumLen()},
				"ForwardAdjoint":  {f.ForwardAdjoint, f.TimeLen(), f.SpectrumLen()},
				"InverseAdjoint":  {f.InverseAdjoint, f.SpectrumLen(), f.TimeLen()},
				"Complex.Forward": {NewComplex(n).Forward, 16 * n, 16 * n},
				"Complex.Inverse": {NewComplex(n).Inverse, 16 * n, 16 * n},
			}
			for name, m := range maps {
				src, want, got := random32(r, m.src), make([]float32, m.dst), make([]float32, m.dst)
				m.run(want, src, make([]float32, scratchLen))
				keep := r.IntN(8)
				for i := range src {
					if i%8 != keep {
						src[i] = float32(math.NaN())
					}
				}
				scratch := make([]float32, scratchLen)
				for i := range scratch {
					scratch[i] = float32(math.Inf(1))
				}
				m.run(got, src, scratch)
				for i := keep; i < len(got); i += 8 {
					if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
						t.Fatalf("n=%d %s: lane %d element %d: %g beside garbage, %g without", n, name, keep, i/8, got[i], want[i])
					}
				}
			}
		}
	})
}

func TestNoAllocations(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		for _, n := range []int{15, 74, 101, 480, 512} {
			f, c := NewReal(n), NewComplex(n)
			time, spectrum := make([]float32, f.TimeLen()), make([]float32, f.SpectrumLen())
			in, out := make([]float32, c.BlockLen()), make([]float32, c.BlockLen())
			x, window := make([]float32, 2*n), make([]float32, n)
			scratch := make([]float32, max(f.ScratchLen(), c.ScratchLen()))
			allocs := testing.AllocsPerRun(5, func() {
				NewReal(n).Forward(spectrum, time, scratch)
				f.Inverse(time, spectrum, scratch)
				f.ForwardAdjoint(time, spectrum, scratch)
				f.InverseAdjoint(spectrum, time, scratch)
				f.ForwardFrames(spectrum, x, n/8, 8, window, scratch)
				AddFrames(x, time, n/8, 7, window)
				NewComplex(n).Forward(out, in, scratch)
				c.Inverse(out, in, scratch)
			})
			if allocs != 0 {
				t.Errorf("n=%d: %v allocations", n, allocs)
			}
		}
	})
}

// ns/transform is the time of one frame: an operation is eight of them.
func BenchmarkForwardFrames(b *testing.B) {
	impltest.Bench(b, pkg, func(b *testing.B) {
		for _, n := range []int{400, 480, 512, 1000, 1009, 1024, 2048, 4096} {
			b.Run(sizeName(n), func(b *testing.B) {
				f := NewReal(n)
				hop := n / 4
				x, window := make([]float32, 7*hop+n), make([]float32, n)
				spectrum, scratch := make([]float32, f.SpectrumLen()), make([]float32, f.ScratchLen())
				for b.Loop() {
					f.ForwardFrames(spectrum, x, hop, 8, window, scratch)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/8, "ns/transform")
			})
		}
	})
}

func BenchmarkForwardFramesAdjoint(b *testing.B) {
	impltest.Bench(b, pkg, func(b *testing.B) {
		for _, n := range []int{512, 1024, 2048} {
			b.Run(sizeName(n), func(b *testing.B) {
				f := NewReal(n)
				hop := n / 4
				x, window := make([]float32, 7*hop+n), make([]float32, n)
				time, spectrum := make([]float32, f.TimeLen()), make([]float32, f.SpectrumLen())
				scratch := make([]float32, f.ScratchLen())
				for b.Loop() {
					f.ForwardAdjoint(time, spectrum, scratch)
					AddFrames(x, time, hop, 8, window)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/8, "ns/transform")
			})
		}
	})
}
