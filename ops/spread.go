package ops

import (
	"fmt"

	"partials/autograd"
	"partials/device"
	"partials/graph"
	"partials/tensor"
)

type spread struct {
	axis, n int
	unit    bool // axis is there already, of extent 1
	a       device.Axis
}

// Spread repeats x n times along a new axis, which becomes axis number axis of
// the result: (B, T) with axis 1 becomes (B, n, T).
func Spread(t *autograd.Tape, x *autograd.Var, axis, n int) *autograd.Var {
	return autograd.Apply(t, spread{axis: axis, n: n}, autograd.In{x})
}

// Expand repeats x n times along an axis that has extent 1: (B, 1, T) with
// axis 1 becomes (B, n, T).
func Expand(t *autograd.Tape, x *autograd.Var, axis, n int) *autograd.Var {
	return autograd.Apply(t, spread{axis: axis, n: n, unit: true}, autograd.In{x})
}

func (f *spread) Forward(c *autograd.Call) tensor.Tensor {
	x := c.In(0)
	var k, after int // where the axis goes, and the first axis of x after it
	if f.unit {
		k = axisOf(x.Shape, f.axis)
		after = k + 1
		if x.Dim(k) != 1 {
			panic(fmt.Sprintf("axis %d has extent %d, not 1", f.axis, x.Dim(k)))
		}
	} else {
		k = f.axis
		if k < 0 {
			k += x.Rank() + 1
		}
		if k < 0 || k > x.Rank() {
			panic(fmt.Sprintf("%v cannot get an axis number %d", x.Shape, f.axis))
		}
		after = k
	}
	f.a = device.Axis{Outer: count(x.Shape, 0, k), N: f.n, Inner: count(x.Shape, after, x.Rank())}
	y := c.New(replaced(x.Shape, k, after, f.n))
	c.Device().Spread(y, x, f.a)
	return y
}

func (f *spread) Backward(c *autograd.Call, dy tensor.Tensor) {
	if dx, ok := c.Grad(0); ok {
		c.Device().SpreadGrad(dx, dy, f.a)
	}
}

// ONNX is Expand, after Unsqueeze where the axis is new.
func (f *spread) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	x, s := w.In(0), c.Out().Shape
	if !f.unit {
		x = w.Node("Unsqueeze", nil, x, w.Ints(axisOf(s, f.axis)))
	}
	return w.Node("Expand", nil, x, shapeONNX(w, s))
}
