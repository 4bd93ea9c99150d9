package gradcheck_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"partials/autograd"
	"partials/autograd/gradcheck"
	"partials/device"
	"partials/device/ref"
	"partials/ops"
	"partials/tensor"
)

type vars = []*autograd.Var

func of(dims ...int) tensor.Shape { return tensor.Of(dims...) }

// flawed is y = a*b + a with an error of choice in its gradient.
type flawed struct {
	factor float64 // on a's gradient of a*b
	entry  int     // of b's gradient, off by offset
	offset float64
}

func (*flawed) Forward(c *autograd.Call) tensor.Tensor {
	y := c.New(c.In(0).Shape)
	c.Device().Mul(y, c.In(0), c.In(1))
	c.Device().AddScaled(y, 1, c.In(0))
	return y
}

func (f *flawed) Backward(c *autograd.Call, dy tensor.Tensor) {
	d := c.Device()
	if da, ok := c.Grad(0); ok {
		s := c.New(dy.Shape)
		d.Combine(s, f.factor, dy, 0, dy)
		d.MulGrad(da, s, c.In(1))
		d.AddScaled(da, 1, dy)
		c.Release(s)
	}
	if db, ok := c.Grad(1); ok {
		d.MulGrad(db, dy, c.In(0))
		one := db.View(of(db.Len())).Part(f.entry, of(1))
		x := make([]float64, 1)
		d.Read64(x, one)
		x[0] += f.offset
		d.Write64(one, x)
	}
}

func flaw(f flawed) gradcheck.Func {
	return func(t *autograd.Tape, in vars) *autograd.Var { return autograd.Apply(t, f, autograd.In{in[0], in[1]}) }
}

func twoInputs(s tensor.Shape) []gradcheck.Input {
	return []gradcheck.Input{gradcheck.Normal(1, s), gradcheck.Normal(2, s)}
}

type check = func(device.Device, gradcheck.Func, []gradcheck.Input, ...gradcheck.Option) error

func TestRightGradientsPass(t *testing.T) {
	for name, check := range map[string]check{"Full": gradcheck.Full, "Directional": gradcheck.Directional} {
		for _, s := range []tensor.Shape{of(), of(1), of(0), of(2, 3, 5)} {
			f := func(t *autograd.Tape, in vars) *autograd.Var { return ops.Mul(t, in[0], in[1]) }
			if err := check(ref.NewChecked(), f, twoInputs(s)); err != nil {
				t.Errorf("%s of %v: %v", name, s, err)
			}
		}
		if err := check(ref.NewChecked(), flaw(flawed{factor: 1}), twoInputs(of(2, 3))); err != nil {
			t.Errorf("%s of the Function without its flaw: %v", name, err)
		}
	}
}

func TestFullNamesTheWrongEntry(t *testing.T) {
	err := gradcheck.Full(ref.NewChecked(), flaw(flawed{factor: 1, entry: 11, offset: 1e-4}), twoInputs(of(2, 3, 5)))
	var m *gradcheck.Mismatch
	if !errors.As(err, &m) {
		t.Fatalf("got %v, want a Mismatch", err)
	}
	if m.Input != 1 || !slices.Equal(m.At, []int{0, 2, 1}) || math.Abs(m.Analytic-m.Numeric-1e-4) > 1e-9 {
		t.Errorf("%+v", m)
	}
	if want := "the gradient of input 1 at [0 2 1] is "; !strings.Contains(err.Error(), want) {
		t.Errorf("%q does not say %q", err, want)
	}
}

func TestDirectionalNamesTheWrongInput(t *testing.T) {
	for input, f := range []flawed{{factor: 1.000001}, {factor: 1, entry: 999, offset: 1e-4}} {
		err := gradcheck.Directional(ref.NewChecked(), flaw(f), twoInputs(of(1000)))
		var m *gradcheck.Mismatch
		if !errors.As(err, &m) || m.Input != input || m.At != nil {
			t.Errorf("flaw in input %d: %v", input, err)
		}
	}
}

func TestTolerance(t *testing.T) {
	f := flaw(flawed{factor: 1.001})
	for name, check := range map[string]check{"Full": gradcheck.Full, "Directional": gradcheck.Directional} {
		if check(ref.NewChecked(), f, twoInputs(of(4, 5)), gradcheck.Tolerance(1e-5)) == nil {
			t.Errorf("%s lets an error of 1e-3 pass at 1e-5", name)
		}
		if err := check(ref.NewChecked(), f, twoInputs(of(4, 5)), gradcheck.Tolerance(1e-1)); err != nil {
			t.Errorf("%s at 0.1: %v", name, err)
		}
	}
}

