package devicetest

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"partials/device"
	"partials/device/ref"
	"partials/tensor"
)

// recurrence is a size of a recurrent layer.
type recurrence struct {
	device.Cell
	batch, length, in, hidden int
	states                    bool // initial states and gradients of the last ones
}

var recurrences = []recurrence{
	{batch: 1, length: 1, in: 1, hidden: 1}, {batch: 1, length: 5, in: 1, hidden: 8, states: true}, {batch: 2, length: 7, in: 3, hidden: 5},
	{batch: 3, length: 9, in: 2, hidden: 7, states: true, Cell: device.Cell{Detach: 1}},
	{batch: 2, length: 17, in: 1, hidden: 16, states: true, Cell: device.Cell{Detach: 4}},
	{batch: 1, length: 33, in: 5, hidden: 17, Cell: device.Cell{Detach: 16}}, {batch: 1, length: 16, in: 1, hidden: 32, Cell: device.Cell{Detach: 16}},
	{batch: 9, length: 3, in: 1, hidden: 33}, {batch: 2, length: 0, in: 2, hidden: 3, states: true}, {batch: 0, length: 3, in: 2, hidden: 3},
	{batch: 2, length: 65, in: 16, hidden: 31, states: true}, {batch: 1, length: 2, in: 65, hidden: 63}, {batch: 2, length: 4, in: 0, hidden: 3},
	{batch: 17, length: 2, in: 1, hidden: 24, states: true}, {batch: 4, length: 70, in: 33, hidden: 9, states: true}, {batch: 6, length: 3, in: 32, hidden: 2},
	{batch: 1, length: 3, in: 2, hidden: 129},
}

func (r recurrence) String() string {
	return fmt.Sprintf("%v B%d T%d %d->%d detach %d states %v", r.Kind, r.batch, r.length, r.in, r.hidden, r.Detach, r.states)
}

// shapes of x, the states and the weights.
func (r recurrence) shapes() (x, y, gates, state, wi, wh, bias tensor.Shape) {
	g := r.Kind.Gates() * r.hidden
	return tensor.Of(r.batch, r.length, r.in), tensor.Of(r.batch, r.length, r.hidden), tensor.Of(r.batch, r.length, g),
		tensor.Of(r.batch, r.hidden), tensor.Of(g, r.in), tensor.Of(g, r.hidden), tensor.Of(g)
}

// inputs are x, wi, wh, bi, bh and, with states, h0 and for an LSTM c0. The
// weights shrink with their fan-in, as in a net.
func (r recurrence) inputs() []argument {
	x, _, _, state, wi, wh, bias := r.shapes()
	scaled := func(name string, s tensor.Shape, fan int) argument {
		v := random(fmt.Sprint(r, name), s.Len())
		for i := range v {
			v[i] /= math.Sqrt(float64(fan + 1))
		}
		return argument{shape: s, values: rounded(v)}
	}
	args := []argument{{shape: x, values: random(r.String(), x.Len())},
		scaled("wi", wi, r.in), scaled("wh", wh, r.hidden), scaled("bi", bias, 1), scaled("bh", bias, 1)}
	if r.states {
		args = append(args, scaled("h0", state, 1))
		if r.Kind == device.LSTM {
			args = append(args, scaled("c0", state, 1))
		}
	}
	return args
}

// unpack names the tensors that inputs lists.
func unpack(a []tensor.Tensor) (x tensor.Tensor, w device.RecurrentWeights, s device.InitialState) {
	w = device.RecurrentWeights{Wi: a[1], Wh: a[2], Bi: a[3], Bh: a[4]}
	if len(a) > 5 {
		s.H0 = a[5]
	}
	if len(a) > 6 {
		s.C0 = a[6]
	}
	return a[0], w, s
}

// forward is Recur with y, gates and cells as the first three of a.
func (r recurrence) forward(d device.Device, a []tensor.Tensor) {
	x, w, s := unpack(a[3:])
	d.Recur(r.Cell, device.Sequence{InitialState: s, Gates: a[1], Cells: a[2]}, a[0], w, x)
}

func recurrentCases() []testcase {
	var cases []testcase
	for _, r := range allRecurrences() {
		_, y, gates, _, _, _, _ := r.shapes()
		cases = append(cases, testcase{kernel: "Recur", name: r.String(), call: r.forward,
			args: append([]argument{{role: output, shape: y}, {role: output, shape: gates}, {role: output, shape: y}}, r.inputs()...)})
		cases = append(cases, r.gradient(true), r.gradient(false))
	}
	return cases
}

func allRecurrences() []recurrence {
	var list []recurrence
	for _, r := range recurrences {
		r.Kind = device.LSTM
		list = append(list, r)
		r.Kind = device.GRU
		list = append(list, r)
	}
	return list
}

