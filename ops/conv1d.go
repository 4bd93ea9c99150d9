package ops

import (
	"fmt"

	"partials/autograd"
	"partials/device"
	"partials/graph"
	"partials/tensor"
)

type conv1D struct{ conv device.Conv }

// Conv1D is PyTorch's Conv1d without padding: x (B, Cin, T), w (Cout,
// Cin/Groups, K), bias (Cout) or nil give y (B, Cout, T-(K-1)*Dilation). Tap
// K-1 meets the newest sample:
//
//	y[b,o,t] = bias[o] + sum over i, k of w[o,i,k] * x[b,i,t+k*Dilation]
//
// It is causal where the caller gives the context on the left of x.
func Conv1D(t *autograd.Tape, x, w, bias *autograd.Var, conv device.Conv) *autograd.Var {
	return autograd.Apply(t, conv1D{conv}, autograd.In{x, w, bias})
}

func (f *conv1D) Forward(c *autograd.Call) tensor.Tensor {
	x, w := c.In(0), c.In(1)
	if x.Rank() != 3 || w.Rank() != 3 {
		panic("x must be (B, Cin, T) and the weight (Cout, Cin/Groups, K)")
	}
	g, out, taps := f.conv.Groups, w.Dim(0), w.Dim(2)
	if g < 1 || f.conv.Dilation < 1 || taps < 1 {
		panic(fmt.Sprintf("%d groups, dilation %d, %d taps: each must be at least 1", g, f.conv.Dilation, taps))
	}
	if x.Dim(1)%g != 0 || out%g != 0 || w.Dim(1) != x.Dim(1)/g {
		panic(fmt.Sprintf("%d input channels and %d output channels in %d groups want a weight (%d, %d/%d, K)",
			x.Dim(1), out, g, out, x.Dim(1), g))
	}
	n := x.Dim(2) - f.conv.Shrink(taps)
	if n < 1 {
		panic(fmt.Sprintf("%d samples are shorter than the kernel, which spans %d", x.Dim(2), f.conv.Shrink(taps)+1))
	}
	if c.Has(2) && c.In(2).Shape != tensor.Of(out) {
		panic(fmt.Sprintf("the bias must be (%d)", out))
	}
	y := c.New(tensor.Of(x.Dim(0), out, n))
	c.Device().Conv1D(y, x, w, optional(c, 2), f.conv)
	return y
}

func (f *conv1D) Backward(c *autograd.Call, dy tensor.Tensor) {
	x, w := c.In(0), c.In(1)
	if dx, ok := c.Grad(0); ok {
		c.Device().Conv1DInputGrad(dx, dy, w, f.conv)
	}
	dw, weight := c.Grad(1)
	dbias, bias := c.Grad(2)
	switch {
	case weight:
		c.Device().Conv1DWeightGrad(dw, dbias, dy, x, f.conv)
	case bias:
		a := along{dy.Dim(0), dy.Dim(1), dy.Dim(2)}
		a.sumInto(c, dbias, dy)
	}
}

// ONNX is Conv.
func (f *conv1D) ONNX(_ *autograd.Call, w *graph.Writer) graph.Value {
	return w.Node("Conv", graph.Attrs{"dilations": []int{f.conv.Dilation}, "group": f.conv.Groups}, w.Inputs()...)
}

// optional returns input i, absent where it was not given.
func optional(c *autograd.Call, i int) tensor.Tensor {
	if !c.Has(i) {
		return tensor.Tensor{}
	}
	return c.In(i)
}
