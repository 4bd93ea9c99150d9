package vec

import (
	"math"
	"slices"
	"testing"

	"partials/internal/impl"
	"partials/internal/impl/impltest"
	"partials/internal/rng"
)

var lengths = []int{0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 39, 40, 41, 47, 48, 49, 63, 64, 65, 127, 1009}

// special are values that a kernel must not trip over.
var special = []float32{0, float32(math.Copysign(0, -1)), 1, -1, inf, -inf, nan, 0x1p-149, -0x1p-149, 0x1p-126, math.MaxFloat32, -math.MaxFloat32, 100, -100}

const guard = -12345

// guarded is a slice of n random floats between guards, with a few special values.
func guarded(s *rng.Source, n int, specials bool) (x []float32, intact func() bool) {
	const pad = 16
	all := make([]float32, n+2*pad)
	for i := range all {
		if all[i] = guard; i >= pad && i < pad+n {
			all[i] = float32(s.Uniform(-3, 3))
			if specials && s.IntN(4) == 0 {
				all[i] = special[s.IntN(len(special))]
			}
		}
	}
	return all[pad : pad+n : pad+n], func() bool {
		for i, v := range all {
			if (i < pad || i >= pad+n) && v != guard {
				return false
			}
		}
		return true
	}
}

// same compares bits, and any NaN with any other.
func same(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

// kernels are the elementwise functions: each with the loop of its doc comment,
// or, for those with a stated error, the scalar that all implementations share.
var kernels = []struct {
	name string
	run  func(dst, a, b []float32)
	loop func(d, a, b float32) float32
}{
	{"Add", Add, func(d, a, b float32) float32 { return a + b }},
	{"Sub", Sub, func(d, a, b float32) float32 { return a - b }},
	{"Mul", Mul, func(d, a, b float32) float32 { return a * b }},
	{"Scale", func(d, a, b []float32) { Scale(d, 1.7, a) }, func(d, a, b float32) float32 { return 1.7 * a }},
	{"AddScaled", func(d, a, b []float32) { AddScaled(d, -0.3, a) }, func(d, a, b float32) float32 { return d + float32(-0.3*a) }},
	{"MulAdd", MulAdd, func(d, a, b float32) float32 { return d + float32(a*b) }},
	{"Sqrt", func(d, a, b []float32) { Sqrt(d, a) }, func(d, a, b float32) float32 { return float32(math.Sqrt(float64(a))) }},
	{"Fill", func(d, a, b []float32) { Fill(d, 2.5) }, func(d, a, b float32) float32 { return 2.5 }},
	{"Stream", func(dst, a, b []float32) { Stream(dst, a) }, func(d, a, b float32) float32 { return a }},
	{"LeakyReLU", func(d, a, b []float32) { LeakyReLU(d, a, 0.01) }, func(d, a, b float32) float32 {
		if a > 0 {
			return a
		}
		return 0.01 * a
	}},
	{"LeakyReLUGrad", func(d, a, b []float32) { LeakyReLUGrad(d, a, b, 0.01) }, func(d, a, b float32) float32 {
		if a > 0 {
			return d + b
		}
		return d + float32(0.01*b)
	}},
	{"TanhGrad", TanhGrad, func(d, a, b float32) float32 { return d + float32(b*(1-float32(a*a))) }},
	{"SigmoidGrad", SigmoidGrad, func(d, a, b float32) float32 { return d + float32(float32(b*a)*(1-a)) }},
	{"Exp", func(d, a, b []float32) { Exp(d, a) }, func(d, a, b float32) float32 { return exp(a) }},
	{"Log", func(d, a, b []float32) { Log(d, a) }, func(d, a, b float32) float32 { return log(a) }},
	{"Tanh", func(d, a, b []float32) { Tanh(d, a) }, func(d, a, b float32) float32 { return tanh(a) }},
	{"Sigmoid", func(d, a, b []float32) { Sigmoid(d, a) }, func(d, a, b float32) float32 { return sigmoid(a) }},
}

func TestElementwise(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		for _, k := range kernels {
			r := rng.New(1, k.name)
			for _, n := range lengths {
				d, dOK := guarded(&r, n, true)
				a, aOK := guarded(&r, n, true)
				b, bOK := guarded(&r, n, true)
				want := make([]float32, n)
				for i := range want {
					want[i] = k.loop(d[i], a[i], b[i])
				}
				a0, b0 := slices.Clone(a), slices.Clone(b)
				k.run(d, a, b)
				for i := range d {
					if !same(d[i], want[i]) {
						t.Fatalf("%s of %d, element %d (a %g, b %g): %g, want %g", k.name, n, i, a[i], b[i], d[i], want[i])
					}
				}
				if !dOK() || !aOK() || !bOK() || !slices.EqualFunc(a, a0, same) || !slices.EqualFunc(b, b0, same) {
					t.Fatalf("%s of %d wrote beside dst", k.name, n)
				}
			}
		}
	})
}

