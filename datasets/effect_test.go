package datasets

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"partials/internal/config"
	"partials/internal/rng"
)

// augmented opens a grid over a ramp pair with a list of effects.
func augmented(t *testing.T, augment string, c Cut) Dataset {
	t.Helper()
	in, target := pairFiles(t, 1000, 0)
	return openCut(t, fmt.Sprintf("input: [%s]\ntarget: [%s]\nholdout: 0\ncrop: grid\naugment: %s", in, target, augment), c)
}

func TestGain(t *testing.T) {
	c := Cut{Segment: 50, Context: 9}
	for on, both := range map[string]bool{onBoth: true, onInput: false} {
		d := augmented(t, "[{kind: gain, range: [-12, 6], on: "+on+"}]", c)
		plain := augmented(t, "[]", c)
		var sum, low, high float64
		low, high = 100, -100
		const n = 500
		for k := range n {
			in, target, _ := fill(t, d, c, k, k%d.Len())
			x, y, _ := fill(t, plain, c, k, k%d.Len())
			g := float64(in[0][3] / x[0][3])
			for i := range in[0] {
				if math.Abs(float64(in[0][i]/x[0][i])/g-1) > 1e-6 {
					t.Fatal("the gain changes within an example")
				}
			}
			for i := range target[0] {
				want := 1.0
				if both {
					want = g
				}
				if math.Abs(float64(target[0][i]/y[0][i])/want-1) > 1e-6 {
					t.Fatalf("on %s: the target's gain is %v, the input's %v", on, target[0][i]/y[0][i], g)
				}
			}
			dB := 20 * math.Log10(g)
			sum, low, high = sum+dB, min(low, dB), max(high, dB)
		}
		if m := sum / n; math.Abs(m+3) > 4*18/math.Sqrt(12*n) || low < -12.001 || low > -11.5 || high > 6.001 || high < 5.5 {
			t.Errorf("gains have mean %v and lie in %v to %v dB", m, low, high)
		}
	}
}

func TestPolarity(t *testing.T) {
	c := Cut{Segment: 50}
	d := augmented(t, "[{kind: polarity, probability: 0.25}]", c)
	plain := augmented(t, "[]", c)
	turned := 0
	const n = 1000
	for k := range n {
		in, target, _ := fill(t, d, c, k, k%d.Len())
		x, y, _ := fill(t, plain, c, k, k%d.Len())
		sign := in[0][0] / x[0][0]
		if sign == -1 {
			turned++
		}
		for i := range target[0] {
			if in[0][i] != sign*x[0][i] || target[0][i] != sign*y[0][i] || sign*sign != 1 {
				t.Fatalf("sample %d: %v and %v of %v and %v", i, in[0][i], target[0][i], x[0][i], y[0][i])
			}
		}
	}
	if math.Abs(float64(turned)-0.25*n) > 4*math.Sqrt(0.25*0.75*n) {
		t.Errorf("%d of %d are turned", turned, n)
	}
}

// Every shift is whole: real samples come in from outside the example, target
// and input move together or the input alone.
func TestShift(t *testing.T) {
	for _, c := range []Cut{{50, 0, 0}, {50, 20, 0}, {50, 20, 7}, {50, 4, 7}} {
		for on, both := range map[string]bool{onBoth: true, onInput: false} {
			d := augmented(t, "[{kind: shift, samples: 5, on: "+on+"}]", c)
			if want := (1000 - max(c.Context, c.Latency) - 10) / 50; d.Len() != want {
				t.Fatalf("%d windows, want %d", d.Len(), want)
			}
			seen := map[int]int{}
			for k := range 600 {
				i := k % d.Len()
				in, target, _ := fill(t, d, c, k, i)
				from := 5 + max(c.Context, c.Latency) + 50*i // the first output, unshifted
				shift := from - c.Context - place(in[0][0])
				seen[shift]++
				targetShift := 0
				if both {
					targetShift = shift
				}
				for j := range in[0] {
					if place(in[0][j]) != from-c.Context-shift+j {
						t.Fatalf("%+v: input %d is %d", c, j, place(in[0][j]))
					}
				}
				for j := range target[0] {
					if place(-target[0][j]) != from-c.Latency-targetShift+j {
						t.Fatalf("%+v on %s: target %d is %d", c, on, j, place(-target[0][j]))
					}
				}
			}
			for s := -5; s <= 5; s++ {
				if seen[s] < 20 {
					t.Errorf("shift %d came %d times of 600", s, seen[s])
				}
			}
			if len(seen) != 11 {
				t.Errorf("shifts are %v", seen)
			}
		}
	}
}

