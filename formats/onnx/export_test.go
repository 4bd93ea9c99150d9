package onnx

import (
	"strings"
	"testing"

	"partials/autograd"
	"partials/device/ref"
	"partials/model"
	"partials/ops"
	"partials/spectral"
	"partials/tensor"
)

func build(t *testing.T, c model.Config) Source {
	t.Helper()
	dev := ref.New()
	m, params, err := model.Build(c, dev, model.Env{Rate: 16000, Inputs: 1, Outputs: 1, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return Source{Model: m, Params: params, Device: dev, Name: "small", Rate: 16000, Version: "v1", Metadata: map[string]string{"model": "mask"}}
}

var smallMask = model.Mask{NFFT: 8, Hop: 4, Type: "magnitude", Network: "gru", HiddenSize: 2, Layers: 1, KernelSize: 1}

func TestStreamSaysWhatItIs(t *testing.T) {
	m, err := build(t, smallMask).Stream(0)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"sample_rate": "16000", "block": "4", "latency": "4", "receptive_field": "0", "normalisation": "none",
		"state": `["frames","layers.0.h","overlap"]`, "model": "mask",
	} {
		if m.Metadata[key] != want {
			t.Errorf("%s is %q, want %q", key, m.Metadata[key], want)
		}
	}
	var names []string
	for _, p := range m.Graph.Inputs {
		names = append(names, string(p.Name))
	}
	for _, p := range m.Graph.Outputs {
		names = append(names, string(p.Name))
	}
	if got, want := strings.Join(names, " "), "input frames layers.0.h overlap output frames.next layers.0.h.next overlap.next"; got != want {
		t.Errorf("ports %s, want %s", got, want)
	}
	if d := m.Graph.Inputs[0].Dims; d[2].Name != "samples" {
		t.Errorf("the input is %v, want a free length", d)
	}
	if m.Producer != "partials" || m.ProducerVersion != "v1" || m.Name != "small" || !strings.Contains(m.Doc, "16000 Hz") {
		t.Errorf("%+v", m)
	}
	fixed, err := build(t, smallMask).Stream(8)
	if err != nil {
		t.Fatal(err)
	}
	if d := fixed.Graph.Inputs[0].Dims; d[2].N != 8 || d[2].Name != "" {
		t.Errorf("the input is %v, want 8 samples", d)
	}
	if len(fixed.Graph.Nodes) >= len(m.Graph.Nodes) {
		t.Error("a block of fixed length computes lengths")
	}
	if _, err := build(t, smallMask).Stream(6); err == nil || !strings.Contains(err.Error(), "a block of 6 samples; the model takes multiples of 4, up to 65536") {
		t.Error(err)
	}
}

// A file that is not the model is found out, whichever number is wrong.
func TestVerify(t *testing.T) {
	s := build(t, smallMask)
	m, err := s.Stream(0)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range m.Graph.Constants {
		if len(c.Floats) == 0 {
			continue
		}
		was := c.Floats[0]
		c.Floats[0] += 0.1
		if err := s.verify(m, []int{12, 4, 8}, 0); err == nil || !strings.Contains(err.Error(), "is not the model") {
			t.Errorf("constant %d, %s: %v", i, c.Name, err)
		}
		c.Floats[0] = was
	}
	if err := s.verify(m, []int{12, 4, 8}, 0); err != nil {
		t.Error(err)
	}
}

// Knobs are an input of their own; what they say is heard.
func TestKnobs(t *testing.T) {
	dev := ref.New()
	m, params, err := model.Build(model.GRU{RNN: model.RNN{HiddenSize: 2, Layers: 1, BurnIn: 10}}, dev,
		model.Env{Rate: 16000, Inputs: 1, Outputs: 1, Controls: 2, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	s := Source{Model: m, Params: params, Device: dev, Rate: 16000, Controls: []string{"drive", "tone"}}
	for name, export := range map[string]func() (*Model, error){"stream": func() (*Model, error) { return s.Stream(0) }, "whole": s.Whole} {
		g, err := export()
		if err != nil {
			t.Fatal(err)
		}
		if p := g.Graph.Inputs[1]; p.Name != "controls" || p.Dims[1].N != 2 || g.Metadata["controls"] != `["drive","tone"]` {
			t.Errorf("%s: %+v, %v", name, p, g.Metadata)
		}
		x := [][]float32{{0.1, 0.2, 0.3}}
		middle, err := g.play(x, []float32{0.5, 0.5}, []int{3})
		if err != nil {
			t.Fatal(err)
		}
		turned, err := g.play(x, []float32{0.5, 0.6}, []int{3})
		if err != nil {
			t.Fatal(err)
		}
		if middle[0][2] == turned[0][2] {
			t.Errorf("%s: a knob changes nothing", name)
		}
	}
	s.Settings = []float32{0.25, 1}
	g, err := s.Stream(0)
	if err != nil {
		t.Fatal(err)
	}
	if g.Graph.Inputs[1].Name == "controls" || g.Metadata["controls"] != "[]" {
		t.Errorf("at a setting: %+v, %v", g.Graph.Inputs, g.Metadata)
	}
}

// fake is a model that is one function.
type fake func(p model.Pass, x *autograd.Var) *autograd.Var

func (f fake) Build(*model.Builder) (model.Model, error)           { return f, nil }
func (f fake) Facts() model.Facts                                  { return model.Facts{Inputs: 1, Outputs: 1, Block: 1} }
func (f fake) Forward(p model.Pass, x *autograd.Var) *autograd.Var { return f(p, x) }

// silent is a user's Function without a method ONNX.
type silent struct{ autograd.NoGradient }

func (*silent) Forward(c *autograd.Call) tensor.Tensor { return c.In(0) }

func TestWhatCannotBeWritten(t *testing.T) {
	for want, f := range map[string]fake{
		"onnx.silent cannot be written as ONNX: it has no method ONNX": func(p model.Pass, x *autograd.Var) *autograd.Var {
			return autograd.Apply(p.Tape, silent{}, autograd.In{x})
		},
		"spectral.Phase cannot be written as ONNX: the phase has no form in ONNX": func(p model.Pass, x *autograd.Var) *autograd.Var {
			return spectral.Phase(p.Tape, spectral.Complex(p.Tape, x, x))
		},
		`the model does not treat blocks of all lengths alike: operator "Sin" differs`: func(p model.Pass, x *autograd.Var) *autograd.Var {
			if x.Dim(2) == 4 {
				return ops.Tanh(p.Tape, x)
			}
			return ops.Sin(p.Tape, x)
		},
		`the model does not treat blocks of all lengths alike: "ints", number 5, is 9 for 3 blocks and 36 for 6`: func(p model.Pass, x *autograd.Var) *autograd.Var {
			n := x.Dim(2)
			return ops.Slice(p.Tape, ops.Pad(p.Tape, x, 2, 0, n*n), 2, 0, n)
		},
	} {
		if _, err := build(t, f).Stream(0); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