// gradient is RecurGrad with all gradients wanted, or that of wh only and no
// gradients of the last states.
func (r recurrence) gradient(all bool) testcase {
	_, y, gates, state, _, wh, _ := r.shapes()
	inputs := r.inputs()
	values := r.values()
	saved := []argument{{shape: y, values: values[0]}, {shape: gates, values: values[1]}, {shape: y, values: values[2]}}
	if !all {
		args := append([]argument{{role: sum, shape: wh}, {shape: y}}, append(saved, inputs...)...)
		return testcase{kernel: "RecurGrad", name: r.String() + " wh only", args: args,
			call: func(d device.Device, a []tensor.Tensor) {
				x, w, s := unpack(a[5:])
				d.RecurGrad(r.Cell, tensor.Tensor{}, device.InitialState{}, device.RecurrentWeights{Wh: a[0]}, a[1], tensor.Tensor{}, tensor.Tensor{},
					device.Sequence{InitialState: s, Gates: a[3], Cells: a[4]}, a[2], w, x)
			}}
	}
	n := len(inputs)
	var args []argument
	for _, a := range inputs {
		args = append(args, argument{role: sum, shape: a.shape})
	}
	args = append(append(args, inputs...), saved...)
	args = append(args, argument{shape: y})
	for range n - 5 {
		args = append(args, argument{shape: state}) // dhT, dcT
	}
	return testcase{kernel: "RecurGrad", name: r.String(), args: args,
		call: func(d device.Device, a []tensor.Tensor) { r.backward(d, a[:n], a[n:2*n], a[2*n:2*n+3], a[2*n+3:]) }}
}

// backward is RecurGrad of everything. dout is dy and, with states, dhT and
// for an LSTM dcT.
func (r recurrence) backward(d device.Device, din, in, out, dout []tensor.Tensor) {
	x, w, s := unpack(in)
	dx, dw, ds := unpack(din)
	var dhT, dcT tensor.Tensor
	if len(dout) > 1 {
		dhT = dout[1]
	}
	if len(dout) > 2 {
		dcT = dout[2]
	}
	d.RecurGrad(r.Cell, dx, ds, dw, dout[0], dhT, dcT, device.Sequence{InitialState: s, Gates: out[1], Cells: out[2]}, out[0], w, x)
}

// values returns what Recur computes by the definition: y, gates, cells.
func (r recurrence) values() [][]float64 {
	_, y, gates, _, _, _, _ := r.shapes()
	c := testcase{call: r.forward,
		args: append([]argument{{role: output, shape: y}, {role: output, shape: gates}, {role: output, shape: y}}, r.inputs()...)}
	b := newBed(ref.NewChecked())
	args := b.place(&c, c.data(), 0)
	c.call(b.d, args)
	return [][]float64{read(b.d, args[0]), read(b.d, args[1]), read(b.d, args[2])}
}

// detach checks truncation: the gradients are the sums of those of the pieces
// between the cuts, each run alone from the state that the last one left.
func detach(t *testing.T, b bed, tol float64) {
	const every, length = 4, 11
	for _, kind := range []device.Kind{device.LSTM, device.GRU} {
		whole := recurrence{Cell: device.Cell{Kind: kind, Detach: every}, batch: 1, length: length, in: 2, hidden: 5, states: true}
		c := whole.gradient(true)
		n := len(whole.inputs())
		for i := range n {
			c.args[i].values = repeated(c.args[i].shape.Len(), 0)
		}
		got := b.run(t, &c, c.data(), 0)[:n]

		pieces := c
		pieces.call = func(d device.Device, a []tensor.Tensor) {
			din, in, saved, dout := a[:n], a[n:2*n], a[2*n:2*n+3], a[2*n+3:]
			for from := 0; from < length; from += every {
				r := whole
				r.Detach = 0
				r.length = min(every, length-from)
				din, in, out, dout := slices.Clone(din), slices.Clone(in), slices.Clone(saved), slices.Clone(dout)
				for _, group := range [][]tensor.Tensor{din[:1], in[:1], out, dout[:1]} {
					for i, x := range group {
						group[i] = x.Part(from*x.Dim(2), tensor.Of(1, r.length, x.Dim(2)))
					}
				}
				if from > 0 { // from the state before, which gets no gradient
					last := func(x tensor.Tensor) tensor.Tensor { return x.Part((from-1)*whole.hidden, tensor.Of(1, whole.hidden)) }
					in[5], din[5] = last(saved[0]), tensor.Tensor{}
					if kind == device.LSTM {
						in[6], din[6] = last(saved[2]), tensor.Tensor{}
					}
				}
				if from+r.length < length {
					dout = dout[:1]
				}
				r.backward(d, din, in, out, dout)
			}
		}
		want := b.run(t, &pieces, pieces.data(), 0)[:n]
		for i := range got {
			if e := norm(minus(got[i], want[i])) / norm(want[i]); !(e <= tol) {
				t.Errorf("%v: gradient %d is %.2g off the sum of those of the pieces", &c, i, e)
			}
		}
	}
}
