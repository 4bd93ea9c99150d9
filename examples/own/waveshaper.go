package main

import (
	"fmt"

	"partials/autograd"
	"partials/model"
	"partials/tensor"
)

// Waveshaper is a model of one's own: a polynomial of every sample, without
// memory. Its struct is the YAML.
type Waveshaper struct {
	Order int `yaml:"order" doc:"highest power of the input"`
}

// Validate reports values that no model can have; the recipe's line is added
// to it.
func (c Waveshaper) Validate() error {
	if c.Order < 1 || c.Order > 15 {
		return fmt.Errorf("order is %d; it must be from 1 to 15", c.Order)
	}
	return nil
}

// Build implements model.Config: the first weights pass the sound on as it is.
func (c Waveshaper) Build(b *model.Builder) (model.Model, error) {
	if b.Env.Inputs != b.Env.Outputs {
		return nil, fmt.Errorf("a waveshaper has as many outputs as inputs, but the data has %d and %d channels", b.Env.Inputs, b.Env.Outputs)
	}
	start := make([]float64, c.Order)
	start[0] = 1
	return &waveshaper{env: b.Env, weight: b.Values("weight", tensor.Of(c.Order), start)}, nil
}

type waveshaper struct {
	env    model.Env
	weight *autograd.Param
}

func (m *waveshaper) Facts() model.Facts {
	return model.Facts{
		Inputs: m.env.Inputs, Outputs: m.env.Outputs,
		ReceptiveField: 1, Block: 1, MACs: float64(m.env.Inputs * m.weight.Shape.Len()),
	}
}

func (m *waveshaper) Forward(p model.Pass, x *autograd.Var) *autograd.Var {
	return autograd.Apply(p.Tape, polynomial{}, autograd.In{x, m.weight.Var()})
}
