package loss

import (
	"partials/autograd"
	"partials/ops"
)

// L1 is the mean (or sum) of |p-t| over all samples.
type L1 struct {
	Term
	Reduction Reduction `yaml:"reduction" doc:"mean or sum over samples, channels and items"`
}

// Build implements Config.
func (l L1) Build(Env) (Loss, error) { return l, nil }

// Apply implements Loss.
func (l L1) Apply(t *autograd.Tape, pred, target *autograd.Var) *autograd.Var {
	return reduce(t, ops.Abs(t, ops.Sub(t, pred, target)), l.Reduction)
}
