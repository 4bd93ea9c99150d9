package onnx

import (
	"fmt"
	"maps"
	"math"

	"partials/graph"
)

// Array is a tensor of a running graph, row-major.
type Array struct {
	Dims   []int
	Values []float64
	Whole  bool // int64 numbers: shapes and places
}

// operator is one of ONNX's: how many inputs it takes, the options that are
// used here, and what it computes.
type operator struct {
	least, most int // inputs; most -1 is any number
	outputs     int // 0 is 1
	attrs       []string
	run         func(n options, in []Array) []Array
}

// options are a node's attributes.
type options struct{ graph.Node }

func (o options) number(name string, otherwise int) int {
	if v, ok := o.Attrs[name].(int); ok {
		return v
	}
	return otherwise
}

func (o options) float(name string, otherwise float64) float64 {
	if v, ok := o.Attrs[name].(float64); ok {
		return v
	}
	return otherwise
}

func (o options) list(name string, otherwise []int) []int {
	if v, ok := o.Attrs[name].([]int); ok {
		return v
	}
	return otherwise
}

func (o options) text(name, otherwise string) string {
	if v, ok := o.Attrs[name].(string); ok {
		return v
	}
	return otherwise
}

// operators are all that graphs are made of here.
var operators = func() map[string]operator {
	all := map[string]operator{}
	for _, table := range []map[string]operator{pointwise, shapes, products, cells} {
		maps.Copy(all, table)
	}
	return all
}()

// Run computes the outputs in double precision with plain loops: slow, and
// there to check a file by. The model must have passed Check.
func (m *Model) Run(inputs map[string]Array) (outputs map[string]Array, err error) {
	values := map[graph.Value]Array{}
	for _, c := range m.Graph.Constants {
		a := Array{Dims: c.Dims, Whole: c.Ints != nil}
		for _, v := range c.Floats {
			a.Values = append(a.Values, float64(v))
		}
		for _, v := range c.Ints {
			a.Values = append(a.Values, float64(v))
		}
		values[c.Name] = a
	}
	for _, p := range m.Graph.Inputs {
		a, ok := inputs[string(p.Name)]
		if !ok {
			return nil, fmt.Errorf("onnx: there is no input %q", p.Name)
		}
		values[p.Name] = a
	}
	for _, n := range m.Graph.Nodes {
		in := make([]Array, len(n.In))
		for i, v := range n.In {
			in[i] = values[v]
		}
		out, err := runNode(n, in)
		if err != nil {
			return nil, err
		}
		for i, v := range n.Out {
			values[v] = out[i]
		}
	}
	outputs = map[string]Array{}
	for _, p := range m.Graph.Outputs {
		outputs[string(p.Name)] = values[p.Name]
	}
	return outputs, nil
}

// runNode turns what an operator panics with, at shapes that do not fit, into
// an error.
func runNode(n graph.Node, in []Array) (out []Array, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("onnx: %s, which makes %q, cannot run: %v", n.Op, n.Out[0], r)
		}
	}()
	return operators[n.Op].run(options{n}, in), nil
}

// absent says that an input was not given.
func (a Array) absent() bool { return a.Dims == nil && a.Values == nil }

func (a Array) whole() []int {
	n := make([]int, len(a.Values))
	for i, v := range a.Values {
		n[i] = int(math.Max(math.Min(v, math.MaxInt32), math.MinInt32))
	}
	return n
}

// length is the product of dims.
func length(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

func zeros(dims ...int) Array { return Array{Dims: dims, Values: make([]float64, length(dims))} }

// axisOf is axis i, counted from the last where it is negative.
func (a Array) axisOf(i int) int {
	if i < 0 {
		i += len(a.Dims)
	}
	return i
}

// around is the extents before, at and behind an axis.
func (a Array) around(axis int) (outer, n, inner int) {
	return length(a.Dims[:axis]), a.Dims[axis], length(a.Dims[axis+1:])
}
