package main

import (
	"testing"

	"partials/autograd"
	"partials/autograd/gradcheck"
	"partials/device/devices"
	"partials/tensor"
)

func TestAdjoint(t *testing.T) {
	f := func(t *autograd.Tape, in []*autograd.Var) *autograd.Var {
		return autograd.Apply(t, rfft{}, autograd.In{in[0]})
	}
	for _, n := range []int{1, 2, 3, 4, 7, 16, 30} {
		if err := gradcheck.Adjoint(devices.Reference(), f, []tensor.Shape{tensor.Of(n)}); err != nil {
			t.Errorf("n = %d: %v", n, err)
		}
	}
}

func Example() {
	main()
	// Output: energy 14.000, gradient [6.000 10.000 2.000 -2.000]
}
