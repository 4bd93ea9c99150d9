package main

import (
	"testing"

	"partials/autograd"
	"partials/autograd/gradcheck"
	"partials/device/devices"
	"partials/tensor"
)

func TestPolynomialGradient(t *testing.T) {
	f := func(t *autograd.Tape, in []*autograd.Var) *autograd.Var {
		return autograd.Apply(t, polynomial{}, autograd.In{in[0], in[1]})
	}
	for _, order := range []int{1, 2, 5} {
		x, w := gradcheck.Normal(1, tensor.Of(2, 1, 7)), gradcheck.Normal(2, tensor.Of(order))
		if err := gradcheck.Full(devices.Reference(), f, []gradcheck.Input{x, w}); err != nil {
			t.Errorf("order %d: %v", order, err)
		}
	}
}

func TestLevelGradient(t *testing.T) {
	l := Level{Floor: 1e-3}
	f := func(t *autograd.Tape, in []*autograd.Var) *autograd.Var { return l.Apply(t, in[0], in[1]) }
	s := tensor.Of(2, 1, 7)
	if err := gradcheck.Full(devices.Reference(), f, []gradcheck.Input{gradcheck.Normal(1, s), gradcheck.Normal(2, s)}); err != nil {
		t.Error(err)
	}
}
