package loss

import (
	"partials/autograd"
	"partials/ops"
)

// SDSDR is the negative scale-dependent signal-to-distortion ratio in dB: the
// signal is the target scaled to fit the prediction, the noise what the
// prediction differs from the target by. Le Roux, Wisdom, Erdogan, Hershey,
// "SDR - half-baked or well done?", https://arxiv.org/abs/1811.02508.
type SDSDR struct {
	Term
	Ratio
}

// Validate implements config.Validator.
func (l SDSDR) Validate() error { return l.Ratio.Validate() }

// Build implements Config.
func (l SDSDR) Build(Env) (Loss, error) { return l, nil }

// Apply implements Loss.
func (l SDSDR) Apply(t *autograd.Tape, pred, target *autograd.Var) *autograd.Var {
	p, y := l.prepare(t, pred, target)
	return l.negative(t, l.fitted(t, p, y), ops.Sub(t, p, y))
}
