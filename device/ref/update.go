package ref

import (
	"math"

	"partials/device"
	"partials/tensor"
)

// SGD implements device.Update.
func (d *Device) SGD(p, g, momentum tensor.Tensor, o device.SGD) {
	device.CheckSameLen("SGD", p, g)
	device.CheckOptional("SGD", p, momentum)
	x, buf := numbers(p), numbers(momentum)
	for i, g := range numbers(g) {
		x[i] *= 1 - o.Shrink
		g += o.L2 * x[i]
		step := g
		if buf != nil {
			buf[i] = o.Momentum*buf[i] + g
			step = buf[i]
			if o.Nesterov {
				step = g + o.Momentum*buf[i]
			}
		}
		x[i] -= o.LR * step
	}
}

// Adam implements device.Update.
func (d *Device) Adam(p, g, m, v tensor.Tensor, o device.Adam) {
	device.CheckSameLen("Adam", p, g, m, v)
	x, mean, square := numbers(p), numbers(m), numbers(v)
	for i, g := range numbers(g) {
		x[i] *= 1 - o.Shrink
		g += o.L2 * x[i]
		mean[i] += (1 - o.Beta1) * (g - mean[i])
		square[i] = o.Beta2*square[i] + (1-o.Beta2)*g*g
		if o.Unadapted {
			x[i] -= o.Step * mean[i]
		} else {
			x[i] -= o.Step * mean[i] / (math.Sqrt(square[i])*o.Root + o.Eps)
		}
	}
}

// RMSprop implements device.Update.
func (d *Device) RMSprop(p, g, v, mean, momentum tensor.Tensor, o device.RMSprop) {
	device.CheckSameLen("RMSprop", p, g, v)
	device.CheckOptional("RMSprop", p, mean, momentum)
	x, square, centre, buf := numbers(p), numbers(v), numbers(mean), numbers(momentum)
	for i, g := range numbers(g) {
		x[i] *= 1 - o.Shrink
		g += o.L2 * x[i]
		square[i] = o.Alpha*square[i] + (1-o.Alpha)*g*g
		variance := square[i]
		if centre != nil {
			centre[i] += (1 - o.Alpha) * (g - centre[i])
			variance = max(square[i]-centre[i]*centre[i], 0)
		}
		step := g / (math.Sqrt(variance) + o.Eps)
		if buf != nil {
			buf[i] = o.Momentum*buf[i] + step
			step = buf[i]
		}
		x[i] -= o.LR * step
	}
}

// Blend implements device.Update.
func (d *Device) Blend(dst, x tensor.Tensor, alpha float64) {
	device.CheckSameLen("Blend", dst, x)
	to := numbers(dst)
	for i, v := range numbers(x) {
		to[i] += alpha * (v - to[i])
	}
}

// Clamp implements device.Update.
func (d *Device) Clamp(x tensor.Tensor, bound float64) {
	device.CheckSameLen("Clamp", x)
	numbers := numbers(x)
	for i, v := range numbers {
		if v > bound {
			numbers[i] = bound
		} else if v < -bound {
			numbers[i] = -bound
		}
	}
}

// SumSquares implements device.Update.
func (d *Device) SumSquares(dst, x tensor.Tensor) {
	device.CheckScalar("SumSquares", dst, x)
	sum := 0.0
	for _, v := range numbers(x) {
		sum += v * v
	}
	numbers(dst)[0] = sum
}
