package autograd

import (
	"runtime"

	"partials/device"
	"partials/tensor"
)

// Function is one differentiable operation and its gradient. Its methods have
// pointer receivers: what Forward saves in the Function's fields, Backward
// finds there. Fields that Forward sets hold tensors of c.New or scalars;
// slices that the caller passes in are shared and read-only.
//
// A user's own Function has the same rights as the built-in ones, which are
// declared in the same way.
type Function interface {
	// Forward computes and returns the output of the call.
	Forward(c *Call) tensor.Tensor
	// Backward adds the gradient of each input into c.Grad(i), given dy, the
	// gradient of the output.
	Backward(c *Call, dy tensor.Tensor)
}

// NoGradient is embedded by a Function that has no gradient: an argmax, a
// quantiser, a foreign routine. A Backward that reaches it is an error that
// names the Function and where it was applied, never a silent zero.
type NoGradient struct{}

// Backward is never called: Tape.Backward stops with an error first.
func (NoGradient) Backward(*Call, tensor.Tensor) { panic("this Function has no gradient") }

func (NoGradient) noGradient() {}

type gradientless interface{ noGradient() }

// In lists the inputs of a call; unused ones are nil. It is an array because a
// variadic argument of a generic function would be allocated at each call.
type In [8]*Var

// Apply runs fn on the inputs and records it on the tape. F is fn's pointer
// type, which Go infers:
//
//	y := autograd.Apply(t, MyFunction{Order: 3}, autograd.In{x, w})
//
// A mistake in fn or its shapes panics with a *Fault.
func Apply[T any, F interface {
	*T
	Function
}](t *Tape, fn T, in In) *Var {
	n := len(in)
	for n > 0 && in[n-1] == nil {
		n--
	}
	return apply[T, F](t, fn, in[:n])
}

// ApplyN is Apply for any number of inputs, none of them nil.
func ApplyN[T any, F interface {
	*T
	Function
}](t *Tape, fn T, in []*Var) *Var {
	return apply[T, F](t, fn, in)
}

func apply[T any, F interface {
	*T
	Function
}](t *Tape, fn T, in []*Var) *Var {
	c := t.next()
	f, ok := c.fn.(F) // the box of the same call of the last step fits again
	if !ok {
		f = new(T)
		c.fn = f
	}
	*f = fn
	return c.run(in)
}

// Call is one application of a Function: its inputs, outputs and gradients.
type Call struct {
	tape   *Tape
	index  int // place on the tape
	fn     Function
	in     []*Var
	out    Var
	extra  [2]Var // further outputs, absent until Forward sets them
	wanted bool   // on the way back from the loss, while that way is checked
	pcs    [16]uintptr
	npc    int // of pcs: who applied it, kept where an error on the way back may need it
}

// Device returns the device whose kernels compute the call.
func (c *Call) Device() device.Device { return c.tape.dev }

// In returns input i.
func (c *Call) In(i int) tensor.Tensor { return c.in[i].Tensor }

// Has says whether input i was given; optional inputs, as a bias, may be nil.
func (c *Call) Has(i int) bool { return i < len(c.in) && c.in[i] != nil }

// Inputs returns the number of inputs, up to the last that was given.
func (c *Call) Inputs() int { return len(c.in) }

// Out returns the output.
func (c *Call) Out() tensor.Tensor { return c.out.Tensor }

// New returns uninitialised memory that lives until the tape's Reset.
func (c *Call) New(s tensor.Shape) tensor.Tensor { return c.tape.alloc(s) }

// Release gives memory of New back before Reset: scratch.
func (c *Call) Release(x tensor.Tensor) { c.tape.arena.Release(x.Buf) }

// SetExtra makes x the further output i, 0 or 1, with a gradient of its own:
// the last state of a recurrent layer, the head of a WaveNet. Forward calls it.
func (c *Call) SetExtra(i int, x tensor.Tensor) {
	c.extra[i] = Var{Tensor: x, tape: c.tape, gen: c.tape.gen, call: c}
}

// Extra returns the further output i that Forward set.
func (c *Call) Extra(i int) tensor.Tensor { return c.extra[i].Tensor }

// ExtraGrad returns the gradient of the further output i, or false where
// nothing used it.
func (c *Call) ExtraGrad(i int) (tensor.Tensor, bool) {
	g := c.extra[i].grad
	return g, !g.Absent()
}

// Needs says whether the gradient of input i is wanted.
func (c *Call) Needs(i int) bool { return c.Has(i) && c.in[i].needsGrad }

// Grad returns the memory that Backward adds input i's gradient into, or false
// where nobody needs it. Whoever asks first gets zeros.
func (c *Call) Grad(i int) (tensor.Tensor, bool) {
	if !c.Needs(i) {
		return tensor.Tensor{}, false
	}
	v := c.in[i]
	if v.grad.Absent() {
		v.grad = c.tape.zeros(v.Shape)
	}
	return v.grad, true
}

// Read copies x to dst in the process's memory, so that a user's Function can
// compute in plain Go on any device. len(dst) == x.Len().
func (c *Call) Read(dst []float64, x tensor.Tensor) { c.tape.dev.Read64(dst, x) }

// Write copies src to x.
func (c *Call) Write(x tensor.Tensor, src []float64) { c.tape.dev.Write64(x, src) }

// Read32 is Read in single precision.
func (c *Call) Read32(dst []float32, x tensor.Tensor) { c.tape.dev.Read(dst, x) }

// Write32 is Write in single precision.
func (c *Call) Write32(x tensor.Tensor, src []float32) { c.tape.dev.Write(x, src) }

// run computes the call's output and records what Backward will need.
func (c *Call) run(in []*Var) *Var {
	t := c.tape
	c.in = append(c.in[:0], in...)
	need := false
	for _, v := range in {
		if v == nil {
			continue
		}
		if t.foreign(v) {
			c.fail("an input belongs to another tape or to a step before the last Reset")
		}
		need = need || v.needsGrad
	}
	need = need && !t.frozen
	// Only now: a stale input may be this very box's output of the last step.
	c.out = Var{}
	c.extra = [2]Var{}
	c.npc = 0
	if _, none := c.fn.(gradientless); (none || t.detect) && need {
		c.npc = runtime.Callers(1, c.pcs[:])
	}
	c.out = Var{Tensor: c.forward(), needsGrad: need, tape: t, gen: t.gen, call: c}
	for i := range c.extra {
		c.extra[i].needsGrad = need && !c.extra[i].Absent()
	}
	if t.detect {
		c.checkOutputs()
	}
	return &c.out
}

func (c *Call) forward() tensor.Tensor {
	defer c.explain()
	return c.fn.Forward(c)
}

// explain turns a panic of the Function into a Fault that names it.
func (c *Call) explain() {
	if r := recover(); r != nil {
		if f, ok := r.(*Fault); ok {
			panic(f)
		}
		c.fail(r)
	}
}

func (c *Call) fail(cause any) {
	f := c.fault(cause)
	var pcs [128]uintptr
	f.Place = place(pcs[:runtime.Callers(1, pcs[:])])
	panic(f)
}

// fault names the call.
func (c *Call) fault(cause any) *Fault {
	f := &Fault{Op: name(c.fn), Cause: cause}
	for _, v := range c.in {
		if v != nil {
			f.In = append(f.In, v.Shape)
		}
	}
	return f
}
