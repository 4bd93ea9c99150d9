package ops

import (
	"fmt"

	"partials/autograd"
	"partials/device"
	"partials/graph"
	"partials/tensor"
)

// RecurrentWeights are the weights of one recurrent layer in PyTorch's layout:
// Wi (G*H, In), Wh (G*H, H), Bi (G*H), Bh (G*H), with gate blocks i, f, g, o
// for LSTM and r, z, n for GRU.
type RecurrentWeights struct{ Wi, Wh, Bi, Bh *autograd.Var }

// Places of a recurrent layer's inputs.
const (
	recX = iota
	recWi
	recWh
	recBi
	recBh
	recH0
	recC0
)

type recurrent struct {
	cell         device.Cell
	gates, cells tensor.Tensor
}

// LSTM runs one layer over x (B, T, In) and returns the hidden states
// y (B, T, H). y.Extra(0) is the last hidden state (B, H), y.Extra(1) the last
// cell state (B, H). The initial states h0 and c0 (B, H) may be nil: zeros.
//
// Where detach is above 0 the gradient is cut before every sample whose index
// is a positive multiple of it: truncated backpropagation through time.
func LSTM(t *autograd.Tape, x, h0, c0 *autograd.Var, w RecurrentWeights, detach int) *autograd.Var {
	return autograd.Apply(t, recurrent{cell: device.Cell{Kind: device.LSTM, Detach: detach}},
		autograd.In{recX: x, recWi: w.Wi, recWh: w.Wh, recBi: w.Bi, recBh: w.Bh, recH0: h0, recC0: c0})
}

// GRU is LSTM's counterpart for the gated recurrent unit, reset after the
// product as PyTorch's. y.Extra(0) is the last hidden state; there is no cell
// state.
func GRU(t *autograd.Tape, x, h0 *autograd.Var, w RecurrentWeights, detach int) *autograd.Var {
	return autograd.Apply(t, recurrent{cell: device.Cell{Kind: device.GRU, Detach: detach}},
		autograd.In{recX: x, recWi: w.Wi, recWh: w.Wh, recBi: w.Bi, recBh: w.Bh, recH0: h0})
}

// String names the cell in errors.
func (f *recurrent) String() string { return "ops." + f.cell.Kind.String() }

func (f *recurrent) Forward(c *autograd.Call) tensor.Tensor {
	x, wh := c.In(recX), c.In(recWh)
	if x.Rank() != 3 || wh.Rank() != 2 {
		panic("x must be (B, T, In)")
	}
	b, n, in, h := x.Dim(0), x.Dim(1), x.Dim(2), wh.Dim(1)
	if n < 1 {
		panic("there is no sample to run over")
	}
	g := f.cell.Kind.Gates() * h
	want(c, recWi, "the input weight", tensor.Of(g, in))
	want(c, recWh, "the state weight", tensor.Of(g, h))
	want(c, recBi, "the input bias", tensor.Of(g))
	want(c, recBh, "the state bias", tensor.Of(g))
	want(c, recH0, "the initial hidden state", tensor.Of(b, h))
	want(c, recC0, "the initial cell state", tensor.Of(b, h))

	y := c.New(tensor.Of(b, n, h))
	f.gates = c.New(tensor.Of(b, n, g))
	f.cells = c.New(tensor.Of(b, n, h))
	c.Device().Recur(f.cell, f.sequence(c), y, f.weights(c), x)
	c.SetExtra(0, last(c, y))
	if f.cell.Kind == device.LSTM {
		c.SetExtra(1, last(c, f.cells))
	}
	return y
}

func (f *recurrent) Backward(c *autograd.Call, dy tensor.Tensor) {
	dhT, _ := c.ExtraGrad(0)
	dcT, _ := c.ExtraGrad(1)
	c.Device().RecurGrad(f.cell, gradOf(c, recX),
		device.InitialState{H0: gradOf(c, recH0), C0: gradOf(c, recC0)},
		device.RecurrentWeights{Wi: gradOf(c, recWi), Wh: gradOf(c, recWh), Bi: gradOf(c, recBi), Bh: gradOf(c, recBh)},
		dy, dhT, dcT, f.sequence(c), c.Out(), f.weights(c), c.In(recX))
}

