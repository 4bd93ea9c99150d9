package cpu

import (
	"partials/device"
	"partials/internal/simd/gemm"
	"partials/internal/simd/vec"
	"partials/tensor"
)

// Recur implements device.Recurrent. The products with the input are one
// matrix product over all samples; then groups of items step through time.
func (d *Device) Recur(r device.Cell, s device.Sequence, y tensor.Tensor, w device.RecurrentWeights, x tensor.Tensor) {
	device.CheckRecur("Recur", r, s, y, w, x)
	t := &d.cell
	t.recurrence.set(d, r, s, y, w, x)
	if t.hidden == 0 {
		return
	}
	t.bias = grow(t.bias, t.gates)
	copy(t.bias, numbers(w.Bi))
	inner := t.gates // gates whose two biases add up
	if r.Kind == device.GRU {
		inner = 2 * t.hidden
	}
	addTo(t.bias[:inner], numbers(w.Bh)[:inner])
	d.spreadOver(t.gateRows, t.bias, device.Axis{Outer: 1, N: t.batch * t.length, Inner: t.gates}, false)
	d.multiply(batch{entries: 1, form: gemm.Problem{
		M: t.batch * t.length, N: t.gates, K: t.in,
		A: numbers(x), LDA: t.in,
		B: numbers(w.Wi), LDB: t.in, TransB: true,
		C: t.gateRows, LDC: t.gates,
	}}, true)

	// Wh^T in whole vectors, so that a step reads it in place.
	t.stride = whole(t.gates)
	t.weights = grow(t.weights, t.hidden*t.stride)
	clear(t.weights)
	for o := range t.gates {
		for j, v := range t.wh[o*t.hidden:][:t.hidden] {
			t.weights[j*t.stride+o] = v
		}
	}
	d.growState(lanes * t.stride)
	d.pool.For(chunks(t.batch, lanes), t)
}

// lanes is how many items step through time together: the rows of the matrix
// micro-kernel, which computes as many in the time of one.
const lanes = 6

// whole rounds n up to whole vectors of the micro-kernel.
func whole(n int) int { return (n + 15) / 16 * 16 }

// recurrence is the sizes and numbers of one run.
type recurrence struct {
	device.Cell
	batch, length, in, hidden, gates int

	y, gateRows, cells []float32
	wh, bh             []float32
	h0, c0             []float32 // (B, H); zeros where they were absent
	zeros              []float32
	workers            []worker
}

func (t *recurrence) set(d *Device, r device.Cell, s device.Sequence, y tensor.Tensor, w device.RecurrentWeights, x tensor.Tensor) {
	zeros := t.zeros
	*t = recurrence{
		Cell: r, batch: x.Dim(0), length: x.Dim(1), in: x.Dim(2), hidden: y.Dim(2), gates: s.Gates.Dim(2),
		y: numbers(y), gateRows: numbers(s.Gates), cells: numbers(s.Cells),
		wh: numbers(w.Wh), bh: numbers(w.Bh), h0: numbers(s.H0), c0: numbers(s.C0), workers: d.workers,
	}
	if n := t.batch * t.hidden; len(zeros) < n {
		zeros = make([]float32, n)
	}
	t.zeros = zeros
	if t.h0 == nil {
		t.h0 = zeros
	}
	if t.c0 == nil {
		t.c0 = zeros
	}
}

// row returns row i of rows of n numbers.
func row(rows []float32, i, n int) []float32 { return rows[i*n:][:n:n] }

// before returns what stood before sample at of item b in rows (B, T, H) whose
// initial rows are (B, H).
func (t *recurrence) before(rows, initial []float32, b, at int) []float32 {
	if at == 0 {
		return row(initial, b, t.hidden)
	}
	return row(rows, b*t.length+at-1, t.hidden)
}

// cellForward is the steps of Recur, over groups of items.
type cellForward struct {
	recurrence
	bias    []float32
	weights []float32 // Wh^T (H, stride), the rest of a row zeros
	stride  int
}

// Do implements parallel.Task.
func (t *cellForward) Do(i, worker int) {
	w := &t.workers[worker]
	first := i * lanes
	items := min(lanes, t.batch-first)
	fromH := w.state[:lanes*t.stride]
	for at := range t.length {
		states, apart := t.h0[first*t.hidden:], t.hidden
		if at > 0 {
			states, apart = t.y[(first*t.length+at-1)*t.hidden:], t.length*t.hidden
		}
		w.problem = gemm.Problem{
			M: items, N: t.stride, K: t.hidden,
			A: states, LDA: apart,
			B: t.weights, LDB: t.stride,
			C: fromH, LDC: t.stride,
		}
		w.gemm.Run(&w.problem)
		for lane := range items {
			t.step(first+lane, at, fromH[lane*t.stride:][:t.gates])
		}
	}
}

// step computes one sample of an item. Its row of gates holds the part of the
// input with the biases, fromH is that of the state.
func (t *cellForward) step(b, at int, fromH []float32) {
	n, now := t.hidden, b*t.length+at
	gates, h, cell := row(t.gateRows, now, t.gates), row(t.y, now, n), row(t.cells, now, n)
	if t.Kind == device.GRU {
		vec.Add(cell, fromH[2*n:], t.bh[2*n:])
		vec.Add(gates[:2*n], gates[:2*n], fromH[:2*n])
		vec.Sigmoid(gates[:2*n], gates[:2*n])
		reset, update, candidate := gates[:n], gates[n:2*n], gates[2*n:]
		vec.MulAdd(candidate, reset, cell)
		vec.Tanh(candidate, candidate)
		vec.Sub(h, t.before(t.y, t.h0, b, at), candidate) // h = n + z*(h'-n)
		vec.Mul(h, h, update)
		vec.Add(h, h, candidate)
		return
	}
	vec.Add(gates, gates, fromH)
	vec.Sigmoid(gates[:2*n], gates[:2*n])
	vec.Tanh(gates[2*n:3*n], gates[2*n:3*n])
	vec.Sigmoid(gates[3*n:], gates[3*n:])
	vec.Mul(cell, gates[n:2*n], t.before(t.cells, t.c0, b, at))
	vec.MulAdd(cell, gates[:n], gates[2*n:3*n])
	vec.Tanh(h, cell)
	vec.Mul(h, h, gates[3*n:])
}
