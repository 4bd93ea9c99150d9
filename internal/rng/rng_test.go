package rng

import (
	"math"
	"testing"
)

// Known answers of Random123 1.14.0, tests/kat_vectors, philox4x32 10.
func TestPhiloxKnownAnswers(t *testing.T) {
	const f = 0xffffffff
	for _, v := range []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{[4]uint32{}, [2]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{f, f, f, f}, [2]uint32{f, f}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := philox(v.counter, v.key); got != v.want {
			t.Errorf("philox(%x, %x) = %x, want %x", v.counter, v.key, got, v.want)
		}
	}
}

// The streams are part of every recorded result: a change here changes runs.
func TestStreamsStayTheSame(t *testing.T) {
	s := New(42, "init", 3, 7)
	for i, want := range []uint64{0x67150f45a2e5d138, 0x52f6fb747ca2a786, 0x422535a53c2159fa} {
		if got := s.Uint64(); got != want {
			t.Errorf("draw %d = %#x, want %#x", i, got, want)
		}
	}
	p := NewPermutation(10, 42, "shuffle", 1)
	var got [10]int
	for i := range got {
		got[i] = p.At(i)
	}
	if want := ([10]int{8, 2, 4, 6, 0, 9, 7, 5, 3, 1}); got != want {
		t.Errorf("permutation %v, want %v", got, want)
	}
}

func TestKeysSeparateStreams(t *testing.T) {
	seen := map[uint64]string{}
	for name, s := range map[string]Source{
		"seed 1":         New(1, "a"),
		"seed 2":         New(2, "a"),
		"purpose b":      New(1, "b"),
		"purpose a, NUL": New(1, "a\x00"),
		"long purpose":   New(1, "a long purpose"),
		"longer purpose": New(1, "a long purpose!"),
		"no purpose":     New(1, ""),
		"key 0":          New(1, "a", 0),
		"key 1":          New(1, "a", 1),
		"key -1":         New(1, "a", -1),
		"keys 0 0":       New(1, "a", 0, 0),
		"keys 0 1":       New(1, "a", 0, 1),
		"keys 1 0":       New(1, "a", 1, 0),
	} {
		for range 64 {
			x := s.Uint64()
			if other, ok := seen[x]; ok {
				t.Errorf("%s and %s share a draw", name, other)
			}
			seen[x] = name
		}
	}
	a, b := New(9, "x", 1), New(9, "x", 1)
	for range 100 {
		if a.Uint64() != b.Uint64() {
			t.Fatal("one key gives two streams")
		}
	}
}

// moments checks the mean and variance of n draws within 5 standard errors.
// kurtosis is E[(x-mean)^4]/variance^2 of the distribution.
func moments(t *testing.T, what string, n int, draw func() float64, mean, variance, kurtosis float64) {
	t.Helper()
	var sum, sq float64
	for range n {
		x := draw()
		sum += x
		sq += (x - mean) * (x - mean)
	}
	if got, tol := sum/float64(n), 5*math.Sqrt(variance/float64(n)); math.Abs(got-mean) > tol {
		t.Errorf("%s: mean %g, want %g +- %g", what, got, mean, tol)
	}
	if got, tol := sq/float64(n), 5*variance*math.Sqrt((kurtosis-1)/float64(n)); math.Abs(got-variance) > tol {
		t.Errorf("%s: variance %g, want %g +- %g", what, got, variance, tol)
	}
}

func TestMoments(t *testing.T) {
	const n = 200000
	s := New(1, "moments")
	moments(t, "Float64", n, s.Float64, 0.5, 1./12, 1.8)
	moments(t, "Float32", n, func() float64 { return float64(s.Float32()) }, 0.5, 1./12, 1.8)
	moments(t, "Uniform(-3, 1)", n, func() float64 { return s.Uniform(-3, 1) }, -1, 16./12, 1.8)
	moments(t, "Normal", n, s.Normal, 0, 1, 3)
	// Streams of neighbouring keys must be as good as one stream.
	i := 0
	moments(t, "first draws of keys", n, func() float64 { i++; s := New(5, "item", i); return s.Float64() }, 0.5, 1./12, 1.8)
}

func TestNormalTail(t *testing.T) {
	s := New(2, "tail")
	const n = 200000
	beyond := 0
	for range n {
		if math.Abs(s.Normal()) > 2 {
			beyond++
		}
	}
	p := math.Erfc(math.Sqrt2) // P(|x| > 2)
	if tol := 5 * math.Sqrt(n*p*(1-p)); math.Abs(float64(beyond)-n*p) > tol {
		t.Errorf("%d of %d beyond 2 sigma, want %.0f +- %.0f", beyond, n, n*p, tol)
	}
}

func TestBounds(t *testing.T) {
	s := New(3, "bounds")
	for range 100000 {
		if x := s.Float64(); x < 0 || x >= 1 {
			t.Fatalf("Float64 gave %g", x)
		}
		if x := s.Float32(); x < 0 || x >= 1 {
			t.Fatalf("Float32 gave %g", x)
		}
		if x := s.Uniform(1, math.Nextafter(1, 2)); x != 1 {
			t.Fatalf("Uniform over one value gave %v", x)
		}
		if x := s.Uniform(-math.MaxFloat64, math.MaxFloat64); math.IsInf(x, 0) {
			t.Fatal("Uniform overflowed")
		}
	}
	if x := s.Uniform(2.5, 2.5); x != 2.5 {
		t.Errorf("Uniform(2.5, 2.5) = %g", x)
	}
}

