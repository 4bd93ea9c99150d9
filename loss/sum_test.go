package loss_test

import (
	"slices"
	"strings"
	"testing"

	"partials/autograd"
	"partials/device/ref"
	"partials/internal/config"
	"partials/loss"
)

func TestSumWeighsAndNames(t *testing.T) {
	s := build(t, "[{kind: mse, weight: 3}, {kind: l1, weight: 0, name: watched}, {kind: mse, weight: 0.5}, {kind: esr, name: mse}]", small)
	if want := []string{"mse", "watched", "mse_2", "mse_3"}; !slices.Equal(s.Terms(), want) {
		t.Errorf("terms are %q, want %q", s.Terms(), want)
	}
	shape := of(1, 1, 4)
	tape := autograd.NewTape(ref.NewChecked(), 0)
	p := tape.Watch(tape.Put64(shape, []float64{1, 2, 3, 5}))
	total := s.Apply(tape, 0, p, tape.Put64(shape, []float64{1, 1, 1, 1}))
	if total.Shape != of() {
		t.Errorf("the sum has shape %v", total.Shape)
	}
	if err := tape.Backward(total); err != nil {
		t.Fatal(err)
	}
	values := s.Values(tape)
	for i, want := range []float64{21.0 / 4, 7.0 / 4, 21.0 / 4, 21.0 / 4} { // errors 0, 1, 2, 4 of a target of power 1
		check(t, s.Terms()[i], values[i], want, 1e-7)
	}
	check(t, "the sum", tape.Scalar(total), 4.5*21/4, 1e-7)
	var grad [4]float64
	g, _ := p.Grad()
	tape.Device().Read64(grad[:], g)
	check(t, "the gradient", grad[3], (3+0.5+1)*2*4/4, 1e-7) // the term of weight 0 adds nothing
}

func TestSumRefusesShapes(t *testing.T) {
	s := build(t, "mse", small)
	tape := autograd.NewTape(ref.NewChecked(), 0)
	x := tape.Put64(of(1, 1, 4), make([]float64, 4))
	for name, y := range map[string]*autograd.Var{"length": tape.Put64(of(1, 1, 3), make([]float64, 3)), "rank": tape.Put64(of(4), make([]float64, 4))} {
		err := autograd.Catch(func() { s.Apply(tape, 0, x, y) })
		if err == nil || !strings.Contains(err.Error(), "(B, C, T)") {
			t.Errorf("another %s: %v", name, err)
		}
	}
	if _, err := loss.New(config.ListOf(loss.Kinds), small); err == nil {
		t.Error("an empty list is no error")
	}
}

// A steady step allocates nothing, forward and backward.
func TestSteadyStepAllocatesNothing(t *testing.T) {
	shape := of(2, 2, 101)
	var pred, target [2 * 2 * 101]float32
	for i := range pred {
		pred[i], target[i] = float32(i%7)-2.5, float32(i%5)-2
	}
	dev := cpuDevice(t)
	for name, yaml := range every {
		if strings.Contains(yaml, "random_stft") {
			continue // a window is made the first time it is drawn
		}
		s := build(t, yaml, small)
		tape := autograd.NewTape(dev, 0)
		var err error
		step := func() {
			tape.Reset()
			p := tape.Watch(tape.Put(shape, pred[:]))
			err = tape.Backward(s.Apply(tape, 1, p, tape.Put(shape, target[:])))
			s.Values(tape)
		}
		step()
		step()
		if n := testing.AllocsPerRun(3, step); n != 0 {
			t.Errorf("%s: a step allocates %v times", name, n)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
