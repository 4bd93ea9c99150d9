// Package onnx writes models as ONNX files, which onnxruntime and others run
// from any language, and reads such files back.
//
// Export writes a model as a graph that takes a signal block by block, with its
// state as explicit inputs and outputs, or as one that takes a whole signal. It
// does not know any architecture: it runs the model once, and every Function on
// the tape says which of ONNX's operators it is (see package graph).
//
// A file is a protocol buffer: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
package onnx

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"partials/graph"
)

// Model is the content of a file.
type Model struct {
	Name            string // of the graph
	Doc             string // for people
	Producer        string
	ProducerVersion string
	Opset           int
	Metadata        map[string]string
	Graph           *graph.Graph
}

// irVersion is the file format's version: that of opset 17.
const irVersion = 8

// maxFile is the most bytes that a protocol buffer can have.
const maxFile = math.MaxInt32

// The numbers of the fields and types that are used here, by message.
const (
	modelIRVersion = 1
	modelProducer  = 2
	modelVersion   = 3
	modelDoc       = 6
	modelGraph     = 7
	modelOpset     = 8
	modelMetadata  = 14

	opsetDomain  = 1
	opsetVersion = 2

	entryKey   = 1
	entryValue = 2

	graphNode     = 1
	graphName     = 2
	graphConstant = 5
	graphInput    = 11
	graphOutput   = 12

	nodeIn     = 1
	nodeOut    = 2
	nodeName   = 3
	nodeOp     = 4
	nodeAttr   = 5
	nodeDomain = 7

	attrName  = 1
	attrFloat = 2
	attrInt   = 3
	attrText  = 4
	attrInts  = 8
	attrType  = 20

	tensorDims = 1
	tensorType = 2
	tensorName = 8
	tensorRaw  = 9

	portName = 1
	portType = 2
	portDoc  = 3

	typeTensor  = 1
	typeElement = 1
	typeShape   = 2
	shapeDim    = 1
	dimNumber   = 1
	dimName     = 2
)

// Types of elements and attributes.
const (
	elementFloat = 1
	elementInt64 = 7

	attrIsFloat = 1
	attrIsInt   = 2
	attrIsText  = 3
	attrIsInts  = 7
)

// message builds a protocol buffer.
type message []byte

func (m *message) number(field protowire.Number, v int) {
	*m = protowire.AppendTag(*m, field, protowire.VarintType)
	*m = protowire.AppendVarint(*m, uint64(v))
}

func (m *message) text(field protowire.Number, s string) {
	if s != "" {
		m.bytes(field, []byte(s))
	}
}

func (m *message) bytes(field protowire.Number, b []byte) {
	*m = protowire.AppendTag(*m, field, protowire.BytesType)
	*m = protowire.AppendBytes(*m, b)
}

// Encode returns the file's bytes. Equal models give equal bytes.
func (m *Model) Encode() ([]byte, error) {
	var b message
	b.number(modelIRVersion, irVersion)
	b.text(modelProducer, m.Producer)
	b.text(modelVersion, m.ProducerVersion)
	b.text(modelDoc, m.Doc)
	g, err := encodeGraph(m.Name, m.Graph)
	if err != nil {
		return nil, err
	}
	b.bytes(modelGraph, g)
	var opset message
	opset.number(opsetVersion, m.Opset)
	b.bytes(modelOpset, opset)
	for _, key := range slices.Sorted(maps.Keys(m.Metadata)) {
		var e message
		e.text(entryKey, key)
		e.text(entryValue, m.Metadata[key])
		b.bytes(modelMetadata, e)
	}
	if len(b) > maxFile {
		return nil, fmt.Errorf("onnx: the model takes %d bytes, more than the %d that a file of the format can have", len(b), maxFile)
	}
	return b, nil
}

func encodeGraph(name string, g *graph.Graph) (b message, err error) {
	for _, n := range g.Nodes {
		node, err := encodeNode(n)
		if err != nil {
			return nil, err
		}
		b.bytes(graphNode, node)
	}
	b.text(graphName, cmp.Or(name, "model"))
	for _, c := range g.Constants {
		b.bytes(graphConstant, encodeConstant(c))
	}
	for _, p := range g.Inputs {
		b.bytes(graphInput, encodePort(p))
	}
	for _, p := range g.Outputs {
		b.bytes(graphOutput, encodePort(p))
	}
	return b, nil
}

func encodeNode(n graph.Node) (b message, err error) {
	for _, v := range n.In {
		b.bytes(nodeIn, []byte(v)) // an empty one holds its place
	}
	for _, v := range n.Out {
		b.bytes(nodeOut, []byte(v))
	}
	b.text(nodeName, string(n.Out[0])) // unique, as the outputs are
	b.text(nodeOp, n.Op)
	for _, key := range slices.Sorted(maps.Keys(n.Attrs)) {
		var a message
		a.text(attrName, key)
		switch v := n.Attrs[key].(type) {
		case float64:
			a = protowire.AppendTag(a, attrFloat, protowire.Fixed32Type)
			a = protowire.AppendFixed32(a, math.Float32bits(float32(v)))
			a.number(attrType, attrIsFloat)
		case int:
			a.number(attrInt, v)
			a.number(attrType, attrIsInt)
		case string:
			a.bytes(attrText, []byte(v))
			a.number(attrType, attrIsText)
		case []int:
			for _, i := range v {
				a.number(attrInts, i)
			}
			a.number(attrType, attrIsInts)
		default:
			return nil, fmt.Errorf("onnx: attribute %s of %s is a %T", key, n.Op, v)
		}
		b.bytes(nodeAttr, a)
	}
	return b, nil
}

func encodeConstant(c graph.Constant) (b message) {
	for _, d := range c.Dims {
		b.number(tensorDims, d)
	}
	var raw []byte
	if c.Ints != nil {
		b.number(tensorType, elementInt64)
		for _, v := range c.Ints {
			raw = binary.LittleEndian.AppendUint64(raw, uint64(v))
		}
	} else {
		b.number(tensorType, elementFloat)
		for _, v := range c.Floats {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
		}
	}
	b.text(tensorName, string(c.Name))
	b.bytes(tensorRaw, raw)
	return b
}

func encodePort(p graph.Port) (b message) {
	var shape message
	for _, d := range p.Dims {
		var dim message
		if d.Name != "" {
			dim.text(dimName, d.Name)
		} else {
			dim.number(dimNumber, d.N)
		}
		shape.bytes(shapeDim, dim)
	}
	var numbers, kind message
	numbers.number(typeElement, elementFloat)
	numbers.bytes(typeShape, shape)
	kind.bytes(typeTensor, numbers)
	b.text(portName, string(p.Name))
	b.bytes(portType, kind)
	b.text(portDoc, p.Doc)
	return b
}
