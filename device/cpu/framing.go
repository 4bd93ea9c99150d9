package cpu

import (
	"partials/device"
	"partials/internal/fft"
	"partials/internal/simd/vec"
	"partials/tensor"
)

// The framed half of device.Fourier. Frames are cut out of a padded signal,
// windowed and transformed eight at a time in the cache.

// STFT implements device.Fourier.
func (d *Device) STFT(dst, x, window tensor.Tensor, f device.Framing) {
	device.CheckSTFT("STFT", dst, x, window, f)
	d.analyse(numbers(dst), numbers(x), numbers(window), x.Dim(0), f, false)
}

// SynthesisGrad implements device.Fourier.
func (d *Device) SynthesisGrad(dx, dy, window tensor.Tensor, f device.Framing) {
	device.CheckSynthesis("SynthesisGrad", dx, dy, window, f)
	f.Mode = device.PadConstant // what lies outside the signal was dropped
	f.Scale /= float64(f.NFFT)
	d.analyse(numbers(dx), numbers(dy), numbers(window), dy.Dim(0), f, true)
}

// STFTGrad implements device.Fourier.
func (d *Device) STFTGrad(dx, dy, window tensor.Tensor, f device.Framing) {
	device.CheckSTFT("STFTGrad", dy, dx, window, f)
	d.synthesise(numbers(dx), numbers(dy), numbers(window), dx.Dim(0), f, true)
}

// Synthesis implements device.Fourier.
func (d *Device) Synthesis(dst, x, window tensor.Tensor, f device.Framing) {
	device.CheckSynthesis("Synthesis", x, dst, window, f)
	f.Scale /= float64(f.NFFT)
	d.synthesise(numbers(dst), numbers(x), numbers(window), dst.Dim(0), f, false)
}

// frames is what the tasks of framed kernels have in common.
type frames struct {
	device.Framing
	workers []worker
	real    *fft.Real
	window  []float32 // times Scale
	spectra planes    // (B, 2, Frames, Bins)
	batch   int
	group   int // frames of a chunk, a multiple of 8
}

// set prepares a kernel whose chunks have at least that many frames.
func (t *frames) set(d *Device, f device.Framing, spectra, window []float32, batch, group int) {
	scaled := grow(t.window, len(window))
	if window != nil {
		vec.Scale(scaled, float32(f.Scale), window)
	}
	*t = frames{
		Framing: f, workers: d.workers, real: fft.NewReal(f.NFFT), window: scaled,
		spectra: planes{spectra, f.Frames, f.Bins()}, batch: batch,
		group: chunks(max(group, 16384/f.NFFT), 8) * 8,
	}
	d.growReal(t.real, f.Bins())
	for i := range d.workers {
		w := &d.workers[i]
		w.edge = grow(w.edge, 7*f.Hop+f.NFFT)
	}
}

// perItem is how many chunks the frames of an item make.
func (t *frames) perItem() int { return chunks(t.Frames, t.group) }

// at returns the item and the frames of chunk i.
func (t *frames) at(i int) (b, from, to int) {
	b, from = i/t.perItem(), i%t.perItem()*t.group
	return b, from, min(t.Frames, from+t.group)
}

// samples returns n padded samples of x from the given one on.
func (t *frames) samples(w *worker, x []float32, from, n int) []float32 {
	if start := from - t.Pad; start >= 0 && start+n <= t.Length {
		return x[start : start+n]
	}
	edge := w.edge[:n]
	for i := range edge {
		edge[i] = 0
		if s := t.Source(from + i); s >= 0 {
			edge[i] = x[s]
		}
	}
	return edge
}

// put writes the packed spectra of count frames, or adds them. inner is the
// factor of all bins but 0 and n/2.
func (t *frames) put(w *worker, b, frame, count int, inner float32, add bool) {
	first := b*t.Frames + frame
	switch {
	case t.Onesided && add:
		t.spectra.addPacked(t.real, w, first, count, 1, inner)
	case t.Onesided:
		t.spectra.storePacked(t.real, w, first, count, 1, inner)
	default:
		half, full := w.spectrum[:t.real.SpectrumLen()], w.full[:16*t.NFFT]
		t.real.Unpack(half, w.packed, 0, t.real.Pairs(), 1, 1)
		unfoldBins(full, half)
		if add {
			t.spectra.add(full, first, count, w.stage)
		} else {
			t.spectra.store(full, first, count, w.stage)
		}
	}
}

// get packs the spectra of count frames: the transpose of put where adjoint is
// set, else what has the real signals of those spectra, times n.
func (t *frames) get(w *worker, b, frame, count int, adjoint bool) {
	first, inner := b*t.Frames+frame, float32(1)
	if t.Onesided {
		if adjoint {
			inner = 0.5
		}
		t.spectra.loadPacked(t.real, w, first, count, 1, inner)
		return
	}
	half, full := w.spectrum[:t.real.SpectrumLen()], w.full[:16*t.NFFT]
	t.spectra.load(full, first, count, w.stage)
	foldBins(half, full)
	t.real.Pack(w.packed, half, 0, t.real.Pairs(), 1, 0.5)
}

// analyse writes the windowed spectra of x to dst, or adds the transpose of
// Synthesis where adjoint is set.
func (d *Device) analyse(dst, x, window []float32, batch int, f device.Framing, adjoint bool) {
	if batch*f.Frames == 0 {
		return
	}
	t := &d.analysis
	t.frames.set(d, f, dst, window, batch, 8)
	t.windowed = t.real.NewWindowed(t.window)
	t.x, t.adjoint = x, adjoint
	d.pool.For(batch*t.perItem(), t)
}

// analysis is STFT, or SynthesisGrad where adjoint is set.
type analysis struct {
	frames
	windowed fft.Windowed
	x        []float32 // (B, Length)
	adjoint  bool
}

// Do implements parallel.Task.
func (t *analysis) Do(i, worker int) {
	w := &t.workers[worker]
	b, from, to := t.at(i)
	inner := float32(1)
	if t.adjoint && t.Onesided {
		inner = 2 // of the bins that stand for two
	}
	for frame := from; frame < to; frame += 8 {
		count := min(8, to-frame)
		x := t.samples(w, row(t.x, b, t.Length), frame*t.Hop, t.windowed.Reach(t.Hop, count))
		t.windowed.Forward(w.packed, x, t.Hop, count, w.fft)
		t.put(w, b, frame, count, inner, t.adjoint)
	}
}

// signal computes the frames of a block of spectra before the window: of
// Synthesis (times n, without Scale), or of STFTGrad where adjoint is set.
func (t *frames) signal(w *worker, b, frame, count int, adjoint bool) []float32 {
	t.get(w, b, frame, count, adjoint)
	x := w.signal[:t.real.TimeLen()]
	t.real.InversePacked(x, w.packed, w.fft)
	return x
}
