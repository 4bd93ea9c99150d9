package spectral

import (
	"partials/autograd"
	"partials/device"
	"partials/tensor"
)

// accumulator sums the terms of a loss.
type accumulator struct {
	c      *autograd.Call
	d      device.Device
	value  tensor.Tensor // () the sum so far
	wanted bool          // the gradient is
	share  float64       // of a resolution in the value
}

// add adds factor times the sum of x to the value.
func (a *accumulator) add(factor float64, x tensor.Tensor) {
	sum := a.c.New(tensor.Of())
	a.d.Sum(sum, x, device.Axis{Outer: 1, N: x.Len(), Inner: 1})
	a.d.AddScaled(a.value, factor, sum)
	a.release(sum)
}

func (a *accumulator) zeros(s tensor.Shape) tensor.Tensor {
	x := a.c.New(s)
	a.d.Fill(x, 0)
	return x
}

func (a *accumulator) release(ts ...tensor.Tensor) {
	for _, t := range ts {
		a.c.Release(t)
	}
}
