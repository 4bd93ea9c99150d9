package gradcheck

import (
	"math"

	"partials/device"
)

// directions is how many random directions Directional tries for each input.
const directions = 3

// Directional compares <gradient, v> with the derivative along a few random
// directions v of each input, to a relative error of 1e-8 by default. The cost
// does not depend on the size.
func Directional(dev device.Device, f Func, in []Input, opts ...Option) error {
	c, err := newComparison(dev, f, in, opts)
	if err != nil {
		return err
	}
	for i, g := range c.grads {
		for k := range directions {
			v := normal(c.options.seed, "gradcheck direction", len(g), i, k)
			scale := rms(in[i].Data)
			analytic, squares := 0.0, 0.0
			for j := range v {
				v[j] *= scale
				analytic += g[j] * v[j]
				squares += g[j] * v[j] * g[j] * v[j]
			}
			d, err := c.along(i, v, c.step, c.eps)
			if err != nil {
				return err
			}
			allowed := c.tolerance*max(math.Abs(d.value), math.Sqrt(squares)) + d.noise
			if !(math.Abs(analytic-d.value) <= allowed) {
				return &Mismatch{Input: i, Seed: k, Analytic: analytic, Numeric: d.value, Allowed: allowed}
			}
		}
	}
	return nil
}

// comparison is a subject, its gradient by Backward, and how to compare it.
type comparison struct {
	*subject
	options
	eps   float64     // rounding of the device
	grads [][]float64 // of each input
}

func newComparison(dev device.Device, f Func, in []Input, opts []Option) (*comparison, error) {
	o, eps := chosen(dev, opts, options{tolerance: 1e-8, step: 0.05}, options{tolerance: 1e-2, step: 0.2})
	s, err := newSubject(dev, f, in, o.seed)
	if err != nil {
		return nil, err
	}
	_, grads, err := s.gradients(s.values())
	if err != nil {
		return nil, err
	}
	return &comparison{subject: s, options: o, eps: eps, grads: grads}, nil
}
