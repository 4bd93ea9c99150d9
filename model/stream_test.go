package model_test

import (
	"math"
	"strings"
	"testing"

	"partials/device/ref"
	"partials/model"
	"partials/tensor"
)

// A stream in blocks of any size gives what the whole pass gives.
func TestStreamEqualsWhole(t *testing.T) {
	for _, name := range []string{"ref", "cpu"} {
		dev := open(t, name)
		for _, c := range smallModels {
			t.Run(name+" "+c.name, func(t *testing.T) { streamEqualsWhole(t, c, build(t, dev, c.config, c.in, c.out)) })
		}
	}
}

func streamEqualsWhole(t *testing.T, c small, m built) {
	f := m.Facts()
	n := 1200 / f.Block * f.Block
	x := noise(c.in, n, 3)
	want := m.whole(x)
	s := model.NewStream(m, m.dev)
	delay := s.Latency() - f.Latency
	if delay != f.Block-1 {
		t.Fatalf("a stream of blocks of %d lags by %d more", f.Block, delay)
	}
	for _, size := range []int{n, 1, 7, 64, 1000} {
		s.Reset()
		compare(t, c, size, inBlocks(s, c.out, x, size), want, delay)
	}
}

// compare holds got, which lags by delay, against want: the same bits without
// an FFT, else to 1e-6 of the peak.
func compare(t *testing.T, c small, size int, got, want [][]float32, delay int) {
	t.Helper()
	worst, peak := 0.0, 0.0
	for ch := range got {
		for i := range got[ch] {
			w := float32(0)
			if i >= delay {
				w = want[ch][i-delay]
			}
			peak = math.Max(peak, math.Abs(float64(w)))
			worst = math.Max(worst, math.Abs(float64(got[ch][i]-w)))
		}
	}
	allowed := 0.0
	if c.fft {
		allowed = 1e-6 * peak
	}
	if !(worst <= allowed) || peak == 0 {
		t.Errorf("blocks of %d differ by %.3g at a peak of %.3g", size, worst, peak)
	}
}

func TestStreamLongerThanItsBlocks(t *testing.T) {
	c, m := pick(t, ref.New(), "tcn")
	x := noise(1, 40000, 5)
	s := model.NewStream(m, m.dev)
	compare(t, c, len(x[0]), inBlocks(s, 1, x, len(x[0])), m.whole(x), 0)
}

func TestStreamState(t *testing.T) {
	_, m := pick(t, ref.New(), "tcn")
	s := model.NewStream(m, m.dev)
	list := func() (names []string, values []float64) {
		s.State(func(name string, value tensor.Tensor) {
			names = append(names, name+" "+value.Shape.String())
			values = append(values, read(m.dev, value)...)
		})
		return
	}
	names, silence := list()
	want := "layers.0.conv (1, 1, 2), layers.1.conv (1, 3, 4), layers.2.conv (1, 3, 8)"
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("state is %s, want %s", got, want)
	}
	x := noise(1, 50, 1)
	s.Process(x, noise(1, 50, 2))
	if _, after := list(); after[1] == silence[1] {
		t.Error("the state does not change")
	}
	s.Reset()
	_, again := list()
	wantClose(t, "the state after Reset", again, silence, 0)
}

func TestStreamRefusesChannelsThatDoNotFit(t *testing.T) {
	_, m := pick(t, ref.New(), "tcn skip prelu") // 2 in, 3 out
	s := model.NewStream(m, m.dev)
	for want, f := range map[string]func(){
		"3 channels in and 3 out, the model has 2 and 3": func() { s.Process(noise(3, 4, 0), noise(3, 4, 0)) },
		"channels of 4 and 5 samples":                    func() { s.Process(noise(3, 5, 0), noise(2, 4, 0)) },
	} {
		func() {
			defer func() {
				if got, _ := recover().(string); !strings.Contains(got, want) {
					t.Errorf("panics with %q, want %q", got, want)
				}
			}()
			f()
		}()
	}
}
