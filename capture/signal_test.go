package capture

import (
	"math"
	"slices"
	"testing"

	"partials/internal/rng"
)

func TestTestSignal(t *testing.T) {
	for _, c := range []struct {
		rate    int
		seconds float64
	}{{48000, 20}, {44100, 31.7}, {16000, 190}} {
		s := TestSignal{Rate: c.rate, Seconds: c.seconds, Seed: 7, Peak: -3}
		x, err := s.Samples()
		if err != nil {
			t.Fatal(err)
		}
		if len(x) != int(math.Round(c.seconds*float64(c.rate))) {
			t.Errorf("%v has %d samples", s, len(x))
		}
		if p := peakOf(x); math.Abs(20*math.Log10(p)+3) > 0.01 {
			t.Errorf("%v peaks at %g", s, p)
		}
		l := recogniseSignal(x, c.rate)
		if l == nil || l.name != ownName {
			t.Fatalf("%v is not recognised", s)
		}
		valid, again := x[l.valid[0]:l.valid[1]], x[l.repeat[0]:l.repeat[1]]
		if !slices.Equal(valid, again) || peakOf(valid) == 0 {
			t.Errorf("%v: validation is not played twice", s)
		}
		if l.repeat[1] > l.train[0] || l.train[1] > l.valid[0] || l.train[1]-l.train[0] < len(x)/2 {
			t.Errorf("%v: %+v", s, l)
		}
		// Silence before validation, so that nothing rings into it.
		if rest := int(0.4 * float64(c.rate)); peakOf(x[l.valid[0]-rest:l.valid[0]]) != 0 {
			t.Errorf("%v: no rest before validation", s)
		}
		// Every tenth of the training part sounds.
		for i := range 10 {
			n := (l.train[1] - l.train[0]) / 10
			if rms(x[l.train[0]+i*n:][:n]) < 1e-3 {
				t.Errorf("%v: part %d of training is silent", s, i)
			}
		}
		same, err := s.Samples()
		if err != nil || !slices.Equal(x, same) {
			t.Errorf("%v is not the same twice", s)
		}
	}
	a, _ := TestSignal{Rate: 16000, Seconds: 20, Seed: 1, Peak: -3}.Samples()
	b, _ := TestSignal{Rate: 16000, Seconds: 20, Seed: 2, Peak: -3}.Samples()
	if slices.Equal(a, b) {
		t.Error("the seed changes nothing")
	}
	for _, s := range []TestSignal{{Rate: 100, Seconds: 30}, {Rate: 48000, Seconds: 5}, {Rate: 48000, Seconds: math.NaN()}, {Rate: 48000, Seconds: 30, Peak: 6}} {
		if _, err := s.Samples(); err == nil {
			t.Errorf("%+v was made", s)
		}
	}
}

// A file with the structure of NAM's, whatever its rate, is split as NAM does.
func TestReampFile(t *testing.T) {
	const rate = 8000
	in := make([]float32, 190*rate)
	r := rng.New(1, "test")
	for i := range in {
		at := float64(i) / rate
		if at < 9 || at > 12 && at < 180.5 || at > 181 {
			in[i] = 0.3 * float32(r.Normal())
		}
		in[i] = min(max(in[i], -0.9), 0.9)
	}
	copy(in[181*rate:], in[:9*rate])
	in[10.5*rate], in[11.5*rate] = 0.9, 0.9
	x := sound("input.wav", rate, in)
	rep := check(t, x, x.through("out.wav", drive(5), late(40)), Options{})
	if rep.Signal != "NAM reamp file v3" || rep.Train != [2]int{10 * rate, 181 * rate} || rep.Validation != [2]int{181 * rate, 190*rate - 40 + 1} {
		t.Errorf("%s, training on %v, validation on %v", rep.Signal, rep.Train, rep.Validation)
	}
	if rep.Latency.By != "blips" || rep.Latency.Samples != 39 {
		t.Errorf("%+v", rep.Latency)
	}
	if len(rep.Findings) > 0 {
		t.Errorf("%v", rep.Findings)
	}
	other := slices.Clone(in)
	other[10.5*rate] = 0
	if l := recogniseSignal(other, rate); l != nil && l.name != "" {
		t.Errorf("one click less is still the %s", l.name)
	}
}

func TestFindClicks(t *testing.T) {
	x := make([]float32, 48000)
	x[20000], x[40000] = 0.5, -0.8
	if got := findClicks(x, 48000); !slices.Equal(got, []int{20000, 40000}) {
		t.Errorf("%v", got)
	}
	in, _ := guitar(t)
	if got := findClicks(in.Channels[0], in.Rate); len(got) > 0 {
		t.Errorf("a guitar has clicks at %v", got)
	}
}
