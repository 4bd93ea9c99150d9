package ref

import (
	"partials/device"
	"partials/tensor"
)

// The framed half of device.Fourier.

// STFT implements device.Fourier.
func (d *Device) STFT(dst, x, window tensor.Tensor, f device.Framing) {
	device.CheckSTFT("STFT", dst, x, window, f)
	w := numbers(window)
	eachFrame(dst, x, f, func(re, im, signal []float64, start int) {
		frame := make([]complex128, f.NFFT)
		for t := range frame {
			if i := f.Source(start + t); i >= 0 {
				frame[t] = complex(w[t]*signal[i], 0)
			}
		}
		y := forwardReal(frame)
		for k := range re {
			re[k], im[k] = f.Scale*real(y[k]), f.Scale*imag(y[k])
		}
	})
}

// STFTGrad implements device.Fourier.
func (d *Device) STFTGrad(dx, dy, window tensor.Tensor, f device.Framing) {
	device.CheckSTFT("STFTGrad", dy, dx, window, f)
	w := numbers(window)
	eachFrame(dy, dx, f, func(re, im, signal []float64, start int) {
		for t, g := range inverse(points(re, im, f.NFFT)) {
			if i := f.Source(start + t); i >= 0 {
				signal[i] += f.Scale * w[t] * real(g)
			}
		}
	})
}

// STFTWindowGrad implements device.Fourier.
func (d *Device) STFTWindowGrad(dwindow, dy, x tensor.Tensor, f device.Framing) {
	device.CheckSTFT("STFTWindowGrad", dy, x, dwindow, f)
	dw := numbers(dwindow)
	eachFrame(dy, x, f, func(re, im, signal []float64, start int) {
		for t, g := range inverse(points(re, im, f.NFFT)) {
			if i := f.Source(start + t); i >= 0 {
				dw[t] += f.Scale * signal[i] * real(g)
			}
		}
	})
}

// Synthesis implements device.Fourier.
func (d *Device) Synthesis(dst, x, window tensor.Tensor, f device.Framing) {
	device.CheckSynthesis("Synthesis", x, dst, window, f)
	d.Fill(dst, 0)
	w := numbers(window)
	eachFrame(x, dst, f, func(re, im, signal []float64, start int) {
		for t, v := range synthesised(re, im, f) {
			if i := start + t - f.Pad; i >= 0 && i < f.Length {
				signal[i] += w[t] * v
			}
		}
	})
}

// SynthesisGrad implements device.Fourier.
func (d *Device) SynthesisGrad(dx, dy, window tensor.Tensor, f device.Framing) {
	device.CheckSynthesis("SynthesisGrad", dx, dy, window, f)
	w := numbers(window)
	scale := f.Scale / float64(f.NFFT)
	eachFrame(dx, dy, f, func(re, im, signal []float64, start int) {
		frame := make([]complex128, f.NFFT)
		for t := range frame {
			if i := start + t - f.Pad; i >= 0 && i < f.Length {
				frame[t] = complex(w[t]*signal[i], 0)
			}
		}
		g := forward(frame)
		if f.Onesided {
			g = bothSidesGrad(g)
		}
		for k, v := range g {
			re[k] += scale * real(v)
			im[k] += scale * imag(v)
		}
	})
}

// SynthesisWindowGrad implements device.Fourier.
func (d *Device) SynthesisWindowGrad(dwindow, dy, x tensor.Tensor, f device.Framing) {
	device.CheckSynthesis("SynthesisWindowGrad", x, dy, dwindow, f)
	dw := numbers(dwindow)
	eachFrame(x, dy, f, func(re, im, signal []float64, start int) {
		for t, v := range synthesised(re, im, f) {
			if i := start + t - f.Pad; i >= 0 && i < f.Length {
				dw[t] += signal[i] * v
			}
		}
	})
}

// Envelope implements device.Fourier.
func (d *Device) Envelope(dst, window tensor.Tensor, f device.Framing) {
	device.CheckEnvelope("Envelope", dst, window, f)
	d.Fill(dst, 0)
	envelope := numbers(dst)
	for frame := range f.Frames {
		for t, w := range numbers(window) {
			if i := frame*f.Hop + t - f.Pad; i >= 0 && i < f.Length {
				envelope[i] += w * w
			}
		}
	}
}

// EnvelopeGrad implements device.Fourier.
func (d *Device) EnvelopeGrad(dwindow, dy, window tensor.Tensor, f device.Framing) {
	device.CheckEnvelope("EnvelopeGrad", dy, window, f)
	device.CheckSameLen("EnvelopeGrad", dwindow, window)
	dw, g := numbers(dwindow), numbers(dy)
	for frame := range f.Frames {
		for t, w := range numbers(window) {
			if i := frame*f.Hop + t - f.Pad; i >= 0 && i < f.Length {
				dw[t] += 2 * w * g[i]
			}
		}
	}
}

// eachFrame calls visit with the bins of every frame of a spectrum, the signal
// that it belongs to, and the padded sample at which it starts.
func eachFrame(spectra, signals tensor.Tensor, f device.Framing, visit func(re, im, signal []float64, start int)) {
	for b := range signals.Dim(0) {
		for frame := range f.Frames {
			re, im := spectrum(spectra, b*f.Frames+frame)
			visit(re, im, row(numbers(signals), b, f.Length), frame*f.Hop)
		}
	}
}

// synthesised returns the n_fft samples of a frame, before the window.
func synthesised(re, im []float64, f device.Framing) []float64 {
	z := points(re, im, f.Bins())
	if f.Onesided {
		z = bothSides(z, f.NFFT)
	}
	y := make([]float64, f.NFFT)
	for t, v := range inverse(z) {
		y[t] = f.Scale / float64(f.NFFT) * real(v)
	}
	return y
}
