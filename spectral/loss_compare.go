package spectral

import (
	"math"

	"partials/device"
	"partials/tensor"
)

// comparison adds the terms of LossOptions.
type comparison struct {
	*accumulator
	o *LossOptions
}

// levels are the magnitudes, or bands, that the terms compare.
type levels struct {
	x, y   tensor.Tensor // (R, n) of the prediction and the target
	dx, dy tensor.Tensor // gradients; absent where not needed
	floor  float64       // of the target's root mean square
}

// fused implements terms.
func (o *LossOptions) fused(r *resolution, share float64, rows, n int) (device.Comparison, bool) {
	if r.bands != nil || o.WPhs != 0 || o.ScaleInvariance {
		return device.Comparison{}, false
	}
	groups, cells := 1, rows*n // of convergence, and bins of a group
	if o.SCReduction == ByItem {
		groups, cells = rows, n
	}
	mean := share * o.Reduction.Over(rows*n)
	return device.Comparison{
		Floor: o.Floor.magnitude(), Eps: o.Eps,
		Convergence: share * o.WSC / float64(groups), ByItem: o.SCReduction == ByItem, Least: r.floor * math.Sqrt(float64(cells)),
		Log: mean * o.WLogMag, Lin: mean * o.WLinMag, Squares: o.MagDistance == L2,
		LogFac: o.LogFac, LogEps: o.LogEps,
	}, true
}

// compare implements terms.
func (o *LossOptions) compare(a *accumulator, r *resolution, bands, x, y tensor.Tensor) {
	k := comparison{a, o}
	c, d := a.c, a.d
	magnitude := o.Floor.magnitude()
	bins := tensor.Of(x.Dim(0), x.Dim(2))
	m := levels{x: c.New(bins), y: c.New(bins), floor: r.floor}
	d.Polar(magnitude, o.Eps, m.x, x)
	d.Polar(magnitude, o.Eps, m.y, y)
	var px, dp tensor.Tensor // the prediction's phases and their gradient
	if o.WPhs != 0 {
		px, dp = k.phases(x, y)
	}
	dX := y // whose spectrum is not needed any more
	if a.wanted {
		d.Fill(dX, 0)
		m.dx = a.zeros(bins)
	}
	if o.WPhs != 0 {
		if a.wanted {
			d.PolarGrad(device.Phase, 0, dX, x, px, dp)
		}
		a.release(px, dp)
	}
	if bands.Absent() {
		k.levels(m)
	} else {
		k.bands(m, bands)
	}
	if a.wanted {
		d.PolarGrad(magnitude, o.Eps, dX, x, m.x, m.dx)
		a.release(m.dx)
	}
	a.release(m.x, m.y)
}

// phases adds the mean squared difference of the angles of x and y (R, 2, n)
// and returns those of x and their gradient, (R, n).
func (k *comparison) phases(x, y tensor.Tensor) (px, dp tensor.Tensor) {
	s := tensor.Of(x.Dim(0), x.Dim(2))
	px, dp = k.c.New(s), k.c.New(s)
	py := k.c.New(s)
	k.d.Polar(device.Phase, 0, px, x)
	k.d.Polar(device.Phase, 0, py, y)
	k.d.Combine(dp, 1, px, -1, py)
	k.d.Map(device.Square, 0, py, dp)
	factor := k.share * k.o.WPhs / float64(s.Len())
	k.add(factor, py)
	k.d.Map(device.Scale, 2*factor, dp, dp)
	k.release(py)
	return px, dp
}

