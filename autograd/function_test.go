package autograd_test

import (
	"slices"
	"testing"

	"partials/autograd"
	"partials/ops"
	"partials/tensor"
)

// cube is a user's own Function in plain Go: y = scale * x^3.
type cube struct {
	Scale float64
	x     []float64 // saved for Backward
}

func Cube(t *autograd.Tape, x *autograd.Var, scale float64) *autograd.Var {
	return autograd.Apply(t, cube{Scale: scale}, autograd.In{x})
}

func (f *cube) Forward(c *autograd.Call) tensor.Tensor {
	f.x = make([]float64, c.In(0).Len())
	c.Read(f.x, c.In(0))
	y := make([]float64, len(f.x))
	for i, v := range f.x {
		y[i] = f.Scale * v * v * v
	}
	out := c.New(c.In(0).Shape)
	c.Write(out, y)
	return out
}

func (f *cube) Backward(c *autograd.Call, dy tensor.Tensor) {
	dx, ok := c.Grad(0)
	if !ok {
		return
	}
	g, sum := make([]float64, len(f.x)), make([]float64, len(f.x))
	c.Read(g, dy)
	c.Read(sum, dx)
	for i, v := range f.x {
		sum[i] += g[i] * 3 * f.Scale * v * v
	}
	c.Write(dx, sum)
}

func TestUsersOwnFunction(t *testing.T) {
	tape := newTape()
	x := watched(tape, 1, -2, 3)
	y := Cube(tape, x, 2)
	wantValue(t, tape, y, 2, -16, 54)
	backward(t, tape, ops.Sum(tape, ops.Add(tape, y, x)))
	wantGrad(t, tape, x, 7, 25, 55)
}

// half computes in single precision and keeps its inputs' number.
type half struct{ inputs int }

func (f *half) Forward(c *autograd.Call) tensor.Tensor {
	f.inputs = c.Inputs()
	x := make([]float32, c.In(0).Len())
	c.Read32(x, c.In(0))
	for i := range x {
		x[i] /= 2
	}
	y := c.New(c.In(0).Shape)
	c.Write32(y, x)
	if c.Has(2) {
		c.Device().AddScaled(y, 1, c.In(2))
	}
	return y
}

func (f *half) Backward(c *autograd.Call, dy tensor.Tensor) {
	if dx, ok := c.Grad(0); ok {
		c.Device().AddScaled(dx, 0.5, dy)
	}
	if c.Needs(1) || c.Has(1) {
		panic("input 1 was not given")
	}
	if db, ok := c.Grad(2); ok {
		c.Device().AddScaled(db, 1, dy)
	}
	if c.Needs(7) {
		panic("input 7 was not given")
	}
}

func TestOptionalInputs(t *testing.T) {
	tape := newTape()
	x, b := watched(tape, 1, 4), watched(tape, 10, 20)
	with := autograd.Apply(tape, half{}, autograd.In{x, nil, b})
	without := autograd.Apply(tape, half{}, autograd.In{x})
	wantValue(t, tape, with, 10.5, 22)
	wantValue(t, tape, without, 0.5, 2)
	backward(t, tape, ops.Sum(tape, with))
	backward(t, tape, ops.Sum(tape, without))
	wantGrad(t, tape, x, 1, 1)
	wantGrad(t, tape, b, 1, 1)
}

// total adds any number of inputs.
type total struct{}

func (*total) Forward(c *autograd.Call) tensor.Tensor {
	y := c.New(c.In(0).Shape)
	c.Device().Fill(y, 0)
	for i := range c.Inputs() {
		c.Device().AddScaled(y, float64(i+1), c.In(i))
	}
	return y
}

func (*total) Backward(c *autograd.Call, dy tensor.Tensor) {
	for i := range c.Inputs() {
		if dx, ok := c.Grad(i); ok {
			c.Device().AddScaled(dx, float64(i+1), dy)
		}
	}
}

func TestApplyN(t *testing.T) {
	tape := newTape()
	in := make([]*autograd.Var, 11)
	want := 0.0
	for i := range in {
		in[i] = watched(tape, float64(10*i))
		want += float64((i + 1) * 10 * i)
	}
	y := autograd.ApplyN(tape, total{}, in)
	wantValue(t, tape, y, want)
	in[0] = nil // the tape has its own copy of the list
	backward(t, tape, y)
	wantGrad(t, tape, in[10], 11)
	wantGrad(t, tape, in[1], 2)
}

// powers returns x, and as further outputs x^2 and x^3.
type powers struct{ asked []bool }

