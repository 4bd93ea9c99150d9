package model

import (
	"partials/autograd"
	"partials/device"
	"partials/tensor"
)

// overlapAdd turns frames of spectra X (B, 2, F, K) into sound (B, (F-1)*hop +
// n_fft): inverse transforms, windowed and added up. Nothing is divided out,
// so that the sound of some frames and that of the next ones add up to the
// sound of all. The window is input 1.
type overlapAdd struct {
	nFFT, hop int
	f         device.Framing
}

func (f *overlapAdd) Forward(c *autograd.Call) tensor.Tensor {
	x := c.In(0)
	f.f = device.Framing{NFFT: f.nFFT, Hop: f.hop, Frames: x.Dim(2), Onesided: true, Scale: 1, Mode: device.PadConstant}
	f.f.Length = f.f.Span()
	y := c.New(tensor.Of(x.Dim(0), f.f.Length))
	c.Device().Synthesis(y, x, c.In(1), f.f)
	return y
}

func (f *overlapAdd) Backward(c *autograd.Call, dy tensor.Tensor) {
	if dx, ok := c.Grad(0); ok {
		c.Device().SynthesisGrad(dx, dy, c.In(1), f.f)
	}
}

// synthesisWindow is the window that, after an analysis with w, makes overlap-
// added frames add up to the signal: w over the sum of its squares, hop apart.
// https://doi.org/10.1109/TASSP.1984.1164317
func synthesisWindow(w []float64, hop int) []float64 {
	s := make([]float64, len(w))
	for i := range w {
		sum := 0.0
		for j := i % hop; j < len(w); j += hop {
			sum += w[j] * w[j]
		}
		s[i] = w[i] / sum
	}
	return s
}

// table is numbers that every pass reads: they are copied to the device once.
type table struct {
	values []float64
	dev    device.Device
	there  tensor.Tensor
}

// on returns the numbers (n) as a leaf of t.
func (k *table) on(t *autograd.Tape) *autograd.Var {
	if dev := t.Device(); k.dev != dev {
		s := tensor.Of(len(k.values))
		k.there = tensor.New(s, dev.Alloc(s.Len()))
		dev.Write64(k.there, k.values)
		k.dev = dev
	}
	return t.Leaf(k.there)
}
