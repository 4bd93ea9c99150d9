package devicetest

import (
	"fmt"
	"math"

	"partials/device"
	"partials/tensor"
)

// transformLengths: every radix, a prime that needs Bluestein, odd and even.
var transformLengths = []int{1, 2, 3, 5, 8, 16, 30, 64, 97, 120, 400, 512, 1024}

func fourierOperators() []operator {
	var list []operator
	for i, n := range transformLengths {
		batches := [][2]int{{1, 1}, {2, 3}, {3, 9}, {1, 17}}
		if n == 8 || n == 97 {
			batches = append(batches, [2]int{0, 3}, [2]int{2, 0}, [2]int{1, 65})
		}
		for j, br := range batches {
			// Rows that fit, that are cut and that are padded.
			bins := n/2 + 1
			more := []int{0, -1, 2}[(i+j)%3]
			list = append(list, realTransforms(br[0], br[1], device.Transform{N: n, In: max(n+more, 0), Scale: 0.75})...)
			list = append(list,
				inverseRealTransform(br[0], br[1], device.Transform{N: n, In: max(bins+more, 0), Scale: 2 / math.Sqrt(float64(n))}),
				complexTransform(br[0], br[1], device.Transform{N: n, In: max(n+more, 0), Scale: 0.75}),
				complexTransform(br[0], br[1], device.Transform{N: n, In: n, Scale: 2 / math.Sqrt(float64(n)), Inverse: true}))
		}
	}
	for _, shape := range [][2]int{{1, 1}, {2, 7}, {3, 33}, {1, 1009}, {0, 5}, {2, 0}} {
		b, n := shape[0], shape[1]
		list = append(list, operator{kernel: "ComplexMul", transpose: "ComplexMulGrad", name: fmt.Sprint(shape),
			x: tensor.Of(b, 2, n), y: tensor.Of(b, 2, n), fixed: []argument{in(b, 2, n)},
			forward:  func(d device.Device, y, x tensor.Tensor, f []tensor.Tensor) { d.ComplexMul(y, x, f[0]) },
			backward: func(d device.Device, dx, dy tensor.Tensor, f []tensor.Tensor) { d.ComplexMulGrad(dx, dy, f[0]) }})
	}
	return list
}

func realTransforms(b, r int, t device.Transform) []operator {
	whole := t
	whole.In = t.N
	var list []operator
	for _, t := range []device.Transform{t, whole} {
		list = append(list, operator{kernel: "RFFT", transpose: "RFFTGrad", name: fmt.Sprintf("B%d R%d %+v", b, r, t),
			x: tensor.Of(b, r, t.In), y: tensor.Of(b, 2, r, t.N/2+1),
			forward:  func(d device.Device, y, x tensor.Tensor, _ []tensor.Tensor) { d.RFFT(y, x, t) },
			backward: func(d device.Device, dx, dy tensor.Tensor, _ []tensor.Tensor) { d.RFFTGrad(dx, dy, t) }})
	}
	return list
}

func inverseRealTransform(b, r int, t device.Transform) operator {
	return operator{kernel: "IRFFT", transpose: "IRFFTGrad", name: fmt.Sprintf("B%d R%d %+v", b, r, t),
		x: tensor.Of(b, 2, r, t.In), y: tensor.Of(b, r, t.N),
		forward:  func(d device.Device, y, x tensor.Tensor, _ []tensor.Tensor) { d.IRFFT(y, x, t) },
		backward: func(d device.Device, dx, dy tensor.Tensor, _ []tensor.Tensor) { d.IRFFTGrad(dx, dy, t) }}
}

func complexTransform(b, r int, t device.Transform) operator {
	return operator{kernel: "FFT", transpose: "FFTGrad", name: fmt.Sprintf("B%d R%d %+v", b, r, t),
		x: tensor.Of(b, 2, r, t.In), y: tensor.Of(b, 2, r, t.N),
		forward:  func(d device.Device, y, x tensor.Tensor, _ []tensor.Tensor) { d.FFT(y, x, t) },
		backward: func(d device.Device, dx, dy tensor.Tensor, _ []tensor.Tensor) { d.FFTGrad(dx, dy, t) }}
}

// polar is a function of a complex number with its constant.
type polar struct {
	name string
	f    device.PolarFunc
	eps  float64
}

var polars = []polar{
	{"Power", device.Power, 0}, {"MagClamp", device.MagClamp, 0.5}, {"MagClamp", device.MagClamp, 1e-7}, {"MagClamp", device.MagClamp, 0},
	{"MagFloor", device.MagFloor, 1e-8}, {"MagFloor", device.MagFloor, 0.25}, {"MagFloor", device.MagFloor, 0}, {"Phase", device.Phase, 0},
}

func fourierCases() []testcase {
	var cases []testcase
	for _, p := range polars {
		for _, shape := range [][2]int{{1, 1}, {2, 7}, {3, 33}, {1, 1009}, {0, 5}, {2, 0}} {
			b, n := shape[0], shape[1]
			x := random(fmt.Sprint("polar", shape), 2*b*n)
			for i := range b {
				// Zero, and exactly on the clamp of 0.5, in some places.
				for k := 1; k < n; k += 6 {
					x[2*i*n+k], x[(2*i+1)*n+k] = 0, 0
				}
				for k := 2; k < n; k += 7 {
					x[2*i*n+k], x[(2*i+1)*n+k] = 0.5, -0.5
				}
			}
			y := make([]float64, b*n)
			for i := range b {
				for k := range n {
					re, im := x[2*i*n+k], x[(2*i+1)*n+k]
					y[i*n+k] = [...]float64{
						device.Power:    re*re + im*im,
						device.MagClamp: math.Sqrt(max(re*re+im*im, p.eps)),
						device.MagFloor: math.Sqrt(re*re + im*im + p.eps),
						device.Phase:    math.Atan2(im, re),
					}[p.f]
				}
			}
			name := fmt.Sprintf("%s(%g) %v", p.name, p.eps, shape)
			cases = append(cases,
				testcase{kernel: "Polar", name: name, args: []argument{out(b, n), in(b, 2, n).of(x)},
					call: func(d device.Device, a []tensor.Tensor) { d.Polar(p.f, p.eps, a[0], a[1]) }},
				testcase{kernel: "PolarGrad", name: name, args: []argument{add(b, 2, n), in(b, 2, n).of(x), in(b, n).of(y), in(b, n)},
					call: func(d device.Device, a []tensor.Tensor) { d.PolarGrad(p.f, p.eps, a[0], a[1], a[2], a[3]) }})
		}
	}
	return append(cases, envelopeCases()...)
}
