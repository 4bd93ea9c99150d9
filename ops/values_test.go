package ops_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"partials/autograd"
	"partials/device"
	"partials/device/ref"
	"partials/ops"
	"partials/tensor"
)

func TestValuesByHand(t *testing.T) {
	ramp := func(n int) []float64 { // 1, 2, ..., n
		x := make([]float64, n)
		for i := range x {
			x[i] = float64(i + 1)
		}
		return x
	}
	for _, c := range []struct {
		name  string
		in    []tensor.Shape // filled with 1, 2, 3, ...
		f     func(t *autograd.Tape, v vars) *autograd.Var
		shape tensor.Shape
		want  []float64
	}{
		{"Add", shapes(of(3), of(3)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.Add(t, v[0], v[1]) }, of(3), []float64{2, 4, 6}},
		{"Sub", shapes(of(2), of(2)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.Sub(t, ops.Scale(t, v[0], 3), v[1]) }, of(2), []float64{2, 4}},
		{"Mul", shapes(of(3), of(3)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.Mul(t, v[0], v[1]) }, of(3), []float64{1, 4, 9}},
		{"Div", shapes(of(4), of(4)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.Div(t, ops.Shift(t, v[0], 1), v[1]) }, of(4), []float64{2, 1.5, 4.0 / 3, 1.25}},
		{"Neg", shapes(of(2)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.Neg(t, v[0]) }, of(2), []float64{-1, -2}},
		{"AddBias", shapes(of(2, 2, 2), of(2)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.AddBias(t, v[0], v[1], 1) }, of(2, 2, 2),
			[]float64{2, 3, 5, 6, 6, 7, 9, 10}},
		{"ScaleBy", shapes(of(2, 3), of(2)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.ScaleBy(t, v[0], v[1], 0) }, of(2, 3),
			[]float64{1, 2, 3, 8, 10, 12}},
		{"PReLU", shapes(of(2, 2), of(2)), func(t *autograd.Tape, v vars) *autograd.Var {
			return ops.PReLU(t, ops.Shift(t, v[0], -2.5), v[1], 1)
		}, of(2, 2), []float64{-1.5, -1, 0.5, 1.5}},
		{"Sum", shapes(of(2, 3)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.Sum(t, v[0]) }, of(), []float64{21}},
		{"Sum of nothing", shapes(of(2, 0)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.Sum(t, v[0]) }, of(), []float64{0}},
		{"Mean", shapes(of(2, 3)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.Mean(t, v[0]) }, of(), []float64{3.5}},
		{"SumAxis", shapes(of(2, 3)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.SumAxis(t, v[0], 0) }, of(3), []float64{5, 7, 9}},
		{"MeanAxis", shapes(of(2, 3)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.MeanAxis(t, v[0], -1) }, of(2), []float64{2, 5}},
		{"Spread", shapes(of(2)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.Spread(t, v[0], 0, 2) }, of(2, 2), []float64{1, 2, 1, 2}},
		{"Spread after", shapes(of(2)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.Spread(t, v[0], -1, 2) }, of(2, 2), []float64{1, 1, 2, 2}},
		{"Expand", shapes(of(2, 1)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.Expand(t, v[0], 1, 3) }, of(2, 3), []float64{1, 1, 1, 2, 2, 2}},
		{"Dot", shapes(of(2, 2), of(2, 2)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.Dot(t, v[0], v[1], 1) }, of(2), []float64{5, 25}},
		{"Reshape", shapes(of(2, 3)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.Reshape(t, v[0], of(3, 2)) }, of(3, 2), ramp(6)},
		{"Transpose", shapes(of(2, 3)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.Transpose(t, v[0], 0, 1) }, of(3, 2), []float64{1, 4, 2, 5, 3, 6}},
		{"Transpose far axes", shapes(of(2, 2, 2)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.Transpose(t, v[0], 2, 0) }, of(2, 2, 2),
			[]float64{1, 5, 3, 7, 2, 6, 4, 8}},
		{"Slice", shapes(of(2, 3)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.Slice(t, v[0], 1, 1, 3) }, of(2, 2), []float64{2, 3, 5, 6}},
		{"Slice of rows", shapes(of(3, 2)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.Slice(t, v[0], 0, 1, 2) }, of(1, 2), []float64{3, 4}},
		{"Slice of nothing", shapes(of(3, 2)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.Slice(t, v[0], 1, 2, 2) }, of(3, 0), nil},
		{"Concat", shapes(of(2, 1), of(2, 2)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.Concat(t, 1, v...) }, of(2, 3), []float64{1, 1, 2, 2, 3, 4}},
		{"Pad", shapes(of(2, 2)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.Pad(t, v[0], 1, 1, 2) }, of(2, 5),
			[]float64{0, 1, 2, 0, 0, 0, 3, 4, 0, 0}},
		{"MatMul", shapes(of(2, 2), of(2, 2)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.MatMul(t, v[0], v[1], false, true) }, of(2, 2),
			[]float64{5, 11, 11, 25}},
		{"Linear", shapes(of(1, 2), of(3, 2), of(3)), func(t *autograd.Tape, v vars) *autograd.Var { return ops.Linear(t, v[0], v[1], v[2]) }, of(1, 3),
			[]float64{6, 13, 20}},
		{"Conv1D", shapes(of(1, 1, 5), of(1, 1, 2), of(1)), func(t *autograd.Tape, v vars) *autograd.Var {
			return ops.Conv1D(t, v[0], v[1], v[2], device.Conv{Dilation: 2, Groups: 1})
		}, of(1, 1, 3), []float64{1 + 1*1 + 2*3, 1 + 1*2 + 2*4, 1 + 1*3 + 2*5}},
		{"GatedActivation", shapes(of(1, 2, 2)), func(t *autograd.Tape, v vars) *autograd.Var {
			return ops.GatedActivation(t, v[0], 1, device.Square, device.Shift)
		}, of(1, 1, 2), []float64{1 * 4, 4 * 5}},
		{"LayerNorm", shapes(of(1, 3), of(3), of(3)), func(t *autograd.Tape, v vars) *autograd.Var {
			return ops.LayerNorm(t, v[0], v[1], v[2], 1.0/3) // variance 2/3
		}, of(1, 3), []float64{0, 2, 6}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tape := autograd.NewTape(ref.NewChecked(), 0)
			v := make(vars, len(c.in))
			for i, s := range c.in {
				v[i] = tape.Put64(s, ramp(s.Len()))
			}
			y := c.f(tape, v)
			if y.Shape != c.shape {
				t.Fatalf("shape %v, want %v", y.Shape, c.shape)
			}
			wantClose(t, "values", read(tape, y.Tensor), c.want, 1e-15)
		})
	}
}

