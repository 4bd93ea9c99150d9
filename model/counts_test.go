package model_test

import (
	"testing"

	"partials/device/ref"
	"partials/model"
)

// The sizes of the Neural Amp Modeler's presets. Its WaveNet files carry one
// number more than there are parameters: the head scale.
func TestWaveNetPresets(t *testing.T) {
	for _, c := range []struct {
		preset         string
		weights, field int
		scale          float64
	}{
		{"standard", 13802, 4093, 0.02},
		{"lite", 6554, 4093, 0.02},
		{"feather", 3026, 4093, 0.02},
		{"nano", 842, 4093, 0.02},
		{"a2_full", 12146, 6347, 0.01},
		{"a2_lite", 1871, 6347, 0.01},
	} {
		config := model.WaveNet{Preset: c.preset}
		m := build(t, ref.New(), config, 1, 1)
		if got := m.params.Len() + 1; got != c.weights {
			t.Errorf("%s has %d weights, want %d", c.preset, got, c.weights)
		}
		if f := m.Facts(); f.ReceptiveField != c.field || f.Context != c.field-1 {
			t.Errorf("%s has receptive field %d and context %d, want %d", c.preset, f.ReceptiveField, f.Context, c.field)
		}
		if got := config.Scale(); got != c.scale {
			t.Errorf("%s has head scale %v, want %v", c.preset, got, c.scale)
		}
	}
}

// The presets of LSTM are the Neural Amp Modeler's.
func TestLSTMPresetSizes(t *testing.T) {
	for preset, weights := range map[string]int{"standard": 2569, "lite": 905, "feather": 1201, "nano": 709} {
		c := model.LSTM{Preset: preset, RNN: model.RNN{HiddenSize: 5, Layers: 5, LearnStart: true}}
		sized := c.Sized()
		if got := build(t, ref.New(), c, 1, 1).params.Len() - sized.Layers*4*sized.HiddenSize; got != weights {
			t.Errorf("%s has %d weights, want %d", preset, got, weights)
		}
	}
}

// A .nam file adds the two biases of an LSTM up, and holds a start state for
// each layer.
func TestLSTMPresets(t *testing.T) {
	for _, c := range []struct{ layers, hidden, weights int }{
		{1, 24, 2569}, {2, 8, 905}, {1, 16, 1201}, {1, 12, 709}, {1, 3, 70},
	} {
		config := model.LSTM{RNN: model.RNN{HiddenSize: c.hidden, Layers: c.layers, LearnStart: true}}
		secondBiases := c.layers * 4 * c.hidden
		if got := build(t, ref.New(), config, 1, 1).params.Len() - secondBiases; got != c.weights {
			t.Errorf("%d layers of %d have %d weights, want %d", c.layers, c.hidden, got, c.weights)
		}
		config.LearnStart = false
		startStates := c.layers * 2 * c.hidden
		if got := build(t, ref.New(), config, 1, 1).params.Len() - secondBiases + startStates; got != c.weights {
			t.Errorf("%d layers of %d have %d weights with a start state of zeros, want %d", c.layers, c.hidden, got, c.weights)
		}
	}
}

// Sizes, contexts and multiply-adds worked out by hand.
func TestFacts(t *testing.T) {
	for name, c := range map[string]struct {
		params int
		macs   float64
		facts  model.Facts
	}{
		"fir short":    {2 * 3 * 5, 2 * 3 * 5, model.Facts{Inputs: 2, Outputs: 3, Context: 4, ReceptiveField: 5, Block: 1}},
		"fir separate": {2 * 301, 2 * 301, model.Facts{Inputs: 2, Outputs: 2, Context: 300, ReceptiveField: 301, Block: 1}},
		// Convolutions 1->3, 3->3, 3->3 of 3 taps, biases, a residual 1->3 and the head.
		"tcn": {9 + 27 + 27 + 3*3 + 3 + 3 + 1, 9 + 27 + 27 + 3 + 3, model.Facts{Inputs: 1, Outputs: 1, Context: 14, ReceptiveField: 15, Block: 1}},
		// The last layer1x1 (2*2+2) is declared but not computed.
		"wavenet": {
			params: 4 + 2*(4*4*3+4+4+4*4+4) + 2*4*2 + 2*4 + (2*2*2 + 2 + 2 + 2*2 + 2) + (2*2*4 + 2 + 2 + 2*2 + 2) + 2*3 + 1,
			macs:   4 + 2*(4*4*3+4+4*4) + 2*4*2 + 2*4 + (2*2*2 + 2 + 2*2) + (2*2*4 + 2) + 2*3,
			facts:  model.Facts{Inputs: 1, Outputs: 1, Context: 15, ReceptiveField: 15, Block: 1},
		},
		"gru": {9*2 + 9*3 + 18 + 3 + 9*3 + 9*3 + 18 + 3 + 9 + 3, 9*2 + 9*3 + 9*3 + 9*3 + 9, model.Facts{Inputs: 2, Outputs: 3, Block: 1}},
		// 7 bins a channel; frames of 12, 4 apart; 6 frames of the convolutions.
		"mask conv": {
			params: 4*14*3 + 4 + 4*4*3 + 4 + 14*4 + 14,
			macs:   (4*14*3 + 4*4*3 + 14*4) / 4.,
			facts:  model.Facts{Inputs: 2, Outputs: 2, Context: 2*8 + 6*4, ReceptiveField: 2*8 + 6*4 + 4, Latency: 8, Block: 4},
		},
		// 9 bins make 3 sub-bands of 4; level and both parts of each bin in, both
		// parts of its mask out.
		"mask conv_gru": {
			params: 3*12*3 + 3 + 3 + 3*3 + 2*(3*3*3+3+3+9*3+9*3+9+9) + 8*3 + 8,
			macs:   3 * (3*12*3 + 2*(3*3*3+9*3+9*3) + 8*3) / 8.,
			facts:  model.Facts{Inputs: 1, Outputs: 1, Context: 2 * 8, Latency: 8, Block: 8},
		},
	} {
		_, m := pick(t, ref.New(), name)
		if got := m.params.Len(); got != c.params {
			t.Errorf("%s has %d parameters, want %d", name, got, c.params)
		}
		c.facts.MACs = c.macs
		if got := m.Facts(); got != c.facts {
			t.Errorf("%s: %+v, want %+v", name, got, c.facts)
		}
	}
}