// ONNX is GRU or LSTM, which want time before the batch, an axis of directions,
// both biases as one, and the gates in the order z, r, h or i, o, f, c.
func (f *recurrent) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	hidden := c.In(recWh).Dim(1)
	order, attrs := []int{0, 3, 1, 2}, graph.Attrs{"hidden_size": hidden}
	if f.cell.Kind == device.GRU {
		order, attrs["linear_before_reset"] = []int{1, 0, 2}, 1
	}
	direction := func(v graph.Value) graph.Value {
		if v == "" {
			return ""
		}
		return w.Node("Unsqueeze", nil, v, w.Ints(0))
	}
	swap := graph.Attrs{"perm": []int{1, 0, 2}}
	bias := append(gateBlocks(c, recBi, order), gateBlocks(c, recBh, order)...)
	states := f.cell.Kind.Gates() - 2 // h of a GRU, h and c of an LSTM
	out := w.Nodes(f.cell.Kind.String(), 1+states, attrs,
		w.Node("Transpose", swap, w.In(0)),
		w.Floats(w.In(recWi)+".gates", tensor.Of(1, len(order)*hidden, c.In(recX).Dim(2)), gateBlocks(c, recWi, order)),
		w.Floats(w.In(recWh)+".gates", tensor.Of(1, len(order)*hidden, hidden), gateBlocks(c, recWh, order)),
		w.Floats(w.In(recBi)+".gates", tensor.Of(1, len(bias)), bias),
		"", direction(w.In(recH0)), direction(w.In(recC0)))
	for i, v := range out[1:] {
		w.SetExtra(i, w.Node("Squeeze", nil, v, w.Ints(0)))
	}
	return w.Node("Transpose", swap, w.Node("Squeeze", nil, out[0], w.Ints(1)))
}

// gateBlocks is input i, a block of rows for each gate, in another order.
func gateBlocks(c *autograd.Call, i int, order []int) []float64 {
	x := make([]float64, c.In(i).Len())
	c.Read(x, c.In(i))
	n := len(x) / len(order)
	y := make([]float64, 0, len(x))
	for _, g := range order {
		y = append(y, x[g*n:(g+1)*n]...)
	}
	return y
}

func (f *recurrent) sequence(c *autograd.Call) device.Sequence {
	return device.Sequence{
		InitialState: device.InitialState{H0: optional(c, recH0), C0: optional(c, recC0)},
		Gates:        f.gates,
		Cells:        f.cells,
	}
}

func (f *recurrent) weights(c *autograd.Call) device.RecurrentWeights {
	return device.RecurrentWeights{Wi: c.In(recWi), Wh: c.In(recWh), Bi: c.In(recBi), Bh: c.In(recBh)}
}

// want refuses an input i of another shape than s.
func want(c *autograd.Call, i int, what string, s tensor.Shape) {
	if c.Has(i) && c.In(i).Shape != s {
		panic(fmt.Sprintf("%s must be %v, not %v", what, s, c.In(i).Shape))
	}
}

// gradOf returns the memory of input i's gradient, absent where nobody needs it.
func gradOf(c *autograd.Call, i int) tensor.Tensor {
	g, _ := c.Grad(i)
	return g
}

// last copies the last sample of x (B, T, H).
func last(c *autograd.Call, x tensor.Tensor) tensor.Tensor {
	b, n, h := x.Dim(0), x.Dim(1), x.Dim(2)
	y := c.New(tensor.Of(b, h))
	c.Device().Move(y, x, device.Runs{Len: h, Count: b, DstStride: h, SrcOff: (n - 1) * h, SrcStride: n * h})
	return y
}
