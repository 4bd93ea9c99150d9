package model

import (
	"errors"
	"fmt"
	"math"

	"partials/autograd"
	"partials/device"
	"partials/internal/config"
	"partials/ops"
)

// RNN is what the recurrent models have in common: a stack of recurrent layers
// and a linear layer from the last one's state to the output.
type RNN struct {
	HiddenSize  int  `yaml:"hidden_size" doc:"units of every layer"`
	Layers      int  `yaml:"layers" doc:"number of layers, each feeding the next"`
	BurnIn      int  `yaml:"burn_in" doc:"samples of a training segment before its first output, which settle the state"`
	DetachEvery int  `yaml:"detach_every" doc:"truncated backpropagation: cut the gradient through the state every so many samples; 0 never does"`
	LearnStart  bool `yaml:"learn_start" doc:"learn the state before the first sample; gradients then flow through burn_in"`
	Skip        bool `yaml:"skip" doc:"add the input to the output"`
}

func (c RNN) check() error {
	return errors.Join(
		within("hidden_size", c.HiddenSize, 1, maxChannels),
		within("layers", c.Layers, 1, maxLayers),
		within("burn_in", c.BurnIn, 0, maxContext),
		within("detach_every", c.DetachEvery, 0, maxContext),
	)
}

// LSTM is a network of long short-term memory, with the Neural Amp Modeler's
// initial values and training: shared start state, burn-in, truncation.
type LSTM struct {
	Preset string `yaml:"preset" doc:"sizes by name: standard (one layer of 24), lite (two of 8), feather (one of 16), nano (one of 12); empty for those below"`
	RNN
	ForgetBias float64 `yaml:"forget_bias" doc:"added to both first biases of the forget gate, taken from both of the input gate"`
}

// lstmPresets are the sizes that the Neural Amp Modeler ships: units and layers.
var lstmPresets = map[string][2]int{"": {}, "standard": {24, 1}, "lite": {8, 2}, "feather": {16, 1}, "nano": {12, 1}}

// Sized is c with the sizes of its preset.
func (c LSTM) Sized() LSTM {
	if size := lstmPresets[c.Preset]; size[0] > 0 {
		c.HiddenSize, c.Layers = size[0], size[1]
	}
	return c
}

// Validate implements config.Validator.
func (c LSTM) Validate() error {
	err := c.check()
	if _, ok := lstmPresets[c.Preset]; !ok {
		err = errors.Join(err, config.OneOf("preset", c.Preset, "standard", "lite", "feather", "nano"))
	}
	if math.IsNaN(c.ForgetBias) || math.Abs(c.ForgetBias) > 100 {
		err = errors.Join(err, config.Field("forget_bias", c.ForgetBias, "from -100 to 100"))
	}
	return err
}

// Build implements Config.
func (c LSTM) Build(b *Builder) (Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return c.Sized().build(b, device.LSTM, c.ForgetBias)
}

// GRU is a network of gated recurrent units.
type GRU struct{ RNN }

// Validate implements config.Validator.
func (c GRU) Validate() error { return c.check() }

// Build implements Config.
func (c GRU) Build(b *Builder) (Model, error) { return c.build(b, device.GRU, 0) }

func (c RNN) build(b *Builder, kind device.Kind, forgetBias float64) (Model, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	in, out := b.Env.Inputs, b.Env.Outputs
	if c.Skip && in != out {
		return nil, fmt.Errorf("skip adds the input to the output, but the data has %d input and %d output channels", in, out)
	}
	m := &rnn{
		config: c,
		core: b.Recurrent("layers", RecurrentShape{
			Cell: device.Cell{Kind: kind, Detach: c.DetachEvery}, In: in + b.Env.Controls, Hidden: c.HiddenSize, Layers: c.Layers,
			LearnStart: c.LearnStart, ForgetBias: forgetBias,
		}),
		head: b.Linear("head", c.HiddenSize, out),
	}
	m.facts = Facts{Inputs: in, Controls: b.Env.Controls, Outputs: out, Context: c.BurnIn, Block: 1, MACs: m.core.MACs() + m.head.MACs()}
	return m, nil
}

type rnn struct {
	config RNN
	facts  Facts
	core   *Recurrent
	head   *Linear
}

func (m *rnn) Facts() Facts { return m.facts }

func (m *rnn) Forward(p Pass, x *autograd.Var) *autograd.Var {
	h := m.core.Forward(p, ops.Transpose(p.Tape, x, 1, 2), m.config.BurnIn)
	y := ops.Transpose(p.Tape, m.head.Forward(p, h), 1, 2)
	if m.config.Skip {
		y = ops.Add(p.Tape, y, p.last(p.channels(x, m.facts.Inputs), y.Dim(-1)))
	}
	return y
}
