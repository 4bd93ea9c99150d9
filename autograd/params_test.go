package autograd_test

import (
	"slices"
	"strings"
	"testing"

	"partials/autograd"
	"partials/device/ref"
	"partials/ops"
)

func placed(tape *autograd.Tape) (ps *autograd.Params, w, b *autograd.Param) {
	ps = new(autograd.Params)
	w = ps.Add("layer.weight", of(2, 2), []float64{1, 2, 3, 4})
	b = ps.Add("layer.bias", of(2), []float64{5, 6})
	ps.Place(tape.Device())
	return ps, w, b
}

func TestParamsAreViewsOfTwoSlabs(t *testing.T) {
	tape := newTape()
	ps, w, b := placed(tape)
	if ps.Len() != 6 || len(ps.All()) != 2 || ps.All()[0] != w || ps.All()[1] != b {
		t.Errorf("%d values in %d parameters", ps.Len(), len(ps.All()))
	}
	if ps.Get("layer.bias") != b || ps.Get("layer") != nil {
		t.Error("Get finds a parameter by its whole name")
	}
	if got := read(tape, ps.Values()); !slices.Equal(got, []float64{1, 2, 3, 4, 5, 6}) {
		t.Errorf("values %v", got)
	}
	// Writing the slab changes the parameter.
	tape.Device().Write64(ps.Values(), []float64{1, 0, 0, 1, 7, 8})
	x := tape.Put64(of(1, 2), []float64{10, 20})
	y := ops.Linear(tape, x, w.Var(), b.Var())
	wantValue(t, tape, y, 17, 28)
	// A parameter used in two calls gets both gradients, in its part of the slab.
	y = ops.Linear(tape, y, w.Var(), nil)
	if err := tape.BackwardFrom(y, tape.Put64(of(1, 2), []float64{1, 2}).Tensor); err != nil {
		t.Fatal(err)
	}
	want := []float64{17 + 10, 28 + 20, 34 + 20, 56 + 40, 1, 2}
	if got := read(tape, ps.Grads()); !slices.Equal(got, want) {
		t.Errorf("gradients %v, want %v", got, want)
	}
	wantGrad(t, tape, b.Var(), 1, 2)
	tape.Reset() // gradients of parameters outlive the step
	if got := read(tape, ps.Grads()); !slices.Equal(got, want) {
		t.Errorf("gradients after Reset %v, want %v", got, want)
	}
	ps.ZeroGrad()
	if got := read(tape, ps.Grads()); !slices.Equal(got, make([]float64, 6)) {
		t.Errorf("gradients after ZeroGrad %v", got)
	}
}

// A row is several parameters as one, values and gradients.
func TestRow(t *testing.T) {
	tape := newTape()
	ps := new(autograd.Params)
	var list []*autograd.Param
	for i, name := range []string{"a", "b", "c", "d"} {
		v := float64(10 * i)
		list = append(list, ps.Add(name, of(2), []float64{v, v + 1}))
	}
	ps.Place(tape.Device())
	row := ps.Row(list[1], list[2])
	wantValue(t, tape, row, 10, 11, 20, 21)
	if err := tape.Backward(ops.Sum(tape, ops.Square(tape, row))); err != nil {
		t.Fatal(err)
	}
	if got := read(tape, ps.Grads()); !slices.Equal(got, []float64{0, 0, 20, 22, 40, 42, 0, 0}) {
		t.Errorf("gradients %v", got)
	}
	for _, wrong := range []func(){
		func() { ps.Row(list[2], list[1]) },
		func() { _, other, _ := placed(newTape()); ps.Row(list[0], other) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("a row of parameters that are none did not panic")
				}
			}()
			wrong()
		}()
	}
}

func TestNoParams(t *testing.T) {
	var ps autograd.Params
	ps.ZeroGrad()
	ps.Place(ref.New())
	ps.ZeroGrad()
	if ps.Len() != 0 || ps.Grads().Len() != 0 {
		t.Errorf("%d parameters", ps.Len())
	}
}

func TestParamMistakesPanic(t *testing.T) {
	tape := newTape()
	done, _, _ := placed(tape)
	fresh := new(autograd.Params)
	w := fresh.Add("w", of(1), []float64{1})
	for want, f := range map[string]func(){
		"two parameters named w":        func() { fresh.Add("w", of(2), make([]float64, 2)) },
		"v is (3), but 2 initial":       func() { fresh.Add("v", of(3), make([]float64, 2)) },
		"w has no memory yet":           func() { w.Var() },
		"late comes after Place":        func() { done.Add("late", of(1), make([]float64, 1)) },
		"Place: called twice":           func() { done.Place(tape.Device()) },
		"value (1) and gradient (2) di": func() { autograd.NewParam(row(tape, 1).Tensor, row(tape, 1, 2).Tensor) },
	} {
		func() {
			defer func() {
				if msg, _ := recover().(string); !strings.Contains(msg, want) {
					t.Errorf("panicked with %q, want %q", msg, want)
				}
			}()
			f()
		}()
	}
}
