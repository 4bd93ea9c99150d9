package ops

import (
	"partials/autograd"
	"partials/device"
	"partials/graph"
	"partials/tensor"
)

type dot struct {
	axis int
	a    device.Axis
}

// Dot is the inner products of a and b, of equal shape, over the axes from the
// given one on: axis 1 of (B, C, T) gives (B), one product for each item.
func Dot(t *autograd.Tape, a, b *autograd.Var, axis int) *autograd.Var {
	return autograd.Apply(t, dot{axis: axis}, autograd.In{a, b})
}

func (f *dot) Forward(c *autograd.Call) tensor.Tensor {
	a, b := c.In(0), c.In(1)
	wantEqual(a, b)
	k := axisOf(a.Shape, f.axis)
	f.a = device.Axis{Outer: count(a.Shape, 0, k), N: count(a.Shape, k, a.Rank()), Inner: 1}
	p := c.New(a.Shape)
	c.Device().Mul(p, a, b)
	y := c.New(replaced(a.Shape, k, a.Rank()))
	c.Device().Sum(y, p, f.a)
	c.Release(p)
	return y
}

func (f *dot) Backward(c *autograd.Call, dy tensor.Tensor) {
	s := c.New(c.In(0).Shape)
	c.Device().Spread(s, dy, f.a)
	if da, ok := c.Grad(0); ok {
		c.Device().MulGrad(da, s, c.In(1))
	}
	if db, ok := c.Grad(1); ok {
		c.Device().MulGrad(db, s, c.In(0))
	}
	c.Release(s)
}

// ONNX is Mul and ReduceSum.
func (f *dot) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	var axes []int
	for i := axisOf(c.In(0).Shape, f.axis); i < c.In(0).Rank(); i++ {
		axes = append(axes, i)
	}
	return reduceSum(w, w.Node("Mul", nil, w.Inputs()...), axes)
}
