package gradcheck

import (
	"math"

	"partials/device"
	"partials/tensor"
)

// Full compares the gradient of every number of every input with its
// derivative, to a relative error of 1e-8 by default, where a number counts as
// at least the root mean square of its input's gradient. Its cost grows with
// the square of the size: it is for inputs of some hundred numbers.
func Full(dev device.Device, f Func, in []Input, opts ...Option) error {
	c, err := newComparison(dev, f, in, opts)
	if err != nil {
		return err
	}
	for i, g := range c.grads {
		scale := rms(in[i].Data)
		v := make([]float64, len(g))
		for j := range g {
			v[j] = scale
			d, err := c.along(i, v, c.step, c.eps)
			if err != nil {
				return err
			}
			v[j] = 0
			numeric, noise := d.value/scale, d.noise/scale
			allowed := c.tolerance*max(math.Abs(numeric), norm(g)/math.Sqrt(float64(len(g)))) + noise
			if !(math.Abs(g[j]-numeric) <= allowed) {
				return &Mismatch{Input: i, At: index(in[i].Shape, j), Analytic: g[j], Numeric: numeric, Allowed: allowed}
			}
		}
	}
	return nil
}

// index returns number j of a tensor of shape s as one index for each axis.
func index(s tensor.Shape, j int) []int {
	at := make([]int, s.Rank())
	for k := s.Rank() - 1; k >= 0; k-- {
		at[k] = j % s.Dim(k)
		j /= s.Dim(k)
	}
	return at
}
