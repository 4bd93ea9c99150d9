package cpu

import (
	"math"

	"partials/device"
	"partials/internal/simd/vec"
)

// powerBlock is how many numbers are raised to a power at once: their
// logarithms stay in the first cache.
const powerBlock = 512

// raise is dst = a^alpha as exp(alpha log a), within 2e-7 (1 + |alpha log a|) of
// it: the compressed spectra of a loss are millions of powers a step. What has
// no logarithm goes through math.Pow.
func raise(o operands) {
	var block [powerBlock]float32
	for at := 0; at < len(o.dst); at += powerBlock {
		end := min(at+powerBlock, len(o.dst))
		x, y := o.a[at:end], block[:end-at]
		vec.Log(y, x)
		vec.Scale(y, float32(o.alpha), y)
		vec.Exp(y, y)
		for i, v := range x {
			if !positive(v) {
				y[i] = float32(math.Pow(float64(v), o.alpha))
			}
		}
		copy(o.dst[at:end], y)
	}
}

// raiseGrad is dst += c * alpha a^(alpha-1), where b = a^alpha.
func raiseGrad(o operands) {
	alpha := float32(o.alpha)
	for i, v := range o.a {
		if positive(v) {
			o.dst[i] += float32(float32(alpha*o.c[i]) * (o.b[i] / v))
		} else {
			o.dst[i] += float32(float64(o.c[i]) * device.Funcs[device.Pow].DF(float64(v), float64(o.b[i]), o.alpha))
		}
	}
}

// positive says whether x has a logarithm that is a number.
func positive(x float32) bool { return x > 0 && x <= math.MaxFloat32 }
