package autograd

import (
	"fmt"

	"partials/tensor"
)

// NoGradientError is what Backward returns where it reaches a Function that
// embeds NoGradient.
type NoGradientError struct {
	Op    string // the Function
	Place string // file:line that applied it
}

// Error names the Function, its place and the ways out.
func (e *NoGradientError) Error() string {
	return fmt.Sprintf("%s, applied at %s, has no gradient, but the loss depends on parameters through it; "+
		"detach its input (Tape.Detach), run it in Tape.NoGrad, or give it a Backward", e.Op, e.Place)
}

// Backward fills the gradients of every parameter and watched leaf that loss,
// a single number, depends on: it adds d loss / d p into them. It returns a
// *NoGradientError, before any gradient is touched, where the way back passes
// a Function without one.
func (t *Tape) Backward(loss *Var) error {
	if loss.Len() != 1 {
		return fmt.Errorf("autograd.Backward: the loss has shape %v, not a single number; use BackwardFrom with a gradient for each", loss.Shape)
	}
	seed := t.alloc(loss.Shape)
	t.dev.Fill(seed, 1)
	defer t.arena.Release(seed.Buf)
	return t.BackwardFrom(loss, seed)
}

// BackwardFrom is Backward of the inner product of v and dy, for a v of any
// shape.
func (t *Tape) BackwardFrom(v *Var, dy tensor.Tensor) error {
	return t.play(v, dy, 0)
}

// Gradient returns d loss / d at, where at is a Var between the inputs and the
// loss, and touches no gradient of what stands before at, nor at's own. Loss
// balancers use it: what lies between at and the loss must hold no parameters
// of its own whose gradients matter. Where the loss does not depend on at the
// gradient is zeros. The memory lives until Reset.
func (t *Tape) Gradient(loss, at *Var) (tensor.Tensor, error) {
	if loss.Len() != 1 {
		return tensor.Tensor{}, fmt.Errorf("autograd.Gradient: the loss has shape %v, not a single number", loss.Shape)
	}
	if t.foreign(at) {
		return tensor.Tensor{}, fmt.Errorf("autograd.Gradient: the Var belongs to another tape or to a step before the last Reset")
	}
	if !at.needsGrad {
		return tensor.Tensor{}, fmt.Errorf("autograd.Gradient: no gradient reaches a Var of shape %v that depends on no parameter; Watch it, or an input before it", at.Shape)
	}
	stop := 0
	if at.call != nil {
		stop = at.call.index + 1
	}
	own := at.grad // a parameter's, which must stay as it is
	at.grad = tensor.Tensor{}
	seed := t.alloc(loss.Shape)
	t.dev.Fill(seed, 1)
	err := t.play(loss, seed, stop)
	t.arena.Release(seed.Buf)
	g := at.grad
	at.grad = own
	if err != nil {
		return tensor.Tensor{}, err
	}
	if g.Absent() {
		g = t.zeros(at.Shape)
	}
	// Other Vars from before at may have been reached past it.
	for _, c := range t.calls[:stop] {
		c.drop()
	}
	return g, nil
}

// play runs the calls from v's back to stop backwards, with the seed dy for v.
func (t *Tape) play(v *Var, dy tensor.Tensor, stop int) error {
	if dy.Shape != v.Shape {
		return fmt.Errorf("autograd.Backward: a gradient of shape %v was given for a Var of shape %v", dy.Shape, v.Shape)
	}
	if t.foreign(v) {
		return fmt.Errorf("autograd.Backward: the Var belongs to another tape or to a step before the last Reset")
	}
	if !v.needsGrad {
		return fmt.Errorf("autograd.Backward: nothing to do: the loss depends on no parameter (is everything inside NoGrad, or detached?)")
	}
	if v.call == nil {
		t.dev.AddScaled(t.gradOf(v), 1, dy)
		return nil
	}
	last := v.call.index
	if err := t.allHaveGradients(last, stop); err != nil {
		return err
	}
	t.dev.AddScaled(t.gradOf(v), 1, dy)
	for i := last; i >= stop; i-- {
		c := t.calls[i]
		if !c.reached() {
			continue
		}
		c.backward()
		if t.detect {
			c.checkGradients()
		}
		c.drop()
	}
	return nil
}

// allHaveGradients walks from call last back to stop along the Vars that need
// a gradient and reports the first Function without one that is on the way.
func (t *Tape) allHaveGradients(last, stop int) error {
	t.calls[last].wanted = true
	var err error
	for i := last; i >= stop; i-- {
		c := t.calls[i]
		if !c.wanted {
			continue
		}
		c.wanted = false
		if _, none := c.fn.(gradientless); none && err == nil {
			err = &NoGradientError{Op: name(c.fn), Place: place(c.pcs[:c.npc])}
		}
		for _, v := range c.in {
			if v != nil && v.needsGrad && v.call != nil {
				v.call.wanted = true
			}
		}
	}
	for _, c := range t.calls[:stop] {
		c.wanted = false
	}
	return err
}

// reached says whether a gradient has come to an output of c.
func (c *Call) reached() bool {
	return !c.out.grad.Absent() || !c.extra[0].grad.Absent() || !c.extra[1].grad.Absent()
}

func (c *Call) backward() {
	defer c.explain()
	// Only a further output was used: the main one gets a gradient of zeros.
	dy := c.tape.gradOf(&c.out)
	c.fn.Backward(c, dy)
}

// gradOf returns v's gradient, zeros where there was none yet.
func (t *Tape) gradOf(v *Var) tensor.Tensor {
	if v.grad.Absent() {
		v.grad = t.zeros(v.Shape)
	}
	return v.grad
}

// drop gives the memory of the outputs' gradients back.
func (c *Call) drop() {
	for _, v := range [...]*Var{&c.out, &c.extra[0], &c.extra[1]} {
		if !v.grad.Absent() {
			c.tape.arena.Release(v.grad.Buf)
			v.grad = tensor.Tensor{}
		}
	}
}
