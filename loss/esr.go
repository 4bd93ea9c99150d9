package loss

import (
	"partials/autograd"
	"partials/internal/config"
	"partials/ops"
)

// ESR is the error-to-signal ratio, sum (t-p)^2 / (sum t^2 + eps) of each row:
// Wright, Damskägg, Välimäki, "Real-time black-box modelling with recurrent
// neural networks", DAFx 2019.
type ESR struct {
	Term
	Eps       float64   `yaml:"eps" doc:"added to the energy of the target"`
	Floor     float64   `yaml:"floor" doc:"RMS level (full scale is 1) of the quietest target that the error is relative to; 0 for none (auraloss)"`
	Reduction Reduction `yaml:"reduction" doc:"mean or sum over channels and items"`
}

// Validate implements config.Validator.
func (l ESR) Validate() error { return checkFloors(l.Eps, l.Floor) }

// Build implements Config.
func (l ESR) Build(Env) (Loss, error) { return l, nil }

// Apply implements Loss.
func (l ESR) Apply(t *autograd.Tape, pred, target *autograd.Var) *autograd.Var {
	samples := float64(target.Dim(2))
	e := ops.Scale(t, energies(t, ops.Sub(t, pred, target)), 1/samples)
	p := ops.Shift(t, powers(t, target, l.Floor), l.Eps/samples)
	return reduce(t, ops.Div(t, e, p), l.Reduction)
}

// checkFloors reports an eps and a floor that leave a silent target undefined.
func checkFloors(eps, floor float64) error {
	if !(floor >= 0) {
		return config.Field("floor", floor, "at least 0")
	}
	if !(eps >= 0) || eps == 0 && floor == 0 {
		return config.Field("eps", eps, "above 0, or at least 0 with a floor above 0")
	}
	return nil
}
