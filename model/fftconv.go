package model

import (
	"math/bits"

	"partials/autograd"
	"partials/device"
	"partials/graph"
	"partials/ops"
	"partials/tensor"
)

// longConv is a causal convolution with long kernels: what CausalConv
// computes, with dilation 1 and no bias, through the FFT where that is less
// work.
type longConv struct {
	name   string
	weight *autograd.Param // (Out, In/Groups, Taps), the last tap meets the newest sample
	groups int
}

// Context is the number of past samples that an output sample sees.
func (l *longConv) Context() int { return l.weight.Shape.Dim(2) - 1 }

// Forward maps x (B, In, Context+T) to (B, Out, T), in a stream (1, In, T).
func (l *longConv) Forward(p Pass, x *autograd.Var) *autograd.Var {
	x = p.Context(l.name, x, l.Context())
	taps := l.weight.Shape.Dim(2)
	if direct(taps, x.Dim(-1)) {
		return ops.Conv1D(p.Tape, x, l.weight.Var(), nil, device.Conv{Dilation: 1, Groups: l.groups})
	}
	return autograd.Apply(p.Tape, fftConv{groups: l.groups}, autograd.In{x, l.weight.Var()})
}

// direct says whether n samples are convolved faster without the FFT: a
// multiply-add of a direct kernel costs about a sixteenth of a transform's
// work per sample and octave.
func direct(taps, n int) bool { return taps*(n-taps+1) <= 16*n*bits.Len(uint(n)) }

// fftConv is y[b,o,t] = sum over i, k of w[o,i,k] x[b,i,t+k]: the correlation
// of x with w, whose transform is X times the conjugate of W. The samples that
// wrap around come last and are cut off.
type fftConv struct {
	groups int
	n      int           // points of the transforms
	x, w   tensor.Tensor // spectra (B*In, 2, 1, K) and (Out*In/Groups, 2, 1, K)
}

func (f *fftConv) Forward(c *autograd.Call) tensor.Tensor {
	d, x, w := c.Device(), c.In(0), c.In(1)
	f.n = fastSize(x.Dim(2))
	f.x, f.w = f.spectrum(c, x), f.spectrum(c, w)
	y := c.New(tensor.Of(x.Dim(0), w.Dim(0), x.Dim(2)-w.Dim(2)+1))
	spectrum := c.New(f.spectra(y))
	d.Fill(spectrum, 0)
	f.pairs(y, func(x, w, y int) { d.ComplexMulGrad(plane(spectrum, y), plane(f.x, x), plane(f.w, w)) })
	wrapped := c.New(tensor.Of(spectrum.Dim(0), 1, f.n))
	d.IRFFT(wrapped, spectrum, f.inverse())
	d.Move(y, wrapped, f.front(y))
	c.Release(wrapped)
	c.Release(spectrum)
	return y
}

func (f *fftConv) Backward(c *autograd.Call, dy tensor.Tensor) {
	d := c.Device()
	wrapped := c.New(tensor.Of(dy.Dim(0)*dy.Dim(1), 1, f.n))
	d.Fill(wrapped, 0)
	d.Move(wrapped, dy, turned(f.front(dy)))
	spectrum := c.New(f.spectra(dy))
	d.Fill(spectrum, 0)
	d.IRFFTGrad(spectrum, wrapped, f.inverse())
	if dx, ok := c.Grad(0); ok { // dX += dY W
		sum := c.New(f.x.Shape)
		d.Fill(sum, 0)
		product := c.New(plane(f.x, 0).Shape)
		f.pairs(dy, func(x, w, y int) {
			d.ComplexMul(product, plane(spectrum, y), plane(f.w, w))
			d.AddScaled(plane(sum, x), 1, product)
		})
		d.RFFTGrad(rows(dx), sum, f.transform(dx))
		c.Release(product)
		c.Release(sum)
	}
	if dw, ok := c.Grad(1); ok { // dW += X conj(dY)
		sum := c.New(f.w.Shape)
		d.Fill(sum, 0)
		f.pairs(dy, func(x, w, y int) { d.ComplexMulGrad(plane(sum, w), plane(f.x, x), plane(spectrum, y)) })
		d.RFFTGrad(rows(dw), sum, f.transform(dw))
		c.Release(sum)
	}
	c.Release(spectrum)
	c.Release(wrapped)
}

// ONNX is Conv: how to compute it is the runtime's choice.
func (f *fftConv) ONNX(_ *autograd.Call, w *graph.Writer) graph.Value {
	return w.Node("Conv", graph.Attrs{"dilations": []int{1}, "group": f.groups}, w.Inputs()...)
}

// spectrum transforms every row of x.
func (f *fftConv) spectrum(c *autograd.Call, x tensor.Tensor) tensor.Tensor {
	y := c.New(f.spectra(x))
	c.Device().RFFT(y, rows(x), f.transform(x))
	return y
}

// spectra is the shape of the spectra of x's rows, each with planes of its own.
func (f *fftConv) spectra(x tensor.Tensor) tensor.Shape {
	return tensor.Of(x.Dim(0)*x.Dim(1), 2, 1, f.n/2+1)
}

func (f *fftConv) transform(x tensor.Tensor) device.Transform {
	return device.Transform{N: f.n, In: x.Dim(2), Scale: 1}
}

func (f *fftConv) inverse() device.Transform {
	return device.Transform{N: f.n, In: f.n/2 + 1, Scale: 1 / float64(f.n)}
}

// pairs calls visit for every input row, kernel row and output row that meet,
// in a fixed order.
func (f *fftConv) pairs(y tensor.Tensor, visit func(x, w, y int)) {
	outs := y.Dim(1)
	each := f.w.Dim(0) / outs // inputs of a group
	for b := range y.Dim(0) {
		for o := range outs {
			group := o / (outs / f.groups)
			for i := range each {
				visit((b*f.groups+group)*each+i, o*each+i, b*outs+o)
			}
		}
	}
}

// front is the runs from transforms of n points to y (B, Out, T).
func (f *fftConv) front(y tensor.Tensor) device.Runs {
	t := y.Dim(2)
	return device.Runs{Len: t, Count: y.Dim(0) * y.Dim(1), DstStride: t, SrcStride: f.n}
}

// rows views x (A, C, T) as (A*C, 1, T).
func rows(x tensor.Tensor) tensor.Tensor { return x.View(tensor.Of(x.Dim(0)*x.Dim(1), 1, x.Dim(2))) }

// plane is spectrum i as (1, 2, K).
func plane(x tensor.Tensor, i int) tensor.Tensor {
	return x.Row(i).View(tensor.Of(1, 2, x.Dim(3)))
}

// fastSize is the least even number of at least n whose only prime factors are
// 2, 3 and 5.
func fastSize(n int) int {
	best := 0
	for p5 := 1; best == 0 || p5 < best; p5 *= 5 {
		for p3 := p5; best == 0 || p3 < best; p3 *= 3 {
			p2 := 2 * p3
			for p2 < n {
				p2 *= 2
			}
			if best == 0 || p2 < best {
				best = p2
			}
		}
	}
	return best
}
