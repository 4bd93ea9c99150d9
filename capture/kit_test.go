package capture

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"partials/audio"
	"partials/datasets/embedded"
	"partials/internal/rng"
)

// guitar is 4 s of electric guitar, 44.1 kHz, and the same through an amplifier.
func guitar(t testing.TB) (in, out Sound) {
	t.Helper()
	return soundOf(t, "amp/input.wav"), soundOf(t, "amp/output.wav")
}

func soundOf(t testing.TB, name string) Sound {
	t.Helper()
	b, err := embedded.FS.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := audio.NewReader(name, bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	a, err := audio.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return Sound{Name: name, Audio: *a}
}

// signal is a test signal of our own.
func signal(t testing.TB, rate int, seconds float64) Sound {
	t.Helper()
	x, err := TestSignal{Rate: rate, Seconds: seconds, Seed: 1, Peak: -1}.Samples()
	if err != nil {
		t.Fatal(err)
	}
	return sound("reamp.wav", rate, x)
}

func sound(name string, rate int, channels ...[]float32) Sound {
	return Sound{Name: name, Audio: audio.Audio{Rate: rate, Channels: channels}}
}

// through plays x through a device and returns the recording.
func (s Sound) through(name string, devices ...device) Sound {
	x := make([]float64, len(s.Channels[0]))
	for i, v := range s.Channels[0] {
		x[i] = float64(v)
	}
	for _, d := range devices {
		x = d(x, float64(s.Rate))
	}
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return sound(name, s.Rate, y)
}

// device makes an output of an input at a rate.
type device func(x []float64, rate float64) []float64

// memoryless applies f to every sample.
func memoryless(f func(float64) float64) device {
	return func(x []float64, _ float64) []float64 {
		y := make([]float64, len(x))
		for i, v := range x {
			y[i] = f(v)
		}
		return y
	}
}

func gain(db float64) device {
	g := math.Pow(10, db/20)
	return memoryless(func(v float64) float64 { return g * v })
}

func drive(amount float64) device {
	return memoryless(func(v float64) float64 { return 0.5 * math.Tanh(amount*v) })
}

var invert = memoryless(func(v float64) float64 { return -v })

func asymmetric(amount float64) device {
	return memoryless(func(v float64) float64 { return 0.3 * (math.Tanh(amount*v+0.4) - math.Tanh(0.4)) })
}

func clipAt(level float64) device {
	return memoryless(func(v float64) float64 { return min(max(v, -level), level) })
}

// late delays by any number of samples (windowed sinc).
func late(samples float64) device {
	return func(x []float64, _ float64) []float64 {
		return warp(x, func(t float64) float64 { return t - samples }, len(x))
	}
}

// warp reads x at a place for each output sample.
func warp(x []float64, place func(t float64) float64, n int) []float64 {
	const half = 24
	y := make([]float64, n)
	for t := range y {
		at := place(float64(t))
		whole := math.Floor(at)
		if at == whole {
			if i := int(whole); i >= 0 && i < len(x) {
				y[t] = x[i]
			}
			continue
		}
		for k := int(whole) - half + 1; k <= int(whole)+half; k++ {
			if k < 0 || k >= len(x) {
				continue
			}
			d := at - float64(k)
			w := 0.5 + 0.5*math.Cos(math.Pi*d/half)
			y[t] += x[k] * w * math.Sin(math.Pi*d) / (math.Pi * d)
		}
	}
	return y
}

func drift(ppm float64) device {
	return func(x []float64, _ float64) []float64 {
		return warp(x, func(t float64) float64 { return t * (1 - ppm*1e-6) }, len(x))
	}
}

// lowpass and highpass have one pole each.
func lowpass(hz float64) device {
	return func(x []float64, rate float64) []float64 {
		a := 1 - math.Exp(-2*math.Pi*hz/rate)
		y, s := make([]float64, len(x)), 0.0
		for i, v := range x {
			s += a * (v - s)
			y[i] = s
		}
		return y
	}
}

func highpass(hz float64) device {
	return func(x []float64, rate float64) []float64 {
		low := lowpass(hz)(x, rate)
		y := make([]float64, len(x))
		for i, v := range x {
			y[i] = v - low[i]
		}
		return y
	}
}

// cabinet is some resonances and a steep roll-off.
func cabinet(x []float64, rate float64) []float64 {
	y := highpass(80)(x, rate)
	for range 3 {
		y = lowpass(4500)(y, rate)
	}
	for _, peak := range []struct{ hz, q, gain float64 }{{110, 3, 1.2}, {2400, 2, 1.5}} {
		w := 2 * math.Pi * peak.hz / rate
		alpha := math.Sin(w) / (2 * peak.q)
		var x1, x2, y1, y2 float64
		for i, v := range y {
			o := (alpha*v - alpha*x2 + 2*math.Cos(w)*y1 - (1-alpha)*y2) / (1 + alpha)
			x2, x1, y2, y1 = x1, v, y1, o
			y[i] = v + peak.gain*o
		}
	}
	return y
}

// compressor brings loud and soft together, slowly.
func compressor(x []float64, rate float64) []float64 {
	y, level := make([]float64, len(x)), 1e-3
	up, down := 1-math.Exp(-1/(0.005*rate)), 1-math.Exp(-1/(0.15*rate))
	for i, v := range x {
		a := math.Abs(v)
		if a > level {
			level += up * (a - level)
		} else {
			level += down * (a - level)
		}
		y[i] = v * 0.2 / math.Sqrt(level+1e-4)
	}
	return y
}

// noisy adds white noise at a level in dBFS.
func noisy(db float64, seed uint64) device {
	g := math.Pow(10, db/20)
	return func(x []float64, _ float64) []float64 {
		r := rng.New(seed, "test/noise")
		y := make([]float64, len(x))
		for i, v := range x {
			y[i] = v + g*r.Normal()
		}
		return y
	}
}

// found returns the finding of a check, or nil; errors come first.
func found(r *Report, check string) *Finding {
	i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Check == check })
	if i < 0 {
		return nil
	}
	return &r.Findings[i]
}

// want asks for one finding of a check, and that no other is an error.
func want(t *testing.T, r *Report, check string, s Severity, words ...string) {
	t.Helper()
	f := found(r, check)
	if f == nil {
		t.Errorf("%s was not found, but %v", check, r.Findings)
		return
	}
	if f.Severity != s {
		t.Errorf("%s is a %s, want %s: %s", check, f.Severity, s, f.Text)
	}
	for _, w := range words {
		if !strings.Contains(f.Text, w) {
			t.Errorf("%s does not say %q: %s", check, w, f.Text)
		}
	}
	for _, other := range r.Findings {
		if other.Check != check && other.Severity == Error {
			t.Errorf("besides %s: %s: %s", check, other.Check, other.Text)
		}
	}
}

func check(t *testing.T, in, out Sound, o Options) *Report {
	t.Helper()
	r, err := Check(in, out, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
