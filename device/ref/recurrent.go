package ref

import (
	"math"

	"partials/device"
	"partials/tensor"
)

// Recur implements device.Recurrent.
func (d *Device) Recur(r device.Cell, s device.Sequence, y tensor.Tensor, w device.RecurrentWeights, x tensor.Tensor) {
	device.CheckRecur("Recur", r, s, y, w, x)
	l := newLayer(s, y, w, x)
	for b := range l.batch {
		for t := range l.length {
			p := l.at(b, t)
			fromX := affine(l.wi, p.x, l.bi)
			fromH := affine(l.wh, p.hBefore, l.bh)
			if r.Kind == device.GRU {
				p.gru(fromX, fromH)
			} else {
				p.lstm(fromX, fromH)
			}
		}
	}
}

// RecurGrad implements device.Recurrent.
func (d *Device) RecurGrad(r device.Cell, dx tensor.Tensor, ds device.InitialState, dw device.RecurrentWeights, dy, dhT, dcT tensor.Tensor,
	s device.Sequence, y tensor.Tensor, w device.RecurrentWeights, x tensor.Tensor) {
	device.CheckRecurGrad(r, dx, ds, dw, dy, dhT, dcT, s, y, w, x)
	l := newLayer(s, y, w, x)
	for b := range l.batch {
		dh, dc := state(numbers(dhT), b, l.hidden), state(numbers(dcT), b, l.hidden)
		for t := l.length - 1; t >= 0; t-- {
			p := l.at(b, t)
			dh = plus(dh, row(numbers(dy), b*l.length+t, l.hidden))
			var toX, toH, dhBefore []float64 // toX, toH: the gradients of fromX, fromH
			if r.Kind == device.GRU {
				toX, toH, dhBefore = p.gruGrad(dh)
			} else {
				toX, dc = p.lstmGrad(dh, dc)
				toH, dhBefore = toX, make([]float64, l.hidden)
			}
			addTransposed(row(numbers(dx), b*l.length+t, l.in), l.wi, toX)
			addTransposed(dhBefore, l.wh, toH)
			addOuter(numbers(dw.Wi), toX, p.x)
			addOuter(numbers(dw.Wh), toH, p.hBefore)
			add(numbers(dw.Bi), toX)
			add(numbers(dw.Bh), toH)
			dh = dhBefore
			if r.Detach > 0 && t > 0 && t%r.Detach == 0 {
				clear(dh)
				clear(dc)
			}
		}
		add(row(numbers(ds.H0), b, l.hidden), dh)
		add(row(numbers(ds.C0), b, l.hidden), dc)
	}
}

// layer is the numbers of one run.
type layer struct {
	batch, length, in, hidden, gates int

	x, y, gateRows, cells []float64
	wi, wh, bi, bh        []float64
	h0, c0                []float64
}

func newLayer(s device.Sequence, y tensor.Tensor, w device.RecurrentWeights, x tensor.Tensor) layer {
	return layer{
		batch: x.Dim(0), length: x.Dim(1), in: x.Dim(2), hidden: y.Dim(2), gates: s.Gates.Dim(2),
		x: numbers(x), y: numbers(y), gateRows: numbers(s.Gates), cells: numbers(s.Cells),
		wi: numbers(w.Wi), wh: numbers(w.Wh), bi: numbers(w.Bi), bh: numbers(w.Bh),
		h0: numbers(s.H0), c0: numbers(s.C0),
	}
}

// sample is what the cell reads and writes at one sample.
type sample struct {
	x                []float64 // (In)
	hBefore, cBefore []float64 // (H)
	h, cell          []float64 // (H)
	gates            []float64 // (G*H)
}

func (l *layer) at(b, t int) sample {
	now := b*l.length + t
	p := sample{
		x:     row(l.x, now, l.in),
		h:     row(l.y, now, l.hidden),
		cell:  row(l.cells, now, l.hidden),
		gates: row(l.gateRows, now, l.gates),
	}
	if t == 0 {
		p.hBefore, p.cBefore = state(l.h0, b, l.hidden), state(l.c0, b, l.hidden)
	} else {
		p.hBefore, p.cBefore = row(l.y, now-1, l.hidden), row(l.cells, now-1, l.hidden)
	}
	return p
}

