package spectral

import (
	"fmt"

	"partials/autograd"
	"partials/device"
	"partials/graph"
	"partials/tensor"
)

// synthesis is how frames make n samples; n 0 is what they give.
func (s STFT) synthesis(frames, n int) device.Framing {
	f := s.framing(0)
	f.Frames = frames
	f.Scale = 1 / f.Scale
	if n == 0 {
		n = f.Span() - 2*f.Pad
	}
	if n < 1 {
		panic(fmt.Sprintf("%d frames with hop %d give no samples once the padding of %d on both sides is cut", frames, f.Hop, f.Pad))
	}
	f.Length = n
	return f
}

type overlapAdd struct {
	a        *Analysis
	n        int
	onesided bool // X holds bins 0 to n_fft/2
	f        device.Framing
}

// String names the function in errors.
func (*overlapAdd) String() string { return "spectral.istft" }

func (f *overlapAdd) Forward(c *autograd.Call) tensor.Tensor {
	x := c.In(0)
	f.a.wantWindow(c.In(1))
	f.f = f.a.synthesis(x.Dim(2), f.n)
	f.f.Onesided = f.onesided
	y := c.New(tensor.Of(x.Dim(0), f.f.Length))
	c.Device().Synthesis(y, x, c.In(1), f.f)
	return y
}

func (f *overlapAdd) Backward(c *autograd.Call, dy tensor.Tensor) {
	if dx, ok := c.Grad(0); ok {
		c.Device().SynthesisGrad(dx, dy, c.In(1), f.f)
	}
	if dw, ok := c.Grad(1); ok {
		c.Device().SynthesisWindowGrad(dw, dy, c.In(0), f.f)
	}
}

// ONNX is ConvTranspose with windowed cosines and sines as its kernels, hop
// apart, which adds the frames where they overlap.
func (f *overlapAdd) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	b, k := c.In(0).Dim(0), f.f.Bins()
	x := w.Node("Transpose", graph.Attrs{"perm": []int{0, 1, 3, 2}}, w.In(0))
	x = w.Node("Reshape", nil, x, w.Ints(b, 2*k, f.f.Frames))
	y := w.Node("ConvTranspose", graph.Attrs{"strides": []int{f.f.Hop}}, x, synthesisKernels(c, w, f.f)) // (B, 1, Span)
	return w.Node("Reshape", nil, placedONNX(w, y, f.f, ""), w.Ints(b, f.f.Length))
}

// placedONNX is y (B, 1, Span) without the padding in front and cut to Length,
// or padded with a value to it.
func placedONNX(w *graph.Writer, y graph.Value, f device.Framing, value graph.Value) graph.Value {
	end := f.Pad + f.Length
	if end > f.Span() {
		y = w.Node("Pad", nil, y, w.Ints(0, 0, 0, 0, 0, end-f.Span()), value)
	}
	if f.Pad > 0 || end < f.Span() {
		y = w.Node("Slice", nil, y, w.Ints(f.Pad), w.Ints(end), w.Ints(2))
	}
	return y
}

// inverseEnvelope is 1/envelope (n) of a window (n_fft).
type inverseEnvelope struct {
	a         *Analysis
	frames, n int
	own       bool // the window is a's own
	f         device.Framing
	envelope  tensor.Tensor
}

// String names the function in errors.
func (*inverseEnvelope) String() string { return "spectral.istft" }

func (f *inverseEnvelope) Forward(c *autograd.Call) tensor.Tensor {
	d := c.Device()
	f.f = f.a.synthesis(f.frames, f.n)
	f.envelope = c.New(tensor.Of(f.f.Length))
	d.Envelope(f.envelope, c.In(0), f.f)
	// Past the last frame there is nothing to divide: zeros stay zeros.
	if covered := f.f.Span() - f.f.Pad; covered < f.f.Length {
		d.Fill(f.envelope.Part(covered, tensor.Of(f.f.Length-covered)), 1)
	}
	if !f.own || !f.a.knownGood.has(f.f) {
		f.check(c)
	}
	y := c.New(f.envelope.Shape)
	d.Map(device.Reciprocal, 0, y, f.envelope)
	return y
}

func (f *inverseEnvelope) Backward(c *autograd.Call, dy tensor.Tensor) {
	dw, ok := c.Grad(0)
	if !ok {
		return
	}
	de := c.New(dy.Shape)
	c.Device().Fill(de, 0)
	c.Device().MapGrad(device.Reciprocal, 0, de, f.envelope, c.Out(), dy)
	c.Device().EnvelopeGrad(dw, de, c.In(0), f.f)
	c.Release(de)
}

// ONNX is ConvTranspose of ones with the squared window, and ones behind the
// last frame.
func (f *inverseEnvelope) ONNX(_ *autograd.Call, w *graph.Writer) graph.Value {
	squares := w.Node("Reshape", nil, w.Node("Mul", nil, w.In(0), w.In(0)), w.Ints(1, 1, f.f.NFFT))
	ones := w.Node("Expand", nil, w.Number(1), w.Ints(1, 1, f.frames))
	y := placedONNX(w, w.Node("ConvTranspose", graph.Attrs{"strides": []int{f.f.Hop}}, ones, squares), f.f, w.Number(1))
	return w.Node("Reciprocal", nil, w.Node("Reshape", nil, y, w.Ints(f.f.Length)))
}

// leastEnvelope is the least envelope that torch.istft divides by.
const leastEnvelope = 1e-11

// check panics where the envelope is too small to divide by.
func (f *inverseEnvelope) check(c *autograd.Call) {
	values := f.a.knownGood.buffer(f.f.Length)
	c.Read(values, f.envelope)
	for i, v := range values {
		if !(v >= leastEnvelope) {
			window := "the window"
			if f.own {
				window = f.a.Window.String()
			}
			panic(fmt.Sprintf("%s of win_length %d with hop %d leaves nothing of sample %d (its overlap-added squares are %.3g there): "+
				"use a smaller hop, a longer window or one that does not reach 0, or center: true, which drops the edges", window, f.a.WinLength, f.a.Hop, i, v))
		}
	}
	if f.own {
		f.a.knownGood.frames, f.a.knownGood.length = f.f.Frames, f.f.Length
	}
}

// goodEnvelope remembers for which sizes the envelope of an Analysis' own
// window was found good last, so that a steady step reads nothing back from the
// device.
type goodEnvelope struct {
	frames, length int
	values         []float64
}

func (g *goodEnvelope) has(f device.Framing) bool {
	return g.frames == f.Frames && g.length == f.Length
}

// buffer returns memory for n numbers, which the next call returns again.
func (g *goodEnvelope) buffer(n int) []float64 {
	if len(g.values) < n {
		g.values = make([]float64, n)
	}
	return g.values[:n]
}
