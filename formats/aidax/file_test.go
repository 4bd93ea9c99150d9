package aidax_test

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"partials/device/ref"
	"partials/formats/aidax"
	"partials/internal/rng"
	"partials/model"
)

// noise is n samples.
func noise(n int) []float32 {
	src := rng.New(1, "aidax test")
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(0.3 * src.Normal())
	}
	return x
}

// built is a model on ref with its first weights, made uneven.
func built(t *testing.T, c model.Config, knobs ...string) (model.Model, aidax.Trained) {
	t.Helper()
	dev := ref.New()
	t.Cleanup(func() { dev.Close() })
	m, params, err := model.Build(c, dev, model.Env{Rate: 48000, Inputs: 1, Outputs: 1, Controls: len(knobs), Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	w := map[string][]float64{}
	for _, p := range params.All() {
		w[p.Name] = make([]float64, p.Shape.Len())
		dev.Read64(w[p.Name], p.Var().Tensor)
	}
	return m, aidax.Trained{Config: c, Knobs: knobs, Weights: w, Gain: 1}
}

// A file plays as the model does, from a state of zeros, with knobs and with
// knobs that became biases; its self-test holds.
func TestFilesPlayAsTheModel(t *testing.T) {
	x := noise(3000)
	for name, c := range map[string]model.Config{
		"lstm":      model.LSTM{RNN: model.RNN{HiddenSize: 8, Layers: 1}, ForgetBias: 1},
		"gru":       model.GRU{RNN: model.RNN{HiddenSize: 12, Layers: 1}},
		"lstm skip": model.LSTM{RNN: model.RNN{HiddenSize: 8, Layers: 1, Skip: true}},
	} {
		for _, knobs := range [][]float32{nil, {0.25}, {0.75, 0.5}} {
			m, trained := built(t, c, []string{"drive", "tone"}[:len(knobs)]...)
			rows := [][]float32{x}
			for _, k := range knobs {
				row := make([]float32, len(x))
				for i := range row {
					row[i] = k
				}
				rows = append(rows, row)
				trained.Controls = append(trained.Controls, float64(k))
			}
			dev := ref.New()
			want := [][]float32{make([]float32, len(x))}
			model.NewStream(m, dev).Process(want, rows)
			for _, baked := range []bool{true, false} {
				if !baked {
					trained.Controls = nil
				}
				f, err := aidax.FromModel(trained, x)
				if err != nil {
					t.Fatal(err)
				}
				data, err := f.Encode()
				if err != nil {
					t.Fatal(err)
				}
				back, err := aidax.Decode(data)
				if err != nil {
					t.Fatal(err)
				}
				got := make([]float32, len(x))
				if aidax.NewReader(back).Process(got, x, knobs...); baked {
					aidax.NewReader(back).Process(got, x)
				}
				for i, v := range want[0] {
					if d := math.Abs(float64(got[i] - v)); d > 2e-6 {
						t.Fatalf("%s with knobs %v (biases: %v): sample %d is %v, want %v", name, knobs, baked, i, got[i], v)
					}
				}
				if e := back.Check(); e > 1e-6 || len(back.Test.Input) != 2048 {
					t.Errorf("%s: the self-test of %d samples is off by %v", name, len(back.Test.Input), e)
				}
				if again, _ := back.Encode(); !bytes.Equal(again, data) {
					t.Errorf("%s: written again it is another file", name)
				}
			}
		}
	}
}

// The layout that AIDA-X reads: Keras's, in_shape with the number of inputs.
func TestLayout(t *testing.T) {
	_, trained := built(t, model.GRU{RNN: model.RNN{HiddenSize: 8, Layers: 1}}, "drive")
	f, err := aidax.FromModel(trained, noise(10))
	if err != nil {
		t.Fatal(err)
	}
	data, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var j struct {
		InShape []*int `json:"in_shape"`
		Layers  []struct {
			Type    string
			Shape   []*int
			Weights []json.RawMessage
		}
	}
	if err := json.Unmarshal(data, &j); err != nil {
		t.Fatal(err)
	}
	if len(j.InShape) != 3 || j.InShape[0] != nil || *j.InShape[2] != 2 || j.Layers[0].Type != "gru" || *j.Layers[0].Shape[2] != 8 || len(j.Layers[0].Weights) != 3 {
		t.Fatalf("%.300s", data)
	}
	var kernel [][]float64
	if err := json.Unmarshal(j.Layers[0].Weights[0], &kernel); err != nil {
		t.Fatal(err)
	}
	// Update gate first: PyTorch's second block, of the knob.
	if got, want := kernel[1][3], trained.Weights["layers.0.weight_ih"][(8+3)*2+1]; math.Abs(got-want) > 1e-7 {
		t.Errorf("the knob's weight of the update gate is %v, want %v", got, want)
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		config model.Config
		knobs  []string
		want   string
	}{
		{model.LSTM{RNN: model.RNN{HiddenSize: 10, Layers: 1}}, nil, "hidden size is 10; hosts take [8 12"},
		{model.LSTM{RNN: model.RNN{HiddenSize: 8, Layers: 2}}, nil, "one recurrent layer, and the model has 2"},
		{model.GRU{RNN: model.RNN{HiddenSize: 8, Layers: 1}}, []string{"a", "b", "c"}, "4 inputs"},
		{model.WaveNet{Preset: "nano"}, nil, "lstm and gru only"},
	} {
		_, trained := built(t, c.config, c.knobs...)
		if _, err := aidax.FromModel(trained, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v; it should say %q", c.config, err, c.want)
		}
	}
	_, trained := built(t, model.LSTM{RNN: model.RNN{HiddenSize: 8, Layers: 1}})
	f, err := aidax.FromModel(trained, noise(4))
	if err != nil {
		t.Fatal(err)
	}
	data, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{`"lstm"`, `"conv1d"`, "conv1d"},
		{`[null,null,8]`, `[null,null,12]`, "must have 48"},
		{`[null,null,8]`, `[null,null,1000000]`, "hidden size is 1000000"},
		{`"in_shape":[null,null,1]`, `"in_shape":[]`, "in_shape"},
		{`"output_batch":[`, `"output_batch":[0,`, "4 inputs and 5 outputs"},
		{`"layers":[`, `"layers":[{},`, "recurrent layer of three weights"},
		{`{`, `[`, "no AIDA-X model"},
	} {

		if _, err := aidax.Decode([]byte(strings.Replace(string(data), c.old, c.new, 1))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s for %s: %v; it should say %q", c.new, c.old, err, c.want)
		}
	}
}
