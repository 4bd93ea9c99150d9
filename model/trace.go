package model

import "partials/autograd"

// Trace is one block of a stream as the tape recorded it, for those who write a
// model down for another program. Its Vars are good until the stream goes on.
type Trace struct {
	Tape          *autograd.Tape
	Input, Output *autograd.Var // (1, Channels, n), (1, Outputs, n)
	State         []TracedState
}

// TracedState is a part of the state in a Trace.
type TracedState struct {
	Name          string
	Start         []float64     // before the first sample of a signal
	Before, After *autograd.Var // the block, of equal shape; nil where the model does not ask or keep
}

// Trace runs n samples of silence, a multiple of Facts.Block, as the first
// block of a signal, with the knobs where they are said to stand.
func (s *Stream) Trace(n int, knobs []float32) Trace {
	silence := func(flat []float32) { s.silence(flat, knobs) }
	s.forward(n, silence) // now every state is known
	s.Reset()
	s.warmUp(knobs)
	start := make([][]float64, len(s.state.entries))
	for i := range start {
		v := s.state.entries[i].first()
		start[i] = make([]float64, v.Len())
		s.dev.Read64(start[i], v)
	}
	t := Trace{Tape: s.tape}
	t.Input, t.Output = s.forward(n, silence)
	for i, e := range s.state.entries {
		t.State = append(t.State, TracedState{Name: e.name, Start: start[i], Before: e.before, After: e.after})
	}
	return t
}
