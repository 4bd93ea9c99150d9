package ref

import (
	"math"

	"partials/device"
	"partials/internal/fft"
	"partials/tensor"
)

// All transforms here are complex transforms of whole rows. The gradient of a
// spectrum is kept as dre + j*dim: then the transpose of a forward transform
// is the inverse one, and of keeping some bins it is zeros in the others.

// RFFT implements device.Fourier.
func (d *Device) RFFT(dst, x tensor.Tensor, t device.Transform) {
	device.CheckRFFT("RFFT", dst, x, t)
	for i := range dst.Dim(0) * dst.Dim(2) {
		re, im := spectrum(dst, i)
		y := forwardReal(points(row(numbers(x), i, t.In), nil, t.N))
		for k := range re {
			re[k], im[k] = t.Scale*real(y[k]), t.Scale*imag(y[k])
		}
	}
}

// RFFTGrad implements device.Fourier.
func (d *Device) RFFTGrad(dx, dy tensor.Tensor, t device.Transform) {
	device.CheckRFFT("RFFTGrad", dy, dx, t)
	for i := range dy.Dim(0) * dy.Dim(2) {
		re, im := spectrum(dy, i)
		g := inverse(points(re, im, t.N))
		to := row(numbers(dx), i, t.In)
		for j := range min(t.In, t.N) {
			to[j] += t.Scale * real(g[j])
		}
	}
}

// IRFFT implements device.Fourier.
func (d *Device) IRFFT(dst, x tensor.Tensor, t device.Transform) {
	device.CheckIRFFT("IRFFT", dst, x, t)
	for i := range x.Dim(0) * x.Dim(2) {
		re, im := spectrum(x, i)
		y := inverse(bothSides(points(re, im, t.N/2+1), t.N))
		to := row(numbers(dst), i, t.N)
		for j := range to {
			to[j] = t.Scale * real(y[j])
		}
	}
}

// IRFFTGrad implements device.Fourier.
func (d *Device) IRFFTGrad(dx, dy tensor.Tensor, t device.Transform) {
	device.CheckIRFFT("IRFFTGrad", dy, dx, t)
	for i := range dx.Dim(0) * dx.Dim(2) {
		re, im := spectrum(dx, i)
		g := bothSidesGrad(forward(points(row(numbers(dy), i, t.N), nil, t.N)))
		for k := range min(t.In, len(g)) {
			re[k] += t.Scale * real(g[k])
			im[k] += t.Scale * imag(g[k])
		}
	}
}

// FFT implements device.Fourier.
func (d *Device) FFT(dst, x tensor.Tensor, t device.Transform) {
	device.CheckFFT("FFT", dst, x, t)
	transform := forward
	if t.Inverse {
		transform = inverse
	}
	for i := range dst.Dim(0) * dst.Dim(2) {
		re, im := spectrum(x, i)
		y := transform(points(re, im, t.N))
		re, im = spectrum(dst, i)
		for k := range re {
			re[k], im[k] = t.Scale*real(y[k]), t.Scale*imag(y[k])
		}
	}
}

// FFTGrad implements device.Fourier.
func (d *Device) FFTGrad(dx, dy tensor.Tensor, t device.Transform) {
	device.CheckFFT("FFTGrad", dy, dx, t)
	transform := inverse
	if t.Inverse {
		transform = forward
	}
	for i := range dx.Dim(0) * dx.Dim(2) {
		re, im := spectrum(dy, i)
		g := transform(points(re, im, t.N))
		re, im = spectrum(dx, i)
		for k := range min(t.In, t.N) {
			re[k] += t.Scale * real(g[k])
			im[k] += t.Scale * imag(g[k])
		}
	}
}

// Polar implements device.Fourier.
func (d *Device) Polar(f device.PolarFunc, eps float64, dst, x tensor.Tensor) {
	device.CheckPolar("Polar", dst, x)
	for b := range dst.Dim(0) {
		re, im := spectrum(x, b)
		for i, y := 0, row(numbers(dst), b, dst.Dim(1)); i < len(y); i++ {
			power := re[i]*re[i] + im[i]*im[i]
			switch f {
			case device.Power:
				y[i] = power
			case device.MagClamp:
				y[i] = math.Sqrt(max(power, eps))
			case device.MagFloor:
				y[i] = math.Sqrt(power + eps)
			case device.Phase:
				y[i] = math.Atan2(im[i], re[i])
			}
		}
	}
}

