package autograd_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"partials/autograd"
	"partials/device/ref"
	"partials/ops"
	"partials/tensor"
)

// careless leaves the checking to the kernel.
type careless struct{ inBackward bool }

func (f *careless) Forward(c *autograd.Call) tensor.Tensor {
	y := c.New(c.In(0).Shape)
	if f.inBackward {
		c.Device().Copy(y, c.In(0))
	} else {
		c.Device().Mul(y, c.In(0), c.In(1))
	}
	return y
}

func (f *careless) Backward(c *autograd.Call, dy tensor.Tensor) {
	da, _ := c.Grad(0)
	c.Device().MulGrad(da, dy, c.In(1))
}

func wantFault(t *testing.T, err error, op, place string, in ...tensor.Shape) *autograd.Fault {
	t.Helper()
	var f *autograd.Fault
	if !errors.As(err, &f) {
		t.Fatalf("got %v, want a Fault", err)
	}
	if f.Op != op || !slices.Equal(f.In, in) || !strings.HasSuffix(f.Place, place) {
		t.Errorf("Fault of %s%v at %s; want %s%v at %s", f.Op, f.In, f.Place, op, in, place)
	}
	return f
}

func TestFaultOfAKernel(t *testing.T) {
	tape := newTape()
	a, b := row(tape, 1, 2), row(tape, 1, 2, 3)
	where := line(1)
	err := autograd.Catch(func() { autograd.Apply(tape, careless{}, autograd.In{a, b}) })
	wantFault(t, err, "autograd_test.careless", where, of(2), of(3))
	for _, part := range []string{"autograd_test.careless of (2), (3)", "Mul", where} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

// The line worth naming is the one outside the packages that wrap Apply.
func TestFaultNamesTheLineOutsideWrappers(t *testing.T) {
	tape := newTape()
	a, b := row(tape, 1, 2), row(tape, 1, 2, 3)
	where := line(1)
	err := autograd.Catch(func() { ops.Div(tape, a, b) })
	wantFault(t, err, "ops.div", where, of(2), of(3))

	where = line(1)
	err = autograd.Catch(func() { ops.LayerNorm(tape, row(tape, 1, 2), b, nil, 1e-5) })
	wantFault(t, err, "ops.scaleBy", where, of(2), of(3))

	where = line(1)
	err = autograd.Catch(func() { ops.Concat(tape, 0, a, tape.Put64(of(), []float64{1})) })
	wantFault(t, err, "ops.concat", where, of(2), of())
}

func TestFaultInBackward(t *testing.T) {
	tape := newTape()
	a, b := watched(tape, 1, 2), row(tape, 1, 2, 3)
	y := autograd.Apply(tape, careless{inBackward: true}, autograd.In{a, b})
	err := autograd.Catch(func() { _ = tape.BackwardFrom(y, row(tape, 1, 1).Tensor) })
	wantFault(t, err, "autograd_test.careless", "", of(2), of(3))
}

func TestOutOfMemoryIsAnError(t *testing.T) {
	tape := autograd.NewTape(ref.New(), 4096)
	x := row(tape, make([]float64, 256)...)
	var full *tensor.OutOfMemory
	where := line(1)
	err := autograd.Catch(func() { ops.Square(tape, ops.Square(tape, x)) })
	wantFault(t, err, "ops.Square", where, of(256))
	if !errors.As(err, &full) || full.Cap != 4096 {
		t.Errorf("%v does not wrap the OutOfMemory", err)
	}
	err = autograd.Catch(func() { row(tape, make([]float64, 256)...) })
	if !errors.As(err, &full) {
		t.Errorf("Put past the cap: %v", err)
	}
	tape.Reset()
	wantValue(t, tape, ops.Square(tape, row(tape, 3)), 9)
}

func TestCatchLetsOtherPanicsPass(t *testing.T) {
	defer func() {
		if r := recover(); r != "mine" {
			t.Errorf("recovered %v", r)
		}
	}()
	if err := autograd.Catch(func() {}); err != nil {
		t.Errorf("Catch of nothing: %v", err)
	}
	_ = autograd.Catch(func() { panic("mine") })
}

func TestStaleVarIsRefused(t *testing.T) {
	tape := newTape()
	leaf := watched(tape, 1)
	y := ops.Square(tape, leaf)
	tape.Reset()
	for _, v := range []*autograd.Var{y, leaf} { // y first: its own box is the next to be used
		where := line(1)
		err := autograd.Catch(func() { ops.Square(tape, v) })
		f := wantFault(t, err, "ops.Square", where, of(1))
		if !strings.Contains(f.Error(), "before the last Reset") {
			t.Errorf("%v", f)
		}
		if err := tape.Backward(v); err == nil || !strings.Contains(err.Error(), "before the last Reset") {
			t.Errorf("Backward of a stale Var: %v", err)
		}
	}
	p := param(tape, 5)
	tape.Reset()
	wantValue(t, tape, ops.Square(tape, p), 25) // a parameter never goes stale
}

func TestVarOfAnotherTapeIsRefused(t *testing.T) {
	mine, other := newTape(), newTape()
	x := watched(other, 1)
	err := autograd.Catch(func() { ops.Add(mine, row(mine, 1), x) })
	if f := wantFault(t, err, "ops.combine", line(-1), of(1), of(1)); !strings.Contains(f.Error(), "another tape") {
		t.Errorf("%v", f)
	}
	if err := mine.Backward(ops.Square(other, x)); err == nil || !strings.Contains(err.Error(), "another tape") {
		t.Errorf("Backward of another tape's Var: %v", err)
	}
	wantNoGrad(t, other, x)
}

func TestFaultsOfTheTapeItself(t *testing.T) {
	tape := newTape()
	for want, f := range map[string]func(){
		"autograd.Put of (3): 2 numbers given":              func() { tape.Put(of(3), make([]float32, 2)) },
		"autograd.Put of (2): 3 numbers given":              func() { tape.Put64(of(2), make([]float64, 3)) },
		"autograd.Watch of (1): only a leaf can be watched": func() { tape.Watch(ops.Square(tape, row(tape, 1))) },
		"autograd.Scalar of (2): not a single number":       func() { tape.Scalar(row(tape, 1, 2)) },
	} {
		if err := autograd.Catch(f); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// A checked arena catches a Function, or a caller, that keeps memory too long.
func TestMemoryKeptPastResetIsCaught(t *testing.T) {
	tape := newTape()
	kept := row(tape, 1, 2).Tensor
	tape.Reset()
	leaf := tape.Leaf(kept)
	err := autograd.Catch(func() { ops.Square(tape, leaf) })
	if f := wantFault(t, err, "ops.Square", line(-1), of(2)); !strings.Contains(f.Error(), "took it back") {
		t.Errorf("%v", f)
	}
}

// forgetful returns memory that it never wrote.
type forgetful struct{}

func (*forgetful) Forward(c *autograd.Call) tensor.Tensor { return c.New(of(2)) }
func (*forgetful) Backward(*autograd.Call, tensor.Tensor) {}

func TestUnwrittenMemoryIsNaN(t *testing.T) {
	tape := newTape()
	for _, v := range read(tape, autograd.Apply(tape, forgetful{}, autograd.In{}).Tensor) {
		if !math.IsNaN(v) {
			t.Errorf("memory that nobody wrote holds %g", v)
		}
	}
}
