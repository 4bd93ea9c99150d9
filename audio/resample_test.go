package audio

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func sine(n int, hz, rate float64) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(math.Sin(2 * math.Pi * hz * float64(i) / rate))
	}
	return x
}

// fitSine finds the amplitude and the phase (rad) of a sine in y by least squares, and the RMS of all else.
func fitSine(y []float32, first int, hz, rate float64) (amplitude, phase, rest float64) {
	var ss, cc, sc, ys, yc float64
	for i, v := range y {
		s, c := math.Sincos(2 * math.Pi * hz * float64(first+i) / rate)
		ss += s * s
		cc += c * c
		sc += s * c
		ys += s * float64(v)
		yc += c * float64(v)
	}
	det := ss*cc - sc*sc
	a, b := (ys*cc-yc*sc)/det, (yc*ss-ys*sc)/det
	for i, v := range y {
		s, c := math.Sincos(2 * math.Pi * hz * float64(first+i) / rate)
		d := float64(v) - a*s - b*c
		rest += d * d
	}
	return math.Hypot(a, b), math.Atan2(b, a), math.Sqrt(rest / float64(len(y)))
}

// ratios: common ones, small and large terms, up and down, and far.
var ratios = [][2]int{
	{44100, 16000}, {48000, 16000}, {48000, 44100}, {44100, 48000}, {16000, 48000}, {16000, 44100}, {22050, 16000}, {8000, 192000}, {192000, 8000},
	{44100, 44101}, {44101, 44100}, {44100, 16001}, {96000, 44101}, {11025, 47999}, {8000, 8001}, {1234, 48000}, {3, 2}, {2, 3}, {1, 7}, {7, 1},
}

// steady cuts the ends off, where the signal starts and stops: its sudden ends are not part of the test.
func steady(y []float32, from, to int) (part []float32, first int) {
	first = int(math.Ceil(2 * halfWidth * max(1, float64(to)/float64(from))))
	return y[first : len(y)-first], first
}

// testLength is enough input for some 400 steady outputs and the ends.
func testLength(from, to int) int {
	return int(math.Ceil(8*halfWidth*max(1, float64(from)/float64(to)))) + 800*from/max(from, to)
}

// TestResamplePassband: sines up to 0.9 of the lower Nyquist rate pass with their level (0.01 dB) and without delay, and
// nothing else comes out: images are 120 dB down.
func TestResamplePassband(t *testing.T) {
	for _, r := range ratios {
		from, to := r[0], r[1]
		nyquist := float64(min(from, to)) / 2
		for _, part := range []float64{0.011, 0.25, 0.5, 0.77, 0.9} {
			hz := part * nyquist
			y, err := Resample(sine(testLength(from, to), hz, float64(from)), from, to)
			if err != nil {
				t.Fatal(err)
			}
			y, first := steady(y, from, to)
			amplitude, phase, rest := fitSine(y, first, hz, float64(to))
			if db := DB(amplitude); math.Abs(db) > 0.01 {
				t.Errorf("%d->%d: gain at %.3f of Nyquist is %.4f dB", from, to, part, db)
			}
			if math.Abs(phase) > 1e-6 {
				t.Errorf("%d->%d: phase at %.3f of Nyquist is %g rad", from, to, part, phase)
			}
			if db := DB(rest * math.Sqrt2); db > -120 {
				t.Errorf("%d->%d: images of %.3f of Nyquist at %.1f dB", from, to, part, db)
			}
		}
	}
}

// TestResampleAliases: a sine above the new Nyquist rate leaves nothing above -120 dB, wherever it would fold to.
func TestResampleAliases(t *testing.T) {
	for _, r := range ratios {
		from, to := r[0], r[1]
		if from <= to {
			continue
		}
		low, high := float64(to)/2, float64(from)/2
		for _, part := range []float64{0, 1e-6, 0.05, 0.3, 0.5, 0.81, 0.999} {
			hz := low + part*(high-low)
			y, err := Resample(sine(testLength(from, to), hz, float64(from)), from, to)
			if err != nil {
				t.Fatal(err)
			}
			y, _ = steady(y, from, to)
			if l := Measure(y); l.PeakDB() > -120 {
				t.Errorf("%d->%d: %.2f Hz leaves %.1f dB", from, to, hz, l.PeakDB())
			}
		}
	}
}