// Every row of device.Funcs is what its wrapper computes.
func TestMapFollowsTheTable(t *testing.T) {
	tape := autograd.NewTape(ref.NewChecked(), 0)
	x := []float64{0.25, 0.75, 2.5}
	for f, row := range device.Funcs {
		v := tape.Put64(of(3), x)
		got := read(tape, ops.Map(tape, device.Func(f), 0.6, v).Tensor)
		for i := range x {
			if want := row.F(x[i], 0.6); got[i] != want {
				t.Errorf("%s(%g) = %g, want %g", row.Name, x[i], got[i], want)
			}
		}
	}
}

// PReLU's gradient at 0 is the slope, PyTorch's choice.
func TestPReLUAtZero(t *testing.T) {
	tape := autograd.NewTape(ref.NewChecked(), 0)
	x := tape.Watch(tape.Put64(of(1), []float64{0}))
	if err := tape.Backward(ops.PReLU(tape, x, tape.Put64(of(1), []float64{0.25}), 0)); err != nil {
		t.Fatal(err)
	}
	if g, _ := x.Grad(); read(tape, g)[0] != 0.25 {
		t.Errorf("gradient %g, want 0.25", read(tape, g)[0])
	}
}

func TestMeanOfNothingIsNaN(t *testing.T) {
	tape := autograd.NewTape(ref.NewChecked(), 0)
	if m := tape.Scalar(ops.Mean(tape, tape.Put64(of(0), nil))); !math.IsNaN(m) {
		t.Errorf("mean of nothing is %g", m)
	}
}

