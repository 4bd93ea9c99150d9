package autograd_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"partials/autograd"
	"partials/device/ref"
	"partials/tensor"
)

func newTape() *autograd.Tape { return autograd.NewTape(ref.NewChecked(), 0) }

func of(dims ...int) tensor.Shape { return tensor.Of(dims...) }

// row puts numbers on the tape as a vector.
func row(t *autograd.Tape, x ...float64) *autograd.Var { return t.Put64(of(len(x)), x) }

// watched is row with a gradient.
func watched(t *autograd.Tape, x ...float64) *autograd.Var { return t.Watch(row(t, x...)) }

func read(t *autograd.Tape, x tensor.Tensor) []float64 {
	y := make([]float64, x.Len())
	t.Device().Read64(y, x)
	return y
}

func backward(t *testing.T, tape *autograd.Tape, loss *autograd.Var) {
	t.Helper()
	if err := tape.Backward(loss); err != nil {
		t.Fatal(err)
	}
}

// wantValue compares numbers that are exact in float64.
func wantValue(t *testing.T, tape *autograd.Tape, v *autograd.Var, want ...float64) {
	t.Helper()
	if got := read(tape, v.Tensor); !slices.Equal(got, want) {
		t.Errorf("value %v, want %v", got, want)
	}
}

func wantGrad(t *testing.T, tape *autograd.Tape, v *autograd.Var, want ...float64) {
	t.Helper()
	g, ok := v.Grad()
	if !ok {
		t.Errorf("no gradient, want %v", want)
		return
	}
	if got := read(tape, g); !slices.Equal(got, want) {
		t.Errorf("gradient %v, want %v", got, want)
	}
}

func wantNoGrad(t *testing.T, tape *autograd.Tape, v *autograd.Var) {
	t.Helper()
	if g, ok := v.Grad(); ok {
		t.Errorf("gradient %v, want none", read(tape, g))
	}
}

// param returns a parameter outside any Params, its gradient at zero.
func param(t *autograd.Tape, x ...float64) *autograd.Var {
	s := of(len(x))
	value, grad := tensor.New(s, t.Device().Alloc(len(x))), tensor.New(s, t.Device().Alloc(len(x)))
	t.Device().Write64(value, x)
	return autograd.NewParam(value, grad)
}

// line is the place of the caller, some lines further down.
func line(further int) string {
	_, file, n, _ := runtime.Caller(1)
	return fmt.Sprintf("%s:%d", filepath.Base(file), n+further)
}
