package gradcheck_test

import (
	"fmt"
	"math"

	"partials/autograd"
	"partials/autograd/gradcheck"
	"partials/device/ref"
	"partials/tensor"
)

// softClip is a user's own Function in plain Go: y = x / sqrt(1 + x^2).
type softClip struct{ x []float64 }

func SoftClip(t *autograd.Tape, x *autograd.Var) *autograd.Var {
	return autograd.Apply(t, softClip{}, autograd.In{x})
}

func (f *softClip) Forward(c *autograd.Call) tensor.Tensor {
	f.x = make([]float64, c.In(0).Len())
	c.Read(f.x, c.In(0))
	y := make([]float64, len(f.x))
	for i, x := range f.x {
		y[i] = x / math.Sqrt(1+x*x)
	}
	out := c.New(c.In(0).Shape)
	c.Write(out, y)
	return out
}

func (f *softClip) Backward(c *autograd.Call, dy tensor.Tensor) {
	sum, ok := c.Grad(0)
	if !ok {
		return
	}
	dx, g := make([]float64, len(f.x)), make([]float64, len(f.x))
	c.Read(dx, sum) // what is there already: Backward adds
	c.Read(g, dy)
	for i, x := range f.x {
		dx[i] += g[i] * math.Pow(1+x*x, -1.5)
	}
	c.Write(sum, dx)
}

func Example() {
	f := func(t *autograd.Tape, in []*autograd.Var) *autograd.Var { return SoftClip(t, in[0]) }
	x := []gradcheck.Input{gradcheck.Normal(1, tensor.Of(2, 5))}
	fmt.Println(gradcheck.Full(ref.NewChecked(), f, x))
	// Output: <nil>
}
