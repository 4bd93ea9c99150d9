package ops

import (
	"partials/autograd"
	"partials/graph"
	"partials/tensor"
)

type combine struct{ alpha, beta float64 }

// Combine is alpha*a + beta*b, for equal shapes.
func Combine(t *autograd.Tape, alpha float64, a *autograd.Var, beta float64, b *autograd.Var) *autograd.Var {
	return autograd.Apply(t, combine{alpha, beta}, autograd.In{a, b})
}

// Add is a + b, for equal shapes.
func Add(t *autograd.Tape, a, b *autograd.Var) *autograd.Var { return Combine(t, 1, a, 1, b) }

// Sub is a - b, for equal shapes.
func Sub(t *autograd.Tape, a, b *autograd.Var) *autograd.Var { return Combine(t, 1, a, -1, b) }

func (f *combine) Forward(c *autograd.Call) tensor.Tensor {
	a, b := c.In(0), c.In(1)
	wantEqual(a, b)
	y := c.New(a.Shape)
	c.Device().Combine(y, f.alpha, a, f.beta, b)
	return y
}

func (f *combine) Backward(c *autograd.Call, dy tensor.Tensor) {
	if da, ok := c.Grad(0); ok {
		c.Device().AddScaled(da, f.alpha, dy)
	}
	if db, ok := c.Grad(1); ok {
		c.Device().AddScaled(db, f.beta, dy)
	}
}

// ONNX is Add or Sub, after Mul where a factor is not 1.
func (f *combine) ONNX(_ *autograd.Call, w *graph.Writer) graph.Value {
	times := func(v graph.Value, factor float64) graph.Value {
		if factor == 1 {
			return v
		}
		return w.Node("Mul", nil, v, w.Number(factor))
	}
	a := times(w.In(0), f.alpha)
	if f.beta == -1 {
		return w.Node("Sub", nil, a, w.In(1))
	}
	return w.Node("Add", nil, a, times(w.In(1), f.beta))
}

type mul struct{}

// Mul is a * b number by number, for equal shapes.
func Mul(t *autograd.Tape, a, b *autograd.Var) *autograd.Var {
	return autograd.Apply(t, mul{}, autograd.In{a, b})
}

func (*mul) Forward(c *autograd.Call) tensor.Tensor {
	a, b := c.In(0), c.In(1)
	wantEqual(a, b)
	y := c.New(a.Shape)
	c.Device().Mul(y, a, b)
	return y
}

func (*mul) Backward(c *autograd.Call, dy tensor.Tensor) {
	if da, ok := c.Grad(0); ok {
		c.Device().MulGrad(da, dy, c.In(1))
	}
	if db, ok := c.Grad(1); ok {
		c.Device().MulGrad(db, dy, c.In(0))
	}
}

// ONNX is Mul.
func (*mul) ONNX(_ *autograd.Call, w *graph.Writer) graph.Value {
	return w.Node("Mul", nil, w.Inputs()...)
}

type div struct{}

// Div is a / b number by number, for equal shapes.
func Div(t *autograd.Tape, a, b *autograd.Var) *autograd.Var {
	return autograd.Apply(t, div{}, autograd.In{a, b})
}

func (*div) Forward(c *autograd.Call) tensor.Tensor {
	a, b := c.In(0), c.In(1)
	wantEqual(a, b)
	y := c.New(a.Shape)
	c.Device().Div(y, a, b)
	return y
}

func (*div) Backward(c *autograd.Call, dy tensor.Tensor) {
	d := c.Device()
	s := c.New(dy.Shape) // dy / b
	d.Div(s, dy, c.In(1))
	if da, ok := c.Grad(0); ok {
		d.AddScaled(da, 1, s)
	}
	if db, ok := c.Grad(1); ok {
		d.Mul(s, s, c.Out())
		d.AddScaled(db, -1, s)
	}
	c.Release(s)
}

// ONNX is Div.
func (*div) ONNX(_ *autograd.Call, w *graph.Writer) graph.Value {
	return w.Node("Div", nil, w.Inputs()...)
}

func wantEqual(a, b tensor.Tensor) {
	if a.Shape != b.Shape {
		panic("both shapes must be equal; AddBias, ScaleBy and Spread repeat a smaller one")
	}
}
