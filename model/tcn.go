package model

import (
	"errors"
	"fmt"
	"math"

	"partials/autograd"
	"partials/internal/config"
)

// TCN is a temporal convolutional network: a stack of dilated causal
// convolutions with residual connections, as micro-TCN's,
// https://arxiv.org/abs/2102.06200.
type TCN struct {
	Channels   int        `yaml:"channels" doc:"width of every layer"`
	KernelSize int        `yaml:"kernel_size" doc:"taps of every convolution"`
	Layers     int        `yaml:"layers" doc:"number of layers, where dilations are not listed"`
	Growth     int        `yaml:"dilation_growth" doc:"layer i has dilation dilation_growth^i samples"`
	Dilations  []int      `yaml:"dilations" doc:"the dilation of each layer in samples, in place of layers and dilation_growth"`
	Activation Activation `yaml:"activation" doc:"after every convolution: tanh, leaky_relu(0.01), prelu, ..."`
	Groups     int        `yaml:"groups" doc:"groups of channels in every convolution but the first"`
	Residual   bool       `yaml:"residual" doc:"add each layer's input to its output"`
	Skip       bool       `yaml:"skip" doc:"the output sums all layers, not only the last"`
}

// Validate implements config.Validator.
func (c TCN) Validate() error {
	return errors.Join(
		within("channels", c.Channels, 1, maxChannels),
		within("kernel_size", c.KernelSize, 1, maxKernel),
		c.validateDilations(),
		c.validateGroups(),
	)
}

func (c TCN) validateDilations() error {
	if len(c.Dilations) > 0 {
		return dilationsError("dilations", c.Dilations)
	}
	if err := errors.Join(within("layers", c.Layers, 1, maxLayers), within("dilation_growth", c.Growth, 1, maxContext)); err != nil {
		return err
	}
	if math.Pow(float64(c.Growth), float64(c.Layers-1)) > maxContext {
		return config.Field("dilation_growth", c.Growth, fmt.Sprintf("small enough for %d layers: the last one's dilation would pass %d samples", c.Layers, maxContext))
	}
	return nil
}

func (c TCN) validateGroups() error {
	if c.Groups < 1 || c.Channels%c.Groups != 0 {
		return config.Field("groups", c.Groups, fmt.Sprintf("a divisor of channels (%d)", c.Channels))
	}
	return nil
}

// dilations lists each layer's.
func (c TCN) dilations() []int {
	if len(c.Dilations) > 0 {
		return c.Dilations
	}
	list := make([]int, c.Layers)
	d := 1
	for i := range list {
		list[i] = d
		d *= c.Growth
	}
	return list
}

// Build implements Config.
func (c TCN) Build(b *Builder) (Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	m := &tcn{config: c, facts: Facts{Inputs: b.Env.Inputs, Outputs: b.Env.Outputs, Block: 1}}
	in, groups := b.Env.Inputs, 1
	for i, d := range c.dilations() {
		inner := b.Within(fmt.Sprintf("layers.%d", i))
		l := tcnLayer{
			conv: inner.CausalConv("conv", ConvShape{In: in, Out: c.Channels, Kernel: c.KernelSize, Dilation: d, Groups: groups}),
			act:  inner.Activate("activation", c.Activation, c.Channels),
		}
		if c.Residual && in != c.Channels {
			l.widen = inner.CausalConv("residual", ConvShape{In: in, Out: c.Channels, NoBias: true})
			m.facts.MACs += l.widen.MACs()
		}
		m.facts.Context += l.conv.Context()
		m.facts.MACs += l.conv.MACs()
		m.layers = append(m.layers, l)
		in, groups = c.Channels, c.Groups
	}
	if err := contextError(m.facts.Context); err != nil {
		return nil, err
	}
	m.head = b.CausalConv("head", ConvShape{In: c.Channels, Out: b.Env.Outputs})
	m.facts.MACs += m.head.MACs()
	m.facts.ReceptiveField = m.facts.Context + 1
	return m, nil
}

type tcn struct {
	config TCN
	facts  Facts
	layers []tcnLayer
	head   *CausalConv // 1x1
}

type tcnLayer struct {
	conv  *CausalConv
	act   *Activate
	widen *CausalConv // 1x1, of the residual where the widths differ, or nil
}

func (m *tcn) Facts() Facts { return m.facts }

func (m *tcn) Forward(p Pass, x *autograd.Var) *autograd.Var {
	var sum *autograd.Var // of all layers, where they reach the output
	for i := range m.layers {
		l := &m.layers[i]
		y := l.act.Forward(p, l.conv.Forward(p, x))
		if m.config.Skip {
			sum = p.addTo(sum, y)
		}
		if m.config.Residual {
			past := x
			if l.widen != nil {
				past = l.widen.Forward(p, p.last(x, y.Dim(-1)))
			}
			y = p.addTo(past, y)
		}
		x = y
	}
	if m.config.Skip {
		x = sum
	}
	return m.head.Forward(p, x)
}
