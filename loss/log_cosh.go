package loss

import (
	"partials/autograd"
	"partials/internal/config"
	"partials/ops"
)

// LogCosh is (1/a) mean log(cosh(a (p-t)) + eps) of each row: squares for small
// errors, magnitudes for large ones. Chen, Chen, Xu, Lu, "Log hyperbolic cosine
// loss improves variational auto-encoder", 2018.
type LogCosh struct {
	Term
	A         float64   `yaml:"a" doc:"steepness: errors above 1/a count by their magnitude"`
	Eps       float64   `yaml:"eps" doc:"added under the logarithm"`
	Reduction Reduction `yaml:"reduction" doc:"mean or sum over channels and items"`
}

// Validate implements config.Validator.
func (l LogCosh) Validate() error {
	if !(l.A > 0) {
		return config.Field("a", l.A, "above 0")
	}
	if !(l.Eps >= 0) {
		return config.Field("eps", l.Eps, "at least 0")
	}
	return nil
}

// Build implements Config.
func (l LogCosh) Build(Env) (Loss, error) { return l, nil }

// Apply implements Loss.
func (l LogCosh) Apply(t *autograd.Tape, pred, target *autograd.Var) *autograd.Var {
	e := ops.Scale(t, ops.Sub(t, pred, target), l.A)
	rows := ops.MeanAxis(t, ops.LogCosh(t, e, l.Eps), 2)
	return ops.Scale(t, reduce(t, rows, l.Reduction), 1/l.A)
}
