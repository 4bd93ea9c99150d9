package ops

import (
	"partials/autograd"
	"partials/device"
	"partials/graph"
	"partials/tensor"
)

type mapped struct {
	f device.Func
	p float64
}

// Map is f(x; p) for each number of x: any row of device.Funcs.
func Map(t *autograd.Tape, f device.Func, p float64, x *autograd.Var) *autograd.Var {
	return autograd.Apply(t, mapped{f, p}, autograd.In{x})
}

func (m *mapped) Forward(c *autograd.Call) tensor.Tensor {
	y := c.New(c.In(0).Shape)
	c.Device().Map(m.f, m.p, y, c.In(0))
	return y
}

func (m *mapped) Backward(c *autograd.Call, dy tensor.Tensor) {
	if dx, ok := c.Grad(0); ok {
		c.Device().MapGrad(m.f, m.p, dx, c.In(0), c.Out(), dy)
	}
}

// ONNX is the function's own operator, or a few that make it up.
func (m *mapped) ONNX(_ *autograd.Call, w *graph.Writer) graph.Value {
	return funcONNX(w, m.f, m.p, w.In(0))
}

// String names the function in errors.
func (m *mapped) String() string { return "ops." + m.f.String() }

// Exp is e^x.
func Exp(t *autograd.Tape, x *autograd.Var) *autograd.Var { return Map(t, device.Exp, 0, x) }

// Log is the natural logarithm.
func Log(t *autograd.Tape, x *autograd.Var) *autograd.Var { return Map(t, device.Log, 0, x) }

// Sqrt is the square root; its gradient at 0 is 0.
func Sqrt(t *autograd.Tape, x *autograd.Var) *autograd.Var { return Map(t, device.Sqrt, 0, x) }

// Square is x^2.
func Square(t *autograd.Tape, x *autograd.Var) *autograd.Var { return Map(t, device.Square, 0, x) }

// Reciprocal is 1/x.
func Reciprocal(t *autograd.Tape, x *autograd.Var) *autograd.Var {
	return Map(t, device.Reciprocal, 0, x)
}

// Abs is |x|; its gradient at 0 is 0.
func Abs(t *autograd.Tape, x *autograd.Var) *autograd.Var { return Map(t, device.Abs, 0, x) }

// Scale is p*x.
func Scale(t *autograd.Tape, x *autograd.Var, p float64) *autograd.Var {
	return Map(t, device.Scale, p, x)
}

// Neg is -x.
func Neg(t *autograd.Tape, x *autograd.Var) *autograd.Var { return Map(t, device.Scale, -1, x) }

// Shift is x + p.
func Shift(t *autograd.Tape, x *autograd.Var, p float64) *autograd.Var {
	return Map(t, device.Shift, p, x)
}

// Pow is x^p.
func Pow(t *autograd.Tape, x *autograd.Var, p float64) *autograd.Var {
	return Map(t, device.Pow, p, x)
}

// ClampMin is max(x, floor); its gradient below the floor is 0.
func ClampMin(t *autograd.Tape, x *autograd.Var, floor float64) *autograd.Var {
	return Map(t, device.ClampMin, floor, x)
}

// Tanh is the hyperbolic tangent.
func Tanh(t *autograd.Tape, x *autograd.Var) *autograd.Var { return Map(t, device.Tanh, 0, x) }

// Sigmoid is 1 / (1 + e^-x).
func Sigmoid(t *autograd.Tape, x *autograd.Var) *autograd.Var { return Map(t, device.Sigmoid, 0, x) }

// ReLU is max(x, 0).
func ReLU(t *autograd.Tape, x *autograd.Var) *autograd.Var { return Map(t, device.ReLU, 0, x) }

// LeakyReLU is x above 0 and slope*x below (PyTorch's slope is 0.01). For a
// learnt slope see PReLU.
func LeakyReLU(t *autograd.Tape, x *autograd.Var, slope float64) *autograd.Var {
	return Map(t, device.LeakyReLU, slope, x)
}

// SiLU is x * sigmoid(x), https://arxiv.org/abs/1702.03118.
func SiLU(t *autograd.Tape, x *autograd.Var) *autograd.Var { return Map(t, device.SiLU, 0, x) }

// GELU is x * Phi(x), the exact form by erf, https://arxiv.org/abs/1606.08415.
func GELU(t *autograd.Tape, x *autograd.Var) *autograd.Var { return Map(t, device.GELU, 0, x) }

// Softplus is log(1 + e^x).
func Softplus(t *autograd.Tape, x *autograd.Var) *autograd.Var {
	return Map(t, device.Softplus, 0, x)
}

// ELU is x above 0 and alpha*(e^x - 1) below, https://arxiv.org/abs/1511.07289.
func ELU(t *autograd.Tape, x *autograd.Var, alpha float64) *autograd.Var {
	return Map(t, device.ELU, alpha, x)
}

// Hardtanh is x clamped to [-1, 1].
func Hardtanh(t *autograd.Tape, x *autograd.Var) *autograd.Var {
	return Map(t, device.Hardtanh, 0, x)
}

// Hardswish is x * clamp(x+3, 0, 6) / 6, https://arxiv.org/abs/1905.02244.
func Hardswish(t *autograd.Tape, x *autograd.Var) *autograd.Var {
	return Map(t, device.Hardswish, 0, x)
}

// Softsign is x / (1 + |x|).
func Softsign(t *autograd.Tape, x *autograd.Var) *autograd.Var {
	return Map(t, device.Softsign, 0, x)
}

// LogCosh is log(cosh(x) + p).
func LogCosh(t *autograd.Tape, x *autograd.Var, p float64) *autograd.Var {
	return Map(t, device.LogCosh, p, x)
}

// Sin is the sine of x in radians.
func Sin(t *autograd.Tape, x *autograd.Var) *autograd.Var { return Map(t, device.Sin, 0, x) }

// Cos is the cosine of x in radians.
func Cos(t *autograd.Tape, x *autograd.Var) *autograd.Var { return Map(t, device.Cos, 0, x) }
