package model_test

import (
	"math"
	"testing"

	"partials/autograd"
	"partials/device/ref"
	"partials/model"
	"partials/spectral"
	"partials/tensor"
)

// A mask that is the same everywhere scales the sound, which comes out late by
// the stated latency and otherwise unchanged: analysis and synthesis are exact.
func TestEvenMaskScalesTheSound(t *testing.T) {
	const bias = 1
	for name, c := range map[string]model.Mask{
		"bins":  {NFFT: 16, Hop: 4},
		"bands": {NFFT: 64, Hop: 16, Bands: 20, Window: spectral.Window{Kind: spectral.Blackman}},
		"half":  {NFFT: 12, Hop: 6, Window: spectral.Window{Kind: spectral.Hamming, Symmetric: true}},
	} {
		c.Type, c.Network, c.HiddenSize, c.Layers, c.KernelSize = "magnitude", "gru", 2, 1, 1
		m := build(t, ref.New(), c, 2, 2)
		m.dev.Fill(m.params.Get("head.weight").Var().Tensor, 0)
		m.dev.Fill(m.params.Get("head.bias").Var().Tensor, bias)
		x := noise(2, 200, 1) // not whole hops
		y := m.whole(x)
		gain := 1 / (1 + math.Exp(-bias))
		lag := m.Facts().Latency
		if lag != c.NFFT-c.Hop {
			t.Errorf("%s: latency %d", name, lag)
		}
		for ch := range y {
			for i := range y[ch] {
				want := 0.0
				if i >= lag {
					want = gain * float64(x[ch][i-lag])
				}
				if math.Abs(float64(y[ch][i])-want) > 1e-7 {
					t.Fatalf("%s: channel %d, sample %d is %v, want %v", name, ch, i, y[ch][i], want)
				}
			}
		}
	}
}

// The frames of burn_in settle the state and nothing else: what follows them is
// what follows them in a longer segment.
func TestBurnInOnlySettlesTheState(t *testing.T) {
	for _, network := range []string{"gru", "conv_gru"} {
		c := model.Mask{NFFT: 16, Hop: 8, Window: spectral.Window{Root: true}, Type: "magnitude", Network: network, HiddenSize: 3,
			Layers: 2, KernelSize: 3, Split: 2}
		x := noise(1, 80, 1)[0]
		forward := func(burnIn int) []float64 {
			c.BurnIn = burnIn
			m := build(t, ref.New(), c, 1, 1)
			tape := autograd.NewTape(m.dev, 0)
			return read(m.dev, m.Forward(model.Whole(tape), tape.Put(tensor.Of(1, 1, len(x)), x)).Tensor)
		}
		// The first frames differ in what is kept of the overlap, 2*past samples.
		all, settled := forward(0), forward(3)
		wantClose(t, network, settled, all[len(all)-len(settled):], 1e-12)
	}
}

// A post-filter leaves gains of 1 alone and lowers smaller ones, by the formula.
func TestPostFilter(t *testing.T) {
	for _, kind := range []string{"magnitude", "complex"} {
		c := model.Mask{NFFT: 16, Hop: 8, Type: kind, Network: "gru", HiddenSize: 2, Layers: 1, KernelSize: 1}
		level := func(bias, strength float64) float64 {
			c.PostFilter = strength
			m := build(t, ref.New(), c, 1, 1)
			m.dev.Fill(m.params.Get("head.weight").Var().Tensor, 0)
			m.dev.Fill(m.params.Get("head.bias").Var().Tensor, bias)
			sum := 0.0
			for _, v := range m.whole(noise(1, 160, 1))[0] {
				sum += float64(v) * float64(v)
			}
			return math.Sqrt(sum)
		}
		const strength = 0.02
		for _, bias := range []float64{0.03, 0.2, 0.6, 30} {
			g := 1 / (1 + math.Exp(-bias))
			if kind == "complex" {
				g = math.Sqrt2 * math.Tanh(bias)
			}
			sine := math.Sin(math.Pi / 2 * min(g, 1))
			want := (1 + strength) * sine * sine / (sine*sine + strength)
			if got := level(bias, strength) / level(bias, 0); math.Abs(got-want) > 1e-6 {
				t.Errorf("%s: a gain of %.3g is lowered by %.6g, want %.6g", kind, g, got, want)
			}
		}
	}
}
