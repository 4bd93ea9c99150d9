package ref

import (
	"partials/device"
	"partials/tensor"
)

// MatMul implements device.Linear.
func (d *Device) MatMul(dst, x, y tensor.Tensor, p device.Product) {
	device.CheckProduct("MatMul", dst, x, y, p)
	d.Fill(dst, 0)
	product(numbers(dst), numbers(x), numbers(y), p)
}

// MatMulGrad implements device.Linear.
func (d *Device) MatMulGrad(dst, x, y tensor.Tensor, p device.Product) {
	device.CheckProduct("MatMulGrad", dst, x, y, p)
	product(numbers(dst), numbers(x), numbers(y), p)
}

// product is dst[b] += op(x[b]) op(y[b]).
func product(dst, x, y []float64, p device.Product) {
	// Steps from entry to entry, row to row, column to column of dst, op(x), op(y).
	db, xb, yb := p.M*p.N, p.M*p.K, p.K*p.N
	if p.SharedDst {
		db = 0
	}
	if p.SharedX {
		xb = 0
	}
	if p.SharedY {
		yb = 0
	}
	xm, xk := p.K, 1
	if p.TransX {
		xm, xk = 1, p.M
	}
	yk, yn := p.N, 1
	if p.TransY {
		yk, yn = 1, p.K
	}
	for b := range p.Batch {
		for m := range p.M {
			for n := range p.N {
				sum := 0.0
				for k := range p.K {
					sum += x[b*xb+m*xm+k*xk] * y[b*yb+k*yk+n*yn]
				}
				dst[b*db+m*p.N+n] += sum
			}
		}
	}
}
