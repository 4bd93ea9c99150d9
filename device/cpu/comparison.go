package cpu

import (
	"math"

	"partials/device"
	"partials/internal/fft"
	"partials/internal/simd/vec"
	"partials/tensor"
)

// CompareSpectra implements device.FusedSpectra. The gradient of the
// convergence is one factor, known when all frames are, times a function of the
// bins, and the way back to the signal is linear: so one pass over the frames
// makes two signals, that function's and the gradient of all other terms, and
// the factor joins them.
func (d *Device) CompareSpectra(value, dx, x, y, window tensor.Tensor, f device.Framing, c device.Comparison) {
	device.CheckComparison(value, dx, x, y, window, f, c)
	batch := x.Dim(0)
	if batch*f.Frames == 0 {
		return
	}
	t := &d.comparison
	t.frames.set(d, f, nil, numbers(window), batch, 64)
	t.windowed = t.real.NewShifted(t.window)
	for i := range d.workers {
		d.workers[i].target = grow(d.workers[i].target, t.real.PackedLen())
	}
	t.x, t.y, t.wanted, t.terms = numbers(x), numbers(y), !dx.Absent(), c
	t.terms32 = vec.Comparison{
		Clamp: c.Floor == device.MagClamp, Eps: float32(c.Eps), Squares: c.Squares,
		LogFac: float32(c.LogFac), LogEps: float32(c.LogEps), WLog: float32(c.Log), WLin: float32(c.Lin),
	}
	if c.Log == 0 { // any logarithm that is finite and cheap
		t.terms32.LogFac, t.terms32.LogEps = 1, 0
		if c.Eps == 0 {
			t.terms32.LogEps = 1
		}
	}
	n := batch * t.perItem()
	t.sums = grow(t.sums, n)
	t.factors = grow(t.factors, batch)
	if t.wanted {
		for _, l := range []*laps{&t.convergence, &t.others} {
			l.set(&t.frames, t.windowed.First(), t.windowed.Reach(f.Hop, t.group))
		}
	}
	d.pool.For(n, t)
	numbers(value)[0] += float32(t.total())
	if t.wanted {
		d.addPadded(t, numbers(dx), batch, f)
	}
}

// comparison is CompareSpectra over chunks of frames.
type comparison struct {
	frames
	windowed fft.Windowed
	x, y     []float32
	wanted   bool // the gradient is
	terms    device.Comparison
	terms32  vec.Comparison

	sums                [][4]float64 // of each chunk: the terms of vec.Compared
	factors             []float64    // of an item's convergence in the gradient
	convergence, others laps
}

// Do implements parallel.Task.
func (t *comparison) Do(i, worker int) {
	w := &t.workers[worker]
	b, from, to := t.at(i)
	var convergence, others []float32
	if t.wanted {
		convergence, others = t.convergence.clear(i), t.others.clear(i)
	}
	t.sums[i] = [4]float64{}
	x, y := row(t.x, b, t.Length), row(t.y, b, t.Length)
	for frame := from; frame < to; frame += 8 {
		count := min(8, to-frame)
		at, reach := frame*t.Hop+t.windowed.First(), t.windowed.Reach(t.Hop, count)
		t.windowed.Forward(w.packed, t.samples(w, x, at, reach), t.Hop, count, w.fft)
		t.windowed.Forward(w.target, t.samples(w, y, at, reach), t.Hop, count, w.fft)
		sums := t.bins(w.packed, w.target)
		for l := range count {
			for term, v := range [4]float64{sums.Errors[l], sums.Norm[l], sums.Log[l], sums.Lin[l]} {
				t.sums[i][term] += v
			}
		}
		if t.wanted {
			lap := (frame - from) * t.Hop
			t.windowed.AddInverse(convergence[lap:], w.packed, t.Hop, count, w.fft)
			t.windowed.AddInverse(others[lap:], w.target, t.Hop, count, w.fft)
		}
	}
}

// bins compares two packed spectra and, where wanted, puts the gradients of the
// convergence and of the other terms into their place.
func (t *comparison) bins(x, y []float32) (sums vec.Compared) {
	var rows [2][2 * strip * 16]float32
	for from := 0; from < t.real.Pairs(); from += strip {
		to := min(t.real.Pairs(), from+strip)
		low, high, _ := t.real.PairBins(from, to)
		xs, ys := rows[0][:16*(low+high)], rows[1][:16*(low+high)]
		t.real.Unpack(xs, x, from, to, 1, 1)
		t.real.Unpack(ys, y, from, to, 1, 1)
		vec.CompareSpectra(xs, ys, &t.terms32, &sums)
		if t.wanted {
			t.real.Pack(x, xs, from, to, 1, 0.5)
			t.real.Pack(y, ys, from, to, 1, 0.5)
		}
	}
	return sums
}

// total returns the value and sets the factors of the items.
func (t *comparison) total() float64 {
	value := 0.0
	var all [4]float64
	for b := range t.batch {
		var item [4]float64
		for _, s := range t.sums[b*t.perItem() : (b+1)*t.perItem()] {
			for term, v := range s {
				item[term] += v
			}
		}
		if t.terms.ByItem {
			var v float64
			v, t.factors[b] = t.ratio(item)
			value += v
		}
		for term, v := range item {
			all[term] += v
		}
	}
	if !t.terms.ByItem {
		v, factor := t.ratio(all)
		value += v
		for b := range t.factors {
			t.factors[b] = factor
		}
	}
	if t.terms.Log != 0 {
		value += t.terms.Log * all[2]
	}
	if t.terms.Lin != 0 {
		value += t.terms.Lin * all[3]
	}
	return value
}

// ratio is the convergence and the factor of half the gradient of its squared
// errors.
func (t *comparison) ratio(sums [4]float64) (value, factor float64) {
	if t.terms.Convergence == 0 {
		return 0, 0
	}
	errors := math.Sqrt(sums[0])
	inverse := 1 / max(math.Sqrt(sums[1]), t.terms.Least)
	value = t.terms.Convergence * errors * inverse
	if errors > 0 {
		factor = t.terms.Convergence * inverse / errors
	}
	return value, factor
}

// add implements padded: the gradient of item b.
func (t *comparison) add(dst []float32, b, from int) {
	t.convergence.add(dst, float32(t.factors[b]), b, from)
	t.others.add(dst, 1, b, from)
}
