package cpu

import (
	"partials/device"
	"partials/internal/simd/gemm"
	"partials/internal/simd/rnn"
	"partials/tensor"
)

// RecurGrad implements device.Recurrent. Piece by piece of the sequence, from its
// end, groups of items step back through time and leave the gradients of all
// gates' sums; matrix products make of them the gradients of the input and of the
// weights while they are in the cache.
func (d *Device) RecurGrad(r device.Cell, dx tensor.Tensor, ds device.InitialState, dw device.RecurrentWeights, dy, dhT, dcT tensor.Tensor,
	s device.Sequence, y tensor.Tensor, w device.RecurrentWeights, x tensor.Tensor) {
	device.CheckRecurGrad(r, dx, ds, dw, dy, dhT, dcT, s, y, w, x)
	t := &d.recurrenceGrad
	batch, length, in, hidden := x.Dim(0), x.Dim(1), x.Dim(2), y.Dim(2)
	if batch*hidden == 0 {
		return
	}
	l := &t.layer
	l.PackBack(cellKind(r), in, hidden, !dx.Absent(), numbers(w.Wi), numbers(w.Wh))
	d.prepareRecurrence(l)
	t.workers, t.items = d.workers, d.groups(batch)
	t.x = numbers(x)
	t.run = rnn.Backward{
		Layer: l, Length: length, Detach: r.Detach,
		Gates: numbers(s.Gates), Cells: numbers(s.Cells), Y: numbers(y),
		H0: d.stateOr0(numbers(s.H0), batch*hidden), C0: d.stateOr0(numbers(s.C0), batch*hidden),
		DY: numbers(dy), DH: t.spread(t.run.DH, numbers(dhT), batch), DC: t.spread(t.run.DC, numbers(dcT), batch),
	}
	t.startWeights(dw)
	steps := piece(length, batch*4*l.Slots)
	t.sums = grow(t.sums, batch*steps*4*l.Slots)
	t.before = grow(t.before, batch*steps*t.rowLen())
	for t.to = length; t.to > 0; t.to = t.from {
		t.from = max(0, t.to-steps)
		n := t.to - t.from
		t.run.Sums, t.run.SumSteps = t.sums, n
		d.pool.For(t.items.count, t)
		t.addWeights(d, batch*n)
		if !dx.Absent() {
			d.multiply(batchedRows(batch, gemm.Problem{
				M: n, N: in, K: l.Kind.Gates() * l.Slots,
				A: t.sums, LDA: 4 * l.Slots,
				B: l.GradRows, LDB: in,
				C: numbers(dx)[t.from*in:], LDC: in,
			}, n*4*l.Slots, length*in), true)
		}
	}
	t.endWeights(dw)
	for b := range batch {
		if !ds.H0.Absent() {
			l.Gather(numbers(ds.H0)[b*hidden:], t.run.DH[b*l.Slots:])
		}
		if !ds.C0.Absent() {
			l.Gather(numbers(ds.C0)[b*hidden:], t.run.DC[b*l.Slots:])
		}
	}
}

// recurrenceGrad is the steps of RecurGrad from one sample back to another, over
// groups of items.
type recurrenceGrad struct {
	layer    rnn.Layer
	run      rnn.Backward
	workers  []worker
	items    groups
	from, to int
	x, sums  []float32

	// What the gates' sums were made of, a row for each sample of the piece: the
	// input, a 1, the state before the sample, a 1. Its products with the sums are the
	// gradients of the weights, the ones' those of the biases.
	before []float32
	// The products with the sums over the input, (In+1, G*Slots), and over the state,
	// (H+1, G*Slots). An LSTM's sums are both, and so are its products: (In+1+H, ...).
	weights       []float32
	weightsWanted bool
}

// rowLen is the length of a row of before.
func (t *recurrenceGrad) rowLen() int { return t.layer.Inputs + t.layer.Hidden + 2 }

