package cpu

import (
	"partials/device"
	"partials/internal/fft"
	"partials/tensor"
)

// Gradients of windows, and the envelope of a window.

const (
	stretchOfSignal = 2048 // samples that a chunk of Envelope has
	stretchOfWindow = 256  // samples that a chunk of EnvelopeGrad has
)

// STFTWindowGrad implements device.Fourier.
func (d *Device) STFTWindowGrad(dwindow, dy, x tensor.Tensor, f device.Framing) {
	device.CheckSTFT("STFTWindowGrad", dy, x, dwindow, f)
	d.gradWindow(numbers(dwindow), numbers(dy), numbers(x), x.Dim(0), f, true)
}

// SynthesisWindowGrad implements device.Fourier.
func (d *Device) SynthesisWindowGrad(dwindow, dy, x tensor.Tensor, f device.Framing) {
	device.CheckSynthesis("SynthesisWindowGrad", x, dy, dwindow, f)
	f.Mode = device.PadConstant
	f.Scale /= float64(f.NFFT)
	d.gradWindow(numbers(dwindow), numbers(x), numbers(dy), dy.Dim(0), f, false)
}

// gradWindow adds to dw the sum over all frames of the frame of the padded x
// times the signal of the frame's spectrum.
func (d *Device) gradWindow(dw, spectra, x []float32, batch int, f device.Framing, adjoint bool) {
	if batch*f.Frames == 0 {
		return
	}
	const group = 64 // frames of a partial result
	t := &d.windowGrad
	t.frames.set(d, f, spectra, nil, batch, group)
	t.x, t.adjoint = x, adjoint
	for i := range d.workers {
		d.workers[i].other = grow(d.workers[i].other, t.real.TimeLen())
	}
	n := batch * t.perItem()
	t.partials = grow(t.partials, n*f.NFFT)
	d.pool.For(n, t)
	d.fold64.run(d, dw, t.partials, n, f.NFFT, true)
}

// windowGrad is the partial results of STFTWindowGrad (adjoint) and
// SynthesisWindowGrad.
type windowGrad struct {
	frames
	x        []float32 // (B, Length)
	partials []float64 // (B*chunks, n_fft)
	adjoint  bool
}

// Do implements parallel.Task.
func (t *windowGrad) Do(i, worker int) {
	w := &t.workers[worker]
	b, from, to := t.at(i)
	sums := t.partials[i*t.NFFT:][:t.NFFT]
	clear(sums)
	for frame := from; frame < to; frame += 8 {
		count := min(8, to-frame)
		signal, other := t.signal(w, b, frame, count, t.adjoint), w.other[:t.real.TimeLen()]
		x := t.samples(w, row(t.x, b, t.Length), frame*t.Hop, (count-1)*t.Hop+t.NFFT)
		fft.LoadFrames(other, x, t.Hop, count, nil)
		for s := range sums {
			for lane, v := range other[s*8:][:count] {
				sums[s] += float64(v) * float64(signal[s*8+lane])
			}
		}
	}
	for s := range sums {
		sums[s] *= t.Scale
	}
}

// Envelope implements device.Fourier.
func (d *Device) Envelope(dst, window tensor.Tensor, f device.Framing) {
	device.CheckEnvelope("Envelope", dst, window, f)
	d.envelope = envelope{f, numbers(dst), numbers(window)}
	d.pool.For(chunks(f.Length, stretchOfSignal), &d.envelope)
}

// envelope is Envelope over stretches of the signal.
type envelope struct {
	device.Framing
	dst, window []float32
}

// Do implements parallel.Task.
func (t *envelope) Do(i, _ int) {
	from, to := i*stretchOfSignal, min(t.Length, (i+1)*stretchOfSignal)
	for i := from; i < to; i++ {
		sum := 0.0
		at := i + t.Pad
		for frame := max(0, at-t.NFFT+t.Hop) / t.Hop; frame < t.Frames && frame*t.Hop <= at; frame++ {
			w := float64(t.window[at-frame*t.Hop])
			sum += float64(w * w)
		}
		t.dst[i] = float32(sum)
	}
}

// EnvelopeGrad implements device.Fourier.
func (d *Device) EnvelopeGrad(dwindow, dy, window tensor.Tensor, f device.Framing) {
	device.CheckEnvelope("EnvelopeGrad", dy, window, f)
	device.CheckSameLen("EnvelopeGrad", dwindow, window)
	d.envelopeGrad = envelopeGrad{f, numbers(dwindow), numbers(dy), numbers(window)}
	d.pool.For(chunks(f.NFFT, stretchOfWindow), &d.envelopeGrad)
}

// envelopeGrad is EnvelopeGrad over stretches of the window.
type envelopeGrad struct {
	device.Framing
	dw, dy, window []float32
}

// Do implements parallel.Task.
func (t *envelopeGrad) Do(i, _ int) {
	var all [stretchOfWindow]float64
	from := i * stretchOfWindow
	sums := all[:min(stretchOfWindow, t.NFFT-from)]
	for frame := range t.Frames {
		start := frame*t.Hop + from - t.Pad // the sample under the first number of the stretch
		lo, hi := max(0, -start), min(len(sums), t.Length-start)
		for s := lo; s < hi; s++ {
			sums[s] += float64(t.dy[start+s])
		}
	}
	for s, sum := range sums {
		t.dw[from+s] += float32(2 * float64(t.window[from+s]) * sum)
	}
}
