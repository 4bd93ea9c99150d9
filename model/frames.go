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

// frameShape is what a frameNet sees of a frame and makes of it.
type frameShape struct{ planes, gains, rows int }

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
		head:   b.Linear("head", c.HiddenSize, f.gains*f.rows),
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
	r.head = b.Linear("head", c.HiddenSize, f.gains*f.rows)
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
