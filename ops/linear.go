package ops

import (
	"fmt"

	"partials/autograd"
	"partials/device"
	"partials/graph"
	"partials/tensor"
)

type linear struct{ rows, in, out int }

// Linear is y (..., Out) = x w^T + b of x (..., In), as PyTorch's: w (Out, In),
// and b (Out) or nil.
func Linear(t *autograd.Tape, x, w, b *autograd.Var) *autograd.Var {
	return autograd.Apply(t, linear{}, autograd.In{x, w, b})
}

func (f *linear) Forward(c *autograd.Call) tensor.Tensor {
	x, w := c.In(0), c.In(1)
	if x.Rank() < 1 || w.Rank() != 2 || x.Dim(-1) != w.Dim(1) {
		panic("x must be (..., In) and the weight (Out, In)")
	}
	f.out, f.in = w.Dim(0), w.Dim(1)
	f.rows = count(x.Shape, 0, x.Rank()-1)
	y := c.New(x.Shape.With(-1, f.out))
	c.Device().MatMul(y, x, w, device.Product{Batch: 1, M: f.rows, N: f.out, K: f.in, TransY: true})
	if c.Has(2) {
		b := c.In(2)
		if b.Shape != tensor.Of(f.out) {
			panic(fmt.Sprintf("the bias must be (%d)", f.out))
		}
		c.Device().SumGrad(y, b, f.overRows())
	}
	return y
}

func (f *linear) Backward(c *autograd.Call, dy tensor.Tensor) {
	d := c.Device()
	if dx, ok := c.Grad(0); ok {
		d.MatMulGrad(dx, dy, c.In(1), device.Product{Batch: 1, M: f.rows, N: f.in, K: f.out})
	}
	if dw, ok := c.Grad(1); ok {
		d.MatMulGrad(dw, dy, c.In(0), device.Product{Batch: 1, M: f.out, N: f.in, K: f.rows, TransX: true})
	}
	if db, ok := c.Grad(2); ok {
		d.SpreadGrad(db, dy, f.overRows())
	}
}

// ONNX is MatMul with the transposed weight, and Add.
func (f *linear) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	y := w.Node("MatMul", nil, w.In(0), w.Node("Transpose", graph.Attrs{"perm": []int{1, 0}}, w.In(1)))
	if c.Has(2) {
		y = w.Node("Add", nil, y, w.In(2))
	}
	return y
}

func (f *linear) overRows() device.Axis { return device.Axis{Outer: 1, N: f.rows, Inner: f.out} }
