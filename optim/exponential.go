package optim

import (
	"errors"
	"math"
)

// Exponential lets the learning rate fall smoothly: lr * gamma^(step/every). With
// every 1 it is torch's ExponentialLR stepped at each update.
type Exponential struct {
	Gamma float64 `yaml:"gamma" doc:"factor of the learning rate per every steps"`
	Every int     `yaml:"every" doc:"steps in which the learning rate falls by gamma, smoothly"`
}

// Validate implements config.Validator.
func (c Exponential) Validate() error { return fallBounds(c.Gamma, c.Every) }

// Build implements ScheduleConfig.
func (c Exponential) Build(base float64, steps int) (Schedule, error) {
	return curve(func(step int) float64 {
		return base * math.Pow(c.Gamma, float64(min(step, steps))/float64(c.Every))
	}), nil
}

func fallBounds(gamma float64, every int) error {
	return errors.Join(
		bound(gamma > 0 && gamma <= 1, "gamma", gamma, "above 0 and at most 1"),
		bound(every >= 1, "every", every, "at least 1"),
	)
}
