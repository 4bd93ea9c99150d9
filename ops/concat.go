package ops

import (
	"fmt"

	"partials/autograd"
	"partials/device"
	"partials/graph"
	"partials/tensor"
)

type concat struct{ axis int }

// Concat joins tensors along one axis; their other axes must agree.
//
// Inlined into another package its list of arguments would be allocated.
//
//go:noinline
func Concat(t *autograd.Tape, axis int, xs ...*autograd.Var) *autograd.Var {
	return autograd.ApplyN(t, concat{axis}, xs)
}

func (f *concat) Forward(c *autograd.Call) tensor.Tensor {
	if c.Inputs() == 0 {
		panic("nothing to join")
	}
	first := c.In(0).Shape
	k := axisOf(first, f.axis)
	n := 0
	for i := range c.Inputs() {
		s := c.In(i).Shape
		if s.Rank() != first.Rank() || s.With(k, 0) != first.With(k, 0) {
			panic(fmt.Sprintf("%v and %v differ in more than axis %d", first, s, f.axis))
		}
		n += s.Dim(k)
	}
	y := c.New(first.With(k, n))
	at := 0
	for i := range c.Inputs() {
		x := c.In(i)
		c.Device().Move(y, x, joint(x.Shape, k, n, at))
		at += x.Dim(k)
	}
	return y
}

func (f *concat) Backward(c *autograd.Call, dy tensor.Tensor) {
	k := axisOf(dy.Shape, f.axis)
	at := 0
	for i := range c.Inputs() {
		s := c.In(i).Shape
		if dx, ok := c.Grad(i); ok {
			c.Device().MoveGrad(dx, dy, back(joint(s, k, dy.Dim(k), at)))
		}
		at += s.Dim(k)
	}
}

// ONNX is Concat.
func (f *concat) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	return w.Node("Concat", graph.Attrs{"axis": axisOf(c.Out().Shape, f.axis)}, w.Inputs()...)
}

// joint is the runs that bring a tensor of shape s to entries at... of axis k
// of a tensor that has n entries there.
func joint(s tensor.Shape, k, n, at int) device.Runs {
	a := around(s, k)
	run := a.N * a.Inner
	return device.Runs{Len: run, Count: a.Outer, DstOff: at * a.Inner, DstStride: n * a.Inner, SrcStride: run}
}
