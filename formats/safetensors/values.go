package safetensors

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// FromFloat32s returns an F32 tensor that copies v. The shape must hold len(v) elements; Write checks it.
func FromFloat32s(shape []int, v []float32) Tensor {
	b := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return Tensor{F32, slices.Clone(shape), b}
}

// FromFloat64s returns an F64 tensor that copies v. The shape must hold len(v) elements; Write checks it.
func FromFloat64s(shape []int, v []float64) Tensor {
	b := make([]byte, 0, 8*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	}
	return Tensor{F64, slices.Clone(shape), b}
}

// FromInt64s returns an I64 tensor that copies v. The shape must hold len(v) elements; Write checks it.
func FromInt64s(shape []int, v []int64) Tensor {
	b := make([]byte, 0, 8*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint64(b, uint64(x))
	}
	return Tensor{I64, slices.Clone(shape), b}
}

// Float32s returns the values of a floating-point tensor, row-major. F32, F16 and BF16
// are exact, F64 is rounded to nearest. A missing tensor and any other type are errors.
func (f *File) Float32s(name string) ([]float32, error) {
	t, err := f.tensor(name)
	if err != nil {
		return nil, err
	}
	switch t.DType {
	case F64:
		return convert(t, func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) }), nil
	case F32:
		return convert(t, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }), nil
	case F16:
		return convert(t, func(b []byte) float32 { return half(binary.LittleEndian.Uint16(b)) }), nil
	case BF16:
		return convert(t, func(b []byte) float32 { return math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16) }), nil
	}
	return nil, fmt.Errorf("safetensors: tensor %q: has dtype %s, want a float (F64, F32, F16 or BF16)", name, t.DType)
}

// Float64s returns the values of a floating-point tensor, row-major and exact.
// A missing tensor and any other type are errors.
func (f *File) Float64s(name string) ([]float64, error) {
	t, err := f.tensor(name)
	if err != nil {
		return nil, err
	}
	if t.DType == F64 {
		return convert(t, func(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }), nil
	}
	narrow, err := f.Float32s(name)
	if err != nil {
		return nil, err
	}
	wide := make([]float64, len(narrow))
	for i, x := range narrow {
		wide[i] = float64(x)
	}
	return wide, nil
}

// Int64s returns the values of an integer or BOOL tensor, row-major and exact.
// A missing tensor, a U64 beyond 2^63-1 and any other type are errors.
func (f *File) Int64s(name string) ([]int64, error) {
	t, err := f.tensor(name)
	if err != nil {
		return nil, err
	}
	switch t.DType {
	case I64, U64:
		v := convert(t, func(b []byte) int64 { return int64(binary.LittleEndian.Uint64(b)) })
		if t.DType == U64 && slices.ContainsFunc(v, func(x int64) bool { return x < 0 }) {
			return nil, fmt.Errorf("safetensors: tensor %q: a U64 value does not fit 63 bits", name)
		}
		return v, nil
	case I32:
		return convert(t, func(b []byte) int64 { return int64(int32(binary.LittleEndian.Uint32(b))) }), nil
	case U32:
		return convert(t, func(b []byte) int64 { return int64(binary.LittleEndian.Uint32(b)) }), nil
	case I16:
		return convert(t, func(b []byte) int64 { return int64(int16(binary.LittleEndian.Uint16(b))) }), nil
	case U16:
		return convert(t, func(b []byte) int64 { return int64(binary.LittleEndian.Uint16(b)) }), nil
	case I8:
		return convert(t, func(b []byte) int64 { return int64(int8(b[0])) }), nil
	case U8, Bool:
		return convert(t, func(b []byte) int64 { return int64(b[0]) }), nil
	}
	return nil, fmt.Errorf("safetensors: tensor %q: has dtype %s, want an integer", name, t.DType)
}

func (f *File) tensor(name string) (Tensor, error) {
	t, ok := f.Tensors[name]
	if !ok {
		return t, fmt.Errorf("safetensors: tensor %q: not among the %d of the file", name, len(f.Tensors))
	}
	return t, nil
}

// convert applies one conversion to every element.
func convert[T any](t Tensor, one func([]byte) T) []T {
	size := sizes[t.DType]
	v := make([]T, len(t.Data)/size)
	for i := range v {
		v[i] = one(t.Data[i*size:])
	}
	return v
}

// half widens an IEEE half: 1 sign bit, 5 exponent bits (bias 15), 10 mantissa bits.
func half(h uint16) float32 {
	sign, exponent, mantissa := uint32(h>>15)<<31, uint32(h>>10&31), uint32(h&1023)
	switch exponent {
	case 0: // zero or subnormal: mantissa * 2^-24, exact in float32
		return math.Float32frombits(math.Float32bits(float32(mantissa)*0x1p-24) | sign)
	case 31: // infinity or NaN
		return math.Float32frombits(sign | 255<<23 | mantissa<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | mantissa<<13)
}
