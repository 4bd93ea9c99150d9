package autograd_test

import (
	"errors"
	"strings"
	"testing"

	"partials/autograd"
	"partials/ops"
	"partials/tensor"
)

// sign has no gradient and says so.
type sign struct{ autograd.NoGradient }

func (*sign) Forward(c *autograd.Call) tensor.Tensor {
	x := make([]float64, c.In(0).Len())
	c.Read(x, c.In(0))
	for i, v := range x {
		x[i] = 1
		if v < 0 {
			x[i] = -1
		}
	}
	y := c.New(c.In(0).Shape)
	c.Write(y, x)
	return y
}

func TestNoGradientIsAnErrorWithAPlace(t *testing.T) {
	tape := newTape()
	p := param(tape, 3, -4)
	x := watched(tape, 1, 2)
	before := ops.Mul(tape, p, x)
	where := line(1)
	s := autograd.Apply(tape, sign{}, autograd.In{before})
	loss := ops.Sum(tape, ops.Mul(tape, s, before)) // p is reached past sign, too
	err := tape.Backward(loss)
	var e *autograd.NoGradientError
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a NoGradientError", err)
	}
	if e.Op != "autograd_test.sign" || !strings.HasSuffix(e.Place, where) {
		t.Errorf("names %s at %s, want autograd_test.sign at %s", e.Op, e.Place, where)
	}
	for _, part := range []string{"autograd_test.sign", where, "Detach", "NoGrad"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	// No gradient was touched.
	wantGrad(t, tape, p, 0, 0)
	wantNoGrad(t, tape, x)
	wantNoGrad(t, tape, before)
	wantNoGrad(t, tape, loss)

	// The tape is good for another loss, and that check left no trace.
	backward(t, tape, ops.Sum(tape, before))
	wantGrad(t, tape, p, 1, 2)
	wantGrad(t, tape, x, 3, -4)
}

func TestNoGradientBesideTheWayIsFine(t *testing.T) {
	tape := newTape()
	x := watched(tape, 3, -4)
	autograd.Apply(tape, sign{}, autograd.In{x}) // the loss does not depend on this one
	s := autograd.Apply(tape, sign{}, autograd.In{row(tape, -5, 6)})
	y := ops.Mul(tape, x, s) // this one depends on no parameter
	d := autograd.Apply(tape, sign{}, autograd.In{tape.Detach(x)})
	backward(t, tape, ops.Sum(tape, ops.Add(tape, y, d)))
	wantGrad(t, tape, x, -1, 1)
}

// Gradient looks no farther back than its Var, and leaves no mark there.
func TestGradientIgnoresWhatStandsBefore(t *testing.T) {
	tape := newTape()
	x := watched(tape, 3)
	s := autograd.Apply(tape, sign{}, autograd.In{x})
	at := ops.Mul(tape, s, x)
	loss := ops.Mul(tape, ops.Square(tape, at), s) // s is reached past at
	if _, err := tape.Gradient(loss, at); err != nil {
		t.Fatal(err)
	}
	backward(t, tape, ops.Square(tape, x))
	wantGrad(t, tape, x, 6)
}

func TestNoGradientNamesTheFirstOnTheWayBack(t *testing.T) {
	tape := newTape()
	x := watched(tape, 3)
	autograd.Apply(tape, sign{}, autograd.In{autograd.Apply(tape, sign{}, autograd.In{x})})
	y := autograd.Apply(tape, sign{}, autograd.In{x})
	where := line(1)
	z := autograd.Apply(tape, sign{}, autograd.In{y})
	var e *autograd.NoGradientError
	if err := tape.Backward(z); !errors.As(err, &e) || !strings.HasSuffix(e.Place, where) {
		t.Errorf("%v, want the place %s", err, where)
	}
}

func TestNoGrad(t *testing.T) {
	tape := newTape()
	x := watched(tape, 3, -4)
	var a, b *autograd.Var
	tape.NoGrad(func() {
		a = ops.Square(tape, x)
		tape.NoGrad(func() {})
		b = ops.Square(tape, x) // still inside
	})
	if a.NeedsGrad() || b.NeedsGrad() {
		t.Error("a Var of NoGrad needs a gradient")
	}
	if !ops.Square(tape, x).NeedsGrad() {
		t.Error("NoGrad goes on after its end")
	}
	backward(t, tape, ops.Sum(tape, ops.Mul(tape, x, ops.Add(tape, a, b))))
	wantGrad(t, tape, x, 18, 32)
}

func TestNoGradEndsWithAPanic(t *testing.T) {
	tape := newTape()
	x := watched(tape, 3)
	if err := autograd.Catch(func() { tape.NoGrad(func() { ops.Add(tape, x, row(tape, 1, 2)) }) }); err == nil {
		t.Fatal("no Fault")
	}
	if !ops.Square(tape, x).NeedsGrad() {
		t.Error("NoGrad goes on after a panic")
	}
}

func TestDetach(t *testing.T) {
	tape := newTape()
	x := watched(tape, 3, -4)
	y := ops.Square(tape, x)
	d := tape.Detach(y)
	wantValue(t, tape, d, 9, 16)
	backward(t, tape, ops.Sum(tape, ops.Mul(tape, x, d)))
	wantGrad(t, tape, x, 9, 16)
}
