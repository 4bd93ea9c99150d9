package optim

import (
	"math"

	"partials/autograd"
	"partials/device"
)

// RAdam is Adam that warms itself up, https://arxiv.org/abs/1908.03265, as
// torch.optim.RAdam: the first steps follow the running mean alone, until the
// running square has seen enough gradients to be trusted.
type RAdam struct {
	Moments
	Decay
}

// Build implements Config. The state is "m" and "v".
func (c RAdam) Build(dev device.Device, p *autograd.Params) Optimizer {
	return newMoments(dev, p, c.at)
}

func (c RAdam) at(lr float64, step int) device.Adam {
	mean, square := c.corrections(step)
	o := device.Adam{Step: lr / mean, Root: 1, Beta1: c.Betas[0], Beta2: c.Betas[1], Eps: c.Eps}
	o.L2, o.Shrink = c.Decay.at(lr)
	// rho is the length of the simple moving average that v is worth now, and
	// most what it tends to; the variance of 1/sqrt(v) exists above 4.
	t := float64(step) + 1
	most := 2/(1-c.Betas[1]) - 1
	rho := most - 2*t*math.Pow(c.Betas[1], t)/square
	if rho <= 5 {
		o.Unadapted = true
		return o
	}
	// As in PyTorch, eps is added to the root of v itself, before the correction.
	rectified := math.Sqrt((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho))
	o.Step *= rectified * math.Sqrt(square)
	return o
}
