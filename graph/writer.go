package graph

import (
	"fmt"
	"slices"

	"partials/tensor"
)

// Writer adds one call's nodes to a graph. Its names depend on the order of the
// calls only, so that two traces of one model use the same ones.
type Writer struct {
	g     *Graph
	names map[Value]bool
	in    []Value
	extra [2]Value
}

// NewWriter returns a writer that adds to g.
func NewWriter(g *Graph) *Writer {
	w := &Writer{g: g, names: map[Value]bool{}}
	for _, p := range slices.Concat(g.Inputs, g.Outputs) {
		w.names[p.Name] = true
	}
	for _, c := range g.Constants {
		w.names[c.Name] = true
	}
	for _, n := range g.Nodes {
		for _, v := range n.Out {
			w.names[v] = true
		}
	}
	return w
}

// Begin turns to the next call, whose inputs have these values.
func (w *Writer) Begin(in []Value) { w.in, w.extra = in, [2]Value{} }

// In is input i of the call, empty where it was not given.
func (w *Writer) In(i int) Value {
	if i < len(w.in) {
		return w.in[i]
	}
	return ""
}

// Inputs is all inputs of the call.
func (w *Writer) Inputs() []Value { return w.in }

// SetExtra names the further output i of the call, 0 or 1, as autograd's
// Call.SetExtra does.
func (w *Writer) SetExtra(i int, v Value) { w.extra[i] = v }

// Extra is what SetExtra named.
func (w *Writer) Extra(i int) Value { return w.extra[i] }

// Node adds an operator with one output, and returns that.
func (w *Writer) Node(op string, attrs Attrs, in ...Value) Value {
	return w.Nodes(op, 1, attrs, in...)[0]
}

// Nodes adds an operator with n outputs, and returns them. Empty inputs at the
// end are left out.
func (w *Writer) Nodes(op string, n int, attrs Attrs, in ...Value) []Value {
	for len(in) > 0 && in[len(in)-1] == "" {
		in = in[:len(in)-1]
	}
	out := make([]Value, n)
	for i := range out {
		out[i] = w.Unused(Value(op))
	}
	w.g.Nodes = append(w.g.Nodes, Node{op, attrs, slices.Clone(in), out})
	return out
}

// Assign adds an operator whose output is called name, which is an output of
// the graph or was a constant of it.
func (w *Writer) Assign(name Value, op string, attrs Attrs, in ...Value) {
	w.g.Nodes = append(w.g.Nodes, Node{op, attrs, slices.Clone(in), []Value{name}})
}

// Number adds a constant of one number and no axis.
func (w *Writer) Number(v float64) Value { return w.Floats("number", tensor.Of(), []float64{v}) }

// Floats adds a constant, len(values) == s.Len(), under a name that begins with
// the given one.
func (w *Writer) Floats(name Value, s tensor.Shape, values []float64) Value {
	if len(values) != s.Len() {
		panic(fmt.Sprintf("graph.Writer: %d values for a constant %v", len(values), s))
	}
	c := Constant{Name: w.Unused(name), Floats: make([]float32, len(values)), Dims: make([]int, s.Rank())}
	for i := range c.Dims {
		c.Dims[i] = s.Dim(i)
	}
	for i, v := range values {
		c.Floats[i] = float32(v)
	}
	w.g.Constants = append(w.g.Constants, c)
	return c.Name
}

// Ints adds a list of whole numbers: a shape, axes, where a slice begins. Where
// they grow with the length of the signal, the file computes them from it; so
// what depends on a length must be given here and never as an attribute.
func (w *Writer) Ints(values ...int) Value {
	c := Constant{Name: w.Unused("ints"), Dims: []int{len(values)}, Ints: make([]int64, len(values))}
	for i, v := range values {
		c.Ints[i] = int64(v)
	}
	w.g.Constants = append(w.g.Constants, c)
	return c.Name
}

// Unused returns a name that is not taken yet, and takes it: the given one, or
// that with a number behind it.
func (w *Writer) Unused(name Value) Value {
	n := name
	for i := 2; w.names[n]; i++ {
		n = Value(fmt.Sprintf("%s_%d", name, i))
	}
	w.names[n] = true
	return n
}
