package ops_test

import (
	"slices"
	"testing"

	"partials/autograd/gradcheck"
	"partials/formats/onnx/onnxtest"
)

// Every op says the same in ONNX's operators.
func TestONNX(t *testing.T) {
	for _, c := range slices.Concat(gradientCases, linearCases) {
		t.Run(c.name, func(t *testing.T) {
			in := make([]gradcheck.Input, len(c.shapes))
			for i, s := range c.shapes {
				in[i] = gradcheck.Normal(uint64(i), s)
				if c.lo != c.hi {
					in[i] = gradcheck.Uniform(uint64(i), s, c.lo, c.hi)
				}
			}
			onnxtest.Same(t, c.f, in)
		})
	}
}
