package ops

import (
	"partials/autograd"
	"partials/device"
	"partials/graph"
	"partials/tensor"
)

type sum struct{}

// Sum is the sum of all numbers of x, of shape ().
func Sum(t *autograd.Tape, x *autograd.Var) *autograd.Var {
	return autograd.Apply(t, sum{}, autograd.In{x})
}

// Mean is the mean of all numbers of x, of shape (). That of no numbers is NaN.
func Mean(t *autograd.Tape, x *autograd.Var) *autograd.Var {
	return Scale(t, Sum(t, x), 1/float64(x.Len()))
}

func (*sum) Forward(c *autograd.Call) tensor.Tensor {
	x := c.In(0)
	y := c.New(tensor.Of())
	c.Device().Sum(y, x, device.Axis{Outer: 1, N: x.Len(), Inner: 1})
	return y
}

func (*sum) Backward(c *autograd.Call, dy tensor.Tensor) {
	if dx, ok := c.Grad(0); ok {
		c.Device().SumGrad(dx, dy, device.Axis{Outer: 1, N: dx.Len(), Inner: 1})
	}
}

// ONNX is ReduceSum over all axes.
func (*sum) ONNX(_ *autograd.Call, w *graph.Writer) graph.Value {
	return w.Node("ReduceSum", graph.Attrs{"keepdims": 0}, w.In(0))
}

type sumAxis struct {
	axis int
	a    device.Axis
}

// SumAxis is the sum along one axis, which the result does not have.
func SumAxis(t *autograd.Tape, x *autograd.Var, axis int) *autograd.Var {
	return autograd.Apply(t, sumAxis{axis: axis}, autograd.In{x})
}

// MeanAxis is the mean along one axis, which the result does not have.
func MeanAxis(t *autograd.Tape, x *autograd.Var, axis int) *autograd.Var {
	y := SumAxis(t, x, axis)
	return Scale(t, y, 1/float64(x.Dim(axis)))
}

func (f *sumAxis) Forward(c *autograd.Call) tensor.Tensor {
	x := c.In(0)
	k := axisOf(x.Shape, f.axis)
	f.a = around(x.Shape, k)
	y := c.New(replaced(x.Shape, k, k+1))
	c.Device().Sum(y, x, f.a)
	return y
}

func (f *sumAxis) Backward(c *autograd.Call, dy tensor.Tensor) {
	if dx, ok := c.Grad(0); ok {
		c.Device().SumGrad(dx, dy, f.a)
	}
}

// ONNX is ReduceSum.
func (f *sumAxis) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	return reduceSum(w, w.In(0), []int{axisOf(c.In(0).Shape, f.axis)})
}

// reduceSum sums x over axes, which the result does not have.
func reduceSum(w *graph.Writer, x graph.Value, axes []int) graph.Value {
	if len(axes) == 0 {
		return x
	}
	return w.Node("ReduceSum", graph.Attrs{"keepdims": 0}, x, w.Ints(axes...))
}
