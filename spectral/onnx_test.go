package spectral_test

import (
	"fmt"
	"testing"

	"partials/autograd"
	"partials/autograd/gradcheck"
	"partials/formats/onnx/onnxtest"
	"partials/spectral"
	"partials/tensor"
)

// Transforms and what is made of spectra say the same in ONNX's operators.
func TestONNX(t *testing.T) {
	check := func(name string, f gradcheck.Func, shapes ...tensor.Shape) {
		t.Run(name, func(t *testing.T) {
			in := make([]gradcheck.Input, len(shapes))
			for i, s := range shapes {
				in[i] = gradcheck.Normal(uint64(i), s)
			}
			onnxtest.Same(t, f, in)
		})
	}
	for _, c := range framings {
		if c.options.PadMode == spectral.PadCircular {
			c.options.PadMode = spectral.PadReflect // ONNX has no circular one
		}
		a := newAnalysis(t, c.options)
		frames := a.Frames(c.length)
		for _, s := range []tensor.Shape{of(c.length), of(2, c.length), of(2, 3, c.length)} {
			check(fmt.Sprint("STFT ", c.options.NFFT, s), func(t *tape, v vars) *autograd.Var { return a.Apply(t, v[0]) }, s)
			check(fmt.Sprint("magnitude ", c.options.NFFT, s), func(t *tape, v vars) *autograd.Var {
				return a.Magnitude(t, v[0], spectral.FloorClamp, 0.1)
			}, s)
		}
		for _, n := range []int{0, c.length / 2, c.length + 40} {
			if n == 0 && (frames-1)*a.Hop < 1 {
				continue
			}
			check(fmt.Sprint("overlap-add ", c.options.NFFT, " to ", n), func(t *tape, v vars) *autograd.Var { return a.OverlapAdd(t, v[0], n) },
				of(2, 2, frames, a.Bins()))
		}
	}
	for _, center := range []bool{false, true} {
		a := newAnalysis(t, spectral.STFT{NFFT: 12, Hop: 3, Window: spectral.Window{Kind: spectral.Rectangular}, Center: center, Onesided: true})
		for _, n := range []int{0, 10, 80} {
			check(fmt.Sprint("ISTFT ", center, n), func(t *tape, v vars) *autograd.Var { return a.Inverse(t, v[0], n) }, of(2, 2, 7, a.Bins()))
		}
	}
	for _, in := range []int{1, 7, 8} {
		for _, n := range []int{1, 5, 8, 12} {
			for i, s := range []tensor.Shape{of(in), of(3, in), of(4, 3, in)} {
				check(fmt.Sprint("RFFT ", s, n), func(t *tape, v vars) *autograd.Var { return spectral.RFFT(t, v[0], n, spectral.NormOrtho) }, s)
				s = []tensor.Shape{of(2, in), of(2, 3, in), of(4, 2, 3, in)}[i]
				check(fmt.Sprint("IRFFT ", s, n), func(t *tape, v vars) *autograd.Var { return spectral.IRFFT(t, v[0], n, spectral.NormBackward) }, s)
				check(fmt.Sprint("FFT ", s, n), func(t *tape, v vars) *autograd.Var { return spectral.FFT(t, v[0], n, spectral.NormBackward) }, s)
				check(fmt.Sprint("IFFT ", s, n), func(t *tape, v vars) *autograd.Var { return spectral.IFFT(t, v[0], n, spectral.NormForward) }, s)
			}
		}
	}
	for _, s := range []tensor.Shape{of(2, 5), of(2, 3, 5), of(4, 2, 3, 5)} {
		check("ComplexMul "+s.String(), func(t *tape, v vars) *autograd.Var { return spectral.ComplexMul(t, v[0], v[1]) }, s, s)
		check("parts "+s.String(), func(t *tape, v vars) *autograd.Var {
			return spectral.Complex(t, spectral.Im(t, v[0]), spectral.Re(t, v[0]))
		}, s)
		check("Power "+s.String(), func(t *tape, v vars) *autograd.Var { return spectral.Power(t, v[0]) }, s)
		for _, floor := range []spectral.Floor{spectral.FloorClamp, spectral.FloorAdd} {
			check(fmt.Sprint("Magnitude ", floor, s), func(t *tape, v vars) *autograd.Var { return spectral.Magnitude(t, v[0], floor, 0.7) }, s)
		}
	}
}