func TestInPlace(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		for _, k := range kernels {
			r := rng.New(2, k.name)
			x, ok := guarded(&r, 77, false)
			want := make([]float32, len(x))
			for i, v := range x {
				want[i] = k.loop(v, v, v)
			}
			k.run(x, x, x)
			if !slices.EqualFunc(x, want, same) || !ok() {
				t.Errorf("%s in place is wrong", k.name)
			}
		}
	})
}

// TestLongSlices goes past the length of one assembly call.
func TestLongSlices(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		const n = 40011
		r := rng.New(3, "long")
		a, _ := guarded(&r, n, false)
		b, _ := guarded(&r, n, false)
		d := make([]float32, n)
		Add(d, a, b)
		for i := range d {
			if d[i] != a[i]+b[i] {
				t.Fatalf("Add: element %d of %d: %g, want %g", i, n, d[i], a[i]+b[i])
			}
		}
		checkReductions(t, a, b)
		a[n-9] = 1e9
		if MaxAbs(a) != 1e9 {
			t.Errorf("MaxAbs(%d) missed element %d", n, n-9)
		}
	})
}

// everyFloat calls f with blocks that sweep the bit patterns of float32 evenly, infinities,
// NaN and denormals included.
func everyFloat(f func(x []float32)) {
	const stride, n = 4099, 1 << 20
	x := make([]float32, 4096+3)
	for from := 0; from < n; from += len(x) {
		for i := range x {
			x[i] = math.Float32frombits(uint32((from + i) * stride))
		}
		f(x)
	}
}

// ulps is the distance of got from want in units of the last place of want as a float32.
func ulps(got float32, want float64) float64 {
	w := float32(want)
	switch {
	case w != w || got != got:
		if w != w && got != got {
			return 0
		}
		return math.Inf(1)
	case w == got: // infinities and zeros among them
		return 0
	case math.IsInf(float64(w), 0):
		return math.Inf(1)
	}
	_, e := math.Frexp(want)
	return math.Abs(float64(got)-want) / math.Ldexp(1, max(e-24, -149))
}

func worst(f func(dst, x []float32), want func(float64) float64, err func(got float32, want float64) float64) (float64, float32) {
	var most float64
	var at float32
	var y []float32
	everyFloat(func(x []float32) {
		y = slices.Grow(y[:0], len(x))[:len(x)]
		f(y, x)
		for i, v := range x {
			if e := err(y[i], want(float64(v))); e > most {
				most, at = e, v
			}
		}
	})
	return most, at
}

func TestExpLogError(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		if e, at := worst(Exp, math.Exp, ulps); e > 2 {
			t.Errorf("Exp(%g) is off by %.2f ulp, more than 2", at, e)
		} else {
			t.Logf("Exp: %.2f ulp at %g", e, at)
		}
		if e, at := worst(Log, math.Log, ulps); e > 2 {
			t.Errorf("Log(%g) is off by %.2f ulp, more than 2", at, e)
		} else {
			t.Logf("Log: %.2f ulp at %g", e, at)
		}
		// The ranges that are used: near 0 for exp, near 1 for log.
		x, y := make([]float32, 200001), make([]float32, 200001)
		for i := range x {
			x[i] = float32(i-100000) * 1e-4
		}
		Exp(y, x)
		for i := range x {
			if e := ulps(y[i], math.Exp(float64(x[i]))); e > 2 {
				t.Fatalf("Exp(%g) is off by %.2f ulp", x[i], e)
			}
			x[i] = 1 + x[i]/10.1
		}
		Log(y, x)
		for i := range x {
			if e := ulps(y[i], math.Log(float64(x[i]))); e > 2 {
				t.Fatalf("Log(%g) is off by %.2f ulp", x[i], e)
			}
		}
	})
}

func TestTanhSigmoidError(t *testing.T) {
	// The larger of the absolute and the relative error; below the normal numbers, where a
	// relative error means nothing, one step of the denormals counts as the allowed error.
	const limit = 3e-7
	err := func(got float32, want float64) float64 {
		d := math.Abs(float64(got) - want)
		switch {
		case want != want && got != got:
			return 0
		case want == 0 || math.Abs(want) < leastNormal:
			return d / 0x1p-149 * limit
		}
		return max(d, d/math.Abs(want))
	}
	sig := func(x float64) float64 {
		if x < 0 {
			return math.Exp(x) / (1 + math.Exp(x)) // 1/(1+exp(-x)) loses nothing here, but overflows
		}
		return 1 / (1 + math.Exp(-x))
	}
	impltest.Each(t, pkg, func(t *testing.T) {
		for _, f := range []struct {
			name string
			run  func(dst, x []float32)
			want func(float64) float64
		}{{"Tanh", Tanh, math.Tanh}, {"Sigmoid", Sigmoid, sig}} {
			e, at := worst(f.run, f.want, err)
			x, y := make([]float32, 200001), make([]float32, 200001)
			for i := range x {
				x[i] = float32(i-100000) * 1e-4
			}
			f.run(y, x)
			for i := range x {
				if d := err(y[i], f.want(float64(x[i]))); !(d <= e) {
					e, at = d, x[i]
				}
			}
			if !(e <= limit) {
				t.Errorf("%s(%g) is off by %.3g, more than %g", f.name, at, e, limit)
			}
			t.Logf("%s: error %.3g at %g", f.name, e, at)
		}
	})
}