// A gradient that is missing altogether, and one that is NaN.
func TestZeroAndNaNGradientsFail(t *testing.T) {
	for name, check := range map[string]check{"Full": gradcheck.Full, "Directional": gradcheck.Directional} {
		detached := func(t *autograd.Tape, in vars) *autograd.Var {
			return ops.Add(t, in[1], t.Detach(ops.Square(t, in[0])))
		}
		var m *gradcheck.Mismatch
		if err := check(ref.NewChecked(), detached, twoInputs(of(3))); !errors.As(err, &m) || m.Input != 0 || m.Analytic != 0 {
			t.Errorf("%s of a missing gradient: %v", name, err)
		}
		if err := check(ref.NewChecked(), flaw(flawed{factor: math.NaN()}), twoInputs(of(3))); !errors.As(err, &m) {
			t.Errorf("%s of a NaN: %v", name, err)
		}
	}
}

// Differences reach 1e-9 for functions of all scales, steep and flat.
func TestDifferencesAreFine(t *testing.T) {
	for _, scale := range []float64{1e-6, 1, 1e6} {
		x := gradcheck.Normal(3, of(12))
		for i := range x.Data {
			x.Data[i] *= scale
		}
		f := func(t *autograd.Tape, in vars) *autograd.Var {
			y := ops.Scale(t, in[0], 1/scale)
			return ops.Add(t, ops.Exp(t, ops.Sin(t, ops.Scale(t, y, 3))), ops.Softplus(t, ops.Scale(t, y, 20)))
		}
		for name, check := range map[string]check{"Full": gradcheck.Full, "Directional": gradcheck.Directional} {
			if err := check(ref.NewChecked(), f, []gradcheck.Input{x}, gradcheck.Tolerance(1e-11)); err != nil {
				t.Errorf("%s at scale %g: %v", name, scale, err)
			}
		}
	}
}

// A kink off the input but within the largest step does no harm; the smaller
// steps do not reach it.
func TestKinkBesideTheInput(t *testing.T) {
	abs := func(t *autograd.Tape, in vars) *autograd.Var { return ops.Abs(t, in[0]) }
	near := []gradcheck.Input{{Shape: of(2), Data: []float64{1e-3, -1}}}
	if err := gradcheck.Full(ref.NewChecked(), abs, near); err != nil {
		t.Error(err)
	}
	if err := gradcheck.Directional(ref.NewChecked(), abs, near); err != nil {
		t.Error(err)
	}
}

func TestMistakesOfFAreErrors(t *testing.T) {
	in := twoInputs(of(2))
	for _, c := range []struct {
		name string
		f    gradcheck.Func
		in   []gradcheck.Input
		want string
	}{
		{"shapes", func(t *autograd.Tape, in vars) *autograd.Var {
			return ops.Add(t, in[0], t.Put64(of(3), make([]float64, 3)))
		}, in, "ops.combine"},
		{"no gradient", func(t *autograd.Tape, in vars) *autograd.Var { return t.Detach(in[0]) }, in, "depends on no parameter"},
		{"data", flaw(flawed{}), []gradcheck.Input{{Shape: of(2), Data: []float64{1}}}, "input 0 has shape (2), but 1 numbers"},
	} {
		for name, check := range map[string]check{"Full": gradcheck.Full, "Directional": gradcheck.Directional} {
			if err := check(ref.NewChecked(), c.f, c.in); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s, %s: %v, want %q", name, c.name, err, c.want)
			}
		}
	}
}

// shifted reads x[i+1] where its adjoint should write, if asked.
type shifted struct {
	bias        float64 // added to the output: not linear
	wrongWeight float64 // on the gradient of every entry
}

func (f *shifted) Forward(c *autograd.Call) tensor.Tensor {
	y := c.New(c.In(0).Shape)
	c.Device().Fill(y, f.bias)
	c.Device().MoveGrad(y, c.In(0), device.Runs{Len: y.Len() - 1, Count: 1, SrcOff: 1})
	return y
}

func (f *shifted) Backward(c *autograd.Call, dy tensor.Tensor) {
	if dx, ok := c.Grad(0); ok {
		c.Device().MoveGrad(dx, dy, device.Runs{Len: dy.Len() - 1, Count: 1, DstOff: 1})
		c.Device().AddScaled(dx, f.wrongWeight, dy)
	}
}

