package ops

import (
	"fmt"

	"partials/autograd"
	"partials/device"
	"partials/graph"
	"partials/tensor"
)

// gateParam is p of both functions: the alpha of ELU, the factor of Scale.
const gateParam = 1

type gated struct {
	axis          int
	f, g          device.Func
	first, second device.Runs // from x to each half
	a, b          tensor.Tensor
	fa, gb        tensor.Tensor
}

// GatedActivation is f(a) * g(b), where a and b are the first and the second
// half of one axis of x: (B, 2C, T) with axis 1 gives (B, C, T). WaveNet's is
// Tanh and Sigmoid, https://arxiv.org/abs/1609.03499. A parameter p of f or g
// is 1.
func GatedActivation(t *autograd.Tape, x *autograd.Var, axis int, f, g device.Func) *autograd.Var {
	return autograd.Apply(t, gated{axis: axis, f: f, g: g}, autograd.In{x})
}

// GLU is a * sigmoid(b) of the halves of one axis, PyTorch's GLU,
// https://arxiv.org/abs/1612.08083.
func GLU(t *autograd.Tape, x *autograd.Var, axis int) *autograd.Var {
	return GatedActivation(t, x, axis, device.Scale, device.Sigmoid)
}

func (f *gated) Forward(c *autograd.Call) tensor.Tensor {
	d, x := c.Device(), c.In(0)
	k := axisOf(x.Shape, f.axis)
	if x.Dim(k)%2 != 0 {
		panic(fmt.Sprintf("axis %d has %d entries, which cannot be halved", f.axis, x.Dim(k)))
	}
	s := x.Shape.With(k, x.Dim(k)/2)
	f.first = back(joint(s, k, x.Dim(k), 0))
	f.second = back(joint(s, k, x.Dim(k), s.Dim(k)))
	f.a, f.b = c.New(s), c.New(s)
	d.Move(f.a, x, f.first)
	d.Move(f.b, x, f.second)
	f.fa, f.gb = c.New(s), c.New(s)
	d.Map(f.f, gateParam, f.fa, f.a)
	d.Map(f.g, gateParam, f.gb, f.b)
	y := c.New(s)
	d.Mul(y, f.fa, f.gb)
	return y
}

func (f *gated) Backward(c *autograd.Call, dy tensor.Tensor) {
	dx, ok := c.Grad(0)
	if !ok {
		return
	}
	d := c.Device()
	dout, din := c.New(dy.Shape), c.New(dy.Shape)

	d.Mul(dout, dy, f.gb)
	d.Fill(din, 0)
	d.MapGrad(f.f, gateParam, din, f.a, f.fa, dout)
	d.MoveGrad(dx, din, back(f.first))

	d.Mul(dout, dy, f.fa)
	d.Fill(din, 0)
	d.MapGrad(f.g, gateParam, din, f.b, f.gb, dout)
	d.MoveGrad(dx, din, back(f.second))

	c.Release(dout)
	c.Release(din)
}

// ONNX is Split, both functions and Mul.
func (f *gated) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	k := axisOf(c.Out().Shape, f.axis)
	half := c.Out().Dim(k)
	parts := w.Nodes("Split", 2, graph.Attrs{"axis": k}, w.In(0), w.Ints(half, half))
	return w.Node("Mul", nil, funcONNX(w, f.f, gateParam, parts[0]), funcONNX(w, f.g, gateParam, parts[1]))
}