// TestImplementationsGiveTheSameBits sweeps all float32 through the polynomials.
func TestImplementationsGiveTheSameBits(t *testing.T) {
	for name, run := range map[string]struct {
		vector func(dst, x []float32)
		scalar func(float32) float32
	}{"Exp": {Exp, exp}, "Log": {Log, log}, "Tanh": {Tanh, tanh}, "Sigmoid": {Sigmoid, sigmoid}} {
		var y []float32
		everyFloat(func(x []float32) {
			y = slices.Grow(y[:0], len(x))[:len(x)]
			run.vector(y, x)
			for i, v := range x {
				if w := run.scalar(v); !same(y[i], w) {
					t.Fatalf("%s(%g): %s kernels give %g, the generic one %g", name, v, impl.Active(pkg), y[i], w)
				}
			}
		})
	}
}

// checkReductions compares with the documented lane structure, bit for bit, and
// with a plain sum.
func checkReductions(t *testing.T, a, b []float32) {
	t.Helper()
	n := len(a)
	var sum, dot [16]float64
	var plain, size float64
	for i := range a {
		sum[i%16] += float64(a[i])
		dot[i%16] += float64(a[i]) * float64(b[i])
		plain += float64(a[i]) * float64(b[i])
		size += math.Abs(float64(a[i]) * float64(b[i]))
	}
	for w := 8; w > 0; w /= 2 {
		for j := range w {
			sum[j] += sum[j+w]
			dot[j] += dot[j+w]
		}
	}
	if got := Sum(a); got != sum[0] {
		t.Errorf("Sum of %d: %v, want %v", n, got, sum[0])
	}
	if got := Dot(a, b); got != dot[0] || math.Abs(got-plain) > size*float64(n)*0x1p-53 {
		t.Errorf("Dot of %d: %v, want %v", n, got, dot[0])
	}
	if got := SumSquares(a); got != Dot(a, slices.Clone(a)) {
		t.Errorf("SumSquares of %d: %v", n, got)
	}
	var top float32
	for _, v := range a {
		top = max(top, abs(v))
	}
	if got := MaxAbs(a); !same(got, top) {
		t.Errorf("MaxAbs of %d: %g, want %g", n, got, top)
	}
	if finite := top <= math.MaxFloat32; AllFinite(a) != finite {
		t.Errorf("AllFinite of %d is %v", n, !finite)
	}
}

func TestReductions(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		for _, n := range lengths {
			r := rng.New(4, "reduce", n)
			a, aOK := guarded(&r, n, false)
			b, bOK := guarded(&r, n, false)
			checkReductions(t, a, b)
			if !aOK() || !bOK() {
				t.Fatalf("a reduction of %d wrote", n)
			}
			// A bad value at any place is found.
			for _, bad := range []float32{inf, -inf, nan} {
				for i := range n {
					was := a[i]
					a[i] = bad
					if AllFinite(a) || !same(MaxAbs(a), abs(bad)) || Sum(a)-Sum(a) == 0 || SumSquares(a)-SumSquares(a) == 0 {
						t.Fatalf("%g at %d of %d goes unnoticed", bad, i, n)
					}
					a[i] = was
				}
			}
		}
	})
}

func TestNoAllocations(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		r := rng.New(5, "alloc")
		a, _ := guarded(&r, 100, false)
		b, _ := guarded(&r, 100, false)
		d := make([]float32, 100)
		var sink float64
		if n := testing.AllocsPerRun(5, func() {
			for _, k := range kernels {
				k.run(d, a, b)
			}
			sink += Sum(a) + Dot(a, b) + SumSquares(a) + float64(MaxAbs(a))
		}); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}

func TestLengthsMustAgree(t *testing.T) {
	x, y := make([]float32, 8), make([]float32, 9)
	for _, k := range kernels {
		if k.name == "Fill" {
			continue
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s of 8 and 9 did not panic", k.name)
				}
			}()
			k.run(x, y, y)
		}()
	}
	defer func() {
		if recover() == nil {
			t.Error("Dot of 8 and 9 did not panic")
		}
	}()
	Dot(x, y)
}

func BenchmarkVec(b *testing.B) {
	impltest.Bench(b, pkg, func(b *testing.B) {
		const n = 4096
		r := rng.New(6, "bench")
		x, _ := guarded(&r, n, false)
		y, _ := guarded(&r, n, false)
		d := make([]float32, n)
		report := func(name string, f func()) {
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					f()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/element")
			})
		}
		for _, k := range kernels {
			report(k.name, func() { clear(d); k.run(d, x, y) })
		}
		report("Sum", func() { Sum(x) })
		report("Dot", func() { Dot(x, y) })
		report("MaxAbs", func() { MaxAbs(x) })
	})
}
