package ops

import (
	"partials/autograd"
	"partials/device"
	"partials/graph"
	"partials/tensor"
)

type transpose struct{ i, j int }

// Transpose swaps two axes: axes 1 and 2 of (B, C, T) give (B, T, C).
func Transpose(t *autograd.Tape, x *autograd.Var, i, j int) *autograd.Var {
	return autograd.Apply(t, transpose{i, j}, autograd.In{x})
}

// swap is a swap of two axes as one or two swaps of neighbours: of
// (outer, a, mid, b, inner) first a with (mid, b), then mid with b.
type swap struct{ first, second device.Transposition }

func swapOf(s tensor.Shape, i, j int) swap {
	outer, a := count(s, 0, i), s.Dim(i)
	mid, b := count(s, i+1, j), s.Dim(j)
	inner := count(s, j+1, s.Rank())
	return swap{
		device.Transposition{Outer: outer, Rows: a, Cols: mid * b, Inner: inner},
		device.Transposition{Outer: outer, Rows: mid, Cols: b, Inner: a * inner},
	}
}

func (s swap) once() bool { return s.second.Rows == 1 }

func (f *transpose) Forward(c *autograd.Call) tensor.Tensor {
	d, x := c.Device(), c.In(0)
	i, j := axisOf(x.Shape, f.i), axisOf(x.Shape, f.j)
	f.i, f.j = min(i, j), max(i, j)
	if i == j {
		return x
	}
	s := swapOf(x.Shape, f.i, f.j)
	y := c.New(x.Shape.With(i, x.Dim(j)).With(j, x.Dim(i)))
	if s.once() {
		d.Transpose(y, x, s.first)
		return y
	}
	half := c.New(x.Shape)
	d.Transpose(half, x, s.first)
	d.Transpose(y, half, s.second)
	c.Release(half)
	return y
}

func (f *transpose) Backward(c *autograd.Call, dy tensor.Tensor) {
	dx, ok := c.Grad(0)
	if !ok {
		return
	}
	d := c.Device()
	if f.i == f.j {
		d.AddScaled(dx, 1, dy)
		return
	}
	s := swapOf(dy.Shape, f.i, f.j) // a swap is its own inverse
	if s.once() {
		d.TransposeGrad(dx, dy, s.first)
		return
	}
	half := c.New(dy.Shape)
	d.Transpose(half, dy, s.first)
	d.TransposeGrad(dx, half, s.second)
	c.Release(half)
}

// ONNX is Transpose.
func (f *transpose) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	return w.Node("Transpose", graph.Attrs{"perm": swapped(c.In(0).Rank(), f.i, f.j)}, w.In(0))
}

// swapped is the order of axes in which i and j have changed places.
func swapped(rank, i, j int) []int {
	perm := make([]int, rank)
	for k := range perm {
		perm[k] = k
	}
	i, j = (i+rank)%rank, (j+rank)%rank
	perm[i], perm[j] = j, i
	return perm
}
