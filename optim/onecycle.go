package optim

import "errors"

// OneCycle rises to the optimizer's learning rate and falls far below where it
// began, https://arxiv.org/abs/1708.07120, as torch's OneCycleLR without its
// cycle of momentum. max_lr is the optimizer's lr.
type OneCycle struct {
	PctStart       float64 `yaml:"pct_start" doc:"share of the run that the rise takes"`
	Anneal         string  `yaml:"anneal" doc:"shape of rise and fall: cos or linear"`
	DivFactor      float64 `yaml:"div_factor" doc:"the run begins at lr / div_factor"`
	FinalDivFactor float64 `yaml:"final_div_factor" doc:"the run ends at lr / div_factor / final_div_factor"`
	ThreePhase     bool    `yaml:"three_phase" doc:"fall back to the beginning's rate in as many steps as the rise took, then on to the end's"`
}

// The values of OneCycle.Anneal.
const (
	annealCos    = "cos"
	annealLinear = "linear"
)

// Validate implements config.Validator.
func (c OneCycle) Validate() error {
	most, must := 1.0, "from 0 to 1"
	if c.ThreePhase {
		most, must = 0.5, "from 0 to 0.5 with three_phase"
	}
	return errors.Join(
		bound(c.PctStart >= 0 && c.PctStart <= most, "pct_start", c.PctStart, must),
		bound(c.Anneal == annealCos || c.Anneal == annealLinear, "anneal", c.Anneal, "cos or linear"),
		bound(c.DivFactor > 0, "div_factor", c.DivFactor, "> 0"),
		bound(c.FinalDivFactor > 0, "final_div_factor", c.FinalDivFactor, "> 0"),
	)
}

// phase is a part of the cycle: up to a step, which may be a fraction, the rate
// goes to a value.
type phase struct{ end, to float64 }

// Build implements ScheduleConfig.
func (c OneCycle) Build(base float64, steps int) (Schedule, error) {
	first := base / c.DivFactor
	last := first / c.FinalDivFactor
	rise := c.PctStart*float64(steps) - 1
	phases := []phase{{rise, base}, {float64(steps - 1), last}}
	if c.ThreePhase {
		phases = []phase{{rise, base}, {2*c.PctStart*float64(steps) - 2, first}, {float64(steps - 1), last}}
	}
	anneal := annealCosine
	if c.Anneal == annealLinear {
		anneal = func(from, to, share float64) float64 { return from + (to-from)*share }
	}
	return curve(func(step int) float64 {
		at, begin, from := float64(step), 0.0, first
		for _, p := range phases {
			if at < p.end {
				return anneal(from, p.to, (at-begin)/(p.end-begin))
			}
			begin, from = p.end, p.to
		}
		return last
	}), nil
}
