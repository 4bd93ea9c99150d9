package spectral

import (
	"fmt"
	"math"

	"partials/autograd"
	"partials/device"
	"partials/graph"
	"partials/internal/config"
	"partials/tensor"
)

// Norm says how a transform and its inverse share the factor 1/n, as PyTorch's
// norm.
type Norm uint8

// The norms.
const (
	NormBackward Norm = iota // the inverse has 1/n
	NormOrtho                // both have 1/sqrt(n)
	NormForward              // the forward transform has 1/n
)

var normNames = []string{"backward", "ortho", "forward"}

// String is the norm's name in a recipe.
func (m Norm) String() string { return normNames[m] }

// MarshalText implements encoding.TextMarshaler.
func (m Norm) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *Norm) UnmarshalText(text []byte) error { return config.Choose(m, text, normNames) }

// scale is the factor on an unnormalised transform of n points.
func (m Norm) scale(n int, inverse bool) float64 {
	switch {
	case m == NormOrtho:
		return 1 / math.Sqrt(float64(n))
	case (m == NormForward) != inverse:
		return 1 / float64(n)
	}
	return 1
}

// length is n, or the input's where n is 0.
func length(n, input int) int {
	if n == 0 {
		n = input
	}
	if n < 1 {
		panic(fmt.Sprintf("a transform of %d points; n must be at least 1", n))
	}
	return n
}

type rfft struct {
	n    int
	norm Norm
	p    planes // of the input
	t    device.Transform
}

// RFFT is the transform of real rows: bins 0 to n/2 of x (n), (R, n) or
// (B, R, n), as torch.fft.rfft along the last axis. Rows are cut or padded with
// zeros to n samples; n 0 is their own length. The result is (2, K), (2, R, K)
// or (B, 2, R, K), K = n/2+1.
func RFFT(t *autograd.Tape, x *autograd.Var, n int, norm Norm) *autograd.Var {
	return autograd.Apply(t, rfft{n: n, norm: norm}, autograd.In{x})
}

func (f *rfft) Forward(c *autograd.Call) tensor.Tensor {
	x := c.In(0)
	f.p = planesOfReal(x.Shape)
	n := length(f.n, f.p.n)
	f.t = device.Transform{N: n, In: f.p.n, Scale: f.norm.scale(n, false)}
	out := f.p.long(n/2 + 1)
	y := c.New(out.complexShape(x.Rank() + 1))
	c.Device().RFFT(out.complexView(y), f.p.realView(x), f.t)
	return y
}

func (f *rfft) Backward(c *autograd.Call, dy tensor.Tensor) {
	if dx, ok := c.Grad(0); ok {
		c.Device().RFFTGrad(f.p.realView(dx), f.p.long(f.t.N/2+1).complexView(dy), f.t)
	}
}

// ONNX is two products with the transform's matrix.
func (f *rfft) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	cos, sin := transformMatrices(w, f.t, f.t.N/2+1, func(int) float64 { return 1 })
	return planesONNX(w, c.Out().Rank(), w.Node("MatMul", nil, w.In(0), cos), w.Node("MatMul", nil, w.In(0), w.Node("Neg", nil, sin)))
}

type irfft struct {
	n    int
	norm Norm
	p    planes // of the input
	t    device.Transform
}

// IRFFT is the real signal of half-spectra x (2, K), (2, R, K) or
// (B, 2, R, K), as torch.fft.irfft: (n), (R, n) or (B, R, n). Spectra are cut
// or padded with zeros to n/2+1 bins; n 0 is 2*(K-1). The imaginary parts of
// bin 0 and, for even n, of bin n/2 count as zero.
func IRFFT(t *autograd.Tape, x *autograd.Var, n int, norm Norm) *autograd.Var {
	return autograd.Apply(t, irfft{n: n, norm: norm}, autograd.In{x})
}

func (f *irfft) Forward(c *autograd.Call) tensor.Tensor {
	x := c.In(0)
	f.p = planesOf(x.Shape)
	n := length(f.n, 2*(f.p.n-1))
	f.t = device.Transform{N: n, In: f.p.n, Scale: f.norm.scale(n, true)}
	out := f.p.long(n)
	y := c.New(out.realShape(x.Rank() - 1))
	c.Device().IRFFT(out.realView(y), f.p.complexView(x), f.t)
	return y
}

func (f *irfft) Backward(c *autograd.Call, dy tensor.Tensor) {
	if dx, ok := c.Grad(0); ok {
		c.Device().IRFFTGrad(f.p.complexView(dx), f.p.long(f.t.N).realView(dy), f.t)
	}
}

// ONNX is two products with the transform's matrix, in which a bin between the
// first and that of half the rate stands for its mirror image, too.
func (f *irfft) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	cos, sin := transformMatrices(w, f.t, f.t.N, func(bin int) float64 {
		switch {
		case 2*bin > f.t.N:
			return 0
		case bin == 0 || 2*bin == f.t.N:
			return 1
		}
		return 2
	})
	re, im := partsONNX(w, c.In(0).Rank())
	return w.Node("Sub", nil, w.Node("MatMul", nil, re, cos), w.Node("MatMul", nil, im, sin))
}

type cfft struct {
	n       int
	norm    Norm
	inverse bool
	p       planes // of the input
	t       device.Transform
}

// FFT is the transform of complex rows x (2, n), (2, R, n) or (B, 2, R, n),
// cut or padded with zeros to n points (0: their own length), as
// torch.fft.fft. The result has the shape of x with n points.
func FFT(t *autograd.Tape, x *autograd.Var, n int, norm Norm) *autograd.Var {
	return autograd.Apply(t, cfft{n: n, norm: norm}, autograd.In{x})
}

// IFFT is the inverse of FFT, as torch.fft.ifft.
func IFFT(t *autograd.Tape, x *autograd.Var, n int, norm Norm) *autograd.Var {
	return autograd.Apply(t, cfft{n: n, norm: norm, inverse: true}, autograd.In{x})
}

func (f *cfft) Forward(c *autograd.Call) tensor.Tensor {
	x := c.In(0)
	f.p = planesOf(x.Shape)
	n := length(f.n, f.p.n)
	f.t = device.Transform{N: n, In: f.p.n, Scale: f.norm.scale(n, f.inverse), Inverse: f.inverse}
	out := f.p.long(n)
	y := c.New(out.complexShape(x.Rank()))
	c.Device().FFT(out.complexView(y), f.p.complexView(x), f.t)
	return y
}

func (f *cfft) Backward(c *autograd.Call, dy tensor.Tensor) {
	if dx, ok := c.Grad(0); ok {
		c.Device().FFTGrad(f.p.complexView(dx), f.p.long(f.t.N).complexView(dy), f.t)
	}
}

// ONNX is four products with the transform's matrix.
func (f *cfft) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	cos, sin := transformMatrices(w, f.t, f.t.N, func(int) float64 { return 1 })
	if !f.inverse {
		sin = w.Node("Neg", nil, sin)
	}
	re, im := partsONNX(w, c.In(0).Rank())
	mul := func(a, b graph.Value) graph.Value { return w.Node("MatMul", nil, a, b) }
	return planesONNX(w, c.Out().Rank(),
		w.Node("Sub", nil, mul(re, cos), mul(im, sin)), w.Node("Add", nil, mul(re, sin), mul(im, cos)))
}

// String names the function in errors.
func (f *cfft) String() string {
	if f.inverse {
		return "spectral.ifft"
	}
	return "spectral.fft"
}
