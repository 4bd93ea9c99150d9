package loss

import (
	"errors"
	"fmt"

	"partials/autograd"
	"partials/internal/config"
	"partials/ops"
)

// SumDifference compares the sum and the difference of the two channels of a
// stereo signal: (w_sum*MRSTFT(L+R) + w_diff*MRSTFT(L-R)) / 2. Steinmetz, Pons,
// Pascual, Serrà, "Automatic multitrack mixing with a differentiable mixing
// console of neural audio effects", https://arxiv.org/abs/2010.10291.
type SumDifference struct {
	Term
	WSum  float64 `yaml:"w_sum" doc:"weight of the loss of L+R"`
	WDiff float64 `yaml:"w_diff" doc:"weight of the loss of L-R"`
	Resolutions
	Spectra
}

// Validate implements config.Validator.
func (l SumDifference) Validate() error {
	var errs []error
	if !(l.WSum >= 0) {
		errs = append(errs, config.Field("w_sum", l.WSum, "at least 0"))
	}
	if !(l.WDiff >= 0) {
		errs = append(errs, config.Field("w_diff", l.WDiff, "at least 0"))
	}
	return errors.Join(append(errs, l.Resolutions.Validate(), l.LossOptions.Validate())...)
}

// Build implements Config.
func (l SumDifference) Build(env Env) (Loss, error) {
	if env.Channels != 2 {
		return nil, fmt.Errorf("sum_difference needs 2 channels, but the prediction has %d; use mrstft", env.Channels)
	}
	transforms, err := l.transforms(env, l.Normalized)
	if err != nil {
		return nil, err
	}
	mr, err := l.build(env, transforms)
	if err != nil {
		return nil, err
	}
	return &sumDifference{loss: mr, sum: l.WSum / 2, diff: l.WDiff / 2}, nil
}

type sumDifference struct {
	loss      Loss
	sum, diff float64 // weights
}

// Apply implements Loss.
func (l *sumDifference) Apply(t *autograd.Tape, pred, target *autograd.Var) *autograd.Var {
	pl, pr := ops.Split(t, pred, 1, 1)
	tl, tr := ops.Split(t, target, 1, 1)
	sum := l.loss.Apply(t, ops.Add(t, pl, pr), ops.Add(t, tl, tr))
	diff := l.loss.Apply(t, ops.Sub(t, pl, pr), ops.Sub(t, tl, tr))
	return ops.Combine(t, l.sum, sum, l.diff, diff)
}
