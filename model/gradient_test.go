package model_test

import (
	"testing"

	"partials/autograd"
	"partials/autograd/gradcheck"
	"partials/model"
	"partials/tensor"
)

// Gradients of the input and of all parameters, by differences.
func TestGradients(t *testing.T) {
	each(t, func(t *testing.T, c small, m built) {
		f := m.Facts()
		n := (12 + f.Block - 1) / f.Block * f.Block
		values := gradcheck.Input{Shape: tensor.Of(m.params.Len()), Data: read(m.dev, m.params.Values())}
		in := []gradcheck.Input{gradcheck.Normal(1, tensor.Of(2, c.in, f.Context+n)), values}
		inner := autograd.NewTape(m.dev, 0)
		err := gradcheck.Directional(m.dev, func(t *autograd.Tape, in []*autograd.Var) *autograd.Var {
			return autograd.Apply(t, asFunction{m: m, tape: inner, pass: model.Training}, autograd.In{in[0], in[1]})
		}, in, gradcheck.Step(0.002))
		if err != nil {
			t.Error(err)
		}
	})
}

// asFunction is a model as a Function of its input and of all its parameters'
// values.
type asFunction struct {
	m    built
	tape *autograd.Tape
	pass func(*autograd.Tape) model.Pass
	x, y *autograd.Var
}

func (f *asFunction) Forward(c *autograd.Call) tensor.Tensor {
	f.m.dev.Copy(f.m.params.Values(), c.In(1))
	f.tape.Reset()
	f.x = f.tape.Watch(f.tape.Leaf(c.In(0)))
	f.y = f.m.Forward(f.pass(f.tape), f.x)
	return f.y.Tensor
}

func (f *asFunction) Backward(c *autograd.Call, dy tensor.Tensor) {
	f.m.params.ZeroGrad()
	if err := f.tape.BackwardFrom(f.y, dy); err != nil {
		panic(err)
	}
	if dx, ok := c.Grad(0); ok {
		g, _ := f.x.Grad()
		f.m.dev.AddScaled(dx, 1, g)
	}
	if dp, ok := c.Grad(1); ok {
		f.m.dev.AddScaled(dp, 1, f.m.params.Grads())
	}
}
