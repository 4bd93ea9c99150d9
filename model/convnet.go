package model

import (
	"errors"
	"fmt"

	"partials/autograd"
	"partials/internal/config"
)

// ConvNet is the convolutional network of the Neural Amp Modeler: a stack of
// dilated causal convolutions of two taps, each followed by batch normalisation
// and an activation.
type ConvNet struct {
	Channels   int        `yaml:"channels" doc:"width of every layer"`
	Dilations  []int      `yaml:"dilations" doc:"the dilation of each layer in samples"`
	BatchNorm  bool       `yaml:"batch_norm" doc:"normalise each layer's channels over the batch; exports hold what it became"`
	Activation Activation `yaml:"activation" doc:"after every layer: tanh, leaky_relu(0.01), ..."`
}

// convNetKernel is the number of taps.
const convNetKernel = 2

// Validate implements config.Validator.
func (c ConvNet) Validate() error {
	errs := []error{
		within("channels", c.Channels, 1, maxChannels),
		dilationsError("dilations", c.Dilations),
	}
	if len(c.Dilations) == 0 {
		errs = append(errs, config.Field("dilations", c.Dilations, "a list with one number for each layer"))
	}
	return errors.Join(errs...)
}

// Build implements Config.
func (c ConvNet) Build(b *Builder) (Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	m := &convNet{facts: Facts{Inputs: b.Env.Inputs, Outputs: b.Env.Outputs, Block: 1}}
	in := b.Env.Inputs
	for i, d := range c.Dilations {
		at := b.Within(fmt.Sprintf("blocks.%d", i))
		l := convNetBlock{
			conv: at.CausalConv("conv", ConvShape{In: in, Out: c.Channels, Kernel: convNetKernel, Dilation: d, NoBias: c.BatchNorm}),
			act:  at.Activate("activation", c.Activation, c.Channels),
		}
		if c.BatchNorm {
			l.norm = at.BatchNorm("norm", c.Channels)
		}
		m.facts.Context += l.conv.Context()
		m.facts.MACs += l.conv.MACs()
		m.blocks = append(m.blocks, l)
		in = c.Channels
	}
	if err := contextError(m.facts.Context); err != nil {
		return nil, err
	}
	m.head = b.CausalConv("head", ConvShape{In: c.Channels, Out: b.Env.Outputs})
	m.facts.MACs += m.head.MACs()
	m.facts.ReceptiveField = m.facts.Context + 1
	return m, nil
}

type convNet struct {
	facts  Facts
	blocks []convNetBlock
	head   *CausalConv // 1x1
}

type convNetBlock struct {
	conv *CausalConv
	norm *BatchNorm // or nil
	act  *Activate
}

func (m *convNet) Facts() Facts { return m.facts }

func (m *convNet) Forward(p Pass, x *autograd.Var) *autograd.Var {
	for i := range m.blocks {
		l := &m.blocks[i]
		x = l.conv.Forward(p, x)
		if l.norm != nil {
			x = l.norm.Forward(p, x)
		}
		x = l.act.Forward(p, x)
	}
	return m.head.Forward(p, x)
}
