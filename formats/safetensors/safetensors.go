// Package safetensors reads and writes the safetensors format: named arrays
// behind a JSON header, as PyTorch's ecosystem stores model weights.
//
// A file is 8 bytes of little-endian header length, a JSON object, and one
// block of little-endian, row-major values:
//
//	{"__metadata__": {text: text}, NAME: {"dtype": "F32", "shape": [2,3], "data_offsets": [0,24]}, ...}
//
// Offsets count from the end of the header. The ranges cover the block without
// gaps or overlaps. Nothing in a file is trusted: every length, shape and offset is
// checked before it is used, and memory is bounded by the size of the input.
//
// Format: https://github.com/huggingface/safetensors#format
package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/bits"
	"slices"
	"unicode/utf8"
)

// DType names the type of a tensor's elements, as the header spells it.
type DType string

// The element types that Float32s, Float64s and Int64s can convert.
const (
	F64  DType = "F64"
	F32  DType = "F32"
	F16  DType = "F16"  // IEEE half precision
	BF16 DType = "BF16" // the upper half of an F32
	I64  DType = "I64"
	I32  DType = "I32"
	I16  DType = "I16"
	I8   DType = "I8"
	U64  DType = "U64"
	U32  DType = "U32"
	U16  DType = "U16"
	U8   DType = "U8"
	Bool DType = "BOOL" // one byte, 0 or 1
)

// sizes holds the bytes of one element. The 8-bit floats are carried, not converted.
var sizes = map[DType]int{
	F64: 8, I64: 8, U64: 8,
	F32: 4, I32: 4, U32: 4,
	F16: 2, BF16: 2, I16: 2, U16: 2,
	I8: 1, U8: 1, Bool: 1, "F8_E4M3": 1, "F8_E5M2": 1,
}

// maxHeader is the header length in bytes beyond which the Python package, too, refuses a file.
const maxHeader = 100_000_000

// metadataKey is the header entry that is no tensor.
const metadataKey = "__metadata__"

// Tensor is one array: Data holds its elements row-major and little-endian,
// as many bytes as DType and Shape ask for. An empty Shape is a scalar.
type Tensor struct {
	DType DType
	Shape []int
	Data  []byte
}

// File is the content of a safetensors file.
type File struct {
	Metadata map[string]string // free text; nil where the file has none
	Tensors  map[string]Tensor // by name
}

// entry is a tensor's part of the header.
type entry struct {
	DType   DType `json:"dtype"`
	Shape   []int `json:"shape"`
	Offsets []int `json:"data_offsets"`
}

// bytesOf returns how many bytes a tensor of this type and shape has.
func bytesOf(d DType, shape []int) (int, error) {
	size, ok := sizes[d]
	if !ok {
		return 0, fmt.Errorf("unknown dtype %q", d)
	}
	n := uint64(size)
	for _, dim := range shape {
		if dim < 0 {
			return 0, fmt.Errorf("shape %v has a negative size", shape)
		}
		hi, lo := bits.Mul64(n, uint64(dim))
		if hi != 0 || lo > 1<<62 || uint64(int(lo)) != lo {
			return 0, fmt.Errorf("shape %v is larger than any memory", shape)
		}
		n = lo
	}
	return int(n), nil
}

// Decode reads a whole file. The tensors' Data are parts of b, not copies.
// An error names the tensor and what is wrong with it.
func Decode(b []byte) (*File, error) {
	if len(b) < 8 {
		return nil, fmt.Errorf("safetensors: %d bytes are too few: the header length alone takes 8", len(b))
	}
	n := binary.LittleEndian.Uint64(b)
	if n > maxHeader {
		return nil, fmt.Errorf("safetensors: header of %d bytes: at most %d are allowed; is this a safetensors file?", n, maxHeader)
	}
	if n > uint64(len(b)-8) {
		return nil, fmt.Errorf("safetensors: header of %d bytes, but only %d follow: the file is cut short", n, len(b)-8)
	}
	header, data := b[8:8+n], b[8+n:]
	f, entries, err := decodeHeader(header)
	if err != nil {
		return nil, fmt.Errorf("safetensors: header: %w", err)
	}

	// In the order of the data, so that a gap or an overlap shows between neighbours.
	names := slices.SortedFunc(maps.Keys(entries), func(p, q string) int {
		x, y := entries[p].Offsets, entries[q].Offsets
		return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]), cmp.Compare(p, q))
	})
	end := 0
	for _, name := range names {
		e := entries[name]
		from, to := e.Offsets[0], e.Offsets[1]
		size, err := bytesOf(e.DType, e.Shape)
		switch {
		case err != nil:
			return nil, fmt.Errorf("safetensors: tensor %q: %w", name, err)
		case from < 0 || to < from || to > len(data):
			return nil, fmt.Errorf("safetensors: tensor %q: data_offsets %v do not lie in the %d bytes of data", name, e.Offsets, len(data))
		case to-from != size:
			return nil, fmt.Errorf("safetensors: tensor %q: data_offsets %v are %d bytes, but %s of shape %v takes %d", name, e.Offsets, to-from, e.DType, e.Shape, size)
		case from < end:
			return nil, fmt.Errorf("safetensors: tensor %q: starts at byte %d, inside the tensor before it, which ends at %d", name, from, end)
		case from > end:
			return nil, fmt.Errorf("safetensors: tensor %q: starts at byte %d, but the data before it ends at %d", name, from, end)
		}
		f.Tensors[name] = Tensor{e.DType, e.Shape, data[from:to:to]}
		end = to
	}
	if end != len(data) {
		return nil, fmt.Errorf("safetensors: %d bytes after the last tensor belong to none", len(data)-end)
	}
	return f, nil
}

