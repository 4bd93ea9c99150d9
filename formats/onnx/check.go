package onnx

import (
	"fmt"
	"slices"

	"partials/graph"
)

// Check reports a graph that cannot run: an operator or an option that is not
// known, a value that nothing computes before it is used, two of one name.
func (m *Model) Check() error {
	g := m.Graph
	if m.Opset != graph.Opset {
		return fmt.Errorf("the operators are of version %d; %d is known", m.Opset, graph.Opset)
	}
	known := map[graph.Value]bool{}
	define := func(v graph.Value) error {
		if v == "" || known[v] {
			return fmt.Errorf("two values are called %q", v)
		}
		known[v] = true
		return nil
	}
	for _, c := range g.Constants {
		n, ok := count(c.Dims, max(len(c.Floats), len(c.Ints)))
		if !ok || n != max(len(c.Floats), len(c.Ints)) {
			return fmt.Errorf("constant %q has shape %v but %d values", c.Name, c.Dims, max(len(c.Floats), len(c.Ints)))
		}
		if err := define(c.Name); err != nil {
			return err
		}
	}
	for _, p := range g.Inputs {
		if err := define(p.Name); err != nil {
			return err
		}
	}
	for _, n := range g.Nodes {
		op, ok := operators[n.Op]
		if !ok {
			return fmt.Errorf("there is no operator %q", n.Op)
		}
		if err := op.fits(n); err != nil {
			return fmt.Errorf("operator %s: %w", n.Op, err)
		}
		for _, v := range n.In {
			if v != "" && !known[v] {
				return fmt.Errorf("operator %s uses %q, which nothing before it computes", n.Op, v)
			}
		}
		for _, v := range n.Out {
			if err := define(v); err != nil {
				return err
			}
		}
	}
	for _, p := range g.Outputs {
		if !known[p.Name] {
			return fmt.Errorf("nothing computes the output %q", p.Name)
		}
	}
	return nil
}

// fits holds a node against its operator.
func (op operator) fits(n graph.Node) error {
	if len(n.In) < op.least || op.most >= 0 && len(n.In) > op.most {
		return fmt.Errorf("%d inputs, it takes %d to %d", len(n.In), op.least, op.most)
	}
	if slices.Contains(n.In[:op.least], "") {
		return fmt.Errorf("an input that it needs is missing")
	}
	if len(n.Out) < 1 || len(n.Out) > max(op.outputs, 1) {
		return fmt.Errorf("%d outputs, it has %d", len(n.Out), max(op.outputs, 1))
	}
	for name := range n.Attrs {
		if !slices.Contains(op.attrs, name) {
			return fmt.Errorf("there is no option %q", name)
		}
	}
	return nil
}
