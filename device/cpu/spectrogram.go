package cpu

import (
	"partials/device"
	"partials/internal/fft"
	"partials/internal/simd/vec"
	"partials/tensor"
)

var _ device.FusedSpectra = (*Device)(nil)

// strip is how many pairs of bins a fused kernel works on at a time, in the
// level-1 cache.
const strip = 32

// Spectrogram implements device.FusedSpectra.
func (d *Device) Spectrogram(dst, x, window tensor.Tensor, f device.Framing, m device.PolarFunc, eps float64) {
	device.CheckSpectrogram("Spectrogram", dst, x, window, f, m)
	t := &d.spectrogram
	if t.set(d, numbers(x), numbers(window), x.Dim(0), 8, f, m, eps) {
		t.y, t.grad = numbers(dst), false
		d.pool.For(t.batch*t.perItem(), t)
	}
}

// SpectrogramGrad implements device.FusedSpectra.
func (d *Device) SpectrogramGrad(dx, dy, x, window tensor.Tensor, f device.Framing, m device.PolarFunc, eps float64) {
	device.CheckSpectrogram("SpectrogramGrad", dy, x, window, f, m)
	device.CheckSameLen("SpectrogramGrad", dx, x)
	t := &d.spectrogram
	if t.set(d, numbers(x), numbers(window), x.Dim(0), 64, f, m, eps) {
		t.y, t.grad = numbers(dy), true
		t.laps.set(&t.frames, t.windowed.First(), t.windowed.Reach(f.Hop, t.group))
		d.pool.For(t.batch*t.perItem(), t)
		d.addPadded(t, numbers(dx), t.batch, f)
	}
}

// spectrogram is Spectrogram over chunks of frames, or SpectrogramGrad where
// grad is set.
type spectrogram struct {
	frames
	windowed fft.Windowed
	x        []float32 // (B, Length)
	y        []float32 // (B, Frames, Bins), or its gradient
	grad     bool
	measure  vec.Measure
	eps      float32
	laps     laps
}

// set prepares chunks of at least that many frames. It reports whether there
// are any.
func (t *spectrogram) set(d *Device, x, window []float32, batch, group int, f device.Framing, m device.PolarFunc, eps float64) bool {
	if batch*f.Frames == 0 {
		return false
	}
	t.frames.set(d, f, nil, window, batch, group)
	t.windowed = t.real.NewShifted(t.window)
	t.x, t.measure, t.eps = x, measures[m], float32(eps)
	return true
}

// Do implements parallel.Task.
func (t *spectrogram) Do(i, worker int) {
	w := &t.workers[worker]
	b, from, to := t.at(i)
	var stretch []float32
	if t.grad {
		stretch = t.laps.clear(i)
	}
	for frame := from; frame < to; frame += 8 {
		count := min(8, to-frame)
		x := t.samples(w, row(t.x, b, t.Length), frame*t.Hop+t.windowed.First(), t.windowed.Reach(t.Hop, count))
		t.windowed.Forward(w.packed, x, t.Hop, count, w.fft)
		y := t.y[(b*t.Frames+frame)*t.real.Bins():]
		if !t.grad {
			t.measured(y, w.packed, count)
			continue
		}
		t.back(w.packed, y, count)
		t.windowed.AddInverse(stretch[(frame-from)*t.Hop:], w.packed, t.Hop, count, w.fft)
	}
}

// measured writes the measures of count packed spectra to rows of y.
func (t *spectrogram) measured(y, packed []float32, count int) {
	var rows [2 * strip * 16]float32
	var values [2 * strip * 8]float32
	bins := t.real.Bins()
	for from := 0; from < t.real.Pairs(); from += strip {
		to := min(t.real.Pairs(), from+strip)
		low, high, at := t.real.PairBins(from, to)
		t.real.Unpack(rows[:], packed, from, to, 1, 1)
		vec.Measured(t.measure, values[:8*(low+high)], vec.Rows(rows[:]), t.eps)
		fft.StoreFrames(y[from:], values[:8*low], bins, count)
		if high > 0 {
			fft.StoreFrames(y[at:], values[8*low:8*(low+high)], bins, count)
		}
	}
}

// back puts the gradients of count packed spectra in their place, given rows of
// dy.
func (t *spectrogram) back(packed, dy []float32, count int) {
	var rows [2 * strip * 16]float32
	var values [2 * strip * 8]float32
	bins := t.real.Bins()
	for from := 0; from < t.real.Pairs(); from += strip {
		to := min(t.real.Pairs(), from+strip)
		low, high, at := t.real.PairBins(from, to)
		t.real.Unpack(rows[:], packed, from, to, 1, 1)
		fft.LoadFrames(values[:8*low], dy[from:], bins, count, nil)
		if high > 0 {
			fft.LoadFrames(values[8*low:8*(low+high)], dy[at:], bins, count, nil)
		}
		vec.MeasuredGrad(t.measure, vec.Rows(rows[:]), vec.Rows(rows[:]), values[:8*(low+high)], t.eps, true)
		t.real.Pack(packed, rows[:], from, to, 1, 0.5)
	}
}

// add implements padded.
func (t *spectrogram) add(dst []float32, b, from int) { t.laps.add(dst, 1, b, from) }
