// Package optim changes parameters by their gradients: optimizers, learning
// rate schedules, and gradient clipping. The updates are PyTorch's. Averaged
// weights need nothing of their own: device.Update.Blend is the moving average.
package optim

import (
	"partials/autograd"
	"partials/device"
	"partials/tensor"
)

// Optimizer updates all parameters at once.
type Optimizer interface {
	// Step makes update number step, counted from 0, with learning rate lr,
	// from the gradients in the parameters' slab. It allocates nothing.
	Step(lr float64, step int)
	// State is what it remembers besides the parameters, in a fixed order: a
	// checkpoint holds it. Every entry is a slab as long as the parameters'.
	State() []State
}

// State is a tensor that a checkpoint keeps under a name.
type State struct {
	Name  string
	Value tensor.Tensor
}

// Config describes an optimizer in a recipe and builds it. Its struct is the
// YAML.
type Config interface {
	// Rate is the learning rate that schedules scale.
	Rate() float64
	// Build makes the optimizer of parameters that were placed on dev, its
	// state at zero.
	Build(dev device.Device, p *autograd.Params) Optimizer
}

// Schedule is the learning rate over the steps.
type Schedule interface {
	// LR is the learning rate of a step, counted from 0. Past the run's end it
	// stays what it was in the end.
	LR(step int) float64
	// Observe tells a schedule that watches the validation metric its value
	// (lower is better), once for each validation.
	Observe(value float64)
	// State is what Observe has changed, Restore puts it back: finite numbers
	// that a checkpoint holds. Empty for a schedule of the step alone.
	State() []float64
	// Restore refuses the state of another kind of schedule.
	Restore(state []float64) error
}

// ScheduleConfig describes a schedule in a recipe. Its struct is the YAML.
type ScheduleConfig interface {
	// Build makes the schedule of a run of steps updates. base is the
	// optimizer's learning rate. Errors speak of the recipe's fields.
	Build(base float64, steps int) (Schedule, error)
}
