package model

import (
	"partials/autograd"
	"partials/ops"
)

// Scaled returns a model whose output is that of m times a factor: one that was
// trained on targets at another level plays at theirs.
func Scaled(m Model, by float64) Model {
	if by == 1 {
		return m
	}
	return scaled{m, by}
}

type scaled struct {
	Model
	by float64
}

func (s scaled) Forward(p Pass, x *autograd.Var) *autograd.Var {
	return ops.Scale(p.Tape, s.Model.Forward(p, x), s.by)
}