func (*powers) Forward(c *autograd.Call) tensor.Tensor {
	x := c.In(0)
	y, square, third := c.New(x.Shape), c.New(x.Shape), c.New(x.Shape)
	c.Device().Copy(y, x)
	c.Device().Mul(square, x, x)
	c.Device().Mul(third, square, x)
	c.SetExtra(0, square)
	c.SetExtra(1, third)
	return y
}

func (p *powers) Backward(c *autograd.Call, dy tensor.Tensor) {
	dx, _ := c.Grad(0)
	c.Device().AddScaled(dx, 1, dy)
	s := c.New(dx.Shape)
	d2, ok := c.ExtraGrad(0)
	p.asked[0] = ok
	if ok { // 2x dy
		c.Device().Combine(s, 2, c.In(0), 0, c.In(0))
		c.Device().MulGrad(dx, d2, s)
	}
	d3, ok := c.ExtraGrad(1)
	p.asked[1] = ok
	if ok { // 3x^2 dy
		c.Device().Combine(s, 3, c.Extra(0), 0, c.In(0))
		c.Device().MulGrad(dx, d3, s)
	}
	c.Release(s)
}

func TestExtraOutputs(t *testing.T) {
	for _, c := range []struct {
		name  string
		use   [3]bool // y, x^2, x^3
		grad  float64 // at x = 5
		asked []bool
	}{
		{"main alone", [3]bool{true, false, false}, 1, []bool{false, false}},
		{"first alone", [3]bool{false, true, false}, 10, []bool{true, false}},
		{"second alone", [3]bool{false, false, true}, 75, []bool{false, true}},
		{"both", [3]bool{false, true, true}, 85, []bool{true, true}},
		{"all", [3]bool{true, true, true}, 86, []bool{true, true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tape := newTape()
			x := watched(tape, 5)
			asked := make([]bool, 2)
			y := autograd.Apply(tape, powers{asked}, autograd.In{x})
			wantValue(t, tape, y.Extra(0), 25)
			wantValue(t, tape, y.Extra(1), 125)
			loss := row(tape, 0)
			for i, v := range []*autograd.Var{y, y.Extra(0), y.Extra(1)} {
				if c.use[i] {
					loss = ops.Add(tape, loss, v)
				}
			}
			backward(t, tape, loss)
			wantGrad(t, tape, x, c.grad)
			if !slices.Equal(asked, c.asked) {
				t.Errorf("ExtraGrad said %v, want %v", asked, c.asked)
			}
		})
	}
}

func TestAnExtraCanBeTheLoss(t *testing.T) {
	tape := newTape()
	x := watched(tape, 5)
	y := autograd.Apply(tape, powers{make([]bool, 2)}, autograd.In{x})
	backward(t, tape, y.Extra(1))
	wantGrad(t, tape, x, 75)
}

// What is left of a gradient of an extra output would show in the next loss.
func TestBackwardTwiceThroughExtras(t *testing.T) {
	tape := newTape()
	x := watched(tape, 5)
	y := autograd.Apply(tape, powers{make([]bool, 2)}, autograd.In{x})
	loss := ops.Add(tape, y.Extra(0), y.Extra(1))
	backward(t, tape, loss)
	backward(t, tape, loss)
	wantGrad(t, tape, x, 2*85)
}

func TestAbsentExtraPanics(t *testing.T) {
	tape := newTape()
	for name, v := range map[string]*autograd.Var{"a leaf": row(tape, 1), "a Function without": Cube(tape, row(tape, 1), 1)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Extra of %s did not panic", name)
				}
			}()
			v.Extra(0)
		}()
	}
}

// Calls reuse the boxes of the last step; what one Function left there must
// not show in the next.
func TestBoxesAreCleanForTheNextStep(t *testing.T) {
	tape := newTape()
	for range 3 {
		tape.Reset()
		x := watched(tape, 5)
		y := autograd.Apply(tape, powers{make([]bool, 2)}, autograd.In{x})
		backward(t, tape, ops.Add(tape, y, y.Extra(0)))
		wantGrad(t, tape, x, 11)

		tape.Reset() // the same places, other Functions and shapes
		x = watched(tape, 1, 2, 3)
		y = Cube(tape, x, 1)
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the last step's Extra is still there")
				}
			}()
			y.Extra(0)
		}()
		backward(t, tape, ops.Sum(tape, y))
		wantGrad(t, tape, x, 3, 12, 27)

		tape.Reset() // the same Function with another value in its field
		x = watched(tape, 1, 2)
		backward(t, tape, ops.Sum(tape, Cube(tape, x, 10)))
		wantGrad(t, tape, x, 30, 120)
	}
}
