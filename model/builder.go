package model

import (
	"fmt"
	"math"

	"partials/autograd"
	"partials/device"
	"partials/internal/rng"
	"partials/tensor"
)

// Env is what a model is told when it is built.
type Env struct {
	Rate            int // Hz
	Inputs, Outputs int // channels
	Controls        int // knobs, whose channels follow the inputs
	Seed            uint64
}

// Build builds the model that c describes and places its parameters on dev.
// The same config, env and seed give the same values on any device.
func Build(c Config, dev device.Device, env Env) (Model, *autograd.Params, error) {
	if env.Inputs < 1 || env.Outputs < 1 {
		return nil, nil, fmt.Errorf("a model needs at least one input and one output channel, not %d and %d", env.Inputs, env.Outputs)
	}
	b := &Builder{Env: env, Params: new(autograd.Params)}
	m, err := declare(c, b)
	if err != nil {
		return nil, nil, err
	}
	if got := m.Facts().Controls; got != env.Controls {
		return nil, nil, fmt.Errorf("the data has %d controls, and this kind of model takes %d; wavenet, lstm and gru take any number", env.Controls, got)
	}
	b.Params.Place(dev)
	return m, b.Params, nil
}

// declare is c.Build, whose model may turn out too large on the way.
func declare(c Config, b *Builder) (m Model, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case tooLarge:
			err = r
		default:
			panic(r)
		}
	}()
	return c.Build(b)
}

// Builder declares parameters and layers under a name. What it draws depends on
// the seed and the parameter's full name only, so a layer that is added moves
// no other layer's values.
type Builder struct {
	Env    Env
	Params *autograd.Params
	prefix string
}

// Within returns a builder whose names begin with name and a dot:
// b.Within("layers.3").
func (b *Builder) Within(name string) *Builder {
	inner := *b
	inner.prefix = b.Name(name) + "."
	return &inner
}

// Name returns the full name of what is called name here. It is unique in the
// model and serves for state, too.
func (b *Builder) Name(name string) string { return b.prefix + name }

// Values declares a parameter with the given values, row-major.
func (b *Builder) Values(name string, s tensor.Shape, values []float64) *autograd.Param {
	return b.Params.Add(b.Name(name), s, values)
}

// Constant declares a parameter that starts as v everywhere.
func (b *Builder) Constant(name string, s tensor.Shape, v float64) *autograd.Param {
	values := b.room(name, s)
	for i := range values {
		values[i] = v
	}
	return b.Values(name, s, values)
}

// Buffer declares a tensor that the model keeps and no gradient changes, at
// first v everywhere.
func (b *Builder) Buffer(name string, s tensor.Shape, v float64) *autograd.Buffer {
	values := b.room(name, s)
	for i := range values {
		values[i] = v
	}
	return b.Params.AddBuffer(b.Name(name), s, values)
}

// Zeros declares a parameter that starts as zeros.
func (b *Builder) Zeros(name string, s tensor.Shape) *autograd.Param { return b.Constant(name, s, 0) }

// Ones declares a parameter that starts as ones.
func (b *Builder) Ones(name string, s tensor.Shape) *autograd.Param { return b.Constant(name, s, 1) }

// Uniform declares a parameter that starts uniform in [-bound, bound).
func (b *Builder) Uniform(name string, s tensor.Shape, bound float64) *autograd.Param {
	return b.Values(name, s, b.uniform(name, s, bound))
}

// uniform draws the values of Uniform.
func (b *Builder) uniform(name string, s tensor.Shape, bound float64) []float64 {
	values := b.room(name, s)
	src := b.random(name)
	for i := range values {
		values[i] = src.Uniform(-bound, bound)
	}
	return values
}

// random is the stream of numbers that a parameter's first values come from.
func (b *Builder) random(name string) rng.Source {
	return rng.New(b.Env.Seed, "init "+b.Name(name))
}

// room returns memory for a parameter's first values. A model past
// maxParameters panics with tooLarge before it takes the machine's memory.
func (b *Builder) room(name string, s tensor.Shape) []float64 {
	if n := b.Params.Len() + s.Len(); n > maxParameters {
		panic(tooLarge{b.Name(name), s})
	}
	return make([]float64, s.Len())
}

// maxParameters is the most that a model can have: 1 GiB of float64.
const maxParameters = 1 << 27

// tooLarge is what Build turns into an error.
type tooLarge struct {
	name  string
	shape tensor.Shape
}

func (e tooLarge) Error() string {
	return fmt.Sprintf("the model is too large: with %s %v it has more than %d parameters; make it narrower or shorter", e.name, e.shape, maxParameters)
}

// fanIn is the bound of PyTorch's default initialisation of a layer whose
// outputs each sum n products: Kaiming's uniform with a = sqrt(5).
func fanIn(n int) float64 { return 1 / math.Sqrt(float64(n)) }
