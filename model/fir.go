package model

import (
	"errors"
	"fmt"
	"math"

	"partials/autograd"
	"partials/internal/config"
	"partials/ops"
	"partials/tensor"
)

// FIR is a linear filter: learnable impulse responses, one from every input to
// every output channel or one for each channel.
type FIR struct {
	Taps     int     `yaml:"taps" doc:"length of the impulse response in samples"`
	Separate bool    `yaml:"separate" doc:"one impulse response for each channel, in place of one from every input to every output"`
	Bias     bool    `yaml:"bias" doc:"add a learnt constant to each output"`
	Noise    float64 `yaml:"noise" doc:"standard deviation of the noise on the first impulse responses, which pass the sound on"`
}

// Validate implements config.Validator.
func (c FIR) Validate() error {
	err := within("taps", c.Taps, 1, maxContext)
	if !(c.Noise >= 0 && c.Noise <= 1) || math.IsNaN(c.Noise) {
		err = errors.Join(err, config.Field("noise", c.Noise, "from 0 to 1"))
	}
	return err
}

// Build implements Config. The parameter "impulse_response.weight" is
// (Out, In, Taps), or (Out, 1, Taps) of separate channels; its last tap meets
// the newest sample. "bias" is (Out).
func (c FIR) Build(b *Builder) (Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	in, out := b.Env.Inputs, b.Env.Outputs
	groups := 1
	if c.Separate {
		if in != out {
			return nil, fmt.Errorf("separate filters each channel on its own, but the data has %d input and %d output channels", in, out)
		}
		groups = in
	}
	const name = "impulse_response"
	m := &fir{conv: &longConv{name: b.Name(name), weight: c.weight(b.Within(name), in/groups, out, groups), groups: groups}}
	if c.Bias {
		m.bias = b.Zeros("bias", tensor.Of(out))
	}
	m.facts = Facts{
		Inputs: in, Outputs: out, Context: m.conv.Context(), ReceptiveField: c.Taps, Block: 1,
		MACs: float64(m.conv.weight.Shape.Len()),
	}
	return m, nil
}

// weight declares impulses from input i to output i, and noise.
func (c FIR) weight(b *Builder, in, out, groups int) *autograd.Param {
	s := tensor.Of(out, in, c.Taps)
	values := b.room("weight", s)
	src := b.random("weight")
	for i := range values {
		values[i] = c.Noise * src.Normal()
	}
	for o := range out {
		for i := range in {
			if groups > 1 || i == o%in {
				values[(o*in+i+1)*c.Taps-1]++
			}
		}
	}
	return b.Values("weight", s, values)
}

type fir struct {
	facts Facts
	conv  *longConv
	bias  *autograd.Param // (Out), or nil
}

func (m *fir) Facts() Facts { return m.facts }

func (m *fir) Forward(p Pass, x *autograd.Var) *autograd.Var {
	y := m.conv.Forward(p, x)
	if m.bias == nil {
		return y
	}
	return ops.AddBias(p.Tape, y, m.bias.Var(), 1)
}