// TestResampleImages: the band between 0.9 of Nyquist and Nyquist falls off, but its images are down as well.
func TestResampleImages(t *testing.T) {
	for _, r := range ratios {
		from, to := r[0], r[1]
		if from >= to {
			continue
		}
		for _, part := range []float64{0.93, 0.96, 0.99} {
			hz := part * float64(from) / 2
			y, err := Resample(sine(testLength(from, to), hz, float64(from)), from, to)
			if err != nil {
				t.Fatal(err)
			}
			y, first := steady(y, from, to)
			if _, _, rest := fitSine(y, first, hz, float64(to)); DB(rest*math.Sqrt2) > -120 {
				t.Errorf("%d->%d: images of %.2f of Nyquist at %.1f dB", from, to, part, DB(rest*math.Sqrt2))
			}
		}
	}
}

// TestResampleLength: n samples become ceil(n*to/from), zero delay: an impulse stays in its place and has its area.
func TestResampleLength(t *testing.T) {
	for _, r := range ratios {
		from, to := r[0], r[1]
		for _, n := range []int{0, 1, 2, 3, 7, 100, 997, 1009} {
			y, err := Resample(make([]float32, n), from, to)
			if err != nil {
				t.Fatal(err)
			}
			if want := (n*to + from - 1) / from; len(y) != want {
				t.Errorf("%d->%d: %d samples became %d, want %d", from, to, n, len(y), want)
			}
		}
	}
	x := make([]float32, 2000)
	x[1000] = 1
	for _, r := range ratios {
		from, to := r[0], r[1]
		y, err := Resample(x, from, to)
		if err != nil {
			t.Fatal(err)
		}
		peak, largest := 0, float32(0)
		for i, v := range y {
			if v > largest {
				peak, largest = i, v
			}
		}
		if at := float64(peak) * float64(from) / float64(to); math.Abs(at-1000) > max(0.5, 0.5*float64(from)/float64(to)) {
			t.Errorf("%d->%d: an impulse at 1000 came out at %.3f", from, to, at)
		}
	}
}

// TestResamplerBlocks: no cut into blocks changes a bit, and Reset starts afresh.
func TestResamplerBlocks(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 0))
	x := make([]float32, 3001)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	for _, r := range append(ratios, [2]int{44100, 44100}) {
		from, to := r[0], r[1]
		want, err := Resample(x, from, to)
		if err != nil {
			t.Fatal(err)
		}
		s, err := NewResampler(from, to)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range []int{1, 2, 64, 997, 3001} {
			var y []float32
			for i := 0; i < len(x); i += block {
				y = s.Process(y, x[i:min(i+block, len(x))])
			}
			if y = s.Flush(y); !slices.Equal(y, want) {
				t.Errorf("%d->%d: blocks of %d give another result", from, to, block)
			}
			s.Reset()
		}
	}
	same, err := Resample(x, 44100, 44100)
	if err != nil || !slices.Equal(same, x) || &same[0] == &x[0] {
		t.Errorf("equal rates are not a copy (%v)", err)
	}
}

// TestResamplerMemory: neither the terms of a ratio nor the length of a block set the memory.
func TestResamplerMemory(t *testing.T) {
	for _, r := range [][2]int{{44100, 44101}, {1<<31 - 1, 1<<31 - 2}, {1 << 30, 1<<20 + 1}, {1<<20 + 1, 1 << 30}} {
		s, err := NewResampler(r[0], r[1])
		if err != nil {
			t.Fatal(err)
		}
		if n := len(s.bank.rows); n > 3*maxTable { // four rows of 170*1023 taps are the most
			t.Errorf("%v: a table of %d coefficients", r, n)
		}
		if r[0] < 1<<21 {
			continue
		}
		s.Process(nil, make([]float32, 100000))
		if n := cap(s.buf); n > 4*(s.bank.taps+feedFrames) {
			t.Errorf("%v: a buffer of %d samples for %d taps", r, n, s.bank.taps)
		}
	}
	for _, r := range [][2]int{{0, 1}, {1, 0}, {0, 0}, {-1, -1}, {1, 1024}, {1024, 1}, {1, 1 << 31}, {44100, -1}} {
		if _, err := Resample(nil, r[0], r[1]); err == nil {
			t.Errorf("%v: no error", r)
		}
	}
}

func TestAudioResample(t *testing.T) {
	a := &Audio{Rate: 48000, Channels: [][]float32{sine(4800, 440, 48000), sine(4800, 1000, 48000)}}
	b, err := a.Resample(16000)
	if err != nil || b.Rate != 16000 || b.Frames() != 1600 || len(b.Channels) != 2 {
		t.Fatalf("%v", err)
	}
	y, first := steady(b.Channels[1], 48000, 16000)
	if amplitude, _, _ := fitSine(y, first, 1000, 16000); math.Abs(amplitude-1) > 1e-3 {
		t.Errorf("channel 1 has amplitude %v", amplitude)
	}
}
