package onnx

import (
	"fmt"

	"partials/autograd"
	"partials/graph"
)

// Function is an autograd.Function that can be written down in ONNX's
// operators. Its method adds the call's nodes to w, names further outputs with
// w.SetExtra, and returns the output; c has the shapes. It panics where the
// call's options have no form in ONNX.
type Function interface {
	autograd.Function
	ONNX(c *autograd.Call, w *graph.Writer) graph.Value
}

// Named is a Var under the name that it has in a graph.
type Named struct {
	Name graph.Value
	Var  *autograd.Var
}

// Trace writes down how a tape's calls make outputs of inputs. Parameters keep
// their names; other leaves become constants with the values that they have
// now.
func Trace(t *autograd.Tape, params *autograd.Params, inputs, outputs []Named) (*graph.Graph, error) {
	g := &graph.Graph{}
	for _, in := range inputs {
		g.Inputs = append(g.Inputs, graph.Port{Name: in.Name, Dims: graph.Fixed(in.Var.Shape)})
	}
	for _, out := range outputs {
		g.Outputs = append(g.Outputs, graph.Port{Name: out.Name, Dims: graph.Fixed(out.Var.Shape)})
	}
	r := newTracer(t, params, g)
	for _, in := range inputs {
		r.values[in.Var] = in.Name
	}
	if err := r.calls(); err != nil {
		return nil, err
	}
	for _, out := range outputs {
		r.w.Assign(out.Name, "Identity", nil, r.value(out.Var))
	}
	prune(g)
	return g, nil
}

// tracer turns calls into nodes.
type tracer struct {
	tape   *autograd.Tape
	names  map[*autograd.Var]string // of parameters
	w      *graph.Writer
	values map[*autograd.Var]graph.Value
}

func newTracer(t *autograd.Tape, params *autograd.Params, g *graph.Graph) *tracer {
	r := &tracer{tape: t, names: map[*autograd.Var]string{}, w: graph.NewWriter(g), values: map[*autograd.Var]graph.Value{}}
	for _, p := range params.All() {
		r.names[p.Var()] = p.Name
	}
	return r
}

// calls writes all calls of the tape.
func (r *tracer) calls() error {
	for c := range r.tape.Calls() {
		if err := r.call(c); err != nil {
			return err
		}
	}
	return nil
}

func (r *tracer) call(c *autograd.Call) (err error) {
	f, ok := c.Function().(Function)
	if !ok {
		return fmt.Errorf("%v cannot be written as ONNX: it has no method ONNX", c)
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v cannot be written as ONNX: %v", c, p)
		}
	}()
	in := make([]graph.Value, c.Inputs())
	for i := range in {
		in[i] = r.value(c.Var(i))
	}
	r.w.Begin(in)
	r.values[c.Result()] = f.ONNX(c, r.w)
	for i := range 2 {
		if v := r.w.Extra(i); v != "" {
			r.values[c.Result().Extra(i)] = v
		}
	}
	return nil
}

// value is the name of v. What no call made is a constant.
func (r *tracer) value(v *autograd.Var) graph.Value {
	if v == nil {
		return ""
	}
	if name, ok := r.values[v]; ok {
		return name
	}
	name, ok := r.names[v]
	if !ok {
		name = "constant"
	}
	values := make([]float64, v.Len())
	r.tape.Device().Read64(values, v.Tensor)
	r.values[v] = r.w.Floats(graph.Value(name), v.Shape, values)
	return r.values[v]
}

// prune drops what no output needs.
func prune(g *graph.Graph) {
	needed := map[graph.Value]bool{}
	for _, p := range g.Outputs {
		needed[p.Name] = true
	}
	kept := len(g.Nodes) // nodes from here on are needed
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		n := g.Nodes[i]
		use := false
		for _, v := range n.Out {
			use = use || needed[v]
		}
		if !use {
			continue
		}
		for _, v := range n.In {
			needed[v] = true
		}
		kept--
		g.Nodes[kept] = n
	}
	g.Nodes = g.Nodes[kept:]
	constants := g.Constants[:0]
	for _, c := range g.Constants {
		if needed[c.Name] {
			constants = append(constants, c)
		}
	}
	g.Constants = constants
}
