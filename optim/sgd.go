package optim

import (
	"errors"

	"partials/autograd"
	"partials/device"
	"partials/tensor"
)

// SGD is stochastic gradient descent, as torch.optim.SGD without dampening.
type SGD struct {
	LR       float64 `yaml:"lr" doc:"learning rate"`
	Momentum float64 `yaml:"momentum" doc:"share of the running gradient that is kept at each step; 0 for none"`
	Nesterov bool    `yaml:"nesterov" doc:"take the gradient from where the momentum leads"`
	Decay
}

// Validate implements config.Validator.
func (c SGD) Validate() error {
	return errors.Join(
		bound(c.LR > 0, "lr", c.LR, "> 0"),
		bound(c.Momentum >= 0 && c.Momentum < 1, "momentum", c.Momentum, "at least 0 and below 1"),
		bound(!c.Nesterov || c.Momentum != 0, "nesterov", c.Nesterov, "false where momentum is 0"),
	)
}

// Rate implements Config.
func (c SGD) Rate() float64 { return c.LR }

// Build implements Config. The state is "momentum", where there is any.
func (c SGD) Build(dev device.Device, p *autograd.Params) Optimizer {
	o := &sgd{config: c, slab: newSlab(dev, p)}
	if c.Momentum != 0 {
		o.momentum = o.running("momentum")
	}
	return o
}

type sgd struct {
	slab
	config   SGD
	momentum tensor.Tensor // absent without momentum
}

// Step implements Optimizer.
func (o *sgd) Step(lr float64, _ int) {
	l2, shrink := o.config.Decay.at(lr)
	o.dev.SGD(o.p, o.g, o.momentum, device.SGD{
		LR: lr, Momentum: o.config.Momentum, Nesterov: o.config.Nesterov, L2: l2, Shrink: shrink,
	})
}
