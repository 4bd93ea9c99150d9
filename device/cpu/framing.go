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
	d.foldEdges(&d.synthesis, numbers(dx), dx.Dim(0), f)
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
	d.growTransform(f.NFFT, f.Bins(), t.real.ScratchLen())
}

// perItem is how many chunks the frames of an item make.
func (t *frames) perItem() int { return chunks(t.Frames, t.group) }

// at returns the item and the frames of chunk i.
func (t *frames) at(i int) (b, from, to int) {
	b, from = i/t.perItem(), i%t.perItem()*t.group
	return b, from, min(t.Frames, from+t.group)
}

// half is the memory for bins 0 to n/2 of a block of spectra.
func (t *frames) half(w *worker) []float32 { return w.spectrum[:t.real.SpectrumLen()] }

// put writes the spectra of count frames, or adds them. inner is the factor of
// all bins but 0 and n/2 where both sides are wanted.
func (t *frames) put(w *worker, b, frame, count int, inner float32, add bool) {
	block := t.half(w)
	if !t.Onesided {
		block = w.full[:16*t.NFFT]
		unfoldBins(block, t.half(w), inner)
	}
	if add {
		t.spectra.add(block, b*t.Frames+frame, count, w.stage)
	} else {
		t.spectra.store(block, b*t.Frames+frame, count, w.stage)
	}
}

// get reads the spectra of count frames: the transpose of put.
func (t *frames) get(w *worker, b, frame, count int, inner float32) {
	if t.Onesided {
		t.spectra.load(t.half(w), b*t.Frames+frame, count, w.stage)
		return
	}
	full := w.full[:16*t.NFFT]
	t.spectra.load(full, b*t.Frames+frame, count, w.stage)
	foldBins(t.half(w), full, inner)
}

// signal computes the frames of a block of spectra before the window: of
// Synthesis (times n, without Scale), or of STFTGrad where adjoint is set.
func (t *frames) signal(w *worker, b, frame, count int, adjoint bool) []float32 {
	x := w.signal[:t.real.TimeLen()]
	if adjoint {
		t.get(w, b, frame, count, 1)
		t.real.ForwardAdjoint(x, t.half(w), w.fft)
	} else {
		t.get(w, b, frame, count, 0.5)
		t.real.Inverse(x, t.half(w), w.fft)
	}
	return x
}

// analyse writes the windowed spectra of x to dst, or adds the transpose of
// Synthesis where adjoint is set.
func (d *Device) analyse(dst, x, window []float32, batch int, f device.Framing, adjoint bool) {
	if batch*f.Frames == 0 {
		return
	}
	t := &d.analysis
	t.frames.set(d, f, dst, window, batch, 8)
	t.adjoint = adjoint
	t.padded = d.pad(x, batch, f)
	d.pool.For(batch*t.perItem(), t)
}

// analysis is STFT, or SynthesisGrad where adjoint is set.
type analysis struct {
	frames
	padded  []float32 // (B, Span)
	adjoint bool
}

// Do implements parallel.Task.
func (t *analysis) Do(i, worker int) {
	w := &t.workers[worker]
	b, from, to := t.at(i)
	x := row(t.padded, b, t.Span())
	for frame := from; frame < to; frame += 8 {
		count := min(8, to-frame)
		if !t.adjoint {
			t.real.ForwardFrames(t.half(w), x[frame*t.Hop:], t.Hop, count, t.window, w.fft)
			t.put(w, b, frame, count, 1, false)
			continue
		}
		signal := w.signal[:t.real.TimeLen()]
		fft.LoadFrames(signal, x[frame*t.Hop:], t.Hop, count, t.window)
		t.real.InverseAdjoint(t.half(w), signal, w.fft)
		t.put(w, b, frame, count, 0.5, true)
	}
}

// pad returns the samples that the frames cover, (B, Span), of x (B, Length).
func (d *Device) pad(x []float32, batch int, f device.Framing) []float32 {
	if f.Pad == 0 && f.Span() == f.Length {
		return x
	}
	t := &d.padding
	*t = padding{f, x, grow(t.padded, batch*f.Span()), cut(batch, f.Span(), 1)}
	d.pool.For(t.grid.chunks(), t)
	return t.padded
}

// padding writes padded signals.
type padding struct {
	device.Framing
	x, padded []float32
	grid      grid
}

// Do implements parallel.Task.
func (t *padding) Do(i, _ int) {
	b0, b1, from, to := t.grid.at(i)
	for b := b0; b < b1; b++ {
		x, padded := row(t.x, b, t.Length), row(t.padded, b, t.grid.n)
		// Samples [start, end) of the padded signal are the signal's own.
		start := min(max(from, t.Pad), to)
		end := max(start, min(to, t.Pad+t.Length))
		t.outside(padded, x, from, start)
		copy(padded[start:end], x[min(max(0, start-t.Pad), t.Length):])
		t.outside(padded, x, end, to)
	}
}

// outside writes padded samples [from, to), which lie outside the signal.
func (t *padding) outside(padded, x []float32, from, to int) {
	for i := from; i < to; i++ {
		padded[i] = 0
		if s := t.Source(i); s >= 0 {
			padded[i] = x[s]
		}
	}
}
