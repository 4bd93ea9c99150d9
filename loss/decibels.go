package loss

import (
	"math"

	"partials/autograd"
	"partials/internal/config"
	"partials/ops"
)

// Ratio is what the losses in decibels share: -10 log10(S/(N + eps) + eps) of
// each row, of the energies S and N of a signal and a noise.
type Ratio struct {
	ZeroMean  bool      `yaml:"zero_mean" doc:"take the mean off both signals first"`
	Eps       float64   `yaml:"eps" doc:"added to the energy of the noise and under the logarithm"`
	Reduction Reduction `yaml:"reduction" doc:"mean or sum over channels and items"`
}

// Validate implements config.Validator.
func (r Ratio) Validate() error {
	if !(r.Eps > 0) {
		return config.Field("eps", r.Eps, "above 0")
	}
	return nil
}

func (r Ratio) prepare(t *autograd.Tape, pred, target *autograd.Var) (p, y *autograd.Var) {
	if !r.ZeroMean {
		return pred, target
	}
	return centred(t, pred), centred(t, target)
}

// negative is the loss of the given signal and noise, (B, C, T).
func (r Ratio) negative(t *autograd.Tape, signal, noise *autograd.Var) *autograd.Var {
	n := ops.Shift(t, energies(t, noise), r.Eps)
	ratio := ops.Shift(t, ops.Div(t, energies(t, signal), n), r.Eps)
	return ops.Scale(t, reduce(t, ops.Log(t, ratio), r.Reduction), -10/math.Ln10)
}

// fitted is the target y scaled to fit the prediction p best, row by row:
// <p,y>/(<y,y> + eps) * y.
func (r Ratio) fitted(t *autograd.Tape, p, y *autograd.Var) *autograd.Var {
	alpha := ops.Div(t, ops.Dot(t, p, y, 2), ops.Shift(t, energies(t, y), r.Eps))
	return ops.ScaleBy(t, y, alpha, 0)
}
