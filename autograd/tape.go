// Package autograd records differentiable calls on a tape and plays them
// backwards.
//
// Run the model, the tape remembers. Every operation is a Function with a
// Forward and a Backward; Apply runs one and records it. A Var is a value on
// the tape, a tensor.Tensor plain memory: recording inside a Forward cannot
// compile. Whatever a step allocates comes from the tape's arena and dies at
// Reset, and the boxes of the calls are used again by the next step, so that a
// steady step of repeated shapes allocates nothing.
//
// A step: Reset the tape, Put the data on it, compute with the functions of
// packages ops and spectral or with a Function of your own, and call Backward on
// the loss, a single number. Gradients add up in the Params and in every leaf
// that was given to Watch; Params.ZeroGrad begins the next step.
//
// A mistake of the program inside a step, as shapes that do not fit, panics
// with a *Fault that names the Function, the shapes and the line; Catch turns
// it into an error.
package autograd

import (
	"fmt"

	"partials/device"
	"partials/tensor"
)

// Tape records one step. It is used by one goroutine.
type Tape struct {
	dev    device.Device
	arena  tensor.Arena
	gen    uint64
	calls  []*Call
	n      int // calls of this step
	leaves []*Var
	nl     int
	frozen bool
	detect bool
	number [1]float64 // what Scalar reads into
}

// NewTape returns a tape on dev, whose arena holds at most cap bytes; 0 sets
// no limit.
func NewTape(dev device.Device, cap int64) *Tape {
	return NewTapeOn(dev, dev.NewArena(cap))
}

// NewTapeOn returns a tape on dev with an arena of the caller's choice.
func NewTapeOn(dev device.Device, arena tensor.Arena) *Tape {
	return &Tape{dev: dev, arena: arena, gen: 1}
}

// Device returns the device that the tape computes on.
func (t *Tape) Device() device.Device { return t.dev }

// Usage reports the memory of the tape's arena.
func (t *Tape) Usage() tensor.Usage { return t.arena.Usage() }

// Reset forgets the step and takes its memory back. Every Var of the tape
// becomes stale: Apply refuses it. Boxes are used again, so a Var that was kept
// is the new step's Var from when the same call of that step has run.
func (t *Tape) Reset() {
	t.n, t.nl = 0, 0
	t.gen++
	t.arena.Reset()
}

// NoGrad runs f; what f computes is not part of the graph and gets no
// gradient.
func (t *Tape) NoGrad(f func()) {
	before := t.frozen
	t.frozen = true
	defer func() { t.frozen = before }()
	f()
}

// DetectAnomaly makes the tape look at every number that a Function computes,
// forward and backward, from here on or no more: the first Function that makes
// a NaN or an infinity panics with a *Fault whose cause is an *Anomaly. It is
// slow: everything is read back from the device.
func (t *Tape) DetectAnomaly(on bool) { t.detect = on }

// Detach returns v's value as a leaf without gradient: what follows is
// computed with it, and Backward stops there.
func (t *Tape) Detach(v *Var) *Var { return t.Leaf(v.Tensor) }

// Leaf puts memory of the device on the tape as a Var without gradient. The
// memory must stay good until Reset.
func (t *Tape) Leaf(x tensor.Tensor) *Var {
	if t.nl == len(t.leaves) {
		t.leaves = append(t.leaves, new(Var))
	}
	v := t.leaves[t.nl]
	t.nl++
	*v = Var{Tensor: x, tape: t, gen: t.gen}
	return v
}

// Put copies data to the device as a leaf of shape s without gradient.
func (t *Tape) Put(s tensor.Shape, data []float32) *Var {
	t.checkPut(s, len(data))
	x := t.alloc(s)
	t.dev.Write(x, data)
	return t.Leaf(x)
}

// Put64 is Put in double precision.
func (t *Tape) Put64(s tensor.Shape, data []float64) *Var {
	t.checkPut(s, len(data))
	x := t.alloc(s)
	t.dev.Write64(x, data)
	return t.Leaf(x)
}

func (t *Tape) checkPut(s tensor.Shape, n int) {
	if n != s.Len() {
		panic(&Fault{Op: "autograd.Put", In: []tensor.Shape{s}, Cause: fmt.Sprintf("%d numbers given", n)})
	}
}

// Watch makes the leaf v want a gradient, which v.Grad returns after Backward,
// and returns v. It is how a gradient with respect to an input is had.
func (t *Tape) Watch(v *Var) *Var {
	if v.call != nil {
		panic(&Fault{Op: "autograd.Watch", In: []tensor.Shape{v.Shape}, Cause: "only a leaf can be watched"})
	}
	v.needsGrad = true
	return v
}

// Scalar returns the one number of v.
func (t *Tape) Scalar(v *Var) float64 {
	if v.Len() != 1 {
		panic(&Fault{Op: "autograd.Scalar", In: []tensor.Shape{v.Shape}, Cause: "not a single number"})
	}
	t.dev.Read64(t.number[:], v.Tensor)
	return t.number[0]
}

// foreign says that v is neither a parameter nor of this tape's present step.
func (t *Tape) foreign(v *Var) bool {
	return v.tape != nil && (v.tape != t || v.gen != t.gen)
}

// next returns the box of the next call, that of the same call of the last
// step where there was one.
func (t *Tape) next() *Call {
	if t.n == len(t.calls) {
		t.calls = append(t.calls, &Call{tape: t, index: t.n})
	}
	t.n++
	return t.calls[t.n-1]
}

func (t *Tape) alloc(s tensor.Shape) tensor.Tensor {
	return tensor.New(s, t.arena.Alloc(s.Len()))
}

func (t *Tape) zeros(s tensor.Shape) tensor.Tensor {
	x := t.alloc(s)
	t.dev.Fill(x, 0)
	return x
}
