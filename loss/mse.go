package loss

import (
	"partials/autograd"
	"partials/ops"
)

// MSE is the mean (or sum) of (p-t)^2 over all samples.
type MSE struct {
	Term
	Reduction Reduction `yaml:"reduction" doc:"mean or sum over samples, channels and items"`
}

// Build implements Config.
func (l MSE) Build(Env) (Loss, error) { return l, nil }

// Apply implements Loss.
func (l MSE) Apply(t *autograd.Tape, pred, target *autograd.Var) *autograd.Var {
	e := ops.Sub(t, pred, target)
	return ops.Scale(t, ops.Sum(t, energies(t, e)), l.Reduction.Over(e.Len()))
}
