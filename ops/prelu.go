package ops

import (
	"partials/autograd"
	"partials/device"
	"partials/graph"
	"partials/tensor"
)

type prelu struct {
	axis  int
	a     along
	pos   tensor.Tensor // max(x, 0)
	neg   tensor.Tensor // min(x, 0)
	slope tensor.Tensor // repeated to the shape of x
}

// PReLU is x above 0 and slope*x below, with a learnt slope: one number, or
// one for each entry of the given axis (1 for x (B, C, T)). As PyTorch's PReLU,
// its gradient at 0 is the slope. https://arxiv.org/abs/1502.01852
func PReLU(t *autograd.Tape, x, slope *autograd.Var, axis int) *autograd.Var {
	return autograd.Apply(t, prelu{axis: axis}, autograd.In{x, slope})
}

func (f *prelu) Forward(c *autograd.Call) tensor.Tensor {
	d, x := c.Device(), c.In(0)
	f.a = alongAxis(x.Shape, c.In(1).Shape, f.axis)
	f.slope = f.a.spread(c, x.Shape, c.In(1))
	f.pos = c.New(x.Shape)
	d.Map(device.ReLU, 0, f.pos, x)
	f.neg = c.New(x.Shape)
	d.Combine(f.neg, 1, x, -1, f.pos)
	y := c.New(x.Shape)
	d.Mul(y, f.neg, f.slope)
	d.AddScaled(y, 1, f.pos)
	return y
}

func (f *prelu) Backward(c *autograd.Call, dy tensor.Tensor) {
	d, x := c.Device(), c.In(0)
	s := c.New(x.Shape)
	if dx, ok := c.Grad(0); ok {
		// dx += slope*dy + relu'(x) * (dy - slope*dy)
		d.Mul(s, dy, f.slope)
		d.AddScaled(dx, 1, s)
		d.Combine(s, 1, dy, -1, s)
		d.MapGrad(device.ReLU, 0, dx, x, f.pos, s)
	}
	if dslope, ok := c.Grad(1); ok {
		d.Mul(s, dy, f.neg)
		f.a.sumInto(c, dslope, s)
	}
	c.Release(s)
}

// ONNX is PRelu.
func (f *prelu) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	return w.Node("PRelu", nil, w.In(0), repeatable(c, w, f.axis))
}