// bands compares the bands of the magnitudes m, matrix (M, K).
func (k *comparison) bands(m levels, matrix tensor.Tensor) {
	count, bins := matrix.Dim(0), matrix.Dim(1)
	frames := m.x.Len() / bins
	p := device.Product{Batch: 1, M: frames, N: count, K: bins, TransY: true}
	s := tensor.Of(m.x.Dim(0), m.x.Dim(1)/bins*count)
	b := levels{x: k.c.New(s), y: k.c.New(s), floor: m.floor}
	k.d.MatMul(b.x, m.x, matrix, p)
	k.d.MatMul(b.y, m.y, matrix, p)
	if !m.dx.Absent() {
		b.dx = k.zeros(s)
	}
	k.levels(b)
	if !m.dx.Absent() {
		k.d.MatMulGrad(m.dx, b.dx, matrix, device.Product{Batch: 1, M: frames, N: bins, K: count})
		k.release(b.dx)
	}
	k.release(b.x, b.y)
}

// levels compares levels, the target's scaled first where asked.
func (k *comparison) levels(m levels) {
	if !k.o.ScaleInvariance {
		k.terms(m)
		return
	}
	// alpha = <x, y> / <y, y> of each row, as 1 + <x-y, y> / <y, y>, which is
	// exactly 1 for equal levels. The terms compare x with alpha*y.
	c, d := k.c, k.d
	rows := device.Axis{Outer: m.x.Dim(0), N: m.x.Dim(1), Inner: 1}
	alpha, inverse := c.New(tensor.Of(rows.Outer)), c.New(tensor.Of(rows.Outer))
	s := levels{x: m.x, y: c.New(m.x.Shape), dx: m.dx, floor: m.floor}
	p := c.New(m.x.Shape)
	d.Combine(p, 1, m.x, -1, m.y)
	d.Mul(p, p, m.y)
	d.Sum(alpha, p, rows)
	d.Mul(p, m.y, m.y)
	d.Sum(inverse, p, rows)
	d.Map(device.Reciprocal, 0, inverse, inverse)
	d.Mul(alpha, alpha, inverse)
	d.Map(device.Shift, 1, alpha, alpha)
	d.Spread(p, alpha, rows)
	d.Mul(s.y, p, m.y)
	if !m.dx.Absent() {
		s.dy = k.zeros(m.x.Shape)
	}
	k.terms(s)
	if !m.dx.Absent() {
		dalpha := alpha
		d.Mul(p, s.dy, m.y)
		d.Sum(dalpha, p, rows)
		d.Mul(dalpha, dalpha, inverse)
		d.Spread(p, dalpha, rows)
		d.MulGrad(m.dx, p, m.y)
		k.release(s.dy)
	}
	k.release(alpha, inverse, s.y, p)
}

// terms adds the terms that compare levels.
func (k *comparison) terms(m levels) {
	d, o := k.d, k.o
	r, h, v := k.c.New(m.x.Shape), k.c.New(m.x.Shape), k.c.New(m.x.Shape)
	mean := k.share * o.Reduction.Over(m.x.Len())
	if o.WSC != 0 {
		k.convergence(m, r, h, v)
	}
	if o.WLogMag != 0 {
		k.log(r, m.x)
		k.log(h, m.y)
		d.AddScaled(r, -1, h)
		factor := mean * o.WLogMag
		k.distance(factor, r, h)
		if !m.dx.Absent() {
			k.logSlope(v, factor, m.x)
			d.MapGrad(o.MagDistance.of(), 0, m.dx, r, h, v)
		}
		if !m.dy.Absent() {
			k.logSlope(v, -factor, m.y)
			d.MapGrad(o.MagDistance.of(), 0, m.dy, r, h, v)
		}
	}
	if o.WLinMag != 0 {
		d.Combine(r, 1, m.x, -1, m.y)
		factor := mean * o.WLinMag
		k.distance(factor, r, h)
		if !m.dx.Absent() {
			d.Fill(v, factor)
			d.MapGrad(o.MagDistance.of(), 0, m.dx, r, h, v)
		}
		if !m.dy.Absent() {
			d.Fill(v, -factor)
			d.MapGrad(o.MagDistance.of(), 0, m.dy, r, h, v)
		}
	}
	k.release(r, h, v)
}

