package ops

import (
	"fmt"

	"partials/autograd"
	"partials/device"
	"partials/graph"
	"partials/tensor"
)

// along views a tensor x as (outer, n, inner), where b has n numbers: b's axes
// are x's axes from some axis on, and b is repeated along the others.
type along struct{ outer, n, inner int }

func alongAxis(x, b tensor.Shape, axis int) along {
	if b.Len() == 1 {
		return along{1, 1, x.Len()}
	}
	k := axisOf(x, axis)
	if k+b.Rank() > x.Rank() {
		panic(fmt.Sprintf("%v has more axes than %v from axis %d on", b, x, axis))
	}
	for i := range b.Rank() {
		if b.Dim(i) != x.Dim(k+i) {
			panic(fmt.Sprintf("%v does not fit %v from axis %d on", b, x, axis))
		}
	}
	return along{count(x, 0, k), b.Len(), count(x, k+b.Rank(), x.Rank())}
}

// inside repeats along inner, outside along outer.
func (a along) inside() device.Axis  { return device.Axis{Outer: a.n, N: a.inner, Inner: 1} }
func (a along) outside() device.Axis { return device.Axis{Outer: 1, N: a.outer, Inner: a.n * a.inner} }

// spread returns b repeated to the shape s.
func (a along) spread(c *autograd.Call, s tensor.Shape, b tensor.Tensor) tensor.Tensor {
	y := c.New(s)
	if a.outer == 1 {
		c.Device().Spread(y, b, a.inside())
		return y
	}
	rows, scratch := a.rows(c, b)
	c.Device().Spread(y, rows, a.outside())
	if scratch {
		c.Release(rows)
	}
	return y
}

// add adds b, repeated, to y.
func (a along) add(c *autograd.Call, y, b tensor.Tensor) {
	if a.outer == 1 {
		c.Device().SumGrad(y, b, a.inside())
		return
	}
	rows, scratch := a.rows(c, b)
	c.Device().SumGrad(y, rows, a.outside())
	if scratch {
		c.Release(rows)
	}
}

// rows returns b repeated along inner only, and whether that is scratch.
func (a along) rows(c *autograd.Call, b tensor.Tensor) (tensor.Tensor, bool) {
	if a.inner == 1 {
		return b, false
	}
	r := c.New(tensor.Of(a.n * a.inner))
	c.Device().Spread(r, b, a.inside())
	return r, true
}

// sumInto adds the sums of dy over what b was repeated along to db: the
// transpose of add.
func (a along) sumInto(c *autograd.Call, db, dy tensor.Tensor) {
	switch {
	case a.outer == 1:
		c.Device().SpreadGrad(db, dy, a.inside())
	case a.inner == 1:
		c.Device().SpreadGrad(db, dy, a.outside())
	default:
		rows := c.New(tensor.Of(a.n * a.inner))
		c.Device().Sum(rows, dy, a.outside())
		c.Device().SpreadGrad(db, rows, a.inside())
		c.Release(rows)
	}
}

// repeatable is input 1 of a call with as many axes of extent 1 behind its own
// as ONNX needs to repeat it along input 0.
func repeatable(c *autograd.Call, w *graph.Writer, axis int) graph.Value {
	x, b := c.In(0).Shape, c.In(1).Shape
	if b.Len() == 1 {
		return w.Node("Reshape", nil, w.In(1), w.Ints())
	}
	behind := x.Rank() - axisOf(x, axis) - b.Rank()
	if behind == 0 {
		return w.In(1)
	}
	axes := make([]int, behind)
	for i := range axes {
		axes[i] = b.Rank() + i
	}
	return w.Node("Unsqueeze", nil, w.In(1), w.Ints(axes...))
}

type addBias struct {
	axis int
	a    along
}

// AddBias is x + b, where the axes of b are those of x from the given axis on
// and b is repeated along the others: b (C) with axis 1 of x (B, C, T). A b of
// one number fits everywhere.
func AddBias(t *autograd.Tape, x, b *autograd.Var, axis int) *autograd.Var {
	return autograd.Apply(t, addBias{axis: axis}, autograd.In{x, b})
}

func (f *addBias) Forward(c *autograd.Call) tensor.Tensor {
	x, b := c.In(0), c.In(1)
	f.a = alongAxis(x.Shape, b.Shape, f.axis)
	y := c.New(x.Shape)
	c.Device().Copy(y, x)
	f.a.add(c, y, b)
	return y
}

func (f *addBias) Backward(c *autograd.Call, dy tensor.Tensor) {
	if dx, ok := c.Grad(0); ok {
		c.Device().AddScaled(dx, 1, dy)
	}
	if db, ok := c.Grad(1); ok {
		f.a.sumInto(c, db, dy)
	}
}

// ONNX is Add, which repeats b.
func (f *addBias) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	return w.Node("Add", nil, w.In(0), repeatable(c, w, f.axis))
}

type scaleBy struct {
	axis   int
	a      along
	spread tensor.Tensor // the factors, repeated to the shape of x
}

// ScaleBy is x * g, with g repeated as AddBias repeats its b: a gain for each
// item is g (B) with axis 0 of x (B, C, T), a mask for each item and channel
// g (B, C).
func ScaleBy(t *autograd.Tape, x, g *autograd.Var, axis int) *autograd.Var {
	return autograd.Apply(t, scaleBy{axis: axis}, autograd.In{x, g})
}

func (f *scaleBy) Forward(c *autograd.Call) tensor.Tensor {
	x, g := c.In(0), c.In(1)
	f.a = alongAxis(x.Shape, g.Shape, f.axis)
	f.spread = f.a.spread(c, x.Shape, g)
	y := c.New(x.Shape)
	c.Device().Mul(y, x, f.spread)
	return y
}

func (f *scaleBy) Backward(c *autograd.Call, dy tensor.Tensor) {
	if dx, ok := c.Grad(0); ok {
		c.Device().MulGrad(dx, dy, f.spread)
	}
	if dg, ok := c.Grad(1); ok {
		p := c.New(dy.Shape)
		c.Device().Mul(p, dy, c.In(0))
		f.a.sumInto(c, dg, p)
		c.Release(p)
	}
}

// ONNX is Mul, which repeats g.
func (f *scaleBy) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	return w.Node("Mul", nil, w.In(0), repeatable(c, w, f.axis))
}
