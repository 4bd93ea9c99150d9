package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"partials/graph"
)

// Decode reads a file of the kind that Encode writes, and checks it. Nothing in
// it is trusted. Files of other programs are read as far as they keep to
// float32 and int64 tensors, ONNX's own operators and raw data.
func Decode(data []byte) (*Model, error) {
	m := &Model{Metadata: map[string]string{}, Graph: &graph.Graph{}}
	err := each(data, func(f field) (err error) {
		switch f.number {
		case modelProducer:
			m.Producer = f.text()
		case modelVersion:
			m.ProducerVersion = f.text()
		case modelDoc:
			m.Doc = f.text()
		case modelGraph:
			return decodeGraph(f.bytes, m)
		case modelOpset:
			return decodeOpset(f.bytes, m)
		case modelMetadata:
			var key, value string
			err = each(f.bytes, func(f field) error {
				switch f.number {
				case entryKey:
					key = f.text()
				case entryValue:
					value = f.text()
				}
				return nil
			})
			m.Metadata[key] = value
		}
		return err
	})
	if err == nil {
		err = m.Check()
	}
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	return m, nil
}

// field is one field of a message: a number, or bytes.
type field struct {
	number protowire.Number
	value  uint64
	bytes  []byte
}

func (f field) text() string { return string(f.bytes) }

// each calls visit for every field of a message.
func each(data []byte, visit func(field) error) error {
	for len(data) > 0 {
		number, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return errNotProto
		}
		data = data[n:]
		f := field{number: number}
		switch kind {
		case protowire.VarintType:
			f.value, n = protowire.ConsumeVarint(data)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(data)
			f.value = uint64(v)
		case protowire.Fixed64Type:
			f.value, n = protowire.ConsumeFixed64(data)
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(data)
		default:
			return errNotProto
		}
		if n < 0 {
			return errNotProto
		}
		data = data[n:]
		if err := visit(f); err != nil {
			return err
		}
	}
	return nil
}

var errNotProto = errors.New("the file is broken or no ONNX file: it is not a protocol buffer")

func decodeOpset(data []byte, m *Model) error {
	domain, version := "", 0
	err := each(data, func(f field) error {
		switch f.number {
		case opsetDomain:
			domain = f.text()
		case opsetVersion:
			version = int(f.value)
		}
		return nil
	})
	if domain == "" || domain == "ai.onnx" {
		m.Opset = version
	}
	return err
}

func decodeGraph(data []byte, m *Model) error {
	g := m.Graph
	return each(data, func(f field) error {
		switch f.number {
		case graphName:
			m.Name = f.text()
		case graphNode:
			n, err := decodeNode(f.bytes)
			g.Nodes = append(g.Nodes, n)
			return err
		case graphConstant:
			c, err := decodeConstant(f.bytes)
			g.Constants = append(g.Constants, c)
			return err
		case graphInput, graphOutput:
			p, err := decodePort(f.bytes)
			if f.number == graphInput {
				g.Inputs = append(g.Inputs, p)
			} else {
				g.Outputs = append(g.Outputs, p)
			}
			return err
		}
		return nil
	})
}

func decodeNode(data []byte) (n graph.Node, err error) {
	err = each(data, func(f field) error {
		switch f.number {
		case nodeIn:
			n.In = append(n.In, graph.Value(f.bytes))
		case nodeOut:
			n.Out = append(n.Out, graph.Value(f.bytes))
		case nodeOp:
			n.Op = f.text()
		case nodeDomain:
			if d := f.text(); d != "" && d != "ai.onnx" {
				return fmt.Errorf("an operator comes from %q; only ONNX's own are known", d)
			}
		case nodeAttr:
			if n.Attrs == nil {
				n.Attrs = graph.Attrs{}
			}
			return decodeAttr(f.bytes, n.Attrs)
		}
		return nil
	})
	return n, err
}

