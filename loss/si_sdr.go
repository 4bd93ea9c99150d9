package loss

import (
	"partials/autograd"
	"partials/ops"
)

// SISDR is the negative scale-invariant signal-to-distortion ratio in dB: the
// target is first scaled to fit the prediction. Le Roux, Wisdom, Erdogan,
// Hershey, "SDR - half-baked or well done?", https://arxiv.org/abs/1811.02508.
type SISDR struct {
	Term
	Ratio
}

// Validate implements config.Validator.
func (l SISDR) Validate() error { return l.Ratio.Validate() }

// Build implements Config.
func (l SISDR) Build(Env) (Loss, error) { return l, nil }

// Apply implements Loss.
func (l SISDR) Apply(t *autograd.Tape, pred, target *autograd.Var) *autograd.Var {
	p, y := l.prepare(t, pred, target)
	s := l.fitted(t, p, y)
	return l.negative(t, s, ops.Sub(t, p, s))
}
