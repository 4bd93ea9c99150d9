package cpu

import (
	"partials/device"
	"partials/internal/simd/vec"
	"partials/tensor"
)

// Map implements device.Elementwise.
func (d *Device) Map(f device.Func, p float64, dst, x tensor.Tensor) {
	device.CheckSameLen("Map", dst, x)
	d.each(mapKernel(f), operands{dst: numbers(dst), a: numbers(x), f: f, alpha: p})
}

// MapGrad implements device.Elementwise.
func (d *Device) MapGrad(f device.Func, p float64, dx, x, y, dy tensor.Tensor) {
	device.CheckSameLen("MapGrad", dx, x, y, dy)
	d.each(mapGradKernel(f), operands{dst: numbers(dx), a: numbers(x), b: numbers(y), c: numbers(dy), f: f, alpha: p})
}

// AddScaled implements device.Elementwise.
func (d *Device) AddScaled(dst tensor.Tensor, alpha float64, x tensor.Tensor) {
	device.CheckSameLen("AddScaled", dst, x)
	d.each(func(o operands) { vec.AddScaled(o.dst, float32(o.alpha), o.a) },
		operands{dst: numbers(dst), a: numbers(x), alpha: alpha})
}

// Combine implements device.Elementwise.
func (d *Device) Combine(dst tensor.Tensor, alpha float64, a tensor.Tensor, beta float64, b tensor.Tensor) {
	device.CheckSameLen("Combine", dst, a, b)
	o := operands{dst: numbers(dst), a: numbers(a), b: numbers(b), alpha: alpha, beta: beta}
	switch {
	case alpha == 1 && beta == 1:
		d.each(func(o operands) { vec.Add(o.dst, o.a, o.b) }, o)
	case alpha == 1 && beta == -1:
		d.each(func(o operands) { vec.Sub(o.dst, o.a, o.b) }, o)
	default:
		d.each(combine, o)
	}
}

func combine(o operands) {
	alpha, beta := float32(o.alpha), float32(o.beta)
	for i, v := range o.a {
		o.dst[i] = float32(alpha*v) + float32(beta*o.b[i])
	}
}

// Mul implements device.Elementwise.
func (d *Device) Mul(dst, a, b tensor.Tensor) {
	device.CheckSameLen("Mul", dst, a, b)
	d.each(func(o operands) { vec.Mul(o.dst, o.a, o.b) }, operands{dst: numbers(dst), a: numbers(a), b: numbers(b)})
}

// Div implements device.Elementwise.
func (d *Device) Div(dst, a, b tensor.Tensor) {
	device.CheckSameLen("Div", dst, a, b)
	d.each(divide, operands{dst: numbers(dst), a: numbers(a), b: numbers(b)})
}

func divide(o operands) {
	for i, v := range o.a {
		o.dst[i] = v / o.b[i]
	}
}

// MulGrad implements device.Elementwise.
func (d *Device) MulGrad(da, dy, b tensor.Tensor) {
	device.CheckSameLen("MulGrad", da, dy, b)
	d.each(func(o operands) { vec.MulAdd(o.dst, o.a, o.b) }, operands{dst: numbers(da), a: numbers(dy), b: numbers(b)})
}

// Sum implements device.Elementwise.
func (d *Device) Sum(dst, x tensor.Tensor, a device.Axis) {
	device.CheckAxis("Sum", x, dst, a)
	d.sum(numbers(dst), numbers(x), a, false)
}

// SpreadGrad implements device.Elementwise.
func (d *Device) SpreadGrad(dx, dy tensor.Tensor, a device.Axis) {
	device.CheckAxis("SpreadGrad", dy, dx, a)
	d.sum(numbers(dx), numbers(dy), a, true)
}

// Spread implements device.Elementwise.
func (d *Device) Spread(dst, x tensor.Tensor, a device.Axis) {
	device.CheckAxis("Spread", dst, x, a)
	d.spreadOver(numbers(dst), numbers(x), a, false)
}

// SumGrad implements device.Elementwise.
func (d *Device) SumGrad(dx, dy tensor.Tensor, a device.Axis) {
	device.CheckAxis("SumGrad", dx, dy, a)
	d.spreadOver(numbers(dx), numbers(dy), a, true)
}

// spread is full[o,n,i] = or += reduced[o,i].
type spread struct {
	full, reduced []float32
	device.Axis
	grid grid
	add  bool
}

func (d *Device) spreadOver(full, reduced []float32, a device.Axis, add bool) {
	g := cut(a.Outer*a.N, a.Inner, 1)
	if a.Inner == 1 {
		g = cut(a.Outer, a.N, 1)
	}
	d.spread = spread{full, reduced, a, g, add}
	d.pool.For(g.chunks(), &d.spread)
}

// Do implements parallel.Task.
func (t *spread) Do(i, _ int) {
	r0, r1, c0, c1 := t.grid.at(i)
	for r := r0; r < r1; r++ {
		to := t.full[r*t.grid.n:][c0:c1]
		switch {
		case t.Inner > 1 && t.add:
			addTo(to, t.reduced[r/t.N*t.Inner:][c0:c1])
		case t.Inner > 1:
			copy(to, t.reduced[r/t.N*t.Inner:][c0:c1])
		case t.add:
			for j := range to {
				to[j] += t.reduced[r]
			}
		default:
			vec.Fill(to, t.reduced[r])
		}
	}
}
