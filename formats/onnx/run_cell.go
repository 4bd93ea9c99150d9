package onnx

import "math"

// cells are the recurrent layers: x (T, B, In), w (1, G*H, In), r (1, G*H, H),
// b (1, 2*G*H), no lengths, and first states (1, B, H), which may be missing.
var cells = map[string]operator{
	"GRU":  {least: 4, most: 6, outputs: 2, attrs: []string{"hidden_size", "linear_before_reset"}, run: gru},
	"LSTM": {least: 4, most: 7, outputs: 3, attrs: []string{"hidden_size"}, run: lstm},
}

// cell is what both share.
type cell struct {
	steps, batch, in, hidden, gates int
	x, w, r, b                      []float64
	y                               Array
}

func newCell(o options, in []Array, gates int) *cell {
	x := in[0]
	c := &cell{
		steps: x.Dims[0], batch: x.Dims[1], in: x.Dims[2], hidden: o.number("hidden_size", 0), gates: gates,
		x: x.Values, w: in[1].Values, r: in[2].Values, b: in[3].Values,
	}
	c.y = zeros(c.steps, 1, c.batch, c.hidden)
	return c
}

// first is input i, or zeros.
func (c *cell) first(in []Array, i int) Array {
	h := zeros(1, c.batch, c.hidden)
	if i < len(in) && !in[i].absent() {
		copy(h.Values, in[i].Values)
	}
	return h
}

// fromInput and fromState are the parts of gate g of unit i, each with its bias.
func (c *cell) fromInput(step, item, g, i int) float64 {
	row := g*c.hidden + i
	sum := c.b[row]
	for k := range c.in {
		sum += c.w[row*c.in+k] * c.x[(step*c.batch+item)*c.in+k]
	}
	return sum
}

func (c *cell) fromState(h []float64, g, i int) float64 {
	row := g*c.hidden + i
	sum := c.b[c.gates*c.hidden+row]
	for k, v := range h {
		sum += c.r[row*c.hidden+k] * v
	}
	return sum
}

// run calls next for every step and item of the batch with the states there,
// which it writes anew to h; h is an output, too.
func (c *cell) run(h Array, next func(step, item int, before, h []float64)) {
	before := make([]float64, c.hidden)
	for step := range c.steps {
		for item := range c.batch {
			now := h.Values[item*c.hidden:][:c.hidden]
			copy(before, now)
			next(step, item, before, now)
			copy(c.y.Values[(step*c.batch+item)*c.hidden:], now)
		}
	}
}

// gru has gates z, r, h.
func gru(o options, in []Array) []Array {
	c := newCell(o, in, 3)
	if o.number("linear_before_reset", 0) != 1 {
		panic("only linear_before_reset 1 is known")
	}
	h := c.first(in, 5)
	c.run(h, func(step, item int, before, h []float64) {
		for i := range h {
			z := sigmoid(c.fromInput(step, item, 0, i) + c.fromState(before, 0, i))
			r := sigmoid(c.fromInput(step, item, 1, i) + c.fromState(before, 1, i))
			n := math.Tanh(c.fromInput(step, item, 2, i) + r*c.fromState(before, 2, i))
			h[i] = (1-z)*n + z*before[i]
		}
	})
	return []Array{c.y, h}
}

// lstm has gates i, o, f, c.
func lstm(o options, in []Array) []Array {
	c := newCell(o, in, 4)
	h, cells := c.first(in, 5), c.first(in, 6)
	c.run(h, func(step, item int, before, h []float64) {
		gate := func(g, i int) float64 { return c.fromInput(step, item, g, i) + c.fromState(before, g, i) }
		memory := cells.Values[item*c.hidden:]
		for i := range h {
			memory[i] = sigmoid(gate(2, i))*memory[i] + sigmoid(gate(0, i))*math.Tanh(gate(3, i))
			h[i] = sigmoid(gate(1, i)) * math.Tanh(memory[i])
		}
	})
	return []Array{c.y, h, cells}
}
