package cpu

import (
	"math"

	"partials/device"
	"partials/internal/simd/vec"
)

// mapKernels are the functions of device.Funcs that have a kernel of their own:
// dst = f(a; alpha). The others go through their row in float64.
var mapKernels = [len(device.Funcs)]func(operands){
	device.Exp:       func(o operands) { vec.Exp(o.dst, o.a) },
	device.Log:       func(o operands) { vec.Log(o.dst, o.a) },
	device.Sqrt:      func(o operands) { vec.Sqrt(o.dst, o.a) },
	device.Square:    func(o operands) { vec.Mul(o.dst, o.a, o.a) },
	device.Scale:     func(o operands) { vec.Scale(o.dst, float32(o.alpha), o.a) },
	device.Pow:       raise,
	device.Tanh:      func(o operands) { vec.Tanh(o.dst, o.a) },
	device.Sigmoid:   func(o operands) { vec.Sigmoid(o.dst, o.a) },
	device.LeakyReLU: func(o operands) { vec.LeakyReLU(o.dst, o.a, float32(o.alpha)) },
	device.ReLU: func(o operands) {
		for i, v := range o.a {
			o.dst[i] = max(v, 0)
		}
	},
	device.Abs: func(o operands) {
		for i, v := range o.a {
			o.dst[i] = abs(v)
		}
	},
	device.Shift: func(o operands) {
		p := float32(o.alpha)
		for i, v := range o.a {
			o.dst[i] = v + p
		}
	},
	device.Reciprocal: func(o operands) {
		for i, v := range o.a {
			o.dst[i] = 1 / v
		}
	},
}

// mapGradKernels are their derivatives: dst += c * f'(a; alpha), where
// b = f(a; alpha).
var mapGradKernels = [len(device.Funcs)]func(operands){
	device.Exp:       func(o operands) { vec.MulAdd(o.dst, o.c, o.b) },
	device.Scale:     func(o operands) { vec.AddScaled(o.dst, float32(o.alpha), o.c) },
	device.Shift:     func(o operands) { vec.Add(o.dst, o.dst, o.c) },
	device.Pow:       raiseGrad,
	device.Tanh:      func(o operands) { vec.TanhGrad(o.dst, o.b, o.c) },
	device.Sigmoid:   func(o operands) { vec.SigmoidGrad(o.dst, o.b, o.c) },
	device.LeakyReLU: func(o operands) { vec.LeakyReLUGrad(o.dst, o.a, o.c, float32(o.alpha)) },
	device.ReLU:      func(o operands) { vec.LeakyReLUGrad(o.dst, o.a, o.c, 0) },
	device.Abs: func(o operands) {
		for i, v := range o.a {
			o.dst[i] += float32(sign(v) * o.c[i])
		}
	},
	device.Square: func(o operands) {
		for i, v := range o.a {
			o.dst[i] += float32(2 * v * o.c[i])
		}
	},
	device.Log: func(o operands) {
		for i, v := range o.a {
			o.dst[i] += o.c[i] / v
		}
	},
	device.Sqrt: func(o operands) {
		for i, y := range o.b {
			if y != 0 {
				o.dst[i] += 0.5 * o.c[i] / y
			}
		}
	},
	device.Reciprocal: func(o operands) {
		for i, y := range o.b {
			o.dst[i] -= float32(y * y * o.c[i])
		}
	},
}

// mapKernel returns the kernel of f.
func mapKernel(f device.Func) func(operands) {
	if k := mapKernels[f]; k != nil {
		return k
	}
	return func(o operands) {
		row := &device.Funcs[o.f]
		for i, v := range o.a {
			o.dst[i] = float32(row.F(float64(v), o.alpha))
		}
	}
}

// mapGradKernel returns the kernel of the derivative of f.
func mapGradKernel(f device.Func) func(operands) {
	if k := mapGradKernels[f]; k != nil {
		return k
	}
	return func(o operands) {
		row := &device.Funcs[o.f]
		for i, g := range o.c {
			v := float64(g) * row.DF(float64(o.a[i]), float64(o.b[i]), o.alpha)
			o.dst[i] = float32(float64(o.dst[i]) + v)
		}
	}
}

func abs(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }

// sign is 1 with the sign of x, and 0 where x is 0 or NaN. Both conditions are
// one comparison, which needs no branch: signs of a signal cannot be predicted.
func sign(x float32) float32 {
	b := math.Float32bits(x)
	one := b&(1<<31) | 0x3f800000
	if b<<1-1 >= 0xff<<24 {
		one = 0
	}
	return math.Float32frombits(one)
}
