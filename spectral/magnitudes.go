package spectral

import (
	"partials/autograd"
	"partials/device"
	"partials/graph"
	"partials/tensor"
)

// Magnitude is the Magnitude of Apply, (B*C, F, K), without a spectrogram in
// memory: the way back transforms x again. It is the one to use where nothing
// else needs the spectrogram.
func (a *Analysis) Magnitude(t *autograd.Tape, x *autograd.Var, floor Floor, eps float64) *autograd.Var {
	return a.measure(t, x, floor.magnitude(), eps)
}

// Power is the Power of Apply in the same way.
func (a *Analysis) Power(t *autograd.Tape, x *autograd.Var) *autograd.Var {
	return a.measure(t, x, device.Power, 0)
}

// LogMagnitude is the level of the Magnitude: ln, log10 or 20 log10.
func (a *Analysis) LogMagnitude(t *autograd.Tape, x *autograd.Var, floor Floor, eps float64, level Level) *autograd.Var {
	return level.of(t, a.Magnitude(t, x, floor, eps), 20)
}

func (a *Analysis) measure(t *autograd.Tape, x *autograd.Var, m device.PolarFunc, eps float64) *autograd.Var {
	return autograd.Apply(t, measured{stft: stft{options: a.STFT}, m: m, eps: eps}, autograd.In{x, a.window.on(t)})
}

// measured is a function of the power of an STFT.
type measured struct {
	stft
	m   device.PolarFunc
	eps float64
}

// String names the function in errors.
func (f *measured) String() string {
	if f.m == device.Power {
		return "spectral.Analysis.Power"
	}
	return "spectral.Analysis.Magnitude"
}

// fused returns what computes f in one pass, where the device has it.
func (f *measured) fused(c *autograd.Call) (device.FusedSpectra, bool) {
	d, ok := c.Device().(device.FusedSpectra)
	return d, ok && f.f.Onesided
}

func (f *measured) Forward(c *autograd.Call) tensor.Tensor {
	f.cut(c)
	x, window := c.In(0).View(f.signals), c.In(1)
	y := c.New(tensor.Of(f.signals.Dim(0), f.f.Frames, f.f.Bins()))
	if d, ok := f.fused(c); ok {
		d.Spectrogram(y, x, window, f.f, f.m, f.eps)
		return y
	}
	spectra := c.New(f.spectra())
	p := planesOf(spectra.Shape)
	c.Device().STFT(spectra, x, window, f.f)
	c.Device().Polar(f.m, f.eps, p.flatReal(y), p.flatComplex(spectra))
	c.Release(spectra)
	return y
}

func (f *measured) Backward(c *autograd.Call, dy tensor.Tensor) {
	dx, ok := c.Grad(0)
	if !ok {
		return
	}
	x, window := c.In(0).View(f.signals), c.In(1)
	if d, ok := f.fused(c); ok {
		d.SpectrogramGrad(dx.View(f.signals), dy, x, window, f.f, f.m, f.eps)
		return
	}
	d := c.Device()
	spectra, gradient := c.New(f.spectra()), c.New(f.spectra())
	p := planesOf(spectra.Shape)
	d.STFT(spectra, x, window, f.f)
	d.Fill(gradient, 0)
	d.PolarGrad(f.m, f.eps, p.flatComplex(gradient), p.flatComplex(spectra), p.flatReal(c.Out()), p.flatReal(dy))
	d.STFTGrad(dx.View(f.signals), gradient, window, f.f)
	c.Release(spectra)
	c.Release(gradient)
}

// ONNX is that of the STFT, and of the function of its power.
func (f *measured) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	return polarONNX(w, f.stft.ONNX(c, w), planeAxis(4), f.m, f.eps)
}
