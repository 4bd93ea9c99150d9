package loss

import (
	"partials/autograd"
	"partials/ops"
	"partials/spectral"
	"partials/tensor"
)

// Reduction says how the losses of many rows, or samples, become one: mean or
// sum.
type Reduction = spectral.Reduction

// A row is one channel of one item: T samples.

// reduce is the mean or the sum of all numbers of x, of shape ().
func reduce(t *autograd.Tape, x *autograd.Var, r Reduction) *autograd.Var {
	return ops.Scale(t, ops.Sum(t, x), r.Over(x.Len()))
}

// energies is the sum of squares of each row of x (B, C, T), (B, C).
func energies(t *autograd.Tape, x *autograd.Var) *autograd.Var { return ops.Dot(t, x, x, 2) }

// powers is the mean square of each row of a target, at least that of the RMS
// level floor, so that silence does not explode what is divided by it.
func powers(t *autograd.Tape, target *autograd.Var, floor float64) *autograd.Var {
	p := ops.Scale(t, energies(t, target), 1/float64(target.Dim(2)))
	return ops.ClampMin(t, p, floor*floor)
}

// centred is x without the mean of each row.
func centred(t *autograd.Tape, x *autograd.Var) *autograd.Var {
	return ops.AddBias(t, x, ops.Neg(t, ops.MeanAxis(t, x, 2)), 0)
}

// folded views a (B, C, T) signal as (B*C, 1, T).
func folded(t *autograd.Tape, x *autograd.Var) *autograd.Var {
	return ops.Reshape(t, x, tensor.Of(x.Dim(0)*x.Dim(1), 1, x.Dim(2)))
}
