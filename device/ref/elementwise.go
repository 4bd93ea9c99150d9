package ref

import (
	"partials/device"
	"partials/tensor"
)

// Map implements device.Elementwise.
func (d *Device) Map(f device.Func, p float64, dst, x tensor.Tensor) {
	device.CheckSameLen("Map", dst, x)
	row, to := device.Funcs[f], numbers(dst)
	for i, v := range numbers(x) {
		to[i] = row.F(v, p)
	}
}

// MapGrad implements device.Elementwise.
func (d *Device) MapGrad(f device.Func, p float64, dx, x, y, dy tensor.Tensor) {
	device.CheckSameLen("MapGrad", dx, x, y, dy)
	row, to, in, out := device.Funcs[f], numbers(dx), numbers(x), numbers(y)
	for i, g := range numbers(dy) {
		to[i] += g * row.DF(in[i], out[i], p)
	}
}

// AddScaled implements device.Elementwise.
func (d *Device) AddScaled(dst tensor.Tensor, alpha float64, x tensor.Tensor) {
	device.CheckSameLen("AddScaled", dst, x)
	to := numbers(dst)
	for i, v := range numbers(x) {
		to[i] += alpha * v
	}
}

// Combine implements device.Elementwise.
func (d *Device) Combine(dst tensor.Tensor, alpha float64, a tensor.Tensor, beta float64, b tensor.Tensor) {
	device.CheckSameLen("Combine", dst, a, b)
	to, right := numbers(dst), numbers(b)
	for i, left := range numbers(a) {
		to[i] = alpha*left + beta*right[i]
	}
}

// Mul implements device.Elementwise.
func (d *Device) Mul(dst, a, b tensor.Tensor) {
	device.CheckSameLen("Mul", dst, a, b)
	to, right := numbers(dst), numbers(b)
	for i, left := range numbers(a) {
		to[i] = left * right[i]
	}
}

// Div implements device.Elementwise.
func (d *Device) Div(dst, a, b tensor.Tensor) {
	device.CheckSameLen("Div", dst, a, b)
	to, right := numbers(dst), numbers(b)
	for i, left := range numbers(a) {
		to[i] = left / right[i]
	}
}

// MulGrad implements device.Elementwise.
func (d *Device) MulGrad(da, dy, b tensor.Tensor) {
	device.CheckSameLen("MulGrad", da, dy, b)
	to, right := numbers(da), numbers(b)
	for i, g := range numbers(dy) {
		to[i] += g * right[i]
	}
}

// Sum implements device.Elementwise.
func (d *Device) Sum(dst, x tensor.Tensor, a device.Axis) {
	device.CheckAxis("Sum", x, dst, a)
	d.Fill(dst, 0)
	d.SpreadGrad(dst, x, a)
}

// SumGrad implements device.Elementwise.
func (d *Device) SumGrad(dx, dy tensor.Tensor, a device.Axis) {
	device.CheckAxis("SumGrad", dx, dy, a)
	full, reduced := numbers(dx), numbers(dy)
	along(a, func(f, r int) { full[f] += reduced[r] })
}

// Spread implements device.Elementwise.
func (d *Device) Spread(dst, x tensor.Tensor, a device.Axis) {
	device.CheckAxis("Spread", dst, x, a)
	full, reduced := numbers(dst), numbers(x)
	along(a, func(f, r int) { full[f] = reduced[r] })
}

// SpreadGrad implements device.Elementwise.
func (d *Device) SpreadGrad(dx, dy tensor.Tensor, a device.Axis) {
	device.CheckAxis("SpreadGrad", dy, dx, a)
	full, reduced := numbers(dy), numbers(dx)
	along(a, func(f, r int) { reduced[r] += full[f] })
}

// along calls visit with the index of every number of the full tensor and the
// index of the reduced one that it belongs to.
func along(a device.Axis, visit func(full, reduced int)) {
	for o := range a.Outer {
		for n := range a.N {
			for i := range a.Inner {
				visit((o*a.N+n)*a.Inner+i, o*a.Inner+i)
			}
		}
	}
}
