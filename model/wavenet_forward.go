package model

import (
	"fmt"

	"partials/autograd"
	"partials/ops"
)

// Build implements Config.
func (c WaveNet) Build(b *Builder) (Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	m := &waveNet{scale: c.Scale(), facts: Facts{Inputs: b.Env.Inputs, Outputs: b.Env.Outputs, Block: 1}}
	arrays := c.Arrays(b.Env.Outputs)
	if got := arrays[len(arrays)-1].Head.Channels; got != b.Env.Outputs {
		return nil, fmt.Errorf("the last layer array's head.channels is %d, but the data has %d output channels", got, b.Env.Outputs)
	}
	in := b.Env.Inputs
	for i, a := range arrays {
		if err := a.Validate(); err != nil {
			return nil, fmt.Errorf("layers[%d]: %w", i, err)
		}
		layers := m.array(b.Within(fmt.Sprintf("arrays.%d", i)), a, in, i+1 == len(arrays))
		m.arrays = append(m.arrays, layers)
		in = a.Channels
	}
	if err := contextError(m.facts.Context); err != nil {
		return nil, err
	}
	m.facts.ReceptiveField = m.depth() + 1
	return m, nil
}

// depth is the number of past samples that an output sample depends on. It is
// less than the context, which every convolution of the segment shortens, where
// a head between arrays has more than one tap: the residual stream goes past
// it.
func (m *waveNet) depth() int {
	stream, head := 0, 0
	for _, a := range m.arrays {
		for _, l := range a.layers {
			stream += l.conv.Context()
			head = max(head, stream)
		}
		head += a.head.Context()
	}
	return head
}

// waveNet is arrays of layers around two streams: the residual one, which each
// layer adds to, and the head, the sum of all activations.
type waveNet struct {
	facts  Facts
	arrays []waveNetArray
	scale  float64
}

type waveNetArray struct {
	rechannel *CausalConv // 1x1, from the array before
	layers    []waveNetLayer
	head      *CausalConv
}

type waveNetLayer struct {
	conv  *CausalConv
	mixin *CausalConv // 1x1, of the input
	act   interface {
		Forward(Pass, *autograd.Var) *autograd.Var
	}
	post   *CausalConv // 1x1, into the residual stream
	unused bool        // nothing follows that would read the residual stream
}

// array declares one array's layers, in the order of a .nam file's weights.
func (m *waveNet) array(b *Builder, a LayerArray, in int, last bool) waveNetArray {
	r := waveNetArray{rechannel: b.CausalConv("rechannel", ConvShape{In: in, Out: a.Channels, NoBias: true})}
	m.count(r.rechannel)
	for i, d := range a.Dilations {
		at := b.Within(fmt.Sprintf("layers.%d", i))
		width := a.Bottleneck
		if a.Gated {
			width *= 2
		}
		l := waveNetLayer{
			conv:   at.CausalConv("conv", ConvShape{In: a.Channels, Out: width, Kernel: a.Kernel(i), Dilation: d}),
			mixin:  at.CausalConv("input_mixin", ConvShape{In: m.facts.Inputs, Out: width, NoBias: true}),
			post:   at.CausalConv("layer1x1", ConvShape{In: a.Bottleneck, Out: a.Channels}),
			unused: last && i+1 == len(a.Dilations),
		}
		if a.Gated {
			l.act = at.Gate("activation", a.Activation, a.Bottleneck)
		} else {
			l.act = at.Activate("activation", a.Activation, a.Bottleneck)
		}
		m.count(l.conv, l.mixin)
		if !l.unused {
			m.count(l.post)
		}
		r.layers = append(r.layers, l)
	}
	r.head = b.CausalConv("head", ConvShape{In: a.Bottleneck, Out: a.Head.Channels, Kernel: a.Head.KernelSize, NoBias: !a.Head.Bias})
	m.count(r.head)
	return r
}

// count adds layers to the facts.
func (m *waveNet) count(layers ...*CausalConv) {
	for _, l := range layers {
		m.facts.Context += l.Context()
		m.facts.MACs += l.MACs()
	}
}

func (m *waveNet) Facts() Facts { return m.facts }

func (m *waveNet) Forward(p Pass, x *autograd.Var) *autograd.Var {
	stream := x
	var head *autograd.Var
	for i := range m.arrays {
		a := &m.arrays[i]
		stream = a.rechannel.Forward(p, stream)
		for j := range a.layers {
			l := &a.layers[j]
			z := l.conv.Forward(p, stream)
			z = ops.Add(p.Tape, z, l.mixin.Forward(p, p.last(x, z.Dim(-1))))
			z = l.act.Forward(p, z)
			head = p.addTo(head, z)
			if !l.unused {
				stream = p.addTo(stream, l.post.Forward(p, z))
			}
		}
		head = a.head.Forward(p, head)
		stream = p.last(stream, head.Dim(-1))
	}
	return ops.Scale(p.Tape, head, m.scale)
}
