package onnx

import (
	"fmt"
	"reflect"
	"slices"

	"partials/graph"
)

// stretch makes one graph for signals of any number of blocks out of traces
// over lengths[i] blocks each, at least three. They differ in nothing but whole
// numbers, and each of those is a*blocks + b: the length of an axis, the end of
// a slice. Nodes in front compute them from blocks, of which count returns the
// value, (1). Ports get their free axis from the caller.
func stretch(lengths []int, traces []*graph.Graph, count func(w *graph.Writer) graph.Value) (*graph.Graph, error) {
	g := traces[0]
	for _, other := range traces[1:] {
		if err := sameButForLength(g, other); err != nil {
			return nil, err
		}
	}
	s := stretcher{w: graph.NewWriter(g), known: map[line]graph.Value{}}
	front := len(g.Nodes)
	s.blocks = count(s.w)
	var constants []graph.Constant
	for i, c := range g.Constants[:len(traces[1].Constants)] {
		list := make([]line, len(c.Ints))
		grows := false
		for k := range list {
			l, err := lineThrough(lengths, traces, i, k)
			if err != nil {
				return nil, err
			}
			list[k] = l
			grows = grows || l.slope != 0
		}
		if grows {
			s.compute(c.Name, list)
		} else {
			constants = append(constants, c)
		}
	}
	g.Constants = append(constants, g.Constants[len(traces[1].Constants):]...)
	g.Nodes = slices.Concat(g.Nodes[front:], g.Nodes[:front])
	return g, nil
}

// line is slope*blocks + offset.
type line struct{ slope, offset int64 }

// lineThrough is what number k of constant i is at every length.
func lineThrough(lengths []int, traces []*graph.Graph, i, k int) (line, error) {
	at := func(j int) int64 { return traces[j].Constants[i].Ints[k] }
	l := line{slope: (at(1) - at(0)) / int64(lengths[1]-lengths[0])}
	l.offset = at(0) - l.slope*int64(lengths[0])
	for j, n := range lengths {
		if l.slope*int64(n)+l.offset != at(j) {
			return l, fmt.Errorf("the model does not treat blocks of all lengths alike: %q, number %d, is %d for %d blocks and %d for %d",
				traces[0].Constants[i].Name, k, at(0), lengths[0], at(j), n)
		}
	}
	return l, nil
}

// sameButForLength reports two traces that are not of one graph.
func sameButForLength(a, b *graph.Graph) error {
	if len(a.Nodes) != len(b.Nodes) || len(a.Constants) != len(b.Constants) {
		return fmt.Errorf("the model does not treat blocks of all lengths alike: it takes %d operators for one and %d for another", len(a.Nodes), len(b.Nodes))
	}
	for i := range a.Nodes {
		if !reflect.DeepEqual(a.Nodes[i], b.Nodes[i]) {
			return fmt.Errorf("the model does not treat blocks of all lengths alike: operator %q differs", a.Nodes[i].Out[0])
		}
	}
	for i, c := range a.Constants {
		d := b.Constants[i]
		if c.Name != d.Name || len(c.Ints) != len(d.Ints) || !slices.Equal(c.Dims, d.Dims) || !slices.Equal(c.Floats, d.Floats) {
			return fmt.Errorf("the model does not treat blocks of all lengths alike: constant %q differs", c.Name)
		}
	}
	return nil
}

// stretcher adds the nodes that compute numbers from the length.
type stretcher struct {
	w      *graph.Writer
	blocks graph.Value
	known  map[line]graph.Value
}

// compute makes name the list of numbers.
func (s *stretcher) compute(name graph.Value, list []line) {
	parts := make([]graph.Value, len(list))
	for i, l := range list {
		parts[i] = s.number(l)
	}
	s.w.Assign(name, "Concat", graph.Attrs{"axis": 0}, parts...)
}

// number is one number as a list of one.
func (s *stretcher) number(l line) graph.Value {
	if v, ok := s.known[l]; ok {
		return v
	}
	var v graph.Value
	switch {
	case l.slope == 0:
		v = s.w.Ints(int(l.offset))
	case l.offset == 0:
		v = s.w.Node("Mul", nil, s.blocks, s.w.Ints(int(l.slope)))
	default:
		v = s.w.Node("Add", nil, s.w.Node("Mul", nil, s.blocks, s.w.Ints(int(l.slope))), s.w.Ints(int(l.offset)))
	}
	s.known[l] = v
	return v
}
