package optim

import (
	"partials/autograd"
	"partials/device"
)

// Adam is https://arxiv.org/abs/1412.6980 as torch.optim.Adam without amsgrad:
// weight decay is part of the gradient, and so scaled as the gradient is.
type Adam struct {
	Moments
	WeightDecay float64 `yaml:"weight_decay" doc:"times the weights, added to the gradient; 0 for none"`
}

// Validate implements config.Validator.
func (c Adam) Validate() error { return decayBound(c.WeightDecay) }

// Build implements Config. The state is "m" and "v".
func (c Adam) Build(dev device.Device, p *autograd.Params) Optimizer {
	return newMoments(dev, p, c.at)
}

func (c Adam) at(lr float64, step int) device.Adam {
	o := c.adam(lr, step)
	o.L2 = c.WeightDecay
	return o
}
