package fft

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"partials/internal/impl/impltest"
)

// unpacked is the bins of a packed spectrum, read strip by strip.
func unpacked(p *Real, z []float32, strip int) []float32 {
	block := make([]float32, p.SpectrumLen())
	for from := 0; from < p.Pairs(); from += strip {
		to := min(p.Pairs(), from+strip)
		low, high, at := p.PairBins(from, to)
		rows, intact := fenced(16 * (low + high))
		p.Unpack(rows, z, from, to, 2, 0.5)
		if !intact() {
			panic("wrote beside the rows")
		}
		copy(block[16*from:], rows[:16*low])
		copy(block[16*at:], rows[16*low:])
	}
	return block
}

// windows are a whole one, one with zeros on its sides, and none.
func windows(r *rand.Rand, n int) map[string][]float32 {
	short := random32(r, n)
	for i := range short {
		if i < n/5 || i >= n/5+(n+1)/2 {
			short[i] = 0
		}
	}
	return map[string][]float32{"whole": random32(r, n), "short": short, "none": nil}
}

// A packed spectrum holds what a block of frames transforms to, and its way
// back is the block's.
func TestWindowed(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		r := rand.New(rand.NewPCG(7, 2))
		for _, n := range lengths() {
			p := NewReal(n)
			hop, count := n/3+1, 1+n%8
			for kind, window := range windows(r, n) {
				w := p.NewWindowed(window)
				x := random32(r, w.Reach(hop, count))
				scratch, scratchIntact := fenced(p.ScratchLen())
				z, zIntact := fenced(p.PackedLen())
				w.Forward(z, x, hop, count, scratch)
				got, want := unpacked(p, z, 1+n%9), make([]float32, p.SpectrumLen())
				p.ForwardFrames(want, x, hop, count, window, scratch)
				for k := range p.Bins() {
					for i := range 16 {
						v := 2 * want[16*k+i]
						if k > 0 && 2*k < n {
							v /= 2
						}
						if got[16*k+i] != v {
							t.Fatalf("n=%d %s: bin %d has %g in float %d, want %g", n, kind, k, got[16*k+i], i, v)
						}
					}
				}

				spectrum := random32(r, p.SpectrumLen())
				strip := 1 + n%7
				for from := 0; from < p.Pairs(); from += strip {
					to := min(p.Pairs(), from+strip)
					low, high, at := p.PairBins(from, to)
					rows := append(append([]float32(nil), spectrum[16*from:][:16*low]...), spectrum[16*at:][:16*high]...)
					p.Pack(z, rows, from, to, 3, 0.5)
				}
				time := make([]float32, p.TimeLen())
				p.ForwardAdjoint(time, spectrum, scratch)
				added, addedIntact := fenced(len(x))
				copy(added, x)
				back := append([]float32(nil), z...)
				w.AddInverse(added, back, hop, count, scratch)
				for i := range time {
					time[i] *= 3
				}
				sum := append([]float32(nil), x...)
				AddFrames(sum, time, hop, count, window)
				if e := relative(added, sum); !(e < 2*limit(n)) {
					t.Fatalf("n=%d %s: AddInverse is off by %.1e", n, kind, e)
				}
				if window == nil {
					stored, want := append([]float32(nil), x...), append([]float32(nil), x...)
					w.StoreInverse(stored, z, n, 1, scratch)
					StoreFrames(want, time, n, 1)
					if e := relative(stored, want); !(e < 2*limit(n)) {
						t.Fatalf("n=%d: StoreInverse is off by %.1e", n, e)
					}
				}
				if !scratchIntact() || !zIntact() || !addedIntact() {
					t.Fatalf("n=%d %s: wrote outside its memory", n, kind)
				}
			}
		}
	})
}