func decodeAttr(data []byte, attrs graph.Attrs) error {
	var name, text string
	var float float64
	var number int
	var numbers []int
	kind := 0
	err := each(data, func(f field) error {
		switch f.number {
		case attrName:
			name = f.text()
		case attrFloat:
			float = float64(math.Float32frombits(uint32(f.value)))
		case attrInt:
			number = int(f.value)
		case attrText:
			text = f.text()
		case attrInts:
			numbers = append(numbers, f.numbers()...)
		case attrType:
			kind = int(f.value)
		}
		return nil
	})
	switch kind {
	case attrIsFloat:
		attrs[name] = float
	case attrIsInt:
		attrs[name] = number
	case attrIsText:
		attrs[name] = text
	case attrIsInts:
		attrs[name] = numbers
	default:
		err = errors.Join(err, fmt.Errorf("attribute %q is of type %d, which is not known", name, kind))
	}
	return err
}

// numbers are those of a repeated field, packed or one by one.
func (f field) numbers() []int {
	if f.bytes == nil {
		return []int{int(f.value)}
	}
	var list []int
	for b := f.bytes; len(b) > 0; {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			break
		}
		list = append(list, int(v))
		b = b[n:]
	}
	return list
}

func decodeConstant(data []byte) (c graph.Constant, err error) {
	kind := 0
	var raw []byte
	err = each(data, func(f field) error {
		switch f.number {
		case tensorDims:
			c.Dims = append(c.Dims, f.numbers()...)
		case tensorType:
			kind = int(f.value)
		case tensorName:
			c.Name = graph.Value(f.bytes)
		case tensorRaw:
			raw = f.bytes
		}
		return nil
	})
	if err != nil {
		return c, err
	}
	size := map[int]int{elementFloat: 4, elementInt64: 8}[kind]
	if size == 0 {
		return c, fmt.Errorf("constant %q is of type %d; float32 (1) and int64 (7) are known", c.Name, kind)
	}
	n, ok := count(c.Dims, len(raw)/size)
	if !ok || n*size != len(raw) {
		return c, fmt.Errorf("constant %q has shape %v but %d bytes of data", c.Name, c.Dims, len(raw))
	}
	if kind == elementInt64 {
		c.Ints = make([]int64, n)
		for i := range c.Ints {
			c.Ints[i] = int64(binary.LittleEndian.Uint64(raw[8*i:]))
		}
		return c, nil
	}
	c.Floats = make([]float32, n)
	for i := range c.Floats {
		c.Floats[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return c, nil
}

// count is the product of dims, or false where it is negative or above most.
func count(dims []int, most int) (int, bool) {
	n := 1
	for _, d := range dims {
		if d == 0 {
			return 0, true
		}
	}
	for _, d := range dims {
		if d < 0 || d > most/n {
			return 0, false
		}
		n *= d
	}
	return n, true
}

func decodePort(data []byte) (p graph.Port, err error) {
	kind := 0
	err = each(data, func(f field) error {
		switch f.number {
		case portName:
			p.Name = graph.Value(f.bytes)
		case portDoc:
			p.Doc = f.text()
		case portType:
			return each(f.bytes, func(f field) error {
				if f.number != typeTensor {
					return nil
				}
				return each(f.bytes, func(f field) error {
					switch f.number {
					case typeElement:
						kind = int(f.value)
					case typeShape:
						return decodeDims(f.bytes, &p)
					}
					return nil
				})
			})
		}
		return nil
	})
	if err == nil && kind != elementFloat {
		err = fmt.Errorf("input or output %q is of type %d; float32 (1) is known", p.Name, kind)
	}
	return p, err
}

func decodeDims(data []byte, p *graph.Port) error {
	return each(data, func(f field) error {
		if f.number != shapeDim {
			return nil
		}
		var d graph.Dim
		err := each(f.bytes, func(f field) error {
			switch f.number {
			case dimNumber:
				d.N = int(f.value)
			case dimName:
				d.Name = f.text()
			}
			return nil
		})
		p.Dims = append(p.Dims, d)
		return err
	})
}
