package model

import (
	"errors"
	"fmt"

	"partials/autograd"
	"partials/device"
	"partials/ops"
)

// Build implements Config.
func (c WaveNet) Build(b *Builder) (Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	m := &waveNet{scale: c.Scale(), params: b.Params, facts: Facts{Inputs: b.Env.Inputs, Controls: b.Env.Controls, Outputs: b.Env.Outputs, Block: 1}}
	arrays := c.Arrays(b.Env.Outputs)
	if got := arrays[len(arrays)-1].Head.Channels; got != b.Env.Outputs {
		return nil, fmt.Errorf("the last layer array's head.channels is %d, but the data has %d output channels", got, b.Env.Outputs)
	}
	in := b.Env.Inputs
	for i, a := range arrays {
		if err := errors.Join(a.Validate(), groupsError("input_mixin_groups", a.MixinGroups, m.facts.Channels(), a.width())); err != nil {
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
	params *autograd.Params
	arrays []waveNetArray
	scale  float64
}

type waveNetArray struct {
	rechannel *CausalConv // 1x1, from the array before
	layers    []waveNetLayer
	head      *CausalConv
	whole     *device.LayerArray // the layers as one, or nil where no device has those
	weights   *autograd.Var      // of whole, once they are placed
}

type waveNetLayer struct {
	conv  *CausalConv
	mixin *CausalConv // 1x1, of the input and the knobs
	act   interface {
		Forward(Pass, *autograd.Var) *autograd.Var
	}
	post   *CausalConv // 1x1, into the residual stream, or nil
	head   *CausalConv // 1x1, into the head, or nil
	unused bool        // nothing follows that would read the residual stream
}

// array declares one array's layers, in the order of a .nam file's weights.
func (m *waveNet) array(b *Builder, a LayerArray, in int, last bool) waveNetArray {
	r := waveNetArray{rechannel: b.CausalConv("rechannel", ConvShape{In: in, Out: a.Channels, NoBias: true})}
	m.count(r.rechannel)
	for i, d := range a.Dilations {
		at := b.Within(fmt.Sprintf("layers.%d", i))
		l := waveNetLayer{
			conv:   at.CausalConv("conv", ConvShape{In: a.Channels, Out: a.width(), Kernel: a.KernelSizes[i], Dilation: d, Groups: a.Groups}),
			mixin:  at.CausalConv("input_mixin", ConvShape{In: m.facts.Channels(), Out: a.width(), Groups: a.MixinGroups, NoBias: true}),
			unused: last && i+1 == len(a.Dilations),
		}
		m.count(l.conv, l.mixin)
		if !a.Layer1x1.Off {
			l.post = at.CausalConv("layer1x1", ConvShape{In: a.Bottleneck, Out: a.Channels, Groups: a.Layer1x1.Groups})
			if !l.unused {
				m.count(l.post)
			}
		}
		if a.Head1x1.Channels > 0 {
			l.head = at.CausalConv("head1x1", ConvShape{In: a.Bottleneck, Out: a.Head1x1.Channels, Groups: a.Head1x1.Groups})
			m.count(l.head)
		}
		if a.Gating == NoGate {
			l.act = at.Activate("activation", a.Activations[i], a.Bottleneck)
		} else {
			l.act = at.Gate("activation", a.Gating, a.Activations[i], *a.GateActivation, a.Bottleneck)
		}
		r.layers = append(r.layers, l)
	}
	r.whole = m.whole(a, in, last)
	r.head = b.CausalConv("head", ConvShape{In: a.headWidth(), Out: a.Head.Channels, Kernel: a.Head.KernelSize, NoBias: !a.Head.Bias})
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
	stream := p.channels(x, m.facts.Inputs)
	var head *autograd.Var
	for i := range m.arrays {
		a := &m.arrays[i]
		if a.fits(p) {
			head, stream = a.forwardWhole(m.params, p, stream, x, head)
		} else {
			head, stream = a.forward(p, stream, x, head)
		}
		head = a.head.Forward(p, head)
		if i+1 < len(m.arrays) {
			stream = p.last(stream, head.Dim(-1))
		}
	}
	return ops.Scale(p.Tape, head, m.scale)
}

// forward runs the layers one by one. It returns the sum of past and their
// activations, and the stream after the last layer.
func (a *waveNetArray) forward(p Pass, stream, cond, past *autograd.Var) (head, out *autograd.Var) {
	head = past
	stream = a.rechannel.Forward(p, stream)
	for i := range a.layers {
		l := &a.layers[i]
		z := l.conv.Forward(p, stream)
		z = ops.Add(p.Tape, z, l.mixin.Forward(p, p.last(cond, z.Dim(-1))))
		z = l.act.Forward(p, z)
		if l.head == nil {
			head = p.addTo(head, z)
		} else {
			head = p.addTo(head, l.head.Forward(p, z))
		}
		if l.post != nil && !l.unused {
			stream = p.addTo(stream, l.post.Forward(p, z))
		}
	}
	return head, stream
}
