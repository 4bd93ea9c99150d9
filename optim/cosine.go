package optim

import (
	"errors"
	"fmt"
	"math"
)

// Cosine rises linearly to the optimizer's learning rate and then falls to a
// floor along half a cosine: torch's LinearLR followed by CosineAnnealingLR,
// https://arxiv.org/abs/1608.03983.
type Cosine struct {
	Warmup      int     `yaml:"warmup" doc:"steps of the linear rise; 0 for none"`
	StartFactor float64 `yaml:"start_factor" doc:"share of the learning rate that the rise begins at"`
	Floor       float64 `yaml:"floor" doc:"learning rate that the fall ends at"`
}

// Validate implements config.Validator.
func (c Cosine) Validate() error {
	return errors.Join(
		bound(c.Warmup >= 0, "warmup", c.Warmup, "at least 0"),
		bound(c.StartFactor >= 0 && c.StartFactor <= 1, "start_factor", c.StartFactor, "from 0 to 1"),
		bound(c.Floor >= 0, "floor", c.Floor, "at least 0"),
	)
}

// Build implements ScheduleConfig.
func (c Cosine) Build(base float64, steps int) (Schedule, error) {
	if err := errors.Join(
		bound(c.Warmup < steps, "warmup", c.Warmup, fmt.Sprintf("below the run's steps (%d)", steps)),
		bound(c.Floor <= base, "floor", c.Floor, fmt.Sprintf("at most the learning rate (%v)", base)),
	); err != nil {
		return nil, err
	}
	fall := float64(steps - c.Warmup)
	return curve(func(step int) float64 {
		if step < c.Warmup {
			return base * (c.StartFactor + (1-c.StartFactor)*float64(step)/float64(c.Warmup))
		}
		return annealCosine(base, c.Floor, min(1, float64(step-c.Warmup)/fall))
	}), nil
}

// annealCosine goes from one value to another along half a cosine as share goes
// from 0 to 1.
func annealCosine(from, to, share float64) float64 {
	return to + (from-to)/2*(1+math.Cos(math.Pi*share))
}
