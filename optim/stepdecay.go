package optim

import "math"

// StepDecay lets the learning rate fall in jumps, lr * gamma^floor(step/every),
// as torch's StepLR. With every at the steps of an epoch it is a schedule that
// is stepped once an epoch, as NAM's ExponentialLR.
type StepDecay struct {
	Gamma float64 `yaml:"gamma" doc:"factor of the learning rate at each jump"`
	Every int     `yaml:"every" doc:"steps between jumps"`
}

// Validate implements config.Validator.
func (c StepDecay) Validate() error { return fallBounds(c.Gamma, c.Every) }

// Build implements ScheduleConfig.
func (c StepDecay) Build(base float64, steps int) (Schedule, error) {
	return curve(func(step int) float64 {
		return base * math.Pow(c.Gamma, float64(min(step, steps)/c.Every))
	}), nil
}
