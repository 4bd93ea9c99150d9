package model

import (
	"fmt"

	"partials/autograd"
	"partials/device"
	"partials/ops"
	"partials/tensor"
)

// Recurrent is a stack of LSTM or GRU layers over data (B, T, features), with
// PyTorch's weights.
type Recurrent struct {
	cell   device.Cell
	hidden int
	layers []recurrentLayer
}

type recurrentLayer struct {
	hName, cName   string          // of the state in a stream
	wi, wh, bi, bh *autograd.Param // (G*H, in), (G*H, H), (G*H), (G*H)
	h0, c0         *autograd.Param // (H), the learnt start state, or nil
	h, c           *autograd.Var   // (B, H), where the present pass stands; nil is zeros
}

// RecurrentShape describes a Recurrent.
type RecurrentShape struct {
	Cell       device.Cell
	In, Hidden int
	Layers     int // each feeds the next
	// LearnStart makes the state before the first sample a parameter, zeros at
	// first. Without it the state starts as zeros.
	LearnStart bool
	// ForgetBias is added to both biases of an LSTM's forget gate and taken
	// from both of its input gate, so that it starts by remembering.
	ForgetBias float64
}

// Recurrent declares a stack of recurrent layers with PyTorch's initial values.
func (b *Builder) Recurrent(name string, s RecurrentShape) *Recurrent {
	r := &Recurrent{cell: s.Cell, hidden: s.Hidden}
	g := s.Cell.Kind.Gates() * s.Hidden
	bound := fanIn(s.Hidden)
	in := s.In
	for i := range s.Layers {
		at := b.Within(fmt.Sprintf("%s.%d", name, i))
		l := recurrentLayer{
			hName: at.Name("h"), cName: at.Name("c"),
			wi: at.Uniform("weight_ih", tensor.Of(g, in), bound),
			wh: at.Uniform("weight_hh", tensor.Of(g, s.Hidden), bound),
			bi: at.gateBias("bias_ih", s, bound),
			bh: at.gateBias("bias_hh", s, bound),
		}
		if s.LearnStart {
			l.h0 = at.Zeros("h0", tensor.Of(s.Hidden))
			if s.Cell.Kind == device.LSTM {
				l.c0 = at.Zeros("c0", tensor.Of(s.Hidden))
			}
		}
		r.layers = append(r.layers, l)
		in = s.Hidden
	}
	return r
}

// gateBias declares a bias of all gates, in the order i, f, g, o for an LSTM.
func (b *Builder) gateBias(name string, s RecurrentShape, bound float64) *autograd.Param {
	shape := tensor.Of(s.Cell.Kind.Gates() * s.Hidden)
	values := b.uniform(name, shape, bound)
	if s.Cell.Kind == device.LSTM {
		for i := range s.Hidden {
			values[i] -= s.ForgetBias
			values[s.Hidden+i] += s.ForgetBias
		}
	}
	return b.Values(name, shape, values)
}

// MACs is the number of multiply-adds per sample.
func (r *Recurrent) MACs() float64 {
	n := 0
	for _, l := range r.layers {
		n += l.wi.Shape.Len() + l.wh.Shape.Len()
	}
	return float64(n)
}

// Forward maps x (B, burnIn+T, In) to the last layer's hidden states
// (B, T, Hidden), in a stream (1, T, In) to (1, T, Hidden). The first burnIn
// samples of a whole segment settle the state: where the start state is learnt
// gradients flow through them to it, else none do and they cost no backward
// pass.
func (r *Recurrent) Forward(p Pass, x *autograd.Var, burnIn int) *autograd.Var {
	r.start(p, x.Dim(0))
	if !p.Streams() && burnIn > 0 {
		head := ops.Slice(p.Tape, x, 1, 0, burnIn)
		if r.layers[0].h0 != nil {
			r.run(p, head, 0)
		} else {
			p.NoGrad(func() { r.run(p, head, 0) })
		}
		x = ops.Slice(p.Tape, x, 1, burnIn, x.Dim(1))
	}
	y := r.run(p, x, r.cell.Detach)
	r.keep(p)
	return y
}

// keep remembers where every layer stands for the next block of a stream.
func (r *Recurrent) keep(p Pass) {
	for i := range r.layers {
		l := &r.layers[i]
		p.Keep(l.hName, l.h)
		if l.c != nil {
			p.Keep(l.cName, l.c)
		}
	}
}

// start sets every layer's state to the one that the pass begins with.
func (r *Recurrent) start(p Pass, batch int) {
	for i := range r.layers {
		l := &r.layers[i]
		l.h = r.first(p, l.hName, l.h0, batch)
		l.c = nil
		if r.cell.Kind == device.LSTM {
			l.c = r.first(p, l.cName, l.c0, batch)
		}
	}
}

// first is a state of the batch before the first sample, or nil for zeros.
func (r *Recurrent) first(p Pass, name string, learnt *autograd.Param, batch int) *autograd.Var {
	switch {
	case learnt == nil:
		return p.Recall(name, tensor.Of(batch, r.hidden))
	case p.Streams():
		return p.RecallFrom(name, learnt.Var().View(tensor.Of(1, r.hidden)))
	default:
		return ops.Spread(p.Tape, learnt.Var(), 0, batch)
	}
}

// run runs all layers over x from where they stand.
func (r *Recurrent) run(p Pass, x *autograd.Var, detach int) *autograd.Var {
	for i := range r.layers {
		l := &r.layers[i]
		w := ops.RecurrentWeights{Wi: l.wi.Var(), Wh: l.wh.Var(), Bi: l.bi.Var(), Bh: l.bh.Var()}
		if r.cell.Kind == device.LSTM {
			x = ops.LSTM(p.Tape, x, l.h, l.c, w, detach)
			l.c = x.Extra(1)
		} else {
			x = ops.GRU(p.Tape, x, l.h, w, detach)
		}
		l.h = x.Extra(0)
	}
	return x
}
