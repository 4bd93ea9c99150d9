package ops

import (
	"fmt"

	"partials/autograd"
	"partials/device"
	"partials/graph"
	"partials/tensor"
)

type slice struct {
	axis, from, to int
	runs           device.Runs // from x to y
}

// Slice is the entries from up to, not including, to of one axis.
func Slice(t *autograd.Tape, x *autograd.Var, axis, from, to int) *autograd.Var {
	return autograd.Apply(t, slice{axis: axis, from: from, to: to}, autograd.In{x})
}

// Split cuts one axis in two: the entries before at, and those from at on.
func Split(t *autograd.Tape, x *autograd.Var, axis, at int) (before, after *autograd.Var) {
	before = Slice(t, x, axis, 0, at)
	after = Slice(t, x, axis, at, x.Dim(axis))
	return before, after
}

func (f *slice) Forward(c *autograd.Call) tensor.Tensor {
	x := c.In(0)
	k := axisOf(x.Shape, f.axis)
	a := around(x.Shape, k)
	if f.from < 0 || f.to < f.from || f.to > a.N {
		panic(fmt.Sprintf("entries %d to %d of axis %d, which has %d", f.from, f.to, f.axis, a.N))
	}
	run := (f.to - f.from) * a.Inner
	f.runs = device.Runs{Len: run, Count: a.Outer, DstStride: run, SrcOff: f.from * a.Inner, SrcStride: a.N * a.Inner}
	s := x.Shape.With(k, f.to-f.from)
	if a.Outer == 1 { // one run: no need to copy it
		return x.Part(f.runs.SrcOff, s)
	}
	y := c.New(s)
	c.Device().Move(y, x, f.runs)
	return y
}

func (f *slice) Backward(c *autograd.Call, dy tensor.Tensor) {
	if dx, ok := c.Grad(0); ok {
		c.Device().MoveGrad(dx, dy, back(f.runs))
	}
}

// ONNX is Slice.
func (f *slice) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	return w.Node("Slice", nil, w.In(0), w.Ints(f.from), w.Ints(f.to), w.Ints(axisOf(c.In(0).Shape, f.axis)))
}

// back is the same runs the other way round.
func back(r device.Runs) device.Runs {
	r.DstOff, r.SrcOff = r.SrcOff, r.DstOff
	r.DstStride, r.SrcStride = r.SrcStride, r.DstStride
	return r
}
