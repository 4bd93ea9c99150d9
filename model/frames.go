package model

import (
	"fmt"

	"partials/autograd"
	"partials/device"
	"partials/ops"
	"partials/tensor"
)

// frameNet is a network over frames: (B, extra+F, planes, rows) to gains
// (B, F, gains*rows), in a stream (1, F, planes, rows) to (1, F, gains*rows).
type frameNet interface {
	Forward(p Pass, x *autograd.Var) *autograd.Var
	Context() int  // extra
	MACs() float64 // per frame
}

// frameShape is what a frameNet sees of a frame and makes of it: parts gains,
// 1 or 2 of a complex one, for each channel's rows.
type frameShape struct{ planes, channels, parts, rows int }

// gains is how many rows of gains a frame has.
func (f frameShape) gains() int { return f.channels * f.parts }

// openBias is the bias of the layer that makes the gains, perRow numbers for
// each row of gains: PyTorch's initial values, and 1 more where a gain is real.
// The mask begins open: one that begins closed may turn the sound upside down,
// which a loss that does not see the sign never mends.
func (b *Builder) openBias(name string, f frameShape, perRow, in int) *autograd.Param {
	shape := tensor.Of(f.gains() * perRow)
	values := b.uniform(name, shape, fanIn(in))
	for i := range values {
		if i/perRow%f.parts == 0 {
			values[i]++
		}
	}
	return b.Values(name, shape, values)
}

// gainLayer is the linear layer that makes the gains of a frame.
func (b *Builder) gainLayer(name string, in int, f frameShape) *Linear {
	at := b.Within(name)
	return &Linear{
		weight: at.Uniform("weight", tensor.Of(f.gains()*f.rows, in), fanIn(in)),
		bias:   at.openBias("bias", f, f.rows, in),
	}
}

// network declares the network over frames.
func (c Mask) network(b *Builder, f frameShape) frameNet {
	switch c.Network {
	case networkConvGRU:
		return c.subBandNet(b, f)
	case networkConv:
		return c.convNet(b, f)
	}
	cell := device.Cell{Kind: device.GRU, Detach: c.DetachEvery}
	if c.Network == networkLSTM {
		cell.Kind = device.LSTM
	}
	return &frameRNN{
		burnIn: c.BurnIn,
		core:   b.Recurrent("layers", RecurrentShape{Cell: cell, In: f.planes * f.rows, Hidden: c.HiddenSize, Layers: c.Layers}),
		head:   b.gainLayer("head", c.HiddenSize, f),
	}
}

// flat joins planes and rows of frames: (B, F, planes*rows).
func flat(t *autograd.Tape, x *autograd.Var) *autograd.Var {
	return ops.Reshape(t, x, tensor.Of(x.Dim(0), x.Dim(1), x.Dim(2)*x.Dim(3)))
}

// frameRNN is a recurrent network over frames.
type frameRNN struct {
	burnIn int
	core   *Recurrent
	head   *Linear
}

func (r *frameRNN) Context() int  { return r.burnIn }
func (r *frameRNN) MACs() float64 { return r.core.MACs() + r.head.MACs() }

func (r *frameRNN) Forward(p Pass, x *autograd.Var) *autograd.Var {
	return r.head.Forward(p, r.core.Forward(p, flat(p.Tape, x), r.burnIn))
}

// frameConv is a stack of dilated causal convolutions over frames.
type frameConv struct {
	convs []*CausalConv
	acts  []*Activate
	head  *Linear
}

func (c Mask) convNet(b *Builder, f frameShape) *frameConv {
	r := &frameConv{}
	in := f.planes * f.rows
	for i := range c.Layers {
		at := b.Within(fmt.Sprintf("layers.%d", i))
		r.convs = append(r.convs, at.CausalConv("conv", ConvShape{In: in, Out: c.HiddenSize, Kernel: c.KernelSize, Dilation: 1 << i}))
		r.acts = append(r.acts, at.Activate("activation", c.Activation, c.HiddenSize))
		in = c.HiddenSize
	}
	r.head = b.gainLayer("head", c.HiddenSize, f)
	return r
}

func (r *frameConv) Context() int {
	n := 0
	for _, l := range r.convs {
		n += l.Context()
	}
	return n
}

func (r *frameConv) MACs() float64 {
	n := r.head.MACs()
	for _, l := range r.convs {
		n += l.MACs()
	}
	return n
}

func (r *frameConv) Forward(p Pass, x *autograd.Var) *autograd.Var {
	x = ops.Transpose(p.Tape, flat(p.Tape, x), 1, 2)
	for i, l := range r.convs {
		x = r.acts[i].Forward(p, l.Forward(p, x))
	}
	return r.head.Forward(p, ops.Transpose(p.Tape, x, 1, 2))
}
