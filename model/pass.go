package model

import (
	"partials/autograd"
	"partials/device"
	"partials/ops"
	"partials/tensor"
)

// Pass is one run of a model: over a whole segment, or over one block of a
// stream whose past is in a State.
type Pass struct {
	*autograd.Tape
	state    *State
	training bool
}

// Whole returns a pass over a whole segment, whose context comes with it.
func Whole(t *autograd.Tape) Pass { return Pass{Tape: t} }

// Training returns a pass over a batch of segments that a model is to learn
// from: layers that follow the statistics of what they hear do so.
func Training(t *autograd.Tape) Pass { return Pass{Tape: t, training: true} }

// Block returns a pass over the next block of the stream that s remembers.
func Block(t *autograd.Tape, s *State) Pass { return Pass{Tape: t, state: s} }

// Streams says whether the pass is over a block of a stream.
func (p Pass) Streams() bool { return p.state != nil }

// Context returns x (1, C, T) with the n samples before it on its left, and
// remembers the last n for the next block under name. Over a whole segment x
// already holds them and is returned as it is.
func (p Pass) Context(name string, x *autograd.Var, n int) *autograd.Var {
	if p.state == nil || n == 0 {
		return x
	}
	past := p.Recall(name, x.With(-1, n))
	y := ops.Concat(p.Tape, -1, past, x)
	p.Keep(name, ops.Slice(p.Tape, y, -1, y.Dim(-1)-n, y.Dim(-1)))
	return y
}

// Trim drops the first n samples of x, which over a whole segment are context
// that a neighbouring path has used up. A stream has none to drop.
func (p Pass) Trim(x *autograd.Var, n int) *autograd.Var {
	if p.state != nil || n == 0 {
		return x
	}
	return ops.Slice(p.Tape, x, -1, n, x.Dim(-1))
}

// channels returns the first n channels of x (B, C, T).
func (p Pass) channels(x *autograd.Var, n int) *autograd.Var {
	if x.Dim(1) == n {
		return x
	}
	return ops.Slice(p.Tape, x, 1, 0, n)
}

// last returns the last n samples of x. In a stream x has no more than those.
func (p Pass) last(x *autograd.Var, n int) *autograd.Var { return p.Trim(x, x.Dim(-1)-n) }

// Recall returns the state called name, zeros of shape s before the first
// block. Over a whole segment it returns nil: there is no past.
func (p Pass) Recall(name string, s tensor.Shape) *autograd.Var {
	if p.state == nil {
		return nil
	}
	return p.recalled(p.state.at(name, s))
}

// RecallFrom is Recall for a state whose value before the first block is not
// zeros but start.
func (p Pass) RecallFrom(name string, start tensor.Tensor) *autograd.Var {
	if p.state == nil {
		return nil
	}
	e := p.state.at(name, start.Shape)
	e.start = start
	if !e.begun {
		p.state.dev.Copy(e.value, start)
		e.begun = true
	}
	return p.recalled(e)
}

func (p Pass) recalled(e *stateEntry) *autograd.Var {
	e.before = p.Leaf(e.value)
	return e.before
}

// Keep remembers v as the state called name for the next block. Over a whole
// segment it does nothing.
func (p Pass) Keep(name string, v *autograd.Var) {
	if p.state == nil {
		return
	}
	e := p.state.at(name, v.Shape)
	p.state.dev.Copy(e.value, v.Tensor)
	e.after = v
}

// State is the past of a stream: tensors by name, in the order in which the
// model first asked for them.
type State struct {
	dev     device.Device
	entries []stateEntry
}

type stateEntry struct {
	name  string
	value tensor.Tensor
	start tensor.Tensor // before the first block, absent for zeros
	begun bool          // value was set to it

	before, after *autograd.Var // of the last block, nil where it did not ask or keep
}

// NewState returns the state before the first sample: silence.
func NewState(dev device.Device) *State { return &State{dev: dev} }

// Each calls f for every tensor of the state, in a fixed order.
func (s *State) Each(f func(name string, value tensor.Tensor)) {
	for _, e := range s.entries {
		f(e.name, e.value)
	}
}

// first is the entry's value now, or what it will begin with.
func (e *stateEntry) first() tensor.Tensor {
	if !e.begun && !e.start.Absent() {
		return e.start
	}
	return e.value
}

// Reset forgets the past.
func (s *State) Reset() {
	for i := range s.entries {
		s.dev.Fill(s.entries[i].value, 0)
		s.entries[i].begun = false
	}
}

// at finds the entry called name, or makes it as zeros.
func (s *State) at(name string, shape tensor.Shape) *stateEntry {
	for i := range s.entries {
		if e := &s.entries[i]; e.name == name {
			if e.value.Shape != shape {
				panic("model.State: " + name + " is " + e.value.String() + ", not " + shape.String())
			}
			return e
		}
	}
	s.entries = append(s.entries, stateEntry{name: name, value: tensor.New(shape, s.dev.Alloc(shape.Len()))})
	return &s.entries[len(s.entries)-1]
}
