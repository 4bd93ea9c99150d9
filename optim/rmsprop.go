package optim

import (
	"errors"

	"partials/autograd"
	"partials/device"
	"partials/tensor"
)

// RMSprop divides the gradient by the root of its running square, as
// torch.optim.RMSprop.
type RMSprop struct {
	LR       float64 `yaml:"lr" doc:"learning rate"`
	Alpha    float64 `yaml:"alpha" doc:"share of the running square that is kept at each step"`
	Eps      float64 `yaml:"eps" doc:"added to the root, against division by zero"`
	Centered bool    `yaml:"centered" doc:"divide by the running deviation, not the running square's root"`
	Momentum float64 `yaml:"momentum" doc:"share of the running step that is kept at each step; 0 for none"`
	Decay
}

// Validate implements config.Validator.
func (c RMSprop) Validate() error {
	return errors.Join(
		bound(c.LR > 0, "lr", c.LR, "> 0"),
		bound(c.Alpha >= 0 && c.Alpha < 1, "alpha", c.Alpha, "at least 0 and below 1"),
		bound(c.Eps > 0, "eps", c.Eps, "> 0"),
		bound(c.Momentum >= 0 && c.Momentum < 1, "momentum", c.Momentum, "at least 0 and below 1"),
	)
}

// Rate implements Config.
func (c RMSprop) Rate() float64 { return c.LR }

// Build implements Config. The state is "v", the running square, and where
// asked for "mean", the running gradient, and "momentum".
func (c RMSprop) Build(dev device.Device, p *autograd.Params) Optimizer {
	o := &rmsprop{config: c, slab: newSlab(dev, p)}
	o.v = o.running("v")
	if c.Centered {
		o.mean = o.running("mean")
	}
	if c.Momentum != 0 {
		o.momentum = o.running("momentum")
	}
	return o
}

type rmsprop struct {
	slab
	config   RMSprop
	v        tensor.Tensor
	mean     tensor.Tensor // absent unless centered
	momentum tensor.Tensor // absent without momentum
}

// Step implements Optimizer.
func (o *rmsprop) Step(lr float64, _ int) {
	l2, shrink := o.config.Decay.at(lr)
	o.dev.RMSprop(o.p, o.g, o.v, o.mean, o.momentum, device.RMSprop{
		LR: lr, Alpha: o.config.Alpha, Eps: o.config.Eps, Momentum: o.config.Momentum, L2: l2, Shrink: shrink,
	})
}
