package optim

import (
	"errors"
	"math"

	"partials/autograd"
	"partials/device"
	"partials/tensor"
)

// Moments are the fields that Adam and its relatives share: they follow the
// running mean m and the running square v of every gradient. A recipe validates
// them, and Decay, as parts of the optimizer that embeds them.
type Moments struct {
	LR    float64    `yaml:"lr" doc:"learning rate"`
	Betas [2]float64 `yaml:"betas" doc:"shares of the running mean and the running square that are kept at each step"`
	Eps   float64    `yaml:"eps" doc:"added to the root of the running square, against division by zero"`
}

// Validate implements config.Validator.
func (c Moments) Validate() error {
	return errors.Join(
		bound(c.LR > 0, "lr", c.LR, "> 0"),
		bound(c.Betas[0] >= 0 && c.Betas[0] < 1, "betas[0]", c.Betas[0], "at least 0 and below 1"),
		bound(c.Betas[1] >= 0 && c.Betas[1] < 1, "betas[1]", c.Betas[1], "at least 0 and below 1"),
		bound(c.Eps > 0, "eps", c.Eps, "> 0"),
	)
}

// Rate implements Config.
func (c Moments) Rate() float64 { return c.LR }

// corrections returns 1-beta^(step+1) for both betas: m and v begin at zero, and
// divided by these they are unbiased.
func (c Moments) corrections(step int) (mean, square float64) {
	t := float64(step) + 1
	return 1 - math.Pow(c.Betas[0], t), 1 - math.Pow(c.Betas[1], t)
}

// adam returns the numbers of Adam's step without weight decay:
// p -= lr * m/mean / (sqrt(v/square) + eps).
func (c Moments) adam(lr float64, step int) device.Adam {
	mean, square := c.corrections(step)
	return device.Adam{
		Step: lr / mean, Root: 1 / math.Sqrt(square),
		Beta1: c.Betas[0], Beta2: c.Betas[1], Eps: c.Eps,
	}
}

// moments is Adam or a relative: at gives the numbers of each step.
type moments struct {
	slab
	m, v tensor.Tensor
	at   func(lr float64, step int) device.Adam
}

// newMoments returns an optimizer whose state is "m" and "v".
func newMoments(dev device.Device, p *autograd.Params, at func(lr float64, step int) device.Adam) Optimizer {
	o := &moments{slab: newSlab(dev, p), at: at}
	o.m, o.v = o.running("m"), o.running("v")
	return o
}

// Step implements Optimizer.
func (o *moments) Step(lr float64, step int) {
	o.dev.Adam(o.p, o.g, o.m, o.v, o.at(lr, step))
}
