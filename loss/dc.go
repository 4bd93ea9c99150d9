package loss

import (
	"partials/autograd"
	"partials/ops"
)

// DC is the error of the offset, (mean (t-p))^2 / (mean t^2 + eps) of each row:
// Wright and Välimäki, "Perceptual loss function for neural modelling of audio
// systems", https://arxiv.org/abs/1911.08922.
type DC struct {
	Term
	Eps       float64   `yaml:"eps" doc:"added to the mean square of the target"`
	Floor     float64   `yaml:"floor" doc:"RMS level (full scale is 1) of the quietest target that the error is relative to; 0 for none (auraloss)"`
	Reduction Reduction `yaml:"reduction" doc:"mean or sum over channels and items"`
}

// Validate implements config.Validator.
func (l DC) Validate() error { return checkFloors(l.Eps, l.Floor) }

// Build implements Config.
func (l DC) Build(Env) (Loss, error) { return l, nil }

// Apply implements Loss.
func (l DC) Apply(t *autograd.Tape, pred, target *autograd.Var) *autograd.Var {
	offset := ops.MeanAxis(t, ops.Sub(t, pred, target), 2)
	p := ops.Shift(t, powers(t, target, l.Floor), l.Eps)
	return reduce(t, ops.Div(t, ops.Square(t, offset), p), l.Reduction)
}