func TestNoise(t *testing.T) {
	c := Cut{Segment: 60, Context: 11}
	d := augmented(t, "[{kind: noise, snr: [17, 17]}]", c)
	plain := augmented(t, "[]", c)
	for i := range d.Len() {
		in, target, _ := fill(t, d, c, 0, i)
		x, y, _ := fill(t, plain, c, 0, i)
		if got := ratio(in[0], x[0]); math.Abs(got-17) > 2e-3 {
			t.Errorf("example %d has %v dB", i, got)
		}
		if !equal(target[0], y[0]) {
			t.Error("the target was changed")
		}
	}
}

// Convolution by spectra equals the sum, at any length of either.
func TestConvolverIsTheSum(t *testing.T) {
	for _, taps := range []int{1, 2, 3, 255, 256, 257, 700} {
		for _, n := range []int{1, 2, 769, 770, 1023, 1024, 5000} {
			h, x := white(taps, 1, taps), white(n, 0.1, n)
			v := newConvolver(h)
			for range 2 { // the past must not leak into the next signal
				y := append([]float32(nil), x...)
				v.apply(y)
				for i := range y {
					var want float64
					for k := range min(taps, i+1) {
						want += float64(h[k]) * float64(x[i-k])
					}
					if math.Abs(float64(y[i])-want) > 1e-6*math.Sqrt(float64(taps)) {
						t.Fatalf("%d taps, %d samples: sample %d is %v, want %v", taps, n, i, y[i], want)
					}
				}
			}
		}
	}
}

// An example under an impulse response is a stretch of the whole signal under
// it: the past before the example is heard.
func TestImpulseResponse(t *testing.T) {
	dir := t.TempDir()
	h := white(30, 0.3, 5)
	ir := save(t, dir, "ir.wav", 1000, h)
	wet := make([]float32, 1000)
	dry := ramp(1000)
	for i := range wet {
		for k := range min(len(h), i+1) {
			wet[i] += h[k] * dry[i-k]
		}
	}
	for on, both := range map[string]bool{onBoth: true, onInput: false} {
		c := Cut{Segment: 50, Context: 20, Latency: 3}
		d := augmented(t, "[{kind: ir, normalize: false, on: "+on+", files: ["+ir+"]}]", c)
		if got := d.Files(); len(got) != 3 {
			t.Errorf("files are %q", got)
		}
		for i := range d.Len() {
			in, target, _ := fill(t, d, c, 0, i)
			from := 29 + 20 + 50*i
			for k, v := range in[0] {
				if want := wet[from-20+k]; math.Abs(float64(v-want)) > 1e-6 {
					t.Fatalf("input %d of window %d is %v, want %v", k, i, v, want)
				}
			}
			for k, v := range target[0] {
				want := -dry[from-3+k]
				if both {
					want = -wet[from-3+k]
				}
				if math.Abs(float64(v-want)) > 1e-6 {
					t.Fatalf("on %s: target %d of window %d is %v, want %v", on, k, i, v, want)
				}
			}
		}
	}
	// Normalised: energy 1.
	e, err := ImpulseResponse{Files: []string{ir}, Normalize: true, Length: config.Samples(12)}.Build(1000)
	if err != nil {
		t.Fatal(err)
	}
	x := planes(nil, 1, 40)
	x[0][0] = 1
	r := rng.New(1, "x")
	e.Apply(&r, x, nil)
	if got := power(x) * 40; math.Abs(got-1) > 1e-5 || math.Abs(float64(x[0][12])) > 1e-7 || e.Before != 11 {
		t.Errorf("energy %v, tap 12 is %v, %d before", got, x[0][12], e.Before)
	}
}

