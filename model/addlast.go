package model

import (
	"fmt"

	"partials/autograd"
	"partials/device"
	"partials/ops"
	"partials/tensor"
)

// addTo returns y (B, C, T) plus the last T samples of sum (B, C, ...), which
// may be nil: layers reach a common output from different depths.
func (p Pass) addTo(sum, y *autograd.Var) *autograd.Var {
	switch {
	case sum == nil:
		return y
	case sum.Shape == y.Shape:
		return ops.Add(p.Tape, sum, y)
	}
	return autograd.Apply(p.Tape, addLast{}, autograd.In{sum, y})
}

// addLast adds the last samples of its first input to its second without
// cutting them out first.
type addLast struct {
	tail device.Runs // from the first input to the output
}

func (f *addLast) Forward(c *autograd.Call) tensor.Tensor {
	x, y := c.In(0), c.In(1)
	if y.Dim(-1) > x.Dim(-1) || x.With(-1, y.Dim(-1)) != y.Shape {
		panic(fmt.Sprintf("%v has no last samples of shape %v", x.Shape, y.Shape))
	}
	f.tail = lastOf(x.Shape, y.Shape)
	out := c.New(y.Shape)
	c.Device().Copy(out, y)
	c.Device().MoveGrad(out, x, f.tail)
	return out
}

func (f *addLast) Backward(c *autograd.Call, dy tensor.Tensor) {
	if dx, ok := c.Grad(0); ok {
		c.Device().MoveGrad(dx, dy, turned(f.tail))
	}
	if d, ok := c.Grad(1); ok {
		c.Device().AddScaled(d, 1, dy)
	}
}

// lastOf is the last samples of x (B, C, ...) that are as many as those of y.
func lastOf(x, y tensor.Shape) device.Runs {
	n, short := x.Dim(-1), y.Dim(-1)
	return device.Runs{Len: short, Count: x.Len() / max(n, 1), DstStride: short, SrcOff: n - short, SrcStride: n}
}

// turned is the same runs the other way round.
func turned(r device.Runs) device.Runs {
	return device.Runs{Len: r.Len, Count: r.Count, DstOff: r.SrcOff, DstStride: r.SrcStride, SrcOff: r.DstOff, SrcStride: r.DstStride}
}
