package model

import (
	"fmt"

	"partials/autograd"
	"partials/device"
	"partials/ops"
)

// frameNet is a network over frames: (B, extra+F, in) to (B, F, hidden), in a
// stream (1, F, in) to (1, F, hidden).
type frameNet interface {
	Forward(p Pass, x *autograd.Var) *autograd.Var
	Context() int  // extra
	MACs() float64 // per frame
}

// network declares the network over frames.
func (c Mask) network(b *Builder, features int) frameNet {
	if c.Network == "conv" {
		return c.convNet(b, features)
	}
	cell := device.Cell{Kind: device.GRU, Detach: c.DetachEvery}
	if c.Network == "lstm" {
		cell.Kind = device.LSTM
	}
	return &frameRNN{burnIn: c.BurnIn, core: b.Recurrent("layers", RecurrentShape{
		Cell: cell, In: features, Hidden: c.HiddenSize, Layers: c.Layers,
	})}
}

// frameRNN is a recurrent network over frames.
type frameRNN struct {
	core   *Recurrent
	burnIn int
}

func (r *frameRNN) Context() int  { return r.burnIn }
func (r *frameRNN) MACs() float64 { return r.core.MACs() }

func (r *frameRNN) Forward(p Pass, x *autograd.Var) *autograd.Var {
	return r.core.Forward(p, x, r.burnIn)
}

// frameConv is a stack of dilated causal convolutions over frames.
type frameConv struct {
	convs []*CausalConv
	acts  []*Activate
}

func (c Mask) convNet(b *Builder, features int) *frameConv {
	r := &frameConv{}
	in := features
	for i := range c.Layers {
		at := b.Within(fmt.Sprintf("layers.%d", i))
		r.convs = append(r.convs, at.CausalConv("conv", ConvShape{In: in, Out: c.HiddenSize, Kernel: c.KernelSize, Dilation: 1 << i}))
		r.acts = append(r.acts, at.Activate("activation", c.Activation, c.HiddenSize))
		in = c.HiddenSize
	}
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
	n := 0.0
	for _, l := range r.convs {
		n += l.MACs()
	}
	return n
}

func (r *frameConv) Forward(p Pass, x *autograd.Var) *autograd.Var {
	x = ops.Transpose(p.Tape, x, 1, 2)
	for i, l := range r.convs {
		x = r.acts[i].Forward(p, l.Forward(p, x))
	}
	return ops.Transpose(p.Tape, x, 1, 2)
}