func TestImpulseResponseMistakes(t *testing.T) {
	dir := t.TempDir()
	in, target := pairFiles(t, 1000, 0)
	for _, c := range []struct {
		file string
		want []string
	}{
		{save(t, dir, "stereo.wav", 1000, ramp(5), ramp(5)), []string{"stereo.wav", "2 channels", "has one"}},
		{save(t, dir, "zero.wav", 1000, make([]float32, 5)), []string{"zero.wav", "energy is 0"}},
		{save(t, dir, "nan.wav", 1000, []float32{1, float32(math.NaN())}), []string{"nan.wav", "energy is NaN"}},
		{save(t, dir, "long.wav", 10, make([]float32, 301)), []string{"long.wav is 30.1 s", "at most 30 s"}},
		{dir + "/none.wav", []string{"none.wav"}},
	} {
		_, err := load(t, fmt.Sprintf("input: [%s]\ntarget: [%s]\naugment: [gain, {kind: ir, files: [%s]}]", in, target, c.file)).Open(Env{})
		wantError(t, err, append(c.want, "augment[1] (ir)")...)
	}
}

// The same (seed, epoch, item) gives the same bits; another of each does not.
// Two effects of one kind draw apart.
func TestEffectsAreKeyed(t *testing.T) {
	in, target := pairFiles(t, 1000, 0)
	c := Cut{Segment: 50, Context: 10}
	c0 := load(t, fmt.Sprintf("input: [%s]\ntarget: [%s]\ncrop: grid\naugment: [{kind: gain, on: input}, {kind: gain, on: input}, polarity, shift, noise]", in, target))
	get := func(seed uint64, epoch, item int) string {
		d, err := c0.Open(Env{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		if err := d.Cut(c); err != nil {
			t.Fatal(err)
		}
		x, y, _ := fill(t, d, c, epoch, item)
		return fmt.Sprint(x, y)
	}
	first := get(1, 2, 3)
	if get(1, 2, 3) != first {
		t.Error("the same example differs")
	}
	if get(2, 2, 3) == first || get(1, 3, 3) == first || get(1, 2, 4) == first {
		t.Error("another seed, epoch or item gives the same")
	}
	twice, err := newChain("augment", config.List[EffectConfig]{Items: []config.Section[EffectConfig]{
		{Kind: "gain", Value: Gain{Chance: Chance{1}, Range: [2]float64{-6, 6}}},
		{Kind: "gain", Value: Gain{Chance: Chance{1}, Range: [2]float64{-6, 6}}},
	}}, 1000, 1)
	if err != nil {
		t.Fatal(err)
	}
	x := [][]float32{{1}}
	once := *twice
	once.effects = once.effects[:1]
	twice.apply(0, 0, x, nil)
	both := x[0][0]
	x[0][0] = 1
	once.apply(0, 0, x, nil)
	if math.Abs(float64(both/(x[0][0]*x[0][0]))-1) < 1e-3 {
		t.Error("two gains draw the same number")
	}
}

// What recipes say wrong is an error at the field.
func TestConfigMistakes(t *testing.T) {
	for yaml, want := range map[string]string{
		"input: []\ntarget: [a]":                    "data.input is []",
		"input: [a]\ntarget: [a]\nholdout: 1":       "data.holdout is 1; it must be at least 0 and below 1",
		"input: [a]\ntarget: [a]\ncrop: middle":     `data.crop is "middle"`,
		"input: [a]\ntarget: [a]\nchannels: both":   `data.channels is "both"; it must be mono, mix, left, right or all`,
		"input: [a]\ntarget: [a]\nrate: -1":         "data.rate is -1",
		"input: [a]\ntarget: [a]\nmemory: -1":       "data.memory is -1",
		"input: [a]\ntarget: [a]\npre_silence: -1s": "data.pre_silence is -1s",
		"input: [a]\ntarget: [a]\ndelay: 99999999":  "data.delay is 99999999",
		"kind: folder":                                               `data.root is ""; it must be a folder`,
		"kind: folder\nroot: x\nglob: ['[']":                         `data.glob[0] is "["`,
		"kind: folder\nroot: x\nvalidation: 1.5":                     "data.validation is 1.5",
		"kind: folder\nroot: x\nshort: cut":                          `data.short is "cut"`,
		"kind: folder\nroot: x\nexcerpt: 0":                          "data.excerpt is 0",
		"kind: folder\nroot: x\nexcerpts: -1":                        "data.excerpts is -1",
		"kind: mix\nclean: {root: x}\nnoise: {}":                     `data.noise.root is ""`,
		"kind: mix\nsnr: [3, 2]":                                     "data.snr is [3 2]",
		"kind: mix\nlevel: [-300, 2]":                                "data.level is [-300 2]",
		"kind: mix\nclean_only: 0.6\nnoise_only: 0.5":                "data.noise_only is 0.5; it must be 0 to 1, together with clean_only",
		"kind: mix\nvalidation_snr: []":                              "data.validation_snr is []",
		"kind: mix\nvalidation_snr: [0, 999]":                        "data.validation_snr[1] is 999",
		"augment: [{kind: gain, range: [1, 0]}]":                     "data.augment[0].range is [1 0]",
		"augment: [{kind: gain, on: target}]":                        `data.augment[0].on is "target"; it must be input or both`,
		"augment: [{kind: polarity, probability: 2}]":                "data.augment[0].probability is 2; it must be 0 to 1",
		"augment: [gain, {kind: shift, samples: -1}]":                "data.augment[1].samples is -1",
		"augment: [{kind: noise, snr: [0, 1000]}]":                   "data.augment[0].snr is [0 1000]",
		"augment: [ir]":                                              "data.augment[0].files is []",
		"augment: [{kind: ir, files: [a], length: -1s}]":             "data.augment[0].length is -1s",
		"kind: mix\nmade_noise: 2":                                   "data.made_noise is 2; it must be 0 to 1",
		"kind: mix\nnoises: [0, 1]":                                  "data.noises is [0 1]",
		"kind: mix\nspeed: [1.1, 0.9]":                               "data.speed is [1.1 0.9]",
		"kind: mix\nclean: {root: x, validation: 1, split: middles}": "data.clean.validation is 1; it must be below 1 where split is middles",
		"kind: mix\nclean: 7\nnoise: [a]":                            "data.noise is a list; it must be its root, or a mapping",
		"augment: [{kind: equalizer, strength: 0.6}]":                "data.augment[0].strength is 0.6; it must be 0 to 0.49",
		"augment: [{kind: band_limit, high: [5, 2]}]":                "data.augment[0].high is [5 2]",
		"augment: [{kind: clipping, range: [0, 1]}]":                 "data.augment[0].range is [0 1]; it must be two numbers of dB up to 0",
		"augment: [{kind: room, rt60: [0, 1]}]":                      "data.augment[0].rt60 is [0 1]",
		"augment: [{kind: room, keep: -1}]":                          "data.augment[0].keep is -1",
		"augment: [reverb]":                                          `"reverb"`,
	} {
		r := recipe{Data: config.Of(Kinds, "pair")}
		err := config.Load(&r, "test.yaml", []byte("data:\n  "+strings.ReplaceAll(yaml, "\n", "\n  ")), nil)
		wantError(t, err, want)
		if err != nil && strings.Count(err.Error(), want) != 1 {
			t.Errorf("said more than once:\n%v", err)
		}
	}
}
