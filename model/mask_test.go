package model_test

import (
	"math"
	"testing"

	"partials/device/ref"
	"partials/model"
	"partials/spectral"
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
