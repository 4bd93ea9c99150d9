package ops

import (
	"fmt"

	"partials/autograd"
	"partials/device"
	"partials/graph"
	"partials/tensor"
)

type pad struct {
	axis, left, right int
	runs              device.Runs // from x to y
}

// Pad puts zeros before and after the entries of one axis.
func Pad(t *autograd.Tape, x *autograd.Var, axis, left, right int) *autograd.Var {
	return autograd.Apply(t, pad{axis: axis, left: left, right: right}, autograd.In{x})
}

func (f *pad) Forward(c *autograd.Call) tensor.Tensor {
	x := c.In(0)
	if f.left < 0 || f.right < 0 {
		panic(fmt.Sprintf("padding of %d and %d; Slice cuts", f.left, f.right))
	}
	k := axisOf(x.Shape, f.axis)
	n := f.left + x.Dim(k) + f.right
	f.runs = joint(x.Shape, k, n, f.left)
	y := c.New(x.Shape.With(k, n))
	c.Device().Fill(y, 0)
	c.Device().Move(y, x, f.runs)
	return y
}

func (f *pad) Backward(c *autograd.Call, dy tensor.Tensor) {
	if dx, ok := c.Grad(0); ok {
		c.Device().MoveGrad(dx, dy, back(f.runs))
	}
}

// ONNX is Pad with zeros.
func (f *pad) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	rank, k := c.In(0).Rank(), axisOf(c.In(0).Shape, f.axis)
	pads := make([]int, 2*rank) // those before each axis, then those after
	pads[k], pads[rank+k] = f.left, f.right
	return w.Node("Pad", nil, w.In(0), w.Ints(pads...))
}
