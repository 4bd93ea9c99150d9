package cpu

import (
	"partials/device"
	"partials/internal/simd/gemm"
	"partials/internal/simd/rnn"
	"partials/tensor"
)

// Recur implements device.Recurrent. Groups of items step through time, all
// gates of eight units at once. A few inputs are multiplied within the steps;
// more of them in matrix products over all samples of a piece of the sequence.
func (d *Device) Recur(r device.Cell, s device.Sequence, y tensor.Tensor, w device.RecurrentWeights, x tensor.Tensor) {
	device.CheckRecur("Recur", r, s, y, w, x)
	t := &d.recurrence
	batch, length, in, hidden := x.Dim(0), x.Dim(1), x.Dim(2), y.Dim(2)
	if batch*length*hidden == 0 {
		return
	}
	own := in <= fewInputs
	t.layer.Pack(cellKind(r), in, hidden, own, numbers(w.Wi), numbers(w.Wh), numbers(w.Bi), numbers(w.Bh))
	t.items = d.groups(batch)
	t.run = rnn.Forward{
		Layer: &t.layer, Length: length,
		X: numbers(x), Y: numbers(y), Gates: numbers(s.Gates), Cells: numbers(s.Cells),
		H0: d.stateOr0(numbers(s.H0), batch*hidden), C0: d.stateOr0(numbers(s.C0), batch*hidden),
	}
	t.workers = d.workers
	d.prepareRecurrence(&t.layer)
	width := t.layer.Kind.Gates() * t.layer.Slots
	steps := length
	if !own {
		steps = piece(length, batch*width)
		t.products = grow(t.products, batch*steps*width)
	}
	for t.from = 0; t.from < length; t.from = t.to {
		t.to = min(length, t.from+steps)
		if n := t.to - t.from; !own {
			t.run.Products, t.run.ProductSteps = t.products, n
			d.multiply(batchedRows(batch, gemm.Problem{
				M: n, N: width, K: in,
				A: t.run.X[t.from*in:], LDA: in,
				B: t.layer.InputRows, LDB: in, TransB: true,
				C: t.products, LDC: width,
			}, length*in, n*width), false)
		}
		d.pool.For(t.items.count, t)
	}
}

// fewInputs is how many inputs the steps multiply themselves.
const fewInputs = 32

// piece is how many samples of a sequence a kernel takes at a time where each
// gives n numbers to scratch memory, which is to stay in the cache.
func piece(length, n int) int {
	const numbers = 1 << 20
	return min(length, max(16, numbers/max(1, n)))
}

// batchedRows is a product of the rows of all items with one matrix; a and c are
// the numbers from one item to the next.
func batchedRows(items int, p gemm.Problem, a, c int) batch {
	return batch{form: p, entries: items, stepA: a, stepC: c}
}

// groups cuts a batch into groups of items that step through time together: a
// few share the weights that are read, more threads want more groups. An item's
// bits do not depend on its group.
func (d *Device) groups(batch int) groups {
	const most = 8
	threads := d.pool.Threads()
	return groups{batch, min(batch, chunks(chunks(batch, most), threads)*threads)}
}

type groups struct{ items, count int }

// at returns the items of group i, the end excluded.
func (g groups) at(i int) (first, last int) {
	return i * g.items / g.count, (i + 1) * g.items / g.count
}

func cellKind(r device.Cell) rnn.Kind {
	if r.Kind == device.GRU {
		return rnn.GRU
	}
	return rnn.LSTM
}

// stateOr0 is an initial state, n zeros where it is absent.
func (d *Device) stateOr0(x []float32, n int) []float32 {
	if x != nil {
		return x
	}
	if len(d.noState) < n {
		d.noState = make([]float32, n)
	}
	return d.noState[:n]
}

// prepareRecurrence makes room for runs of the layer.
func (d *Device) prepareRecurrence(l *rnn.Layer) {
	for i := range d.workers {
		d.workers[i].rnn.Prepare(l)
	}
}

// recurrence is the steps of Recur from one sample to another, over groups of
// items.
type recurrence struct {
	layer    rnn.Layer
	run      rnn.Forward
	workers  []worker
	items    groups
	from, to int
	products []float32
}

// Do implements parallel.Task.
func (t *recurrence) Do(i, worker int) {
	first, last := t.items.at(i)
	t.run.Run(&t.workers[worker].rnn, first, last, t.from, t.to)
}
