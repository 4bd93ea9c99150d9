package optim

// PerEpoch is a schedule that counts epochs of so many steps: within one the
// learning rate stands still.
func PerEpoch(s Schedule, steps int) Schedule { return perEpoch{s, steps} }

type perEpoch struct {
	Schedule
	steps int
}

// LR implements Schedule.
func (s perEpoch) LR(step int) float64 { return s.Schedule.LR(step / s.steps) }
