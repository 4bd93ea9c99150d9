package model_test

import (
	"testing"

	"partials/autograd"
	"partials/model"
	"partials/ops"
	"partials/tensor"
)

// A steady step of training allocates nothing, whatever the model.
func TestSteadyStepAllocatesNothing(t *testing.T) {
	dev := open(t, "cpu")
	for _, c := range smallModels {
		t.Run(c.name, func(t *testing.T) {
			m := build(t, dev, c.config, c.in, c.out)
			tape := autograd.NewTape(dev, 0)
			shape := tensor.Of(2, c.in, m.Facts().Context+48)
			input := make([]float32, shape.Len())
			for i := range input {
				input[i] = float32(i%7) - 3
			}
			var err error // t.Fatal inside the step would allocate
			step := func() {
				tape.Reset()
				m.params.ZeroGrad()
				y := m.Forward(model.Whole(tape), tape.Put(shape, input))
				err = tape.Backward(ops.Mean(tape, ops.Square(tape, y)))
			}
			step()
			if n := testing.AllocsPerRun(5, step); n != 0 {
				t.Errorf("a step allocates %v times", n)
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// So does a steady stream.
func TestSteadyStreamAllocatesNothing(t *testing.T) {
	dev := open(t, "cpu")
	for _, c := range smallModels {
		t.Run(c.name, func(t *testing.T) {
			m := build(t, dev, c.config, c.in, c.out)
			s := model.NewStream(m, dev)
			x, y := noise(c.in, 50, 1), noise(c.out, 50, 2)
			process := func() {
				for range 5 {
					s.Process(y, x)
				}
			}
			process()
			if n := testing.AllocsPerRun(20, process); n != 0 {
				t.Errorf("a block allocates %v times", n)
			}
		})
	}
}
