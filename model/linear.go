package model

import (
	"partials/autograd"
	"partials/ops"
	"partials/tensor"
)

// Linear is y = x w^T + b over the last axis, PyTorch's Linear.
type Linear struct{ weight, bias *autograd.Param }

// Linear declares a linear layer with PyTorch's initial values.
func (b *Builder) Linear(name string, in, out int) *Linear {
	at := b.Within(name)
	return &Linear{
		weight: at.Uniform("weight", tensor.Of(out, in), fanIn(in)),
		bias:   at.Uniform("bias", tensor.Of(out), fanIn(in)),
	}
}

// MACs is the number of multiply-adds per row.
func (l *Linear) MACs() float64 { return float64(l.weight.Shape.Len()) }

// Forward maps x (..., in) to (..., out).
func (l *Linear) Forward(p Pass, x *autograd.Var) *autograd.Var {
	return ops.Linear(p.Tape, x, l.weight.Var(), l.bias.Var())
}
