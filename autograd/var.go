package autograd

import "partials/tensor"

// Var is a tensor on a tape, or a parameter: a value that may carry a
// gradient. A Var of a tape is good until the tape's Reset; a parameter's Var
// is good for ever.
type Var struct {
	tensor.Tensor
	grad      tensor.Tensor
	needsGrad bool
	tape      *Tape // nil for a parameter
	gen       uint64
	call      *Call // the call that made it, nil for a leaf
}

// NewParam returns a Var that outlives tapes, whose gradients add into grad.
// Most users want Params instead.
func NewParam(value, grad tensor.Tensor) *Var {
	if value.Shape != grad.Shape {
		panic("autograd.NewParam: value " + value.Shape.String() + " and gradient " + grad.Shape.String() + " differ in shape")
	}
	return &Var{Tensor: value, grad: grad, needsGrad: true}
}

// Grad returns the gradient that Backward left, or false where it reached no
// such Var. Only leaves and parameters keep theirs after Backward.
func (v *Var) Grad() (tensor.Tensor, bool) { return v.grad, !v.grad.Absent() }

// NeedsGrad says whether Backward computes a gradient for v.
func (v *Var) NeedsGrad() bool { return v.needsGrad }

// Extra returns the further output i (0 or 1) of the Function that made v: the
// last state of a recurrent layer, for example.
func (v *Var) Extra(i int) *Var {
	if v.call == nil || v.call.extra[i].Absent() {
		panic("autograd.Var.Extra: the Function that made this Var has no such output")
	}
	return &v.call.extra[i]
}