func TestAdjoint(t *testing.T) {
	for _, c := range []struct {
		f    shifted
		want string
	}{
		{shifted{}, ""},
		{shifted{bias: 1e-6}, "not linear"},
		{shifted{wrongWeight: 1e-6}, "not the adjoint"},
	} {
		f := func(t *autograd.Tape, in vars) *autograd.Var { return autograd.Apply(t, c.f, autograd.In{in[0]}) }
		err := gradcheck.Adjoint(ref.NewChecked(), f, []tensor.Shape{of(17)})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: %v, want %q", c.f, err, c.want)
		}
	}
	square := func(t *autograd.Tape, in vars) *autograd.Var { return ops.Square(t, in[0]) }
	if err := gradcheck.Adjoint(ref.NewChecked(), square, []tensor.Shape{of(3)}); err == nil || !strings.Contains(err.Error(), "not linear") {
		t.Errorf("the square: %v", err)
	}
	both := func(t *autograd.Tape, in vars) *autograd.Var { return ops.Combine(t, 2, in[0], -3, in[1]) }
	if err := gradcheck.Adjoint(ref.NewChecked(), both, []tensor.Shape{of(2, 3), of(2, 3)}); err != nil {
		t.Error(err)
	}
}

// single rounds every number that it computes with to float32, as a device in
// single precision does.
type single struct{ *ref.Device }

func (d single) round(x tensor.Tensor) {
	v := make([]float64, x.Len())
	d.Device.Read64(v, x)
	for i := range v {
		v[i] = float64(float32(v[i]))
	}
	d.Device.Write64(x, v)
}

func (d single) Write64(dst tensor.Tensor, src []float64) { d.Device.Write64(dst, src); d.round(dst) }

func (d single) Map(f device.Func, p float64, dst, x tensor.Tensor) {
	d.Device.Map(f, p, dst, x)
	d.round(dst)
}

func (d single) MapGrad(f device.Func, p float64, dx, x, y, dy tensor.Tensor) {
	d.Device.MapGrad(f, p, dx, x, y, dy)
	d.round(dx)
}

// The defaults suit a device that computes in float32: they pass what is right
// and catch what is wrong.
func TestSinglePrecision(t *testing.T) {
	dev := single{ref.NewChecked()}
	right := func(t *autograd.Tape, in vars) *autograd.Var { return ops.Tanh(t, ops.Sin(t, in[0])) }
	wrong := func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.Add(t, ops.Tanh(t, in[0]), t.Detach(ops.Scale(t, in[0], 0.1)))
	}
	for _, n := range []int{1, 7, 60} {
		in := []gradcheck.Input{gradcheck.Normal(5, of(n))}
		for name, check := range map[string]check{"Full": gradcheck.Full, "Directional": gradcheck.Directional} {
			if err := check(dev, right, in); err != nil {
				t.Errorf("%s of %d: %v", name, n, err)
			}
			if check(dev, wrong, in) == nil {
				t.Errorf("%s of %d passes a gradient that is off by a tenth", name, n)
			}
		}
	}
	scale := func(t *autograd.Tape, in vars) *autograd.Var { return ops.Scale(t, in[0], 0.3) }
	if err := gradcheck.Adjoint(dev, scale, []tensor.Shape{of(31)}); err != nil {
		t.Error(err)
	}
}

func TestRandomInputs(t *testing.T) {
	a, b := gradcheck.Normal(1, of(2, 3)), gradcheck.Normal(1, of(2, 3))
	if fmt.Sprint(a) != fmt.Sprint(b) {
		t.Error("the same seed and shape gave other numbers")
	}
	if fmt.Sprint(a.Data) == fmt.Sprint(gradcheck.Normal(2, of(2, 3)).Data) {
		t.Error("another seed gave the same numbers")
	}
	for _, v := range gradcheck.Uniform(1, of(1000), -3, -2).Data {
		if v < -3 || v >= -2 {
			t.Fatalf("%g is not between -3 and -2", v)
		}
	}
}

// Another seed looks in another direction, and the same one in the same.
func TestSeedChoosesTheDirection(t *testing.T) {
	numeric := func(seed uint64) float64 {
		var m *gradcheck.Mismatch
		err := gradcheck.Directional(ref.NewChecked(), flaw(flawed{factor: 2}), twoInputs(of(4, 5)), gradcheck.Seed(seed))
		if !errors.As(err, &m) {
			t.Fatalf("seed %d: %v", seed, err)
		}
		return m.Numeric
	}
	if a, b := numeric(1), numeric(2); a == b || a != numeric(1) {
		t.Errorf("seeds 1 and 2 give %v and %v", a, b)
	}
}
