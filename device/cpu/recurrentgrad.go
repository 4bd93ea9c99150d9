package cpu

import (
	"partials/device"
	"partials/internal/simd/gemm"
	"partials/internal/simd/vec"
	"partials/tensor"
)

// RecurGrad implements device.Recurrent. Groups of items step back through time
// and leave the gradients of all gates' sums; those of the input and the weights
// are matrix products over all samples.
func (d *Device) RecurGrad(r device.Cell, dx tensor.Tensor, ds device.InitialState, dw device.RecurrentWeights, dy, dhT, dcT tensor.Tensor,
	s device.Sequence, y tensor.Tensor, w device.RecurrentWeights, x tensor.Tensor) {
	device.CheckRecurGrad(r, dx, ds, dw, dy, dhT, dcT, s, y, w, x)
	t := &d.cellGrad
	t.recurrence.set(d, r, s, y, w, x)
	if t.hidden == 0 {
		return
	}
	t.dy, t.dhT, t.dcT, t.dh0, t.dc0 = numbers(dy), numbers(dhT), numbers(dcT), numbers(ds.H0), numbers(ds.C0)
	samples := t.batch * t.length
	t.sumsX = grow(t.sumsX, samples*t.gates)
	t.sumsH = t.sumsX
	if r.Kind == device.GRU {
		t.gruSums = grow(t.gruSums, samples*t.gates)
		t.sumsH = t.gruSums
	}
	t.stride = whole(t.hidden)
	t.weights = grow(t.weights, t.gates*t.stride)
	clear(t.weights)
	for o := range t.gates {
		copy(t.weights[o*t.stride:], row(t.wh, o, t.hidden))
	}
	d.growState(2*lanes*t.stride + t.hidden)
	d.pool.For(chunks(t.batch, lanes), t)

	if !dx.Absent() {
		d.multiply(batch{entries: 1, form: gemm.Problem{
			M: samples, N: t.in, K: t.gates,
			A: t.sumsX, LDA: t.gates,
			B: numbers(w.Wi), LDB: t.in,
			C: numbers(dx), LDC: t.in,
		}}, true)
	}
	if !dw.Wi.Absent() {
		d.contract(batch{entries: 1, form: gemm.Problem{
			M: t.gates, N: t.in, K: samples,
			A: t.sumsX, LDA: t.gates, TransA: true,
			B: numbers(x), LDB: t.in,
			C: numbers(dw.Wi), LDC: t.in,
		}})
	}
	if !dw.Wh.Absent() && samples > 0 {
		// The states before the samples: y one sample earlier, then the initial ones.
		form := gemm.Problem{
			M: t.gates, N: t.hidden, K: t.length - 1,
			A: t.sumsH[min(t.gates, len(t.sumsH)):], LDA: t.gates, TransA: true,
			B: t.y, LDB: t.hidden,
			C: numbers(dw.Wh), LDC: t.hidden,
		}
		d.contract(batch{form: form, entries: t.batch, stepA: t.length * t.gates, stepB: t.length * t.hidden})
		form.K, form.A, form.LDA, form.B = t.batch, t.sumsH, t.length*t.gates, t.h0
		d.contract(batch{form: form, entries: 1})
	}
	t.addBias(d, numbers(dw.Bi), numbers(dw.Bh))
}

// addBias adds the sums over all samples to the gradients of the biases.
func (t *cellGrad) addBias(d *Device, dbi, dbh []float32) {
	if dbi == nil && dbh == nil {
		return
	}
	all := device.Axis{Outer: 1, N: t.batch * t.length, Inner: t.gates}
	t.bias = grow(t.bias, t.gates)
	d.sum(t.bias, t.sumsX, all, false)
	if dbi != nil {
		addTo(dbi, t.bias)
	}
	if dbh != nil {
		if t.Kind == device.GRU {
			d.sum(t.bias, t.sumsH, all, false)
		}
		addTo(dbh, t.bias)
	}
}

// cellGrad is the steps of RecurGrad, over groups of items.
type cellGrad struct {
	recurrence
	dy, dhT, dcT, dh0, dc0 []float32
	// The gradients of the gates' sums over the input and over the state,
	// (B, T, G*H). They are one for an LSTM; a GRU's reset gate stands between.
	sumsX, sumsH, gruSums []float32
	bias                  []float32 // sums over all samples
	weights               []float32 // Wh (G*H, stride), the rest of a row zeros
	stride                int
}

