package cpu

import (
	"math"

	"partials/device"
	"partials/internal/simd/vec"
	"partials/tensor"
)

// planar cuts B rows of n complex numbers, (B, 2, n), into chunks.
type planar struct {
	grid grid
	n    int
}

func planarOf(b, n int) planar { return planar{cut(b, n, 1), n} }

// part returns the real and imaginary parts of numbers [from, to) of row b.
func (p planar) part(x []float32, b, from, to int) (re, im []float32) {
	return x[2*b*p.n:][from:to], x[(2*b+1)*p.n:][from:to]
}

// Polar implements device.Fourier.
func (d *Device) Polar(f device.PolarFunc, eps float64, dst, x tensor.Tensor) {
	device.CheckPolar("Polar", dst, x)
	d.polar = polar{planarOf(dst.Dim(0), dst.Dim(1)), f, float32(eps), numbers(dst), numbers(x)}
	d.pool.For(d.polar.grid.chunks(), &d.polar)
}

// polar is Polar.
type polar struct {
	planar
	f    device.PolarFunc
	eps  float32
	y, x []float32
}

// Do implements parallel.Task.
func (t *polar) Do(i, _ int) {
	b0, b1, from, to := t.grid.at(i)
	for b := b0; b < b1; b++ {
		re, im := t.part(t.x, b, from, to)
		y := row(t.y, b, t.n)[from:to]
		if t.f == device.Phase {
			for k, r := range re {
				y[k] = float32(math.Atan2(float64(im[k]), float64(r)))
			}
			continue
		}
		vec.Measured(measures[t.f], y, vec.Planes(re, im), t.eps)
	}
}

// measures are the functions of the power.
var measures = [...]vec.Measure{device.Power: vec.PowerOf, device.MagClamp: vec.MagnitudeMax, device.MagFloor: vec.MagnitudeAdd}

// PolarGrad implements device.Fourier.
func (d *Device) PolarGrad(f device.PolarFunc, eps float64, dx, x, y, dy tensor.Tensor) {
	device.CheckPolar("PolarGrad", y, x)
	device.CheckPolar("PolarGrad", dy, dx)
	device.CheckSameLen("PolarGrad", dx, x)
	d.polarGrad = polarGrad{planarOf(y.Dim(0), y.Dim(1)), f, float32(eps), numbers(dx), numbers(x), numbers(dy)}
	d.pool.For(d.polarGrad.grid.chunks(), &d.polarGrad)
}

// polarGrad is PolarGrad.
type polarGrad struct {
	planar
	f         device.PolarFunc
	eps       float32
	dx, x, dy []float32
}

// Do implements parallel.Task.
func (t *polarGrad) Do(i, _ int) {
	b0, b1, from, to := t.grid.at(i)
	for b := b0; b < b1; b++ {
		re, im := t.part(t.x, b, from, to)
		dre, dim := t.part(t.dx, b, from, to)
		dy := row(t.dy, b, t.n)[from:to]
		if t.f == device.Phase {
			for k, g := range dy {
				r, i := float64(re[k]), float64(im[k])
				if p := float64(r*r) + float64(i*i); p > 0 {
					dre[k] -= float32(float64(g) * i / p)
					dim[k] += float32(float64(g) * r / p)
				}
			}
			continue
		}
		vec.MeasuredGrad(measures[t.f], vec.Planes(dre, dim), vec.Planes(re, im), dy, t.eps, false)
	}
}

// ComplexMul implements device.Fourier.
func (d *Device) ComplexMul(dst, a, b tensor.Tensor) {
	device.CheckComplex("ComplexMul", dst, a, b)
	d.complexMul = complexMul{planarOf(dst.Dim(0), dst.Dim(2)), numbers(dst), numbers(a), numbers(b), false}
	d.pool.For(d.complexMul.grid.chunks(), &d.complexMul)
}

// ComplexMulGrad implements device.Fourier.
func (d *Device) ComplexMulGrad(da, dy, b tensor.Tensor) {
	device.CheckComplex("ComplexMulGrad", da, dy, b)
	d.complexMul = complexMul{planarOf(da.Dim(0), da.Dim(2)), numbers(da), numbers(dy), numbers(b), true}
	d.pool.For(d.complexMul.grid.chunks(), &d.complexMul)
}

// complexMul is dst = a * b, or dst += a * conj(b) where grad is set.
type complexMul struct {
	planar
	dst, a, b []float32
	grad      bool
}

// Do implements parallel.Task.
func (t *complexMul) Do(i, _ int) {
	b0, b1, from, to := t.grid.at(i)
	for b := b0; b < b1; b++ {
		re, im := t.part(t.dst, b, from, to)
		ar, ai := t.part(t.a, b, from, to)
		br, bi := t.part(t.b, b, from, to)
		if t.grad {
			for k := range re {
				re[k] += float32(ar[k]*br[k]) + float32(ai[k]*bi[k])
				im[k] += float32(ai[k]*br[k]) - float32(ar[k]*bi[k])
			}
			continue
		}
		for k := range re {
			re[k] = float32(ar[k]*br[k]) - float32(ai[k]*bi[k])
			im[k] = float32(ar[k]*bi[k]) + float32(ai[k]*br[k])
		}
	}
}
