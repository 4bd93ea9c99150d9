package model

import (
	"partials/autograd"
	"partials/device"
	"partials/ops"
)

// Gate is a gated activation: act(a) * sigmoid(b) of the halves of the
// channels of x (B, 2C, T), https://arxiv.org/abs/1609.03499.
type Gate struct {
	channels int
	act      *Activate
}

// Gate declares a gated activation with the given number of channels C.
func (b *Builder) Gate(name string, a Activation, channels int) *Gate {
	return &Gate{channels: channels, act: b.Activate(name, a, channels)}
}

// Forward maps x (B, 2C, T) to (B, C, T).
func (g *Gate) Forward(p Pass, x *autograd.Var) *autograd.Var {
	if g.act.kind.takes == "" {
		return ops.GatedActivation(p.Tape, x, 1, g.act.kind.f, device.Sigmoid)
	}
	a, b := ops.Split(p.Tape, x, 1, g.channels)
	return ops.Mul(p.Tape, g.act.Forward(p, a), ops.Sigmoid(p.Tape, b))
}
