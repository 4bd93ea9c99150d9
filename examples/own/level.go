package main

import (
	"errors"
	"fmt"

	"partials/autograd"
	"partials/loss"
	"partials/ops"
)

// Level is a loss of one's own: the squared difference of the levels of
// prediction and target, as natural logarithms of their mean powers.
type Level struct {
	loss.Term         // weight and name, which every loss has
	Floor     float64 `yaml:"floor" doc:"RMS level that is added to both signals; full scale is 1"`
}

// Validate reports values that no loss can have.
func (l Level) Validate() error {
	var err error
	if !(l.Floor > 0) {
		err = fmt.Errorf("floor is %v; it must be above 0", l.Floor)
	}
	return errors.Join(l.Term.Validate(), err)
}

// Build implements loss.Config.
func (l Level) Build(loss.Env) (loss.Loss, error) { return l, nil }

// Apply implements loss.Loss.
func (l Level) Apply(t *autograd.Tape, pred, target *autograd.Var) *autograd.Var {
	return ops.Sum(t, ops.Square(t, ops.Sub(t, l.of(t, pred), l.of(t, target))))
}

func (l Level) of(t *autograd.Tape, x *autograd.Var) *autograd.Var {
	return ops.Log(t, ops.Shift(t, ops.Mean(t, ops.Square(t, x)), l.Floor*l.Floor))
}
