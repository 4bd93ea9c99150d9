package autograd_test

import (
	"strings"
	"testing"

	"partials/autograd"
	"partials/ops"
	"partials/tensor"
)

func TestGradientsAddUp(t *testing.T) {
	for _, c := range []struct {
		name string
		f    func(t *autograd.Tape, x *autograd.Var) *autograd.Var
		grad float64 // at x = 3
	}{
		{"used twice by one call", func(t *autograd.Tape, x *autograd.Var) *autograd.Var { return ops.Mul(t, x, x) }, 6},
		{"used by two calls", func(t *autograd.Tape, x *autograd.Var) *autograd.Var {
			return ops.Add(t, ops.Scale(t, x, 5), ops.Square(t, x))
		}, 11},
		{"a diamond", func(t *autograd.Tape, x *autograd.Var) *autograd.Var {
			y := ops.Square(t, x)
			return ops.Mul(t, ops.Scale(t, y, 2), ops.Shift(t, y, 1)) // 2x^4 + 2x^2
		}, 8*27 + 4*3},
		{"a skip past a diamond", func(t *autograd.Tape, x *autograd.Var) *autograd.Var {
			y := ops.Square(t, x)
			return ops.Add(t, x, ops.Add(t, y, ops.Mul(t, y, x))) // x + x^2 + x^3
		}, 1 + 6 + 27},
		{"a branch that leads nowhere", func(t *autograd.Tape, x *autograd.Var) *autograd.Var {
			y := ops.Square(t, x)
			ops.Square(t, y)
			return y
		}, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			tape := newTape()
			x, p := watched(tape, 3), param(tape, 3)
			backward(t, tape, c.f(tape, x))
			wantGrad(t, tape, x, c.grad)
			backward(t, tape, c.f(tape, p))
			wantGrad(t, tape, p, c.grad)
			backward(t, tape, c.f(tape, p)) // a second call adds
			wantGrad(t, tape, p, 2*c.grad)
		})
	}
}

func TestBackwardTwiceOverOneGraphAdds(t *testing.T) {
	tape := newTape()
	x := watched(tape, 3)
	y := ops.Square(tape, ops.Square(tape, x))
	backward(t, tape, y)
	backward(t, tape, y)
	wantGrad(t, tape, x, 2*4*27)
	wantNoGrad(t, tape, y) // only leaves keep theirs
}

func TestBackwardOfALeaf(t *testing.T) {
	tape := newTape()
	x := watched(tape, 3)
	backward(t, tape, x)
	wantGrad(t, tape, x, 1)
}

func TestBackwardFrom(t *testing.T) {
	tape := newTape()
	x := watched(tape, 1, 2, 3)
	y := ops.Square(tape, x)
	seed := row(tape, 10, 0, -1)
	if err := tape.BackwardFrom(y, seed.Tensor); err != nil {
		t.Fatal(err)
	}
	wantGrad(t, tape, x, 20, 0, -6)
	wantValue(t, tape, seed, 10, 0, -1) // the seed stays as it was
}

func TestBackwardErrors(t *testing.T) {
	tape := newTape()
	x := watched(tape, 1, 2)
	y := ops.Square(tape, x)
	gradient := func(loss, at *autograd.Var) error { _, err := tape.Gradient(loss, at); return err }
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"not a number", tape.Backward(y), "has shape (2), not a single number"},
		{"no gradient wanted", tape.Backward(ops.Sum(tape, row(tape, 1))), "depends on no parameter"},
		{"detached", tape.Backward(ops.Sum(tape, tape.Detach(y))), "depends on no parameter"},
		{"a seed of another shape", tape.BackwardFrom(y, row(tape, 1).Tensor), "a gradient of shape (1) was given for a Var of shape (2)"},
		{"Gradient of a vector", gradient(y, x), "has shape (2), not a single number"},
		{"Gradient of nothing", gradient(ops.Sum(tape, row(tape, 1)), x), "depends on no parameter"},
		{"Gradient at a constant", gradient(ops.Sum(tape, y), row(tape, 1)), "Watch it"},
		{"Gradient past a Function without", gradient(ops.Sum(tape, autograd.Apply(tape, sign{}, autograd.In{y})), x), "has no gradient"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, c.err, c.want)
		}
	}
	wantNoGrad(t, tape, x)
}

// counted counts how often its Backward runs.
type counted struct{ runs *int }

