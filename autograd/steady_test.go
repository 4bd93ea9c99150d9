package autograd_test

import (
	"testing"

	"partials/autograd"
	"partials/device/ref"
	"partials/ops"
	"partials/tensor"
)

// affine is a Function of plain kernels that saves a tensor: y = a*x + a.
type affine struct{ product tensor.Tensor }

func (f *affine) Forward(c *autograd.Call) tensor.Tensor {
	f.product = c.New(c.In(0).Shape)
	c.Device().Mul(f.product, c.In(0), c.In(1))
	y := c.New(c.In(0).Shape)
	c.Device().Combine(y, 1, f.product, 1, c.In(1))
	c.SetExtra(0, f.product)
	return y
}

func (f *affine) Backward(c *autograd.Call, dy tensor.Tensor) {
	d := c.Device()
	for i, other := range [...]int{1, 0} {
		if g, ok := c.Grad(i); ok {
			d.MulGrad(g, dy, c.In(other))
			if extra, ok := c.ExtraGrad(0); ok {
				d.MulGrad(g, extra, c.In(other))
			}
		}
	}
	if g, ok := c.Grad(1); ok {
		d.AddScaled(g, 1, dy)
	}
}

// step is forward and backward of a small net of all a tape can do.
func step(tape *autograd.Tape, ps *autograd.Params, w *autograd.Param, data []float64) error {
	tape.Reset()
	ps.ZeroGrad()
	x := tape.Watch(tape.Put64(w.Shape, data))
	y := autograd.Apply(tape, affine{}, autograd.In{x, w.Var()})
	var aside *autograd.Var
	tape.NoGrad(func() { aside = ops.Square(tape, y) })
	y = ops.Mul(tape, y, ops.Add(tape, tape.Detach(y), ops.Add(tape, aside, y.Extra(0))))
	many := [...]*autograd.Var{y, x, w.Var()}
	loss := ops.Mean(tape, autograd.ApplyN(tape, total{}, many[:]))
	if _, err := tape.Gradient(loss, y); err != nil {
		return err
	}
	return tape.Backward(loss)
}

func TestSteadyStepAllocatesNothing(t *testing.T) {
	dev := ref.New()
	tape := autograd.NewTape(dev, 0)
	var ps autograd.Params
	w := ps.Add("w", of(3, 4), make([]float64, 12))
	ps.Place(dev)
	data := make([]float64, 12)
	var err error
	once := func() { err = step(tape, &ps, w, data) }
	once()
	once() // gradients that Gradient handed out settle in the arena's lists
	usage := tape.Usage()
	if n := testing.AllocsPerRun(10, once); n != 0 {
		t.Errorf("a step allocates %v times", n)
	}
	if err != nil {
		t.Fatal(err)
	}
	if after := tape.Usage(); after != usage {
		t.Errorf("memory went from %+v to %+v", usage, after)
	}
	tape.Reset()
	if live := tape.Usage().Live; live != 0 {
		t.Errorf("%d bytes live after Reset", live)
	}
}

// A tape that has seen other steps computes the same as a fresh one: nothing
// of a box or a buffer carries over.
func TestStepsOfChangingShapes(t *testing.T) {
	run := func(tape *autograd.Tape, n int) []float64 {
		var ps autograd.Params
		init, data := make([]float64, n), make([]float64, n)
		for i := range n {
			init[i], data[i] = 1/float64(i+2), float64(i%5)-1.5
		}
		w := ps.Add("w", of(n), init)
		ps.Place(tape.Device())
		if err := step(tape, &ps, w, data); err != nil {
			t.Fatal(err)
		}
		return read(tape, ps.Grads())
	}
	used := newTape()
	for _, n := range []int{7, 3, 100, 1, 7, 64, 65} {
		got, want := run(used, n), run(newTape(), n)
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("n = %d: gradient %d is %g, on a fresh tape %g", n, i, got[i], want[i])
			}
		}
	}
}