// spread returns the gradients of the last states, (B, Slots), zeros where they
// are absent.
func (t *recurrenceGrad) spread(to, x []float32, batch int) []float32 {
	l := &t.layer
	to = grow(to, batch*l.Slots)
	if x == nil {
		clear(to)
		return to
	}
	for b := range batch {
		l.Spread(to[b*l.Slots:], x[b*l.Hidden:][:l.Hidden])
	}
	return to
}

// Do implements parallel.Task.
func (t *recurrenceGrad) Do(i, worker int) {
	first, last := t.items.at(i)
	t.run.Run(&t.workers[worker].rnn, first, last, t.from, t.to)
	if !t.weightsWanted {
		return
	}
	in, hidden, steps := t.layer.Inputs, t.layer.Hidden, t.to-t.from
	for b := first; b < last; b++ {
		for at := range steps {
			row := t.before[(b*steps+at)*t.rowLen():][:t.rowLen()]
			now := b*t.run.Length + t.from + at
			copy(row[:in], t.x[now*in:])
			row[in], row[in+1+hidden] = 1, 1
			if t.from+at == 0 {
				copy(row[in+1:][:hidden], t.run.H0[b*hidden:])
			} else {
				copy(row[in+1:][:hidden], t.run.Y[(now-1)*hidden:])
			}
		}
	}
}

// products describes the products that the gradients of the weights are: for an
// LSTM one, for a GRU one with the sums over the input and one with those over the
// state.
func (t *recurrenceGrad) products() [2]gemm.Problem {
	l := &t.layer
	width := l.Kind.Gates() * l.Slots
	whole := gemm.Problem{
		M: l.Inputs + 1 + l.Hidden, N: width,
		A: t.before, LDA: t.rowLen(), TransA: true,
		B: t.sums, LDB: 4 * l.Slots,
		C: t.weights, LDC: width,
	}
	if l.Kind == rnn.LSTM {
		return [2]gemm.Problem{whole}
	}
	input, state := whole, whole
	input.M = l.Inputs + 1
	state.M = l.Hidden + 1
	state.A, state.B, state.C = t.before[input.M:], t.sums[l.FromState():], t.weights[input.M*width:]
	return [2]gemm.Problem{input, state}
}

// startWeights begins the sums of the products.
func (t *recurrenceGrad) startWeights(dw device.RecurrentWeights) {
	l := &t.layer
	t.weightsWanted = !(dw.Wi.Absent() && dw.Wh.Absent() && dw.Bi.Absent() && dw.Bh.Absent())
	t.weights = grow(t.weights, (l.Inputs+l.Hidden+2)*l.Kind.Gates()*l.Slots)
	clear(t.weights)
}

// addWeights adds the products of a piece of so many samples.
func (t *recurrenceGrad) addWeights(d *Device, samples int) {
	if !t.weightsWanted {
		return
	}
	for _, p := range t.products() {
		if p.M > 0 {
			p.K = samples
			d.contract(batch{entries: 1, form: p})
		}
	}
}

// endWeights adds the sums to the gradients that are wanted.
func (t *recurrenceGrad) endWeights(dw device.RecurrentWeights) {
	l := &t.layer
	width := l.Kind.Gates() * l.Slots
	part := func(row int) []float32 { return t.weights[row*width:] }
	last := l.Inputs + 1 + l.Hidden // the bias of the state
	if l.Kind == rnn.LSTM {
		last = l.Inputs
	}
	if !dw.Wi.Absent() {
		l.Unpack(numbers(dw.Wi), part(0), l.Inputs, false)
	}
	if !dw.Bi.Absent() {
		l.Unpack(numbers(dw.Bi), part(l.Inputs), 1, false)
	}
	if !dw.Wh.Absent() {
		l.Unpack(numbers(dw.Wh), part(l.Inputs+1), l.Hidden, true)
	}
	if !dw.Bh.Absent() {
		l.Unpack(numbers(dw.Bh), part(last), 1, true)
	}
}
