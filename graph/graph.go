// Package graph holds computations written down for other programs: nodes of
// ONNX's operators over named values. A Function of the tape that has a method
//
//	ONNX(c *autograd.Call, w *graph.Writer) graph.Value
//
// can leave Partials with the model that it is a part of; package formats/onnx
// walks a tape, calls that method for every call, and writes the file.
//
// The operators are those of opset 17, https://onnx.ai/onnx/operators.
package graph

import "partials/tensor"

// Opset is the version of ONNX's operators that all nodes are written in.
const Opset = 17

// Value names a tensor of the graph. The empty Value stands for an input that
// an operator can do without.
type Value string

// Graph is nodes in an order in which they can run, and what they run on.
type Graph struct {
	Inputs, Outputs []Port
	Constants       []Constant
	Nodes           []Node
}

// Port is an input or output of the graph: float32 numbers.
type Port struct {
	Name Value
	Dims []Dim
	Doc  string
}

// Dim is the extent of one axis: a number, or a name where it is free.
type Dim struct {
	N    int
	Name string
}

// Fixed is the dims of a shape.
func Fixed(s tensor.Shape) []Dim {
	d := make([]Dim, s.Rank())
	for i := range d {
		d[i].N = s.Dim(i)
	}
	return d
}

// Constant is a tensor that the graph brings along: numbers, or whole numbers
// (shapes, places), row-major. One of the two lists is nil.
type Constant struct {
	Name   Value
	Dims   []int
	Floats []float32
	Ints   []int64
}

// Node applies an operator.
type Node struct {
	Op      string
	Attrs   Attrs
	In, Out []Value
}

// Attrs are a node's fixed options: int, float64, string, []int.
type Attrs map[string]any