func (*counted) Forward(c *autograd.Call) tensor.Tensor { return c.In(0) }

func (f *counted) Backward(c *autograd.Call, dy tensor.Tensor) {
	*f.runs++
	if dx, ok := c.Grad(0); ok {
		c.Device().AddScaled(dx, 1, dy)
	}
}

func TestGradientStopsAtItsVar(t *testing.T) {
	tape := newTape()
	p, x := param(tape, 2), watched(tape, 3)
	before := 0
	first := autograd.Apply(tape, counted{&before}, autograd.In{ops.Mul(tape, p, x)}) // 6
	skip := ops.Square(tape, x)                                                       // before at, too
	at := ops.Add(tape, first, row(tape, 1))                                          // 7
	loss := ops.Add(tape, ops.Square(tape, at), ops.Mul(tape, skip, first))
	for range 2 { // nothing is left behind by the first
		g, err := tape.Gradient(loss, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := read(tape, g); got[0] != 14 {
			t.Errorf("gradient %v, want 14", got)
		}
		wantGrad(t, tape, p, 0)
		for _, v := range []*autograd.Var{x, first, skip, at, loss} {
			wantNoGrad(t, tape, v)
		}
	}
	if before != 0 {
		t.Errorf("a call before the Var was played back %d times", before)
	}
	backward(t, tape, loss)
	wantGrad(t, tape, p, 14*3+9*3)
	wantGrad(t, tape, x, 14*2+6*6+9*2)
	if before != 1 {
		t.Errorf("Backward played a call back %d times", before)
	}
}

func TestGradientAtLeavesAndTheLoss(t *testing.T) {
	tape := newTape()
	p, x := param(tape, 2), watched(tape, 3)
	loss := ops.Mul(tape, p, ops.Square(tape, x))
	backward(t, tape, loss)
	for _, c := range []struct {
		at   *autograd.Var
		want float64
	}{{x, 12}, {p, 9}, {loss, 1}, {ops.Square(tape, x), 0}} { // the last: the loss does not depend on it
		g, err := tape.Gradient(loss, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := read(tape, g); got[0] != c.want {
			t.Errorf("gradient %v, want %g", got, c.want)
		}
	}
}

// What Backward left stays as it was: at's own gradient is not Gradient's.
func TestGradientLeavesTheVarsOwnGradient(t *testing.T) {
	tape := newTape()
	p := param(tape, 2)
	loss := ops.Square(tape, p)
	backward(t, tape, loss)
	if _, err := tape.Gradient(loss, p); err != nil {
		t.Fatal(err)
	}
	wantGrad(t, tape, p, 4)
	backward(t, tape, loss)
	wantGrad(t, tape, p, 8)
}

func TestGradientAtAnExtra(t *testing.T) {
	tape := newTape()
	x := watched(tape, 5)
	square := autograd.Apply(tape, powers{make([]bool, 2)}, autograd.In{x}).Extra(0)
	g, err := tape.Gradient(ops.Square(tape, square), square)
	if err != nil {
		t.Fatal(err)
	}
	if got := read(tape, g); got[0] != 50 {
		t.Errorf("gradient %v, want 50", got)
	}
	wantNoGrad(t, tape, x)
}

func TestWatch(t *testing.T) {
	tape := newTape()
	x := row(tape, 2)
	if x.NeedsGrad() || ops.Square(tape, x).NeedsGrad() {
		t.Error("a leaf needs a gradient before it is watched")
	}
	if tape.Watch(x) != x || !x.NeedsGrad() {
		t.Error("Watch returns the leaf, which then needs a gradient")
	}
	backward(t, tape, ops.Square(tape, x))
	wantGrad(t, tape, x, 4)
}

// The gradients of what lies between die on the way back: memory for two is
// enough for any number of calls.
func TestBackwardReleasesGradients(t *testing.T) {
	tape := newTape()
	const n = 64
	y := tape.Watch(tape.Put64(of(n), make([]float64, n)))
	for range 50 {
		y = ops.Scale(tape, y, 2)
	}
	loss := ops.Sum(tape, y)
	forward := tape.Usage().HighWater
	backward(t, tape, loss)
	if more := tape.Usage().HighWater - forward; more > 3*n*8+2*16*8 {
		t.Errorf("Backward took %d bytes beside the forward pass", more)
	}
}
