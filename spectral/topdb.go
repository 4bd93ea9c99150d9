package spectral

import (
	"math"

	"partials/autograd"
	"partials/device"
	"partials/tensor"
)

type topDB struct {
	within  float64
	loudest int // index of the maximum
	floor   float64
}

// TopDB raises levels x, in dB, to at least rangeDB below the greatest of all
// of them: torchaudio's top_db over the whole batch. The greatest gets the
// gradient of those that were raised. It reads x back from the device, so it is
// not for the hot path of a training step.
func TopDB(t *autograd.Tape, x *autograd.Var, rangeDB float64) *autograd.Var {
	return autograd.Apply(t, topDB{within: rangeDB}, autograd.In{x})
}

func (f *topDB) Forward(c *autograd.Call) tensor.Tensor {
	x := c.In(0)
	values := make([]float64, x.Len())
	c.Read(values, x)
	top := math.Inf(-1)
	for i, v := range values {
		if v > top {
			top, f.loudest = v, i
		}
	}
	f.floor = top - f.within
	y := c.New(x.Shape)
	c.Device().Map(device.ClampMin, f.floor, y, x)
	return y
}

func (f *topDB) Backward(c *autograd.Call, dy tensor.Tensor) {
	dx, ok := c.Grad(0)
	if !ok || dx.Len() == 0 {
		return
	}
	d := c.Device()
	kept := c.New(dx.Shape) // the part of dy that passes
	d.Fill(kept, 0)
	d.MapGrad(device.ClampMin, f.floor, kept, c.In(0), c.Out(), dy)
	d.AddScaled(dx, 1, kept)
	d.Combine(kept, 1, dy, -1, kept)
	raised := c.New(tensor.Of())
	d.Sum(raised, kept, device.Axis{Outer: 1, N: kept.Len(), Inner: 1})
	d.AddScaled(dx.Part(f.loudest, tensor.Of()), 1, raised)
	c.Release(raised)
	c.Release(kept)
}
