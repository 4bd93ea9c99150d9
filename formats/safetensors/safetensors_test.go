package safetensors

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
)

// build puts a header and data together, right or wrong.
func build(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

// python.safetensors is written by testdata/gen/fixture.py with the Python package.
func TestDecodePythonFile(t *testing.T) {
	b, err := os.ReadFile("testdata/python.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	f, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"format": "pt", "name": `say "hé"`}; !reflect.DeepEqual(f.Metadata, want) {
		t.Errorf("metadata %q, want %q", f.Metadata, want)
	}
	inf, negZero := math.Inf(1), math.Copysign(0, -1)
	floats := map[string][]float64{
		"f64":    {1.5, -2.25, 1e300, 0.1, 0, -7},
		"f32":    {0, negZero, 1, -2.5, 65504, float64(float32(6e-8)), float64(float32(1) / 3), inf},
		"f16":    {0, negZero, 1, -2.5, 65504, 0x1p-24, 0.333251953125, inf},
		"bf16":   {0, negZero, 1, -2.5, 65536, 0x1.02p-24, 0.333984375, inf},
		"scalar": {42},
		"empty":  {},
	}
	for name, want := range floats {
		got, err := f.Float64s(name)
		if err != nil || len(got) != len(want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, want)
			continue
		}
		narrow, err := f.Float32s(name)
		if err != nil {
			t.Error(err)
			continue
		}
		for i := range want {
			if math.Float64bits(got[i]) != math.Float64bits(want[i]) {
				t.Errorf("%s[%d] = %v, want %v", name, i, got[i], want[i])
			}
			if math.Float32bits(narrow[i]) != math.Float32bits(float32(want[i])) {
				t.Errorf("%s[%d] = %v as float32, want %v", name, i, narrow[i], float32(want[i]))
			}
		}
	}
	ints := map[string][]int64{
		"i64": {math.MinInt64, -1, 1 << 53}, "i32": {-5, 6}, "i16": {-300, 300}, "i8": {-128, 127}, "u8": {0, 255}, "bool": {1, 0, 1},
	}
	for name, want := range ints {
		if got, err := f.Int64s(name); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, want)
		}
	}
	shapes := map[string][]int{"f64": {2, 3}, "i32": {2, 1}, "scalar": {}, "empty": {0, 3}}
	for name, want := range shapes {
		if got := f.Tensors[name].Shape; !reflect.DeepEqual(got, want) {
			t.Errorf("%s has shape %v, want %v", name, got, want)
		}
	}
	if len(f.Tensors) != len(floats)+len(ints) {
		t.Errorf("%d tensors, want %d", len(f.Tensors), len(floats)+len(ints))
	}
}

func TestEncodeIsExactlyThis(t *testing.T) {
	f := &File{
		Metadata: map[string]string{"step": "7", "kind": "tcn"},
		Tensors: map[string]Tensor{
			"b": FromFloat32s([]int{2}, []float32{1, -2}),
			"a": {DType: U8, Shape: []int{3}, Data: []byte{1, 2, 3}},
			"z": FromFloat64s(nil, []float64{0.5}),
			"i": FromInt64s([]int{1, 1}, []int64{-1}),
		},
	}
	header := `{"__metadata__":{"kind":"tcn","step":"7"},"a":{"dtype":"U8","shape":[3],"data_offsets":[24,27]},` +
		`"b":{"dtype":"F32","shape":[2],"data_offsets":[16,24]},"i":{"dtype":"I64","shape":[1,1],"data_offsets":[0,8]},` +
		`"z":{"dtype":"F64","shape":[],"data_offsets":[8,16]}}`
	header += strings.Repeat(" ", (8-len(header)%8)%8)
	want := build(header, 0)
	want = append(want, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0xe0, 0x3f, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 1, 2, 3)
	for range 20 { // map order must not reach the bytes
		got, err := f.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Fatalf("got\n%q\nwant\n%q", got, want)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	for n := range 70 {
		f := &File{Metadata: map[string]string{strings.Repeat("k", n): "<&\u2028é\""}, Tensors: map[string]Tensor{}}
		for i := range n {
			v := make([]float32, i)
			for j := range v {
				v[j] = float32(i) / float32(j+1)
			}
			f.Tensors[fmt.Sprintf("layer.%d.weight", i)] = FromFloat32s([]int{i}, v)
			f.Tensors[fmt.Sprintf("flag %d", i)] = Tensor{Bool, []int{1, i, 1}, make([]byte, i)}
		}
		f.Tensors["last"] = FromFloat64s([]int{}, []float64{math.Pi})
		b, err := f.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, f) {
			t.Fatalf("n = %d: got %v, want %v", n, got, f)
		}
		if length := binary.LittleEndian.Uint64(b); length%8 != 0 {
			t.Errorf("n = %d: header of %d bytes is not aligned", n, length)
		}
	}
}

