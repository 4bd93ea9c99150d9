package model_test

import (
	"strings"
	"testing"

	"partials/autograd"
	"partials/device/ref"
	"partials/model"
	"partials/tensor"
)

// A stream stands before the signal where a whole pass over silence with the
// knobs in place stands; the knobs change what comes out; the head start of a
// skip is the audio alone.
func TestControls(t *testing.T) {
	for name, c := range map[string]model.Config{
		"wavenet": model.WaveNet{Layers: []model.LayerArray{{Channels: 3, KernelSize: 3, Dilations: []int{1, 4}, Head: model.ArrayHead{Bias: true}}}},
		"lstm":    model.LSTM{RNN: model.RNN{HiddenSize: 3, Layers: 1, BurnIn: 20, Skip: true}},
		"gru":     model.GRU{RNN: model.RNN{HiddenSize: 3, Layers: 1, BurnIn: 20, Skip: true}},
	} {
		dev := ref.New()
		m, _, err := model.Build(c, dev, model.Env{Rate: 48000, Inputs: 1, Outputs: 1, Controls: 2, Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		x := noise(1, 30, 1)[0]
		var last []float32
		for _, knobs := range [][2]float32{{0.25, 1}, {0.5, 0}} {
			n := len(x)
			context := m.Facts().Context
			flat := make([]float32, 3*(context+n))
			copy(flat[context:], x)
			rows := [][]float32{x, make([]float32, n), make([]float32, n)}
			for i, v := range knobs {
				for k := range context + n {
					flat[(1+i)*(context+n)+k] = v
				}
				for k := range n {
					rows[1+i][k] = v
				}
			}
			tape := autograd.NewTape(dev, 0)
			want := make([]float32, n)
			dev.Read(want, m.Forward(model.Whole(tape), tape.Put(tensor.Of(1, 3, context+n), flat)).Tensor)
			got := inBlocks(model.NewStream(m, dev), 1, rows, 7)[0]
			same := 0
			for k := range got {
				if d := got[k] - want[k]; d > 1e-6 || d < -1e-6 {
					t.Fatalf("%s: sample %d of the stream is %v, of the whole %v", name, k, got[k], want[k])
				}
				if last != nil && got[k] == last[k] {
					same++
				}
			}
			if same > 0 {
				t.Errorf("%s: %d samples do not depend on the knobs", name, same)
			}
			last = got
		}
	}
	_, _, err := model.Build(model.FIR{Taps: 3}, ref.New(), model.Env{Inputs: 1, Outputs: 1, Controls: 1})
	if err == nil || !strings.Contains(err.Error(), "1 controls") {
		t.Errorf("a filter with a knob: %v", err)
	}
}
