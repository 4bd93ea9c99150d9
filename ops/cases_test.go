package ops_test

import (
	"fmt"
	"testing"

	"partials/autograd"
	"partials/autograd/gradcheck"
	"partials/device"
	"partials/device/ref"
	"partials/internal/golden"
	"partials/ops"
	"partials/tensor"
)

func unary(name string, f func(*autograd.Tape, *autograd.Var) *autograd.Var, lo, hi float64) gradientCase {
	return gradientCase{name, shapes(of(3, 7)), func(t *autograd.Tape, in vars) *autograd.Var { return f(t, in[0]) }, lo, hi}
}

func parametric(name string, f func(*autograd.Tape, *autograd.Var, float64) *autograd.Var, p, lo, hi float64) gradientCase {
	return gradientCase{name, shapes(of(3, 7)), func(t *autograd.Tape, in vars) *autograd.Var { return f(t, in[0], p) }, lo, hi}
}

func binary(name string, f func(t *autograd.Tape, a, b *autograd.Var) *autograd.Var, lo, hi float64) gradientCase {
	return gradientCase{name, shapes(of(2, 3, 5), of(2, 3, 5)), func(t *autograd.Tape, in vars) *autograd.Var { return f(t, in[0], in[1]) }, lo, hi}
}

func reduction(name string, f func(*autograd.Tape, *autograd.Var) *autograd.Var, s tensor.Shape) gradientCase {
	return gradientCase{name: name, shapes: shapes(s), f: func(t *autograd.Tape, in vars) *autograd.Var { return f(t, in[0]) }}
}

func overAxis(name string, f func(*autograd.Tape, *autograd.Var, int) *autograd.Var, axis int) gradientCase {
	return gradientCase{name: fmt.Sprint(name, " ", axis), shapes: shapes(of(3, 4, 5)), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return f(t, in[0], axis)
	}}
}

func along(name string, f func(t *autograd.Tape, x, b *autograd.Var, axis int) *autograd.Var, x, b tensor.Shape, axis int) gradientCase {
	return gradientCase{name: fmt.Sprint(name, " ", b, " along ", x), shapes: shapes(x, b), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return f(t, in[0], in[1], axis)
	}}
}

func product(name string, x, y tensor.Shape, transX, transY bool) gradientCase {
	return gradientCase{name: fmt.Sprint(name, x, y, transX, transY), shapes: shapes(x, y), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.MatMul(t, in[0], in[1], transX, transY)
	}}
}

func conv(x, w, bias tensor.Shape, c device.Conv) gradientCase {
	return gradientCase{name: fmt.Sprintf("Conv1D %v %v %+v", x, w, c), shapes: shapes(x, w, bias), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.Conv1D(t, in[0], in[1], in[2], c)
	}}
}

// recurrentShapes are those of x, the four weights and, if wanted, two states.
func recurrentShapes(gates, batch, length, in, hidden int, states bool) []tensor.Shape {
	g := gates * hidden
	s := shapes(of(batch, length, in), of(g, in), of(g, hidden), of(g), of(g))
	if states {
		s = append(s, of(batch, hidden))
		s = append(s, of(batch, hidden))
	}
	return s
}

func gate(name string, x tensor.Shape, axis int, f, g device.Func) gradientCase {
	return gradientCase{name: name, shapes: shapes(x), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.GatedActivation(t, in[0], axis, f, g)
	}}
}

func swapped(s tensor.Shape, i, j int) gradientCase {
	return gradientCase{name: fmt.Sprint("Transpose ", s, i, j), shapes: shapes(s), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.Transpose(t, in[0], i, j)
	}}
}

func sliced(s tensor.Shape, axis, from, to int) gradientCase {
	return gradientCase{name: fmt.Sprint("Slice ", s, axis, from, to), shapes: shapes(s), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.Slice(t, in[0], axis, from, to)
	}}
}

func padded(s tensor.Shape, axis, left, right int) gradientCase {
	return gradientCase{name: fmt.Sprint("Pad ", s, axis, left, right), shapes: shapes(s), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.Pad(t, in[0], axis, left, right)
	}}
}

// put puts random numbers on the tape.
func put(t *autograd.Tape, s tensor.Shape) *autograd.Var {
	return t.Put64(s, gradcheck.Normal(1, s).Data)
}

func flat(t *autograd.Tape, x *autograd.Var) *autograd.Var { return ops.Reshape(t, x, of(x.Len())) }

// read returns the numbers of x.
func read(t *autograd.Tape, x tensor.Tensor) []float64 {
	y := make([]float64, x.Len())
	t.Device().Read64(y, x)
	return y
}

// gradients returns those of the inputs, for random inputs and a random
// gradient of the output.
func gradients(t *testing.T, in []tensor.Shape, f gradcheck.Func) [][]float64 {
	t.Helper()
	tape := autograd.NewTape(ref.NewChecked(), 0)
	v := make(vars, len(in))
	for i, s := range in {
		v[i] = tape.Watch(tape.Put64(s, gradcheck.Normal(uint64(i), s).Data))
	}
	y := f(tape, v)
	if err := tape.BackwardFrom(y, put(tape, y.Shape).Tensor); err != nil {
		t.Fatal(err)
	}
	g := make([][]float64, len(in))
	for i := range v {
		g[i] = make([]float64, v[i].Len())
		if d, ok := v[i].Grad(); ok {
			g[i] = read(tape, d)
		}
	}
	return g
}

func wantClose(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if d := golden.RelL2(got, want); d > tolerance {
		t.Errorf("%s: relative error %.2g, allowed %.2g", what, d, tolerance)
	}
}