func TestShapeMistakes(t *testing.T) {
	c := device.Conv{Dilation: 1, Groups: 1}
	for _, m := range []struct {
		in   []tensor.Shape
		f    func(t *autograd.Tape, v vars)
		op   string
		want string // in the message
	}{
		{shapes(of(2), of(3)), func(t *autograd.Tape, v vars) { ops.Add(t, v[0], v[1]) }, "ops.combine", "both shapes must be equal"},
		{shapes(of(2), of(2, 1)), func(t *autograd.Tape, v vars) { ops.Mul(t, v[0], v[1]) }, "ops.mul", "both shapes must be equal"},
		{shapes(of(2, 3, 4), of(4)), func(t *autograd.Tape, v vars) { ops.AddBias(t, v[0], v[1], 1) }, "ops.addBias", "(4) does not fit (2, 3, 4) from axis 1 on"},
		{shapes(of(2, 3), of(3, 1)), func(t *autograd.Tape, v vars) { ops.ScaleBy(t, v[0], v[1], 1) }, "ops.scaleBy", "more axes"},
		{shapes(of(2, 3), of(2)), func(t *autograd.Tape, v vars) { ops.PReLU(t, v[0], v[1], 1) }, "ops.prelu", "does not fit"},
		{shapes(of(2, 3)), func(t *autograd.Tape, v vars) { ops.MeanAxis(t, v[0], 2) }, "ops.sumAxis", "no axis 2 in (2, 3)"},
		{shapes(of(2, 3)), func(t *autograd.Tape, v vars) { ops.SumAxis(t, v[0], -3) }, "ops.sumAxis", "no axis -3 in (2, 3)"},
		{shapes(of(1, 2, 3, 4)), func(t *autograd.Tape, v vars) { ops.Spread(t, v[0], 1, 2) }, "ops.spread", "5 axes"},
		{shapes(of(2)), func(t *autograd.Tape, v vars) { ops.Spread(t, v[0], 2, 2) }, "ops.spread", "cannot get an axis number 2"},
		{shapes(of(2, 3)), func(t *autograd.Tape, v vars) { ops.Expand(t, v[0], 1, 2) }, "ops.spread", "extent 3, not 1"},
		{shapes(of(2, 3)), func(t *autograd.Tape, v vars) { ops.Reshape(t, v[0], of(4)) }, "ops.reshape", "6 numbers cannot have shape (4)"},
		{shapes(of(2, 3)), func(t *autograd.Tape, v vars) { ops.Transpose(t, v[0], 0, 2) }, "ops.transpose", "no axis 2"},
		{shapes(of(2, 3)), func(t *autograd.Tape, v vars) { ops.Slice(t, v[0], 1, 2, 4) }, "ops.slice", "entries 2 to 4 of axis 1, which has 3"},
		{shapes(of(2, 3)), func(t *autograd.Tape, v vars) { ops.Split(t, v[0], 2, 1) }, "ops.slice", "no axis 2"},
		{shapes(of(2, 3)), func(t *autograd.Tape, v vars) { ops.Pad(t, v[0], 1, -1, 0) }, "ops.pad", "Slice cuts"},
		{nil, func(t *autograd.Tape, v vars) { ops.Concat(t, 0) }, "ops.concat", "nothing to join"},
		{shapes(of(2, 3), of(3, 3)), func(t *autograd.Tape, v vars) { ops.Concat(t, 1, v...) }, "ops.concat", "differ in more than axis 1"},
		{shapes(of(2, 3), of(2)), func(t *autograd.Tape, v vars) { ops.Concat(t, 0, v...) }, "ops.concat", "differ in more than axis 0"},
		{shapes(of(2, 3), of(3, 2)), func(t *autograd.Tape, v vars) { ops.Dot(t, v[0], v[1], 0) }, "ops.dot", "equal"},
		{shapes(of(2, 3), of(2, 3)), func(t *autograd.Tape, v vars) { ops.MatMul(t, v[0], v[1], false, false) }, "ops.matMul", "axes of 3 and 2"},
		{shapes(of(2, 2, 3), of(3, 3, 2)), func(t *autograd.Tape, v vars) { ops.MatMul(t, v[0], v[1], false, false) }, "ops.matMul", "batches differ"},
		{shapes(of(2, 2, 3), of(2, 1, 3, 2)), func(t *autograd.Tape, v vars) { ops.MatMul(t, v[0], v[1], false, false) }, "ops.matMul", "batches differ"},
		{shapes(of(3), of(3, 2)), func(t *autograd.Tape, v vars) { ops.MatMul(t, v[0], v[1], false, false) }, "ops.matMul", "two axes"},
		{shapes(of(2, 3), of(3, 2)), func(t *autograd.Tape, v vars) { ops.Linear(t, v[0], v[1], nil) }, "ops.linear", "(Out, In)"},
		{shapes(of(2, 3), of(4, 3), of(3)), func(t *autograd.Tape, v vars) { ops.Linear(t, v[0], v[1], v[2]) }, "ops.linear", "the bias must be (4)"},
		{shapes(of(3, 9), of(4, 3, 2)), func(t *autograd.Tape, v vars) { ops.Conv1D(t, v[0], v[1], nil, c) }, "ops.conv1D", "(B, Cin, T)"},
		{shapes(of(1, 3, 9), of(4, 2, 2)), func(t *autograd.Tape, v vars) { ops.Conv1D(t, v[0], v[1], nil, c) }, "ops.conv1D", "want a weight (4, 3/1, K)"},
		{shapes(of(1, 3, 2), of(4, 3, 3)), func(t *autograd.Tape, v vars) { ops.Conv1D(t, v[0], v[1], nil, c) }, "ops.conv1D", "2 samples are shorter than the kernel, which spans 3"},
		{shapes(of(1, 3, 2), of(4, 3, 1)), func(t *autograd.Tape, v vars) { ops.Conv1D(t, v[0], v[1], nil, device.Conv{Dilation: 1}) }, "ops.conv1D", "0 groups"},
		{shapes(of(1, 3, 2), of(4, 3, 1), of(3)), func(t *autograd.Tape, v vars) { ops.Conv1D(t, v[0], v[1], v[2], c) }, "ops.conv1D", "the bias must be (4)"},
		{shapes(of(1, 5, 2), of(12, 3), of(12, 3), of(12), of(12)), func(t *autograd.Tape, v vars) {
			ops.LSTM(t, v[0], nil, nil, ops.RecurrentWeights{Wi: v[1], Wh: v[2], Bi: v[3], Bh: v[4]}, 0)
		}, "ops.LSTM", "the input weight must be (12, 2), not (12, 3)"},
		{shapes(of(1, 5, 2), of(9, 2), of(9, 3), of(9), of(9), of(2, 3)), func(t *autograd.Tape, v vars) {
			ops.GRU(t, v[0], v[5], ops.RecurrentWeights{Wi: v[1], Wh: v[2], Bi: v[3], Bh: v[4]}, 0)
		}, "ops.GRU", "the initial hidden state must be (1, 3), not (2, 3)"},
		{shapes(of(1, 0, 2), of(9, 2), of(9, 3), of(9), of(9)), func(t *autograd.Tape, v vars) {
			ops.GRU(t, v[0], nil, ops.RecurrentWeights{Wi: v[1], Wh: v[2], Bi: v[3], Bh: v[4]}, 0)
		}, "ops.GRU", "no sample"},
		{shapes(of(2, 3)), func(t *autograd.Tape, v vars) { ops.GLU(t, v[0], 1) }, "ops.gated", "cannot be halved"},
	} {
		t.Run(fmt.Sprint(m.op, " ", m.want), func(t *testing.T) {
			tape := autograd.NewTape(ref.NewChecked(), 0)
			v := make(vars, len(m.in))
			for i, s := range m.in {
				v[i] = put(tape, s)
			}
			err := autograd.Catch(func() { m.f(tape, v) })
			var f *autograd.Fault
			if !errors.As(err, &f) {
				t.Fatalf("got %v, want a Fault", err)
			}
			if f.Op != m.op || !strings.Contains(f.Error(), m.want) || !strings.Contains(f.Place, "values_test.go:") {
				t.Errorf("%v", f)
			}
		})
	}
}

// The second recurrent state of a GRU does not exist.
func TestGRUHasNoCellState(t *testing.T) {
	tape := autograd.NewTape(ref.NewChecked(), 0)
	var v vars
	for _, s := range recurrentShapes(3, 1, 2, 1, 2, false) {
		v = append(v, put(tape, s))
	}
	y := ops.GRU(tape, v[0], nil, ops.RecurrentWeights{Wi: v[1], Wh: v[2], Bi: v[3], Bh: v[4]}, 0)
	defer func() {
		if recover() == nil {
			t.Error("Extra(1) of a GRU did not panic")
		}
	}()
	y.Extra(1)
}
