package loss

import (
	"partials/autograd"
	"partials/ops"
)

// SNR is the negative signal-to-noise ratio in dB: the signal is the target,
// the noise what the prediction differs by.
type SNR struct {
	Term
	Ratio
}

// Validate implements config.Validator.
func (l SNR) Validate() error { return l.Ratio.Validate() }

// Build implements Config.
func (l SNR) Build(Env) (Loss, error) { return l, nil }

// Apply implements Loss.
func (l SNR) Apply(t *autograd.Tape, pred, target *autograd.Var) *autograd.Var {
	p, y := l.prepare(t, pred, target)
	return l.negative(t, y, ops.Sub(t, p, y))
}
