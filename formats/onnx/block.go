package onnx

import (
	"slices"

	"partials/autograd"
	"partials/graph"
	"partials/model"
	"partials/tensor"
)

// blockOptions say how a block goes in and out.
type blockOptions struct {
	in, out graph.Value
	state   bool // the states are inputs and outputs; else they are constants
}

// anyLength traces blocks of a few lengths and makes one graph of them.
func (s Source) anyLength(o blockOptions, count func(*graph.Writer) graph.Value) (*graph.Graph, error) {
	lengths := []int{3, 4, 6} // blocks: short, but past all special cases of one
	traces := make([]*graph.Graph, len(lengths))
	for i, n := range lengths {
		var err error
		if traces[i], err = s.block(n, o); err != nil {
			return nil, err
		}
	}
	return stretch(lengths, traces, count)
}

// block writes down how the model takes the next samples of a stream, so many
// times Facts.Block. The ports' lengths are left to the caller.
func (s Source) block(blocks int, o blockOptions) (*graph.Graph, error) {
	n := blocks * s.Model.Facts().Block
	var t model.Trace
	if err := autograd.Catch(func() { t = model.NewStream(s.Model, s.Device).Trace(n, s.knobs()) }); err != nil {
		return nil, err
	}
	var states []model.TracedState
	for _, st := range t.State {
		if o.state && st.Before != nil && st.After != nil {
			states = append(states, st)
		}
	}
	g := &graph.Graph{Inputs: []graph.Port{{Name: o.in}}, Outputs: []graph.Port{{Name: o.out}}}
	if s.turns() {
		g.Inputs = append(g.Inputs, graph.Port{Name: controls, Dims: graph.Fixed(tensor.Of(1, len(s.knobs()))), Doc: "where the knobs stand, from 0 to 1"})
	}
	for _, st := range states {
		dims, name := graph.Fixed(st.Before.Shape), graph.Value(st.Name)
		g.Inputs = append(g.Inputs, graph.Port{Name: name, Dims: dims, Doc: "state: zeros before the first block"})
		g.Outputs = append(g.Outputs, graph.Port{Name: name + next, Dims: dims, Doc: "state for the next block"})
	}
	r := newTracer(t.Tape, s.Params, g)
	r.values[t.Input] = s.withKnobs(r.w, o.in, n)
	start := r.states(t.State, states)
	if err := r.calls(); err != nil {
		return nil, err
	}
	r.w.Assign(o.out, "Identity", nil, r.value(t.Output))
	for _, st := range states {
		if at := start[st.Name]; at != "" {
			r.w.Assign(graph.Value(st.Name)+next, "Sub", nil, r.value(st.After), at)
		} else {
			r.w.Assign(graph.Value(st.Name)+next, "Identity", nil, r.value(st.After))
		}
	}
	prune(g)
	return g, nil
}

// withKnobs is n samples of sound with the knobs' channels behind it, which
// stand still.
func (s Source) withKnobs(w *graph.Writer, sound graph.Value, n int) graph.Value {
	count := len(s.knobs())
	if count == 0 {
		return sound
	}
	at := controls
	if !s.turns() {
		at = w.Floats(controls, tensor.Of(1, count), widened(s.Settings))
	}
	still := w.Node("Expand", nil, w.Node("Unsqueeze", nil, at, w.Ints(2)), w.Ints(1, count, n))
	return w.Node("Concat", graph.Attrs{"axis": 1}, sound, still)
}

// states gives what the block finds in every state: a constant, the value
// before the first sample of a signal, or for those that are ports their
// difference from it, so that every stream begins with zeros. It returns the
// constants of those that do not begin as zeros anyway.
func (r *tracer) states(all, ports []model.TracedState) (start map[string]graph.Value) {
	start = map[string]graph.Value{}
	for _, st := range all {
		if st.Before == nil {
			continue
		}
		name := graph.Value(st.Name)
		port := slices.ContainsFunc(ports, func(p model.TracedState) bool { return p.Name == st.Name })
		if port && !slices.ContainsFunc(st.Start, func(v float64) bool { return v != 0 }) {
			r.values[st.Before] = name
			continue
		}
		at := r.w.Floats(name+".start", st.Before.Shape, st.Start)
		r.values[st.Before] = at
		if port {
			start[st.Name] = at
			r.values[st.Before] = r.w.Node("Add", nil, name, at)
		}
	}
	return start
}

// turns says whether the file has knobs that can be turned.
func (s Source) turns() bool { return s.Model.Facts().Controls > 0 && s.Settings == nil }

// knobs are the settings, or the middle: states begin where they have settled
// there.
func (s Source) knobs() []float32 {
	if s.Settings != nil {
		return s.Settings
	}
	k := make([]float32, s.Model.Facts().Controls)
	for i := range k {
		k[i] = 0.5
	}
	return k
}

func widened(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}
