package optim

import (
	"partials/autograd"
	"partials/device"
)

// AdamW is Adam with decoupled weight decay, https://arxiv.org/abs/1711.05101,
// as torch.optim.AdamW without amsgrad.
type AdamW struct {
	Moments
	WeightDecay float64 `yaml:"weight_decay" doc:"each step shrinks the weights by this times the learning rate; 0 for none"`
}

// Validate implements config.Validator.
func (c AdamW) Validate() error { return decayBound(c.WeightDecay) }

// Build implements Config. The state is "m" and "v".
func (c AdamW) Build(dev device.Device, p *autograd.Params) Optimizer {
	return newMoments(dev, p, c.at)
}

func (c AdamW) at(lr float64, step int) device.Adam {
	o := c.adam(lr, step)
	o.Shrink = lr * c.WeightDecay
	return o
}