// lstm computes c = f*c' + i*g and h = o*tanh(c).
func (p *sample) lstm(fromX, fromH []float64) {
	n := len(p.h)
	for j := range n {
		i := sigmoid(fromX[j] + fromH[j])
		f := sigmoid(fromX[n+j] + fromH[n+j])
		g := math.Tanh(fromX[2*n+j] + fromH[2*n+j])
		o := sigmoid(fromX[3*n+j] + fromH[3*n+j])
		p.gates[j], p.gates[n+j], p.gates[2*n+j], p.gates[3*n+j] = i, f, g, o
		p.cell[j] = f*p.cBefore[j] + i*g
		p.h[j] = o * math.Tanh(p.cell[j])
	}
}

// lstmGrad returns the gradients of the gates' sums and of c'.
func (p *sample) lstmGrad(dh, dc []float64) (sums, dcBefore []float64) {
	n := len(p.h)
	sums, dcBefore = make([]float64, 4*n), make([]float64, n)
	for j := range n {
		i, f, g, o := p.gates[j], p.gates[n+j], p.gates[2*n+j], p.gates[3*n+j]
		tanh := math.Tanh(p.cell[j])
		dc := dc[j] + dh[j]*o*(1-tanh*tanh)
		sums[j] = dc * g * i * (1 - i)
		sums[n+j] = dc * p.cBefore[j] * f * (1 - f)
		sums[2*n+j] = dc * i * (1 - g*g)
		sums[3*n+j] = dh[j] * tanh * o * (1 - o)
		dcBefore[j] = dc * f
	}
	return sums, dcBefore
}

// gru computes n = tanh(x_n + r*h_n) and h = (1-z)*n + z*h'.
func (p *sample) gru(fromX, fromH []float64) {
	n := len(p.h)
	for j := range n {
		r := sigmoid(fromX[j] + fromH[j])
		z := sigmoid(fromX[n+j] + fromH[n+j])
		p.cell[j] = fromH[2*n+j]
		candidate := math.Tanh(fromX[2*n+j] + r*p.cell[j])
		p.gates[j], p.gates[n+j], p.gates[2*n+j] = r, z, candidate
		p.h[j] = (1-z)*candidate + z*p.hBefore[j]
	}
}

// gruGrad returns the gradients of the sums over the input and over the state,
// and the part of the gradient of h' that does not pass through the latter.
func (p *sample) gruGrad(dh []float64) (sumsX, sumsH, dhBefore []float64) {
	n := len(p.h)
	sumsX, sumsH, dhBefore = make([]float64, 3*n), make([]float64, 3*n), make([]float64, n)
	for j := range n {
		r, z, candidate := p.gates[j], p.gates[n+j], p.gates[2*n+j]
		dn := dh[j] * (1 - z) * (1 - candidate*candidate)
		dr := dn * p.cell[j] * r * (1 - r)
		dz := dh[j] * (p.hBefore[j] - candidate) * z * (1 - z)
		sumsX[j], sumsX[n+j], sumsX[2*n+j] = dr, dz, dn
		sumsH[j], sumsH[n+j], sumsH[2*n+j] = dr, dz, dn*r
		dhBefore[j] = dh[j] * z
	}
	return sumsX, sumsH, dhBefore
}

func sigmoid(x float64) float64 { return device.Funcs[device.Sigmoid].F(x, 0) }

// row returns row i of rows of n numbers, or nil where there are no rows.
func row(rows []float64, i, n int) []float64 {
	if rows == nil {
		return nil
	}
	return rows[i*n : (i+1)*n]
}

// state returns row b of an optional state, zeros where it is absent.
func state(rows []float64, b, n int) []float64 {
	if rows == nil {
		return make([]float64, n)
	}
	return row(rows, b, n)
}

// affine returns W x + bias, W (len(bias), len(x)).
func affine(w, x, bias []float64) []float64 {
	y := make([]float64, len(bias))
	for o := range y {
		y[o] = bias[o]
		for i, v := range x {
			y[o] += w[o*len(x)+i] * v
		}
	}
	return y
}

// plus returns a + b.
func plus(a, b []float64) []float64 {
	sum := make([]float64, len(a))
	for i := range sum {
		sum[i] = a[i] + b[i]
	}
	return sum
}

// add is dst += x; a nil dst is not wanted, here and below.
func add(dst, x []float64) {
	for i := range dst {
		dst[i] += x[i]
	}
}

// addTransposed is dst += W^T y, W (len(y), len(dst)).
func addTransposed(dst, w, y []float64) {
	for i := range dst {
		for o, g := range y {
			dst[i] += w[o*len(dst)+i] * g
		}
	}
}

// addOuter is dst += y x^T.
func addOuter(dst, y, x []float64) {
	if dst == nil {
		return
	}
	for o, g := range y {
		for i, v := range x {
			dst[o*len(x)+i] += g * v
		}
	}
}
