package main

import (
	"partials/autograd"
	"partials/tensor"
)

// polynomial is a Function of one's own: y = w[0] x + w[1] x^2 + ..., of x of
// any shape and w (order). It computes in plain Go and so runs on any device.
type polynomial struct{}

func (*polynomial) Forward(c *autograd.Call) tensor.Tensor {
	x, w := values(c, c.In(0)), values(c, c.In(1))
	y := make([]float64, len(x))
	for t, v := range x {
		for k := len(w) - 1; k >= 0; k-- { // Horner's scheme
			y[t] = (y[t] + w[k]) * v
		}
	}
	out := c.New(c.In(0).Shape)
	c.Write(out, y)
	return out
}

// Backward adds dy * (w[0] + 2 w[1] x + ...) to the gradient of x, and the sum
// of dy * x^(k+1) to that of w[k].
func (*polynomial) Backward(c *autograd.Call, dy tensor.Tensor) {
	x, w, g := values(c, c.In(0)), values(c, c.In(1)), values(c, dy)
	if grad, needed := c.Grad(0); needed {
		dx := values(c, grad)
		for t, v := range x {
			slope := 0.0
			for k := len(w) - 1; k >= 0; k-- {
				slope = slope*v + float64(k+1)*w[k]
			}
			dx[t] += g[t] * slope
		}
		c.Write(grad, dx)
	}
	if grad, needed := c.Grad(1); needed {
		dw := values(c, grad)
		for t, v := range x {
			power := g[t]
			for k := range dw {
				power *= v
				dw[k] += power
			}
		}
		c.Write(grad, dw)
	}
}

// values returns the numbers of x.
func values(c *autograd.Call, x tensor.Tensor) []float64 {
	v := make([]float64, x.Len())
	c.Read(v, x)
	return v
}
