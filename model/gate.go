package model

import (
	"partials/autograd"
	"partials/device"
	"partials/internal/config"
	"partials/ops"
)

// Gating says what becomes of the second half of a layer's channels.
type Gating uint8

// The gatings: there is no second half; act(a) * gate(b) of the halves a and b,
// https://arxiv.org/abs/1609.03499; a + gate(b) * (act(a) - a).
const (
	NoGate Gating = iota
	Gated
	Blended
)

var gatingNames = []string{"none", "gated", "blended"}

// String is the gating's name in a recipe.
func (g Gating) String() string { return gatingNames[g] }

// MarshalText implements encoding.TextMarshaler.
func (g Gating) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (g *Gating) UnmarshalText(text []byte) error { return config.Choose(g, text, gatingNames) }

// Gate is an activation with a gate.
type Gate struct {
	channels int
	blend    bool
	fused    bool // one op does it
	act      *Activate
	gate     *Activate
}

// Gate declares an activation with a gate, of the given number of channels C.
func (b *Builder) Gate(name string, g Gating, a, gate Activation, channels int) *Gate {
	l := &Gate{channels: channels, blend: g == Blended, act: b.Activate(name, a, channels), gate: b.Activate(name+"_gate", gate, channels)}
	l.fused = !l.blend && l.act.kind.takes == "" && l.gate.kind.takes == "" && l.gate.kind.f == device.Sigmoid
	return l
}

// Forward maps x (B, 2C, T) to (B, C, T).
func (g *Gate) Forward(p Pass, x *autograd.Var) *autograd.Var {
	if g.fused {
		return ops.GatedActivation(p.Tape, x, 1, g.act.kind.f, device.Sigmoid)
	}
	a, b := ops.Split(p.Tape, x, 1, g.channels)
	y, s := g.act.Forward(p, a), g.gate.Forward(p, b)
	if g.blend {
		return ops.Add(p.Tape, a, ops.Mul(p.Tape, s, ops.Sub(p.Tape, y, a)))
	}
	return ops.Mul(p.Tape, y, s)
}
