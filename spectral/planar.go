package spectral

import (
	"partials/autograd"
	"partials/graph"
	"partials/ops"
	"partials/tensor"
)

// Complex joins real and imaginary parts of equal shape, (B, F, K) each, to
// (B, 2, F, K). Other real shapes gain their plane axis in the same way.
func Complex(t *autograd.Tape, re, im *autograd.Var) *autograd.Var {
	return autograd.Apply(t, join{}, autograd.In{re, im})
}

// FromPolar is the complex number of a magnitude and a phase in radians, of
// equal shape.
func FromPolar(t *autograd.Tape, magnitude, phase *autograd.Var) *autograd.Var {
	return Complex(t, ops.Mul(t, magnitude, ops.Cos(t, phase)), ops.Mul(t, magnitude, ops.Sin(t, phase)))
}

// Re is the real part of a complex X (B, 2, F, K): (B, F, K).
func Re(t *autograd.Tape, x *autograd.Var) *autograd.Var {
	return autograd.Apply(t, part{plane: 0}, autograd.In{x})
}

// Im is the imaginary part of a complex X.
func Im(t *autograd.Tape, x *autograd.Var) *autograd.Var {
	return autograd.Apply(t, part{plane: 1}, autograd.In{x})
}

type join struct{ p planes }

func (f *join) Forward(c *autograd.Call) tensor.Tensor {
	re, im := c.In(0), c.In(1)
	if re.Shape != im.Shape {
		panic("both parts must have the same shape")
	}
	f.p = planesOfReal(re.Shape)
	y := c.New(f.p.complexShape(re.Rank() + 1))
	for i := range 2 {
		c.Device().Move(y, c.In(i), f.p.toComplex(i))
	}
	return y
}

func (f *join) Backward(c *autograd.Call, dy tensor.Tensor) {
	for i := range 2 {
		if dx, ok := c.Grad(i); ok {
			c.Device().MoveGrad(dx, dy, f.p.toReal(i))
		}
	}
}

// ONNX is Concat along a new axis of planes.
func (f *join) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	return planesONNX(w, c.Out().Rank(), w.In(0), w.In(1))
}

type part struct {
	plane int
	p     planes
}

func (f *part) Forward(c *autograd.Call) tensor.Tensor {
	x := c.In(0)
	f.p = planesOf(x.Shape)
	y := c.New(f.p.realShape(x.Rank() - 1))
	c.Device().Move(y, x, f.p.toReal(f.plane))
	return y
}

func (f *part) Backward(c *autograd.Call, dy tensor.Tensor) {
	if dx, ok := c.Grad(0); ok {
		c.Device().MoveGrad(dx, dy, f.p.toComplex(f.plane))
	}
}

// ONNX is Slice and Squeeze.
func (f *part) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	axis := planeAxis(c.In(0).Rank())
	return w.Node("Squeeze", nil, planeONNX(w, w.In(0), f.plane, axis), w.Ints(axis))
}

type complexMul struct{ p planes }

// ComplexMul is the product of complex numbers, number by number, of equal
// shape: a spectrogram by a complex mask, or by a frequency response.
func ComplexMul(t *autograd.Tape, a, b *autograd.Var) *autograd.Var {
	return autograd.Apply(t, complexMul{}, autograd.In{a, b})
}

func (f *complexMul) Forward(c *autograd.Call) tensor.Tensor {
	a, b := c.In(0), c.In(1)
	if a.Shape != b.Shape {
		panic("both factors must have the same shape")
	}
	f.p = planesOf(a.Shape)
	y := c.New(a.Shape)
	c.Device().ComplexMul(f.p.flatComplex(y), f.p.flatComplex(a), f.p.flatComplex(b))
	return y
}

func (f *complexMul) Backward(c *autograd.Call, dy tensor.Tensor) {
	for i := range 2 {
		if d, ok := c.Grad(i); ok {
			c.Device().ComplexMulGrad(f.p.flatComplex(d), f.p.flatComplex(dy), f.p.flatComplex(c.In(1-i)))
		}
	}
}

// ONNX is the four products of the parts.
func (f *complexMul) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	axis := planeAxis(c.Out().Rank())
	mul := func(a, b graph.Value) graph.Value { return w.Node("Mul", nil, a, b) }
	are, aim := planeONNX(w, w.In(0), 0, axis), planeONNX(w, w.In(0), 1, axis)
	bre, bim := planeONNX(w, w.In(1), 0, axis), planeONNX(w, w.In(1), 1, axis)
	re := w.Node("Sub", nil, mul(are, bre), mul(aim, bim))
	im := w.Node("Add", nil, mul(are, bim), mul(aim, bre))
	return w.Node("Concat", graph.Attrs{"axis": axis}, re, im)
}

// Mask is a spectrogram X (B, 2, F, K) times a real mask (B, F, K): both parts
// of a bin by the same number. For a complex mask see ComplexMul.
func Mask(t *autograd.Tape, x, mask *autograd.Var) *autograd.Var {
	return ops.Mul(t, x, ops.Spread(t, mask, max(x.Rank()-3, 0), 2))
}
