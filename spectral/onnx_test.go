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
		}
		for _, n := range []int{0, c.length / 2, c.length + 40} {
			if n == 0 && (frames-1)*a.Hop < 1 {
				continue
			}
			check(fmt.Sprint("overlap-add ", c.options.NFFT, " to ", n), func(t *tape, v vars) *autograd.Var { return a.OverlapAdd(t, v[0], n) },
				of(2, 2, frames, a.Bins()))
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