// chiSquare is the statistic of counts that should be equal.
func chiSquare(counts []int) float64 {
	total := 0
	for _, c := range counts {
		total += c
	}
	want := float64(total) / float64(len(counts))
	var x float64
	for _, c := range counts {
		x += (float64(c) - want) * (float64(c) - want) / want
	}
	return x
}

// limit is mean + 5 sigma of the chi-square distribution with k-1 degrees of freedom.
func limit(k int) float64 { return float64(k-1) + 5*math.Sqrt(2*float64(k-1)) }

func TestIntN(t *testing.T) {
	s := New(4, "int")
	for _, n := range []int{1, 2, 3, 7, 10, 1009} {
		counts := make([]int, n)
		for range 100 * n {
			counts[s.IntN(n)]++
		}
		if x := chiSquare(counts); x > limit(n) {
			t.Errorf("IntN(%d): chi-square %.1f, limit %.1f", n, x, limit(n))
		}
	}
	// Of 2^64 draws, 3*2^61 integers get 3, 3 and 2 by turns: without rejection the
	// residues modulo 3 come up as 3:3:2.
	counts := make([]int, 3)
	for range 30000 {
		counts[s.IntN(3<<61)%3]++
	}
	if x := chiSquare(counts); x > limit(3) {
		t.Errorf("IntN(3<<61) modulo 3: %v, chi-square %.1f, limit %.1f", counts, x, limit(3))
	}
}

func TestPermOfFour(t *testing.T) {
	s := New(5, "perm")
	p := make([]int, 4)
	orders := map[[4]int]int{}
	for range 24 * 200 {
		s.Perm(p)
		orders[[4]int(p)]++
	}
	counts := make([]int, 0, 24)
	for _, c := range orders {
		counts = append(counts, c)
	}
	if len(counts) != 24 || chiSquare(counts) > limit(24) {
		t.Errorf("%d orders, chi-square %.1f, limit %.1f", len(counts), chiSquare(counts), limit(24))
	}
}

func TestPermutationIsOne(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 15, 16, 17, 255, 256, 257, 1009, 4096, 65537} {
		p := NewPermutation(n, 6, "order", n)
		seen := make([]bool, n)
		for i := range n {
			x := p.At(i)
			if seen[x] {
				t.Fatalf("n %d: item %d twice", n, x)
			}
			seen[x] = true
		}
		if p.Len() != n {
			t.Errorf("Len() = %d, want %d", p.Len(), n)
		}
	}
}

func TestPermutationIsShuffled(t *testing.T) {
	// Every item must be equally likely at every position, for small and larger n.
	for _, n := range []int{2, 5, 12, 40} {
		counts := make([]int, n*n)
		for epoch := range 400 * n {
			p := NewPermutation(n, 7, "epoch", epoch)
			for i := range n {
				counts[i*n+p.At(i)]++
			}
		}
		if x := chiSquare(counts); x > limit(n*n) {
			t.Errorf("n %d: chi-square of (position, item) %.1f, limit %.1f", n, x, limit(n*n))
		}
	}
	// Neighbours must be unrelated: successive differences of a big order have no trend.
	const n = 1 << 20
	p := NewPermutation(n, 8, "order")
	rising := 0
	for i := range 50000 {
		if p.At(i+1) > p.At(i) {
			rising++
		}
	}
	if math.Abs(float64(rising)-25000) > 5*math.Sqrt(50000./12) {
		t.Errorf("%d of 50000 steps rise", rising)
	}
}

func TestHugePermutation(t *testing.T) {
	p := NewPermutation(math.MaxInt, 9, "huge")
	a, b := p.At(0), p.At(math.MaxInt-1)
	if a == b || a < 0 || b < 0 {
		t.Errorf("At gives %d and %d", a, b)
	}
}

func TestNoAllocations(t *testing.T) {
	var x float64
	if n := testing.AllocsPerRun(100, func() {
		s := New(1, "alloc", 1, 2)
		p := NewPermutation(100, 1, "alloc", 3)
		x += s.Normal() + float64(p.At(4))
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestMistakesPanic(t *testing.T) {
	s := New(1, "mistakes")
	p := NewPermutation(3, 1, "mistakes")
	for name, f := range map[string]func(){
		"IntN(0)":             func() { s.IntN(0) },
		"Uniform(1, 0)":       func() { s.Uniform(1, 0) },
		"Uniform to infinity": func() { s.Uniform(0, math.Inf(1)) },
		"At(3) of 3":          func() { p.At(3) },
		"At(-1)":              func() { p.At(-1) },
		"-1 items":            func() { NewPermutation(-1, 1, "") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s did not panic", name)
				}
			}()
			f()
		}()
	}
}

func BenchmarkUint64(b *testing.B) {
	s := New(1, "bench")
	for b.Loop() {
		s.Uint64()
	}
}

func BenchmarkNormal(b *testing.B) {
	s := New(1, "bench")
	for b.Loop() {
		s.Normal()
	}
}
