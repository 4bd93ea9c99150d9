package autograd_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"partials/autograd"
	"partials/ops"
)

func wantAnomaly(t *testing.T, f func(), op, place, text string) {
	t.Helper()
	err := autograd.Catch(f)
	var a *autograd.Anomaly
	if !errors.As(err, &a) {
		t.Fatalf("got %v, want an Anomaly", err)
	}
	for _, part := range []string{op, place, text} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

// The first Function that makes a number that is none is named, not one of
// those that it goes on through.
func TestAnomalyForward(t *testing.T) {
	tape := newTape()
	tape.DetectAnomaly(true)
	x := row(tape, 4, 0, -1)
	y := ops.Square(tape, x)
	var where string
	wantAnomaly(t, func() { where = line(0); z := ops.Log(tape, ops.Scale(tape, x, 2)); ops.Add(tape, z, y) },
		"Log", where, "its output is -Inf at number 1; all that it was given is finite")
	nan := row(tape, 1, math.NaN())
	wantAnomaly(t, func() { ops.Square(tape, nan) }, "Square", "", "its output is NaN at number 1; its input 0 (NaN at number 1) was not finite already")

	tape.DetectAnomaly(false)
	if err := autograd.Catch(func() { ops.Log(tape, x) }); err != nil {
		t.Errorf("where nobody looks: %v", err)
	}
}

// A finite value can have a gradient that is not: here 1e300 * 1e300 on the way
// back.
func TestAnomalyBackward(t *testing.T) {
	tape := newTape()
	tape.DetectAnomaly(true)
	x := watched(tape, 1e-300)
	where := line(1)
	y := ops.Scale(tape, x, 1e300)
	z := ops.Scale(tape, y, 1e300)
	wantAnomaly(t, func() {
		if err := tape.Backward(z); err != nil {
			t.Error(err)
		}
	}, "Scale", where, "its gradient of input 0 is +Inf at number 0; all that it was given is finite")
}
