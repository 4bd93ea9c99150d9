package fft

import (
	"math/rand/v2"
	"slices"
	"testing"

	"partials/internal/impl/impltest"
)

// Planes hold what a block of spectra does.
func TestPlanes(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		r := rand.New(rand.NewPCG(10, 2))
		for _, n := range lengths() {
			p := NewReal(n)
			count := 1 + n%8
			x := random32(r, 8*n)
			z, scratch := make([]float32, p.PackedLen()), make([]float32, p.ScratchLen())
			p.NewWindowed(nil).Forward(z, x, n, count, scratch)
			block := unpacked(p, z, 1000) // times 2, but for inner bins

			planes, intact := fenced(2 * count * p.Bins())
			re, im := planes[:count*p.Bins()], planes[count*p.Bins():]
			p.StorePlanes(re, im, z, count, 2, 0.5)
			want := make([]float32, len(planes))
			StoreSpectrum(want[:len(re)], want[len(re):], block, count)
			if !slices.Equal(planes, want) || !intact() {
				t.Fatalf("n=%d: StorePlanes is not StoreSpectrum", n)
			}
			p.AddPlanes(re, im, z, count, 2, 0.5)
			for i, v := range want {
				if planes[i] != 2*v || !intact() {
					t.Fatalf("n=%d: AddPlanes adds %g to %g", n, planes[i]-v, v)
				}
			}

			// Back: the inverse is n times the signal.
			p.LoadPlanes(z, want[:len(re)], want[len(re):], count, 0.5, 2)
			back, backIntact := fenced(len(x))
			p.NewWindowed(nil).StoreInverse(back, z, n, count, scratch)
			for i := range count * n {
				back[i] /= float32(n)
			}
			if e := relative(back[:count*n], x[:count*n]); !(e < 3*limit(n)) || !backIntact() {
				t.Fatalf("n=%d: there and back is off by %.1e", n, e)
			}
		}
	})
}
