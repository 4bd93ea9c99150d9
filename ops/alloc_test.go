package ops_test

import (
	"testing"

	"partials/autograd"
	"partials/device"
	"partials/device/ref"
	"partials/ops"
)

// A steady step allocates nothing, forward and backward, whatever the ops. The
// recurrent ops are not here: ref's own loops over samples allocate.
func TestSteadyStepAllocatesNothing(t *testing.T) {
	dev := ref.New()
	tape := autograd.NewTape(dev, 0)
	var ps autograd.Params
	w := ps.Add("w", of(4, 2, 3), make([]float64, 24))
	b := ps.Add("b", of(4), make([]float64, 4))
	slope := ps.Add("slope", of(2), make([]float64, 2))
	m := ps.Add("m", of(5, 7), make([]float64, 35))
	gain := ps.Add("gain", of(3), make([]float64, 3))
	ps.Place(dev)
	input := make([]float32, 3*2*9)
	for i := range input {
		input[i] = float32(i%7) - 2.5
	}
	var err error // t.Fatal inside the step would allocate
	step := func() {
		tape.Reset()
		ps.ZeroGrad()
		x := tape.Put(of(3, 2, 9), input)
		y := ops.Conv1D(tape, x, w.Var(), b.Var(), device.Conv{Dilation: 1, Groups: 1}) // (3, 4, 7)
		y = ops.GatedActivation(tape, y, 1, device.Tanh, device.Sigmoid)                // (3, 2, 7)
		y = ops.PReLU(tape, y, slope.Var(), 1)
		y = ops.ScaleBy(tape, y, gain.Var(), 0)
		y = ops.Linear(tape, y, m.Var(), nil) // (3, 2, 5)
		y = ops.LayerNorm(tape, y, nil, nil, 1e-5)
		left, right := ops.Split(tape, y, 2, 2)
		y = ops.Concat(tape, 2, right, left, right)              // (3, 2, 8)
		y = ops.Pad(tape, ops.Transpose(tape, y, 0, 2), 0, 1, 0) // (9, 2, 3)
		y = ops.MatMul(tape, y, y, true, false)                  // (9, 3, 3)
		d := ops.Dot(tape, y, ops.Neg(tape, y), 1)               // (9)
		d = ops.Div(tape, d, ops.Shift(tape, ops.Abs(tape, d), 1))
		d = ops.Reshape(tape, ops.Spread(tape, d, 0, 2), of(1, 18))
		d = ops.Expand(tape, d, 0, 2)
		loss := ops.Mean(tape, ops.MeanAxis(tape, ops.Square(tape, d), 0))
		err = tape.Backward(loss)
	}
	step()
	if n := testing.AllocsPerRun(5, step); n != 0 {
		t.Errorf("a step allocates %v times", n)
	}
	if err != nil {
		t.Fatal(err)
	}
}
