package capture

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"testing"

	"partials/internal/rng"
)

// manyEnv names how many random pairs TestManyPairs makes; a few without it.
const manyEnv = "PARTIALS_MANY"

// randomDevice is a chain as gear may be: gain, filters, distortion of several
// kinds, a compressor, noise, polarity, latency.
func randomDevice(r *rng.Source) (chain []device, late0 float64, words string) {
	add := func(name string, d device) { chain, words = append(chain, d), words+name+" " }
	stages := 1 + r.IntN(3)
	for range stages {
		if r.Float64() < 0.4 {
			hz := r.Uniform(20, 800)
			add(fmt.Sprintf("highpass %.0f", hz), highpass(hz))
		}
		switch r.IntN(6) {
		case 0:
			g := math.Pow(10, r.Uniform(0, 2.5))
			add(fmt.Sprintf("tanh %.1f", g), drive(g))
		case 1:
			g := math.Pow(10, r.Uniform(0, 2))
			add(fmt.Sprintf("asymmetric %.1f", g), asymmetric(g))
		case 2:
			add("clip", clipAt(math.Pow(10, r.Uniform(-1.5, -0.3))))
		case 3:
			add("compressor", compressor)
		case 4:
			add("square root", memoryless(func(v float64) float64 { return math.Copysign(math.Sqrt(math.Abs(v)), v) }))
		}
		if r.Float64() < 0.5 {
			hz := r.Uniform(1500, 12000)
			add(fmt.Sprintf("lowpass %.0f", hz), lowpass(hz))
		}
	}
	if r.Float64() < 0.4 {
		add("cabinet", cabinet)
	}
	if r.Float64() < 0.5 {
		add("invert", invert)
	}
	if r.Float64() < 0.7 {
		late0 = math.Round(r.Uniform(0, 6000)*10) / 10
		add(fmt.Sprintf("late %.1f", late0), late(late0))
	}
	level := r.Uniform(-30, -3)
	add(fmt.Sprintf("peak %.0f dB", level), func(x []float64, _ float64) []float64 {
		top := 0.0
		for _, v := range x {
			top = max(top, math.Abs(v))
		}
		return gain(level-20*math.Log10(top))(x, 0)
	})
	if r.Float64() < 0.5 {
		db := level - r.Uniform(55, 90)
		add(fmt.Sprintf("noise %.0f dB", db), noisy(db, r.Uint64()))
	}
	return chain, late0, words
}

// TestManyPairs makes pairs of random gear: none may be accused, and faults made
// in them must be found.
func TestManyPairs(t *testing.T) {
	count := 4
	if n, err := strconv.Atoi(os.Getenv(manyEnv)); err == nil {
		count = n
	}
	in, _ := guitar(t)
	sig := signal(t, 16000, 24)
	accused, lateness, wrong := 0, 0, 0
	missed := map[string]int{}
	tried := map[string]int{}
	for i := range count {
		r := rng.New(11, "test/many", i)
		x := in
		if i%3 == 2 {
			x = sig
		}
		chain, at, words := randomDevice(&r)
		y := x.through("out.wav", chain...)
		rep := check(t, x, y, Options{})
		clean := true
		for _, f := range rep.Findings {
			if f.Severity == Error || !harmless[f.Check] {
				t.Errorf("pair %d (%s) accused of %s: %s", i, words, f.Check, f.Text)
				clean = false
			}
		}
		if !clean {
			accused++
		}
		if d := float64(rep.Latency.Samples) - at; d > 2 || d < -40 {
			t.Errorf("pair %d (%s): late by %.1f, found %d", i, words, at, rep.Latency.Samples)
			lateness++
		}
		// One fault in it.
		fault, expect := randomFault(&r, y)
		tried[expect]++
		got := check(t, x, fault, Options{})
		if found(got, expect) == nil {
			missed[expect]++
			t.Errorf("pair %d (%s): %s was not found, but %v", i, words, expect, got.Findings)
		}
		for _, f := range got.Findings {
			if f.Severity == Error && f.Check != expect {
				wrong++
				t.Errorf("pair %d (%s): a fault of %s is taken for %s: %s", i, words, expect, f.Check, f.Text)
			}
		}
	}
	t.Logf("%d pairs: %d accused, %d with a wrong latency; faults tried %v, missed %v, mistaken %d", count, accused, lateness, tried, missed, wrong)
}

// randomFault spoils a recording and says which check must find it.
func randomFault(r *rng.Source, y Sound) (Sound, string) {
	n := len(y.Channels[0])
	at := n/4 + r.IntN(n/2)
	switch r.IntN(6) {
	case 0:
		return y.edit(func(x []float32) []float32 {
			g := float32(2 / peakOf(x))
			for t, v := range x {
				x[t] = min(max(g*v, -1), 1)
			}
			return x
		}), "clipping"
	case 1:
		lost := 24 + r.IntN(1000)
		return y.edit(func(x []float32) []float32 { return append(x[:at:at], x[at+lost:]...) }), "jumps"
	case 2:
		return y.edit(func(x []float32) []float32 { return x[:n*3/4] }), "length"
	case 3:
		return y.edit(func(x []float32) []float32 {
			for a, b := 0, len(x)-1; a < b; a, b = a+1, b-1 {
				x[a], x[b] = x[b], x[a]
			}
			return x
		}), "pair"
	case 4:
		ppm := 20 + r.Uniform(0, 150)
		return y.through("drift.wav", drift(ppm)), "drift"
	default:
		gone := int(0.02 * float64(y.Rate))
		// Where it sounds, both in the output and, as far as it is late, in the input.
		for rms(y.Channels[0][at:at+gone]) < peakOf(y.Channels[0])/8 {
			if at += gone; at+gone > n*9/10 {
				at = n / 10
			}
		}
		return y.edit(func(x []float32) []float32 { clear(x[at : at+gone]); return x }), "dropouts"
	}
}