// decodeHeader walks the header key by key, since a map would hide that a key occurs twice.
// The file it returns has its metadata only.
func decodeHeader(header []byte) (*File, map[string]entry, error) {
	if len(header) == 0 || header[0] != '{' {
		return nil, nil, errors.New("does not start with {")
	}
	if !utf8.Valid(header) {
		return nil, nil, errors.New("is not UTF-8")
	}
	f := &File{Tensors: map[string]Tensor{}}
	entries := map[string]entry{}
	dec := json.NewDecoder(bytes.NewReader(header))
	dec.DisallowUnknownFields()
	if _, err := dec.Token(); err != nil {
		return nil, nil, err
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, nil, err
		}
		name := key.(string) // in an object the decoder admits no other key
		if name == metadataKey {
			if f.Metadata != nil {
				return nil, nil, fmt.Errorf("%s occurs twice", metadataKey)
			}
			if err := dec.Decode(&f.Metadata); err != nil {
				return nil, nil, fmt.Errorf("%s: %w", metadataKey, err)
			}
			continue
		}
		if _, twice := entries[name]; twice {
			return nil, nil, fmt.Errorf("tensor %q occurs twice", name)
		}
		var e entry
		if err := dec.Decode(&e); err != nil {
			return nil, nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		if e.Shape == nil || len(e.Offsets) != 2 {
			return nil, nil, fmt.Errorf("tensor %q: needs dtype, shape and two data_offsets", name)
		}
		entries[name] = e
	}
	if _, err := dec.Token(); err != nil {
		return nil, nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, nil, errors.New("text follows the closing }")
	}
	return f, entries, nil
}

// Encode returns the file's bytes; see Write.
func (f *File) Encode() ([]byte, error) {
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Write writes the file. Equal files give equal bytes: header keys are sorted,
// and the header is padded with spaces so that the data starts at a multiple of 8. The
// data is ordered by element size, large first, then by name, which aligns every tensor.
func (f *File) Write(w io.Writer) error {
	names := slices.Sorted(maps.Keys(f.Tensors))
	for _, name := range names {
		t := f.Tensors[name]
		size, err := bytesOf(t.DType, t.Shape)
		switch {
		case err != nil:
			return fmt.Errorf("safetensors: tensor %q: %w", name, err)
		case size != len(t.Data):
			return fmt.Errorf("safetensors: tensor %q: %d bytes of data, but %s of shape %v takes %d", name, len(t.Data), t.DType, t.Shape, size)
		case name == metadataKey || !utf8.ValidString(name):
			return fmt.Errorf("safetensors: tensor %q: not a name the format can hold", name)
		}
	}
	for key, value := range f.Metadata {
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			return fmt.Errorf("safetensors: metadata %q: %q is not UTF-8", key, value)
		}
	}

	placed := slices.Clone(names)
	slices.SortStableFunc(placed, func(p, q string) int {
		return cmp.Compare(sizes[f.Tensors[q].DType], sizes[f.Tensors[p].DType])
	})
	header := make(map[string]any, len(names)+1) // encoding/json sorts the keys
	if f.Metadata != nil {
		header[metadataKey] = f.Metadata
	}
	at := 0
	for _, name := range placed {
		t := f.Tensors[name]
		header[name] = entry{t.DType, append([]int{}, t.Shape...), []int{at, at + len(t.Data)}}
		at += len(t.Data)
	}
	text, err := json.Marshal(header)
	if err != nil {
		return fmt.Errorf("safetensors: header: %w", err)
	}
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	if len(text) > maxHeader {
		return fmt.Errorf("safetensors: header of %d bytes: at most %d are allowed", len(text), maxHeader)
	}

	if _, err := w.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(text)))); err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	for _, name := range placed {
		if _, err := w.Write(f.Tensors[name].Data); err != nil {
			return err
		}
	}
	return nil
}
