package onnx

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"

	"partials/autograd"
	"partials/device"
	"partials/graph"
	"partials/model"
)

// Source is a model to be written. Trained weights are best placed on the
// reference device, where every layer runs in its plainest form.
type Source struct {
	Model  model.Model
	Params *autograd.Params
	Device device.Device

	Controls []string          // names of the knobs, Facts.Controls of them
	Settings []float32         // where they stand for good, from 0 to 1; nil makes them an input
	Name     string            // of the graph
	Rate     int               // Hz
	Version  string            // of the program that writes
	Metadata map[string]string // beside what Stream and Whole say of the model
}

// Names in the graphs.
const (
	input    graph.Value = "input"
	controls graph.Value = "controls"
	output   graph.Value = "output"
	// next ends the name of the output that is a state's value after the block.
	next graph.Value = ".next"
)

// maxBlock is more samples than anybody wants at once, few enough to be tried.
const maxBlock = 1 << 16

// Stream writes the model as a graph that takes a signal in blocks:
//
//	input (1, Inputs, samples)    output (1, Outputs, samples)
//	NAME  (shape of the state)    NAME.next (the same)
//
// for every state NAME that Metadata["state"] lists. A model with knobs has an
// input controls (1, Controls) behind input, from 0 to 1. The states are zeros
// before the first block of a signal; after a block they are what NAME.next
// was. The output lags by Facts.Latency. samples is the length of every block,
// a multiple of Facts.Block, or 0 for a graph that takes any such multiple.
func (s Source) Stream(samples int) (*Model, error) {
	f := s.Model.Facts()
	if samples < 0 || samples%f.Block != 0 || samples > maxBlock {
		return nil, fmt.Errorf("a block of %d samples; the model takes multiples of %d, up to %d", samples, f.Block, maxBlock)
	}
	t := blockOptions{in: input, out: output, state: true}
	var g *graph.Graph
	var err error
	if samples > 0 {
		g, err = s.block(samples/f.Block, t)
	} else {
		g, err = s.anyLength(t, func(w *graph.Writer) graph.Value {
			return blocksOf(w, lengthOf(w), f.Block)
		})
	}
	if err != nil {
		return nil, err
	}
	g.Inputs[0].Dims = signal(f.Inputs, samples)
	g.Inputs[0].Doc = "the next block of the signal, full scale at -1 and 1"
	g.Outputs[0].Dims = signal(f.Outputs, samples)
	g.Outputs[0].Doc = "as many samples of the result"
	m := s.file(g, fmt.Sprintf("Takes a signal of %d Hz in blocks. Begin with zeros for every state, "+
		"and give each block what NAME%s was after the block before.", s.Rate, next))
	lengths := []int{samples, samples}
	if samples == 0 {
		unit := (16 + f.Block - 1) / f.Block * f.Block
		lengths = []int{3 * unit, f.Block, 2 * unit}
	}
	return m, s.verify(m, lengths, 0)
}

// Whole writes the model as a graph from a signal input (1, Inputs, samples)
// to output (1, Outputs, samples) of any length, with the latency taken out.
func (s Source) Whole() (*Model, error) {
	f := s.Model.Facts()
	t := blockOptions{in: "padded", out: "delayed"}
	var end graph.Value
	g, err := s.anyLength(t, func(w *graph.Writer) graph.Value {
		// Zeros behind the signal until the latency has passed and blocks are full.
		end = w.Node("Add", nil, lengthOf(w), w.Ints(f.Latency))
		rest := w.Node("Mod", nil, w.Node("Neg", nil, end), w.Ints(f.Block))
		behind := w.Node("Add", nil, rest, w.Ints(f.Latency))
		w.Assign(t.in, "Pad", nil, input, w.Node("Concat", graph.Attrs{"axis": 0}, w.Ints(0, 0, 0, 0, 0), behind))
		return blocksOf(w, w.Node("Add", nil, end, rest), f.Block)
	})
	if err != nil {
		return nil, err
	}
	w := graph.NewWriter(g)
	w.Assign(output, "Slice", nil, t.out, w.Ints(f.Latency), end, w.Ints(2))
	g.Inputs[0] = graph.Port{Name: input, Dims: signal(f.Inputs, 0), Doc: "the signal, full scale at -1 and 1"}
	g.Outputs = []graph.Port{{Name: output, Dims: signal(f.Outputs, 0), Doc: "the result, in time with the input"}}
	m := s.file(g, fmt.Sprintf("Takes a whole signal of %d Hz.", s.Rate))
	return m, s.verify(m, []int{f.Latency + 2*f.Block + 19}, f.Latency)
}

// signal is the shape of audio; 0 samples are free.
func signal(channels, samples int) []graph.Dim {
	d := []graph.Dim{{N: 1}, {N: channels}, {N: samples}}
	if samples == 0 {
		d[2].Name = "samples"
	}
	return d
}

// lengthOf is the number of samples of the input, (1).
func lengthOf(w *graph.Writer) graph.Value {
	return w.Node("Slice", nil, w.Node("Shape", nil, input), w.Ints(2), w.Ints(3), w.Ints(0))
}

func blocksOf(w *graph.Writer, samples graph.Value, block int) graph.Value {
	if block == 1 {
		return samples
	}
	return w.Node("Div", nil, samples, w.Ints(block))
}

// file is the graph with what is to be known about it.
func (s Source) file(g *graph.Graph, doc string) *Model {
	f := s.Model.Facts()
	m := &Model{
		Name: s.Name, Doc: doc, Producer: "partials", ProducerVersion: s.Version, Opset: graph.Opset, Graph: g,
		Metadata: map[string]string{
			"sample_rate":     strconv.Itoa(s.Rate),
			"block":           strconv.Itoa(f.Block),
			"latency":         strconv.Itoa(f.Latency),
			"receptive_field": strconv.Itoa(f.ReceptiveField),
			"context":         strconv.Itoa(f.Context),
			"normalisation":   "none",
		},
	}
	maps.Copy(m.Metadata, s.Metadata)
	names := []string{}
	for _, p := range g.Inputs[1:] {
		if p.Name != controls {
			names = append(names, string(p.Name))
		}
	}
	m.Metadata["state"] = jsonList(names)
	m.Metadata["controls"] = jsonList(nil)
	if s.turns() {
		m.Metadata["controls"] = jsonList(s.Controls)
	}
	return m
}

func jsonList(names []string) string {
	list, _ := json.Marshal(append([]string{}, names...)) // of strings: cannot fail
	return string(list)
}
