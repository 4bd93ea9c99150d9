package devicetest

import (
	"fmt"

	"partials/device"
	"partials/tensor"
)

func linearOperators() []operator {
	var list []operator
	sizes := [][3]int{ // M, N, K
		{1, 1, 1}, {2, 3, 5}, {5, 7, 8}, {6, 16, 9}, {7, 17, 3}, {12, 32, 16}, {13, 33, 15}, {1, 127, 31}, {127, 1, 33},
		{9, 65, 1}, {3, 2, 1009}, {64, 63, 65}, {31, 8, 127}, {0, 3, 2}, {3, 0, 2}, {3, 2, 0}, {1009, 5, 4}, {2, 1009, 7},
	}
	batches := []device.Product{
		{Batch: 3}, {Batch: 2, SharedX: true}, {Batch: 3, SharedY: true}, {Batch: 2, SharedX: true, SharedY: true}, {Batch: 0}, {Batch: 1},
	}
	for i, size := range sizes {
		for j, p := range batches {
			if p.Batch < 2 && i != j { // none, and one alone, in one size each
				continue
			}
			for trans := range 4 {
				p.M, p.N, p.K = size[0], size[1], size[2]
				p.TransX, p.TransY = trans&1 != 0, trans&2 != 0
				list = append(list, productInX(p), productInY(p))
			}
		}
	}
	return list
}

// productInX is MatMul as a function of x; its transpose is dx += dy op(y)^T.
func productInX(p device.Product) operator {
	back := device.Product{Batch: p.Batch, M: p.M, N: p.K, K: p.N, TransY: !p.TransY, SharedY: p.SharedY, SharedDst: p.SharedX}
	if p.TransX { // x is stored transposed, so its gradient is op(y) dy^T
		back = device.Product{Batch: p.Batch, M: p.K, N: p.M, K: p.N, TransX: p.TransY, TransY: true, SharedX: p.SharedY, SharedDst: p.SharedX}
	}
	return operator{kernel: "MatMul", transpose: "MatMulGrad", name: fmt.Sprintf("in x %+v", p),
		x: tensor.Of(entries(p, p.SharedX) * p.M * p.K), y: tensor.Of(p.Batch * p.M * p.N), fixed: []argument{in(entries(p, p.SharedY) * p.K * p.N)},
		forward: func(d device.Device, dst, x tensor.Tensor, y []tensor.Tensor) { d.MatMul(dst, x, y[0], p) },
		backward: func(d device.Device, dx, dy tensor.Tensor, y []tensor.Tensor) {
			if p.TransX {
				d.MatMulGrad(dx, y[0], dy, back)
			} else {
				d.MatMulGrad(dx, dy, y[0], back)
			}
		}}
}

// productInY is MatMul as a function of y; its transpose is dy += op(x)^T dz.
func productInY(p device.Product) operator {
	back := device.Product{Batch: p.Batch, M: p.K, N: p.N, K: p.M, TransX: !p.TransX, SharedX: p.SharedX, SharedDst: p.SharedY}
	if p.TransY { // y is stored transposed, so its gradient is dz^T op(x)
		back = device.Product{Batch: p.Batch, M: p.N, N: p.K, K: p.M, TransX: true, TransY: p.TransX, SharedY: p.SharedX, SharedDst: p.SharedY}
	}
	return operator{kernel: "MatMul", transpose: "MatMulGrad", name: fmt.Sprintf("in y %+v", p),
		x: tensor.Of(entries(p, p.SharedY) * p.K * p.N), y: tensor.Of(p.Batch * p.M * p.N), fixed: []argument{in(entries(p, p.SharedX) * p.M * p.K)},
		forward: func(d device.Device, dst, y tensor.Tensor, x []tensor.Tensor) { d.MatMul(dst, x[0], y, p) },
		backward: func(d device.Device, dy, dz tensor.Tensor, x []tensor.Tensor) {
			if p.TransY {
				d.MatMulGrad(dy, dz, x[0], back)
			} else {
				d.MatMulGrad(dy, x[0], dz, back)
			}
		}}
}

func entries(p device.Product, shared bool) int {
	if shared {
		return 1
	}
	return p.Batch
}
