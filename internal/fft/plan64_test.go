package fft

import (
	"math"
	"math/rand/v2"
	"sync"
	"testing"
)

// lengths are those at which every transform is tested: all small ones, primes
// and products of primes over 7 (Bluestein), and the usual n_fft.
func lengths() []int {
	var ns []int
	for n := 1; n <= 130; n++ {
		ns = append(ns, n)
	}
	return append(ns, 211, 400, 441, 480, 512, 600, 882, 1000, 1009, 1024, 1200, 2018, 2048, 4096)
}

func randomComplex(r *rand.Rand, n int) []complex128 {
	x := make([]complex128, n)
	for i := range x {
		x[i] = complex(r.NormFloat64(), r.NormFloat64())
	}
	return x
}

func random64(r *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

// distance returns |a-b|/|b|, the relative error in the Euclidean norm.
func distance(a, b []complex128) float64 {
	var e, s float64
	for i, v := range b {
		d := a[i] - v
		e += real(d)*real(d) + imag(d)*imag(d)
		s += real(v)*real(v) + imag(v)*imag(v)
	}
	return math.Sqrt(e / s)
}

// sum is the definition of the transform.
func sum(x []complex128, sign int) []complex128 {
	n := len(x)
	w := make([]complex128, n)
	for k := range w {
		s, c := math.Sincos(2 * math.Pi * float64(sign*k) / float64(n))
		w[k] = complex(c, s)
	}
	y := make([]complex128, n)
	for k := range y {
		for t, v := range x {
			y[k] += v * w[k*t%n]
		}
	}
	return y
}

func TestPlanEqualsDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range lengths() {
		p := NewPlan(n)
		x := randomComplex(r, n)
		y := make([]complex128, n)
		p.Forward(y, x)
		if e := distance(y, sum(x, -1)); !(e < 1e-14*math.Sqrt(float64(n))) {
			t.Errorf("n=%d: forward differs from the definition by %.1e", n, e)
		}
		p.Inverse(y, x)
		if e := distance(y, sum(x, 1)); !(e < 1e-14*math.Sqrt(float64(n))) {
			t.Errorf("n=%d: inverse differs from the definition by %.1e", n, e)
		}
	}
}

// An impulse has a spectrum known without summing, at any length.
func TestPlanImpulse(t *testing.T) {
	for _, n := range append(lengths(), 16384, 19683, 19997, 20000, 65537) {
		p := NewPlan(n)
		at := n * 2 / 3
		x, y, want := make([]complex128, n), make([]complex128, n), make([]complex128, n)
		x[at] = 1
		for k := range want {
			s, c := math.Sincos(-2 * math.Pi * float64(k*at%n) / float64(n))
			want[k] = complex(c, s)
		}
		p.Forward(y, x)
		if e := distance(y, want); !(e < 2e-15) {
			t.Errorf("n=%d: spectrum of an impulse is off by %.1e", n, e)
		}
		p.Inverse(x, want)
		x[at] -= complex(float64(n), 0)
		worst := 0.0
		for _, v := range x {
			worst = max(worst, math.Hypot(real(v), imag(v)))
		}
		if !(worst < 1e-14*float64(n)) {
			t.Errorf("n=%d: inverse of an impulse's spectrum leaves %.1e of %d", n, worst, n)
		}
	}
}

func TestPlanReal(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for _, n := range lengths() {
		p := NewPlan(n)
		x := random64(r, n)
		full := make([]complex128, n)
		for i, v := range x {
			full[i] = complex(v, 0)
		}
		want := make([]complex128, n)
		p.Forward(want, full)
		re, im := make([]float64, p.Bins()), make([]float64, p.Bins())
		p.RFFT(re, im, x)
		got := make([]complex128, p.Bins())
		for k := range got {
			got[k] = complex(re[k], im[k])
		}
		if e := distance(got, want[:p.Bins()]); !(e < 2e-15) {
			t.Errorf("n=%d: RFFT differs from the complex transform by %.1e", n, e)
		}
		if im[0] != 0 || n%2 == 0 && im[n/2] != 0 {
			t.Errorf("n=%d: bins 0 and n/2 must be real, have %g and %g", n, im[0], im[n/2])
		}
		// These imaginary parts must be ignored.
		im[0] = 7
		if n%2 == 0 {
			im[n/2] = -5
		}
		back := make([]float64, n)
		p.IRFFT(back, re, im)
		var e, s float64
		for i, v := range x {
			d := back[i]/float64(n) - v
			e, s = e+d*d, s+v*v
		}
		if e = math.Sqrt(e / s); !(e < 2e-15) {
			t.Errorf("n=%d: IRFFT of RFFT is off by %.1e", n, e)
		}
	}
}

func TestPlanConcurrent(t *testing.T) {
	for _, n := range []int{97, 480, 509, 1021} {
		x := randomComplex(rand.New(rand.NewPCG(3, 1)), n)
		want := make([]complex128, n)
		newPlan(n).Forward(want, x)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				y := make([]complex128, n)
				for range 20 {
					NewPlan(n).Forward(y, x)
					for k := range y {
						if y[k] != want[k] {
							t.Errorf("n=%d: bin %d differs between goroutines", n, k)
							return
						}
					}
				}
			})
		}
		wg.Wait()
	}
}

func BenchmarkPlanRFFT(b *testing.B) {
	for _, n := range []int{512, 2048, 4096} {
		p := NewPlan(n)
		x := random64(rand.New(rand.NewPCG(4, 1)), n)
		re, im := make([]float64, p.Bins()), make([]float64, p.Bins())
		b.Run(sizeName(n), func(b *testing.B) {
			for b.Loop() {
				p.RFFT(re, im, x)
			}
		})
	}
}
