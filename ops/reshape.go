package ops

import (
	"fmt"

	"partials/autograd"
	"partials/graph"
	"partials/tensor"
)

type reshape struct{ s tensor.Shape }

// Reshape is the same numbers in the same order under another shape. It copies
// nothing.
func Reshape(t *autograd.Tape, x *autograd.Var, s tensor.Shape) *autograd.Var {
	return autograd.Apply(t, reshape{s}, autograd.In{x})
}

func (f *reshape) Forward(c *autograd.Call) tensor.Tensor {
	x := c.In(0)
	if x.Len() != f.s.Len() {
		panic(fmt.Sprintf("%d numbers cannot have shape %v", x.Len(), f.s))
	}
	return x.View(f.s)
}

func (f *reshape) Backward(c *autograd.Call, dy tensor.Tensor) {
	if dx, ok := c.Grad(0); ok {
		c.Device().AddScaled(dx, 1, dy.View(dx.Shape))
	}
}

// ONNX is Reshape.
func (f *reshape) ONNX(_ *autograd.Call, w *graph.Writer) graph.Value {
	return w.Node("Reshape", nil, w.In(0), shapeONNX(w, f.s))
}