// A window without its zeros gives the magnitudes of the whole one, and the
// gradient of what is made of them.
func TestShifted(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		r := rand.New(rand.NewPCG(8, 2))
		shorter := 0
		for _, n := range lengths() {
			p := NewReal(n)
			const hop, count = 3, 8
			for kind, window := range windows(r, n) {
				w := p.NewShifted(window)
				if w.Reach(hop, 1) < n {
					shorter++
				}
				x := random32(r, p.NewWindowed(window).Reach(hop, count))
				scratch := make([]float32, p.ScratchLen())
				moved, plain := make([]float32, p.PackedLen()), make([]float32, p.PackedLen())
				w.Forward(moved, x[w.First():], hop, count, scratch)
				p.NewWindowed(window).Forward(plain, x, hop, count, scratch)
				a, b := unpacked(p, moved, 100), unpacked(p, plain, 100)
				size := norm(b) / math.Sqrt(float64(n))
				for k := range p.Bins() {
					for l := range 8 {
						got, want := magnitude(a, k, l), magnitude(b, k, l)
						if e := math.Abs(got-want) / size; !(e < 20*limit(n)) {
							t.Fatalf("n=%d %s: magnitude of bin %d in lane %d is %g, want %g", n, kind, k, l, got, want)
						}
					}
				}
				// The gradient of half the energy is the spectrum itself.
				moved0, plain0 := append([]float32(nil), moved...), append([]float32(nil), plain...)
				back, want := make([]float32, len(x)), make([]float32, len(x))
				w.AddInverse(back[w.First():], moved0, hop, count, scratch)
				p.NewWindowed(window).AddInverse(want, plain0, hop, count, scratch)
				if e := relative(back, want); !(e < 4*limit(n)) {
					t.Fatalf("n=%d %s: the way back is off by %.1e", n, kind, e)
				}
			}
		}
		if shorter < 10 {
			t.Errorf("only %d windows lost their zeros", shorter)
		}
	})
}

func magnitude(block []float32, k, l int) float64 {
	return math.Hypot(float64(block[16*k+l]), float64(block[16*k+8+l]))
}

// relative is the distance of two vectors over the size of the second.
func relative(a, b []float32) float64 {
	d := make([]float32, len(a))
	for i := range a {
		d[i] = a[i] - b[i]
	}
	if s := norm(b); s > 0 {
		return norm(d) / s
	}
	return norm(d)
}

// AVX-512 brings registers and changes no bit.
func TestSameBitsWithMoreRegisters(t *testing.T) {
	bits := map[int][]float32{}
	impltest.Each(t, pkg, func(t *testing.T) {
		if t.Name() == "TestSameBitsWithMoreRegisters/generic" {
			return
		}
		for _, n := range lengths() {
			r := rand.New(rand.NewPCG(9, uint64(n)))
			p := NewReal(n)
			w := p.NewShifted(windows(r, n)["short"])
			x := random32(r, w.Reach(2, 7))
			z, scratch := make([]float32, p.PackedLen()), make([]float32, p.ScratchLen())
			w.Forward(z, x, 2, 7, scratch)
			w.AddInverse(x, z, 2, 7, scratch)
			for i, v := range bits[n] {
				if x[i] != v {
					t.Fatalf("n=%d: sample %d is %g here and %g elsewhere", n, i, x[i], v)
				}
			}
			bits[n] = x
		}
	})
}

// ns/transform is the time of one frame there and back.
func BenchmarkWindowed(b *testing.B) {
	impltest.Bench(b, pkg, func(b *testing.B) {
		for _, c := range []struct{ n, hop, window int }{{512, 50, 240}, {512, 128, 512}, {1024, 120, 600}, {1024, 256, 1024}, {2048, 240, 1200}, {2048, 512, 2048}} {
			p := NewReal(c.n)
			window := make([]float32, c.n)
			for i := range c.window {
				window[(c.n-c.window)/2+i] = 1
			}
			w := p.NewShifted(window)
			x := make([]float32, w.Reach(c.hop, 8))
			z, scratch := make([]float32, p.PackedLen()), make([]float32, p.ScratchLen())
			for name, f := range map[string]func(){
				"forward": func() { w.Forward(z, x, c.hop, 8, scratch) },
				"back":    func() { w.AddInverse(x, z, c.hop, 8, scratch) },
			} {
				b.Run(fmt.Sprintf("%s/n=%d,window=%d", name, c.n, c.window), func(b *testing.B) {
					for b.Loop() {
						f()
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/8, "ns/transform")
				})
			}
		}
	})
}
