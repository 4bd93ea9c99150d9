package loss

import (
	"partials/autograd"
	"partials/internal/config"
	"partials/ops"
)

// Huber is the mean (or sum), over all samples, of e^2/2 for errors e up to
// delta and delta*(|e| - delta/2) above, as torch.nn.HuberLoss. PyTorch's
// SmoothL1Loss is Huber by delta. https://doi.org/10.1214/aoms/1177703732
type Huber struct {
	Term
	Delta     float64   `yaml:"delta" doc:"error, full scale is 1, above which the loss is no longer a square"`
	Reduction Reduction `yaml:"reduction" doc:"mean or sum over samples, channels and items"`
}

// Validate implements config.Validator.
func (l Huber) Validate() error {
	if !(l.Delta > 0) {
		return config.Field("delta", l.Delta, "above 0")
	}
	return nil
}

// Build implements Config.
func (l Huber) Build(Env) (Loss, error) { return l, nil }

// Apply implements Loss.
func (l Huber) Apply(t *autograd.Tape, pred, target *autograd.Var) *autograd.Var {
	// With e and its clamped self h, both in units of delta, it is delta^2 h (e - h/2).
	e := ops.Scale(t, ops.Sub(t, pred, target), 1/l.Delta)
	h := ops.Hardtanh(t, e)
	y := ops.Mul(t, h, ops.Combine(t, 1, e, -0.5, h))
	return ops.Scale(t, reduce(t, y, l.Reduction), l.Delta*l.Delta)
}
