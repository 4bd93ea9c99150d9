package optim

import "fmt"

// curve is a Schedule of the step alone.
type curve func(step int) float64

// LR implements Schedule.
func (c curve) LR(step int) float64 { return c(step) }

// Observe implements Schedule.
func (c curve) Observe(float64) {}

// State implements Schedule.
func (c curve) State() []float64 { return nil }

// Restore implements Schedule.
func (c curve) Restore(state []float64) error {
	if len(state) > 0 {
		return fmt.Errorf("it holds the state of a schedule that watches validation (%d numbers), and this schedule has none", len(state))
	}
	return nil
}
