package optim

import (
	"errors"
	"fmt"
	"math"
)

// Plateau lowers the learning rate when validation no longer improves, as
// torch's ReduceLROnPlateau. A run that is validated only at its end never
// lowers it.
type Plateau struct {
	Factor        float64 `yaml:"factor" doc:"factor of the learning rate at each reduction"`
	Patience      int     `yaml:"patience" doc:"validations without improvement that are let pass; the next one reduces"`
	Threshold     float64 `yaml:"threshold" doc:"smallest improvement on the best value that counts"`
	ThresholdMode string  `yaml:"threshold_mode" doc:"rel: threshold is a share of the best value; abs: it has the value's unit"`
	Cooldown      int     `yaml:"cooldown" doc:"validations after a reduction that are not held against it"`
	MinLR         float64 `yaml:"min_lr" doc:"learning rate below which no reduction goes"`
	Eps           float64 `yaml:"eps" doc:"a reduction by no more than this is not made"`
}

// The values of Plateau.ThresholdMode.
const (
	relative = "rel"
	absolute = "abs"
)

// Validate implements config.Validator.
func (c Plateau) Validate() error {
	return errors.Join(
		bound(c.Factor > 0 && c.Factor < 1, "factor", c.Factor, "above 0 and below 1"),
		bound(c.Patience >= 0, "patience", c.Patience, "at least 0"),
		bound(c.ThresholdMode == relative || c.ThresholdMode == absolute, "threshold_mode", c.ThresholdMode, "rel or abs"),
		bound(c.Threshold >= 0, "threshold", c.Threshold, "at least 0"),
		bound(c.Threshold < 1 || c.ThresholdMode != relative, "threshold", c.Threshold, "below 1 where threshold_mode is rel"),
		bound(c.Cooldown >= 0, "cooldown", c.Cooldown, "at least 0"),
		bound(c.MinLR >= 0, "min_lr", c.MinLR, "at least 0"),
		bound(c.Eps >= 0, "eps", c.Eps, "at least 0"),
	)
}

// Build implements ScheduleConfig.
func (c Plateau) Build(base float64, _ int) (Schedule, error) {
	if err := bound(c.MinLR <= base, "min_lr", c.MinLR, fmt.Sprintf("at most the learning rate (%v)", base)); err != nil {
		return nil, err
	}
	return &plateau{config: c, rate: base, best: math.MaxFloat64}, nil
}

type plateau struct {
	config Plateau
	rate   float64
	best   float64 // of the values so far, finite so that a checkpoint can hold it
	bad    int     // validations since
	rest   int     // validations that the cooldown still covers
}

// LR implements Schedule.
func (p *plateau) LR(int) float64 { return p.rate }

// Observe implements Schedule. NaN is no improvement.
func (p *plateau) Observe(value float64) {
	if value < p.bar() {
		p.best, p.bad = max(value, -math.MaxFloat64), 0
	} else {
		p.bad++
	}
	if p.rest > 0 {
		p.rest--
		p.bad = 0
	}
	if p.bad <= p.config.Patience {
		return
	}
	p.bad, p.rest = 0, p.config.Cooldown
	if lower := max(p.rate*p.config.Factor, p.config.MinLR); p.rate-lower > p.config.Eps {
		p.rate = lower
	}
}

// bar is what a value must be below to be an improvement. A negative best is
// that of a metric turned round because higher is better: there the bar is
// torch's for mode max.
func (p *plateau) bar() float64 {
	if p.config.ThresholdMode == absolute {
		return p.best - p.config.Threshold
	}
	return p.best * (1 - math.Copysign(p.config.Threshold, p.best))
}

// State implements Schedule.
func (p *plateau) State() []float64 {
	return []float64{p.rate, p.best, float64(p.bad), float64(p.rest)}
}

// Restore implements Schedule.
func (p *plateau) Restore(state []float64) error {
	if len(state) != 4 {
		return fmt.Errorf("a plateau schedule keeps 4 numbers, and it holds %d", len(state))
	}
	rate, best, bad, rest := state[0], state[1], state[2], state[3]
	count := func(x float64) bool { return x >= 0 && x <= math.MaxInt32 && x == math.Trunc(x) }
	if !(rate >= 0 && rate <= math.MaxFloat64 && math.Abs(best) <= math.MaxFloat64 && count(bad) && count(rest)) {
		return fmt.Errorf("%v is no state of a plateau schedule (learning rate, best value, and two counts)", state)
	}
	p.rate, p.best, p.bad, p.rest = rate, best, int(bad), int(rest)
	return nil
}