// log is dst = ln(log_fac*m + log_eps). To divide by log_fac first would change
// no difference of two, but ln keeps quiet levels apart best where log_eps is 1.
func (k *comparison) log(dst, m tensor.Tensor) {
	k.argument(dst, m)
	k.d.Map(device.Log, 0, dst, dst)
}

// logSlope is dst = factor times the derivative of log.
func (k *comparison) logSlope(dst tensor.Tensor, factor float64, m tensor.Tensor) {
	k.argument(dst, m)
	k.d.Map(device.Reciprocal, 0, dst, dst)
	k.d.Map(device.Scale, factor*k.o.LogFac, dst, dst)
}

// argument is dst = log_fac*m + log_eps.
func (k *comparison) argument(dst, m tensor.Tensor) {
	if k.o.LogFac != 1 {
		k.d.Map(device.Scale, k.o.LogFac, dst, m)
		m = dst
	}
	k.d.Map(device.Shift, k.o.LogEps, dst, m)
}

// distance sets h to the distances of the differences r and adds them.
func (k *comparison) distance(factor float64, r, h tensor.Tensor) {
	k.d.Map(k.o.MagDistance.of(), 0, h, r)
	k.add(factor, h)
}

// convergence adds |y-x|/|y|; r, h and v are scratch as large as x.
func (k *comparison) convergence(m levels, r, h, v tensor.Tensor) {
	d := k.d
	g := device.Axis{Outer: 1, N: m.x.Len(), Inner: 1}
	if k.o.SCReduction == ByItem {
		g.Outer, g.N = m.x.Dim(0), m.x.Dim(1)
	}
	least := m.floor * math.Sqrt(float64(g.N))
	small := tensor.Of(6, g.Outer)
	s := k.c.New(small)
	errors2, norm := s.Row(0), s.Row(1)    // |y-x|^2, |y-x|
	target2, root := s.Row(2), s.Row(3)    // |y|^2, |y|
	floored, inverse := s.Row(4), s.Row(5) // |y| at least the floor, and 1 by it
	d.Combine(r, 1, m.x, -1, m.y)
	d.Mul(h, r, r)
	d.Sum(errors2, h, g)
	d.Mul(h, m.y, m.y)
	d.Sum(target2, h, g)
	d.Map(device.Sqrt, 0, norm, errors2)
	d.Map(device.Sqrt, 0, root, target2)
	d.Map(device.ClampMin, least, floored, root)
	d.Map(device.Reciprocal, 0, inverse, floored)
	factor := k.share * k.o.WSC / float64(g.Outer)
	ratio := k.c.New(tensor.Of(g.Outer))
	d.Mul(ratio, norm, inverse)
	k.add(factor, ratio)
	if !m.dx.Absent() {
		gs := k.zeros(small)
		dErrors2, dNorm, dTarget2, dRoot, dFloored, dInverse := gs.Row(0), gs.Row(1), gs.Row(2), gs.Row(3), gs.Row(4), gs.Row(5)
		d.Map(device.Scale, factor, dNorm, inverse)
		d.MapGrad(device.Sqrt, 0, dErrors2, errors2, norm, dNorm)
		d.Map(device.Scale, 2, dErrors2, dErrors2)
		d.Spread(v, dErrors2, g)
		d.MulGrad(m.dx, v, r)
		if !m.dy.Absent() {
			d.Map(device.Scale, -1, v, v)
			d.MulGrad(m.dy, v, r)
			d.Map(device.Scale, factor, dInverse, norm)
			d.MapGrad(device.Reciprocal, 0, dFloored, floored, inverse, dInverse)
			d.MapGrad(device.ClampMin, least, dRoot, root, floored, dFloored)
			d.MapGrad(device.Sqrt, 0, dTarget2, target2, root, dRoot)
			d.Map(device.Scale, 2, dTarget2, dTarget2)
			d.Spread(v, dTarget2, g)
			d.MulGrad(m.dy, v, m.y)
		}
		k.release(gs)
	}
	k.release(s, ratio)
}