func TestHalfEveryValue(t *testing.T) {
	for h := range 1 << 16 {
		exponent, mantissa := h>>10&31, float64(h&1023)
		var want float64
		switch {
		case exponent == 0:
			want = math.Ldexp(mantissa, -24)
		case exponent < 31:
			want = math.Ldexp(1024+mantissa, exponent-25)
		case mantissa == 0:
			want = math.Inf(1)
		default:
			want = math.NaN()
		}
		if h>>15 == 1 {
			want = math.Copysign(want, -1)
		}
		got := float64(half(uint16(h)))
		if math.IsNaN(want) != math.IsNaN(got) || !math.IsNaN(want) && math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("half(%#04x) = %v, want %v", h, got, want)
		}
	}
}

// broken holds files that Decode must refuse, and a part of what it must say.
var broken = []struct {
	name, says string
	file       []byte
}{
	{"nothing", "0 bytes are too few", nil},
	{"seven bytes", "7 bytes are too few", make([]byte, 7)},
	{"huge header", "at most", []byte{255, 255, 255, 255, 255, 255, 255, 255, '{', '}'}},
	{"header beyond the limit", "at most", []byte{1, 225, 245, 5, 0, 0, 0, 0, '{', '}'}},
	{"header cut short", "only 2 follow", []byte{3, 0, 0, 0, 0, 0, 0, 0, '{', '}'}},
	{"empty header", "does not start with {", build(``, 0)},
	{"space first", "does not start with {", build(` {}`, 0)},
	{"array", "does not start with {", build(`[]`, 0)},
	{"not UTF-8", "UTF-8", build("{\"\xff\":1}", 0)},
	{"unclosed", "header", build(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}`, 1)},
	{"text after", "follows", build(`{}{}`, 0)},
	{"key is no string", "header", build(`{1:2}`, 0)},
	{"twice", `"a" occurs twice`, build(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1)},
	{"metadata twice", "__metadata__ occurs twice", build(`{"__metadata__":{},"__metadata__":{}}`, 0)},
	{"metadata not text", "__metadata__", build(`{"__metadata__":{"a":1}}`, 0)},
	{"no shape", `"a": needs`, build(`{"a":{"dtype":"U8","data_offsets":[0,1]}}`, 1)},
	{"no dtype", `"a": unknown dtype ""`, build(`{"a":{"shape":[1],"data_offsets":[0,1]}}`, 1)},
	{"three offsets", `"a": needs`, build(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,1]}}`, 1)},
	{"unknown field", `tensor "a"`, build(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":1}}`, 1)},
	{"unknown dtype", `"a": unknown dtype "Q4"`, build(`{"a":{"dtype":"Q4","shape":[1],"data_offsets":[0,1]}}`, 1)},
	{"fraction in the shape", `tensor "a"`, build(`{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}}`, 1)},
	{"negative size", `"a": shape [-1] has a negative`, build(`{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}`, 1)},
	{"two negative sizes", `"a": shape [-1 -1] has a negative`, build(`{"a":{"dtype":"U8","shape":[-1,-1],"data_offsets":[0,1]}}`, 1)},
	{"product wraps to 0", "larger than any memory", build(`{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, 0)},
	{"product wraps by the element size", "larger than any memory", build(`{"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}}`, 0)},
	{"size beyond int64", `tensor "a"`, build(`{"a":{"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,0]}}`, 0)},
	{"offsets beyond the data", `"a": data_offsets [0 2] do not lie in the 1 bytes`, build(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, 1)},
	{"offsets reversed", `"a": data_offsets [1 0]`, build(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}`, 1)},
	{"negative offset", `"a": data_offsets [-1 0]`, build(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}}`, 1)},
	{"size disagrees", `"a": data_offsets [0 8] are 8 bytes, but F32 of shape [3] takes 12`, build(`{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}`, 12)},
	{"overlap", `"b": starts at byte 1, inside`, build(`{"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]},"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, 3)},
	{"same range", `"b": starts at byte 0, inside`, build(`{"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, 2)},
	{"gap", `"b": starts at byte 2, but`, build(`{"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 3)},
	{"gap at the start", `"a": starts at byte 1, but`, build(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 2)},
	{"bytes of nobody", "1 bytes after the last tensor", build(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 2)},
}

func TestDecodeRefuses(t *testing.T) {
	for _, c := range broken {
		if f, err := Decode(c.file); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, %v, want an error with %q", c.name, f, err, c.says)
		}
	}
}

func TestDecodeAccepts(t *testing.T) {
	for _, header := range []string{
		`{}`, `{}   `, `{"__metadata__":{}}`,
		`{"b":{"dtype":"U8","shape":[0,9],"data_offsets":[0,0]},"a":{"dtype":"F64","shape":[0],"data_offsets":[0,0]}}`,
	} {
		if _, err := Decode(build(header, 0)); err != nil {
			t.Errorf("%s: %v", header, err)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	one := FromFloat32s([]int{1}, []float32{1})
	for _, c := range []struct {
		says string
		file File
	}{
		{`"a": 4 bytes of data, but F32 of shape [2] takes 8`, File{Tensors: map[string]Tensor{"a": {F32, []int{2}, one.Data}}}},
		{`"a": unknown dtype "F12"`, File{Tensors: map[string]Tensor{"a": {"F12", []int{1}, one.Data}}}},
		{`"a": shape [-1]`, File{Tensors: map[string]Tensor{"a": {F32, []int{-1}, nil}}}},
		{`"__metadata__": not a name`, File{Tensors: map[string]Tensor{"__metadata__": one}}},
		{`not a name`, File{Tensors: map[string]Tensor{"\xff": one}}},
		{`is not UTF-8`, File{Metadata: map[string]string{"a": "\xff"}}},
	} {
		if b, err := c.file.Encode(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("got %q, %v, want an error with %q", b, err, c.says)
		}
	}
}

func TestValuesRefuse(t *testing.T) {
	f := File{Tensors: map[string]Tensor{
		"i": FromInt64s([]int{1}, []int64{1}), "f": FromFloat64s([]int{1}, []float64{1}),
		"u": {U64, []int{1}, []byte{0, 0, 0, 0, 0, 0, 0, 128}},
	}}
	_, f32 := f.Float32s("i")
	_, f64 := f.Float64s("i")
	_, i64 := f.Int64s("f")
	_, u64 := f.Int64s("u")
	_, missing := f.Float64s("gone")
	for _, c := range []struct {
		err  error
		says string
	}{
		{f32, `tensor "i": has dtype I64, want a float`}, {f64, `tensor "i": has dtype I64, want a float`},
		{i64, `tensor "f": has dtype F64, want an integer`}, {u64, `tensor "u": a U64 value`}, {missing, `tensor "gone": not among`},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.says) {
			t.Errorf("got %v, want an error with %q", c.err, c.says)
		}
	}
}

// full is a writer whose disk holds so many bytes.
type full int

var errFull = errors.New("disk full")

func (n *full) Write(b []byte) (int, error) {
	if *n -= full(len(b)); *n < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestWriteReportsTheWriter(t *testing.T) {
	f := File{Tensors: map[string]Tensor{"a": FromFloat64s([]int{3}, []float64{1, 2, 3})}}
	b, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(b) {
		room := full(n)
		if err := f.Write(&room); !errors.Is(err, errFull) {
			t.Errorf("room for %d of %d bytes: got %v", n, len(b), err)
		}
	}
	room := full(len(b))
	if err := f.Write(&room); err != nil {
		t.Error(err)
	}
}

func FuzzDecode(f *testing.F) {
	python, err := os.ReadFile("testdata/python.safetensors")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(python)
	for _, c := range broken {
		f.Add(c.file)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Decode(b)
		if err != nil {
			return
		}
		size := 0
		for name, tensor := range file.Tensors {
			size += len(tensor.Data)
			file.Float32s(name) // any of them may refuse the type, none may panic
			file.Float64s(name)
			file.Int64s(name)
		}
		if size > len(b) {
			t.Fatalf("%d bytes of tensors from %d bytes of file", size, len(b))
		}
		again, err := file.Encode()
		if err != nil {
			t.Fatalf("decoded but does not encode: %v", err)
		}
		back, err := Decode(again)
		if err != nil || !reflect.DeepEqual(back, file) {
			t.Fatalf("round trip: %v, %v, want %v", back, err, file)
		}
	})
}