// Do implements parallel.Task.
func (t *cellGrad) Do(i, worker int) {
	w := &t.workers[worker]
	first, n := i*lanes, t.hidden
	items := min(lanes, t.batch-first)
	dh, dc, tanh := w.state[:lanes*t.stride], w.state[lanes*t.stride:][:lanes*t.stride], w.state[2*lanes*t.stride:][:n]
	clear(dh)
	clear(dc)
	for lane := range items {
		if t.dhT != nil {
			copy(dh[lane*t.stride:], row(t.dhT, first+lane, n))
		}
		if t.dcT != nil {
			copy(dc[lane*t.stride:], row(t.dcT, first+lane, n))
		}
	}
	for at := t.length - 1; at >= 0; at-- {
		for lane := range items {
			t.step(first+lane, at, dh[lane*t.stride:][:n], dc[lane*t.stride:][:n], tanh)
		}
		if t.Detach > 0 && at > 0 && at%t.Detach == 0 {
			clear(dh)
			clear(dc)
			continue
		}
		w.problem = gemm.Problem{
			M: items, N: t.stride, K: t.gates,
			A: t.sumsH[(first*t.length+at)*t.gates:], LDA: t.length * t.gates,
			B: t.weights, LDB: t.stride,
			C: dh, LDC: t.stride, Accumulate: true,
		}
		w.gemm.Run(&w.problem)
	}
	for lane := range items {
		if t.dh0 != nil {
			addTo(row(t.dh0, first+lane, n), dh[lane*t.stride:][:n])
		}
		if t.dc0 != nil {
			addTo(row(t.dc0, first+lane, n), dc[lane*t.stride:][:n])
		}
	}
}

// step goes back over one sample of an item: from the gradients of the state
// after it, dh without the sample's own dy and dc, to those of the gates' sums
// and of the state before it, less what dh gets through the weights.
func (t *cellGrad) step(b, at int, dh, dc, tanh []float32) {
	now := b*t.length + at
	addTo(dh, row(t.dy, now, t.hidden))
	if t.Kind == device.GRU {
		t.gruStep(now, dh, t.before(t.y, t.h0, b, at))
		return
	}
	vec.Tanh(tanh, row(t.cells, now, t.hidden))
	t.lstmStep(now, dh, dc, tanh, t.before(t.cells, t.c0, b, at))
}

// lstmStep is the gradient of c = f*c' + i*g, h = o*tanh(c). h depends on h'
// through the gates only.
func (t *cellGrad) lstmStep(now int, dh, dc, tanh, cBefore []float32) {
	n := len(dh)
	cBefore = cBefore[:n]
	dc, tanh = dc[:n], tanh[:n]
	gates, sums := row(t.gateRows, now, 4*n), row(t.sumsX, now, 4*n)
	i, f, g, o := gates[:n], gates[n:2*n], gates[2*n:3*n], gates[3*n:]
	di, df, dg, do := sums[:n], sums[n:2*n], sums[2*n:3*n], sums[3*n:]
	for j, h := range dh {
		i, f, g, o, c := i[j], f[j], g[j], o[j], tanh[j]
		dcell := dc[j] + float32(float32(h*o)*(1-float32(c*c)))
		di[j] = dcell * g * float32(i*(1-i))
		df[j] = dcell * cBefore[j] * float32(f*(1-f))
		dg[j] = dcell * i * (1 - float32(g*g))
		do[j] = h * c * float32(o*(1-o))
		dc[j] = dcell * f
		dh[j] = 0
	}
}

// gruStep is the gradient of h = (1-z)*n + z*h', n = tanh(x_n + r*h_n).
func (t *cellGrad) gruStep(now int, dh, hBefore []float32) {
	n := len(dh)
	hBefore = hBefore[:n]
	gates, cell := row(t.gateRows, now, 3*n), row(t.cells, now, n)
	sums, sumsH := row(t.sumsX, now, 3*n), row(t.sumsH, now, 3*n)
	r, z, candidate := gates[:n], gates[n:2*n], gates[2*n:]
	dr, dz, dn := sums[:n], sums[n:2*n], sums[2*n:]
	for j, h := range dh {
		r, z, c := r[j], z[j], candidate[j]
		dn[j] = h * (1 - z) * (1 - float32(c*c))
		dr[j] = dn[j] * cell[j] * float32(r*(1-r))
		dz[j] = h * (hBefore[j] - c) * float32(z*(1-z))
		sumsH[2*n+j] = dn[j] * r
		dh[j] = h * z
	}
	copy(sumsH, sums[:2*n])
}
