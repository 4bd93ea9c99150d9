package ops

import (
	"fmt"

	"partials/autograd"
	"partials/device"
	"partials/graph"
	"partials/tensor"
)

type matMul struct{ p device.Product }

// MatMul is the matrix product op(x) op(y), where op swaps the last two axes if
// asked: op(x) (..., M, K) times op(y) (..., K, N) is (..., M, N). The axes
// before are a batch, the same for both; an operand of two axes serves every
// entry of the other's batch.
func MatMul(t *autograd.Tape, x, y *autograd.Var, transX, transY bool) *autograd.Var {
	return autograd.Apply(t, matMul{device.Product{TransX: transX, TransY: transY}}, autograd.In{x, y})
}

func (f *matMul) Forward(c *autograd.Call) tensor.Tensor {
	x, y := c.In(0), c.In(1)
	if x.Rank() < 2 || y.Rank() < 2 {
		panic("a matrix has two axes at least")
	}
	p := &f.p
	k := 0
	p.M, p.K = matrix(x.Shape, p.TransX)
	k, p.N = matrix(y.Shape, p.TransY)
	if k != p.K {
		panic(fmt.Sprintf("a product over axes of %d and %d", p.K, k))
	}
	p.SharedX = x.Rank() == 2 && y.Rank() > 2
	p.SharedY = y.Rank() == 2 && x.Rank() > 2
	of := x.Shape
	if p.SharedX {
		of = y.Shape
	}
	r := of.Rank()
	if !p.SharedX && !p.SharedY && replaced(x.Shape, x.Rank()-2, x.Rank()) != replaced(y.Shape, y.Rank()-2, y.Rank()) {
		panic("the batches differ")
	}
	p.Batch = count(of, 0, r-2)
	dst := c.New(replaced(of, r-2, r, p.M, p.N))
	c.Device().MatMul(dst, x, y, *p)
	return dst
}

// matrix returns rows and columns of op of the last two axes.
func matrix(s tensor.Shape, trans bool) (rows, cols int) {
	rows, cols = s.Dim(-2), s.Dim(-1)
	if trans {
		return cols, rows
	}
	return rows, cols
}

func (f *matMul) Backward(c *autograd.Call, dy tensor.Tensor) {
	p := f.p
	if dx, ok := c.Grad(0); ok {
		if p.TransX { // dx (K, M) += op(y) dy^T
			c.Device().MatMulGrad(dx, c.In(1), dy, device.Product{Batch: p.Batch, M: p.K, N: p.M, K: p.N,
				TransX: p.TransY, TransY: true, SharedX: p.SharedY, SharedDst: p.SharedX})
		} else { // dx (M, K) += dy op(y)^T
			c.Device().MatMulGrad(dx, dy, c.In(1), device.Product{Batch: p.Batch, M: p.M, N: p.K, K: p.N,
				TransY: !p.TransY, SharedY: p.SharedY, SharedDst: p.SharedX})
		}
	}
	if d, ok := c.Grad(1); ok {
		if p.TransY { // d (N, K) += dy^T op(x)
			c.Device().MatMulGrad(d, dy, c.In(0), device.Product{Batch: p.Batch, M: p.N, N: p.K, K: p.M,
				TransX: true, TransY: p.TransX, SharedY: p.SharedX, SharedDst: p.SharedY})
		} else { // d (K, N) += op(x)^T dy
			c.Device().MatMulGrad(d, c.In(0), dy, device.Product{Batch: p.Batch, M: p.K, N: p.N, K: p.M,
				TransX: !p.TransX, SharedX: p.SharedX, SharedDst: p.SharedY})
		}
	}
}

// ONNX is MatMul, after Transpose where asked.
func (f *matMul) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	op := func(i int, trans bool) graph.Value {
		if !trans {
			return w.In(i)
		}
		return w.Node("Transpose", graph.Attrs{"perm": swapped(c.In(i).Rank(), -2, -1)}, w.In(i))
	}
	return w.Node("MatMul", nil, op(0, f.p.TransX), op(1, f.p.TransY))
}