// PolarGrad implements device.Fourier.
func (d *Device) PolarGrad(f device.PolarFunc, eps float64, dx, x, y, dy tensor.Tensor) {
	device.CheckPolar("PolarGrad", y, x)
	device.CheckPolar("PolarGrad", dy, dx)
	device.CheckSameLen("PolarGrad", dx, x)
	for b := range y.Dim(0) {
		re, im := spectrum(x, b)
		dre, dim := spectrum(dx, b)
		value := row(numbers(y), b, y.Dim(1))
		for i, g := range row(numbers(dy), b, y.Dim(1)) {
			power := re[i]*re[i] + im[i]*im[i]
			switch {
			case f == device.Power:
				dre[i] += g * 2 * re[i]
				dim[i] += g * 2 * im[i]
			case f == device.MagClamp && power >= eps && value[i] > 0, f == device.MagFloor && value[i] > 0:
				dre[i] += g * re[i] / value[i]
				dim[i] += g * im[i] / value[i]
			case f == device.Phase && power > 0:
				dre[i] -= g * im[i] / power
				dim[i] += g * re[i] / power
			}
		}
	}
}

// ComplexMul implements device.Fourier.
func (d *Device) ComplexMul(dst, a, b tensor.Tensor) {
	device.CheckComplex("ComplexMul", dst, a, b)
	for i := range dst.Dim(0) {
		re, im := spectrum(dst, i)
		ar, ai := spectrum(a, i)
		br, bi := spectrum(b, i)
		for k := range re {
			re[k], im[k] = ar[k]*br[k]-ai[k]*bi[k], ar[k]*bi[k]+ai[k]*br[k]
		}
	}
}

// ComplexMulGrad implements device.Fourier.
func (d *Device) ComplexMulGrad(da, dy, b tensor.Tensor) {
	device.CheckComplex("ComplexMulGrad", da, dy, b)
	for i := range da.Dim(0) {
		re, im := spectrum(da, i)
		gr, gi := spectrum(dy, i)
		br, bi := spectrum(b, i)
		for k := range re {
			re[k] += gr[k]*br[k] + gi[k]*bi[k]
			im[k] += gi[k]*br[k] - gr[k]*bi[k]
		}
	}
}

// spectrum returns the real and imaginary parts of row i of the B*R rows of a
// planar x: (B, 2, R, bins), or (B, 2, bins) with one row each.
func spectrum(x tensor.Tensor, i int) (re, im []float64) {
	rows := 1
	if x.Rank() == 4 {
		rows = x.Dim(2)
	}
	b, r, n := i/rows, i%rows, x.Dim(-1)
	all := numbers(x)
	return row(all, 2*b*rows+r, n), row(all, (2*b+1)*rows+r, n)
}

// points returns n complex numbers, the given ones cut or padded with zeros.
// A nil im stands for zeros.
func points(re, im []float64, n int) []complex128 {
	z := make([]complex128, n)
	for i := range min(n, len(re)) {
		z[i] = complex(re[i], 0)
		if im != nil {
			z[i] = complex(re[i], im[i])
		}
	}
	return z
}

// bothSides returns n bins whose inverse transform has the real part that the
// half-spectrum stands for: the inner bins count twice, for their mirror
// images, and of bin 0 and bin n/2 only the real part counts.
func bothSides(half []complex128, n int) []complex128 {
	z := make([]complex128, n)
	for k, v := range half {
		if 2*k%n == 0 {
			z[k] = complex(real(v), 0)
		} else {
			z[k] = 2 * v
		}
	}
	return z
}

// bothSidesGrad is the transpose of bothSides, applied to n bins.
func bothSidesGrad(z []complex128) []complex128 {
	n := len(z)
	half := make([]complex128, n/2+1)
	for k := range half {
		if 2*k%n == 0 {
			half[k] = complex(real(z[k]), 0)
		} else {
			half[k] = 2 * z[k]
		}
	}
	return half
}

// forward returns sum over t of x[t] exp(-2 pi j k t / n) for every k.
func forward(x []complex128) []complex128 {
	y := make([]complex128, len(x))
	fft.NewPlan(len(x)).Forward(y, x)
	return y
}

// forwardReal is forward of real numbers. Bins 0 and n/2 are then real; a
// rounding error there would make a phase of pi one of -pi.
func forwardReal(x []complex128) []complex128 {
	y := forward(x)
	y[0] = complex(real(y[0]), 0)
	if n := len(y); n%2 == 0 {
		y[n/2] = complex(real(y[n/2]), 0)
	}
	return y
}

// inverse returns sum over k of x[k] exp(+2 pi j k t / n) for every t.
func inverse(x []complex128) []complex128 {
	y := make([]complex128, len(x))
	fft.NewPlan(len(x)).Inverse(y, x)
	return y
}
