package onnx

import (
	"bytes"
	"os"
	"reflect"
	"strings"
	"testing"

	"partials/graph"
)

// sample is a model with every kind of thing that a file can hold.
func sample() *Model {
	g := &graph.Graph{
		Inputs:  []graph.Port{{Name: "input", Dims: []graph.Dim{{N: 1}, {N: 2}, {Name: "samples"}}, Doc: "a signal"}},
		Outputs: []graph.Port{{Name: "output", Dims: []graph.Dim{{N: 1}, {N: 2}, {Name: "samples"}}}},
		Constants: []graph.Constant{
			{Name: "half", Floats: []float32{0.5}},
			{Name: "shape", Dims: []int{3}, Ints: []int64{1, 2, -3}},
			{Name: "none", Dims: []int{0}, Ints: []int64{}},
		},
		Nodes: []graph.Node{
			{Op: "LeakyRelu", Attrs: graph.Attrs{"alpha": 0.25}, In: []graph.Value{"input"}, Out: []graph.Value{"a"}},
			{Op: "Transpose", Attrs: graph.Attrs{"perm": []int{0, 1, 2}}, In: []graph.Value{"a"}, Out: []graph.Value{"b"}},
			{Op: "Pad", Attrs: graph.Attrs{"mode": "edge"}, In: []graph.Value{"b", "shape"}, Out: []graph.Value{"c"}},
			{Op: "ReduceSum", Attrs: graph.Attrs{"keepdims": 0}, In: []graph.Value{"c"}, Out: []graph.Value{"d"}},
			{Op: "Mul", In: []graph.Value{"d", "half"}, Out: []graph.Value{"output"}},
		},
	}
	return &Model{Name: "sample", Doc: "for a test", Producer: "partials", ProducerVersion: "1", Opset: graph.Opset,
		Metadata: map[string]string{"b": "2", "a": ""}, Graph: g}
}

func encoded(t testing.TB, m *Model) []byte {
	t.Helper()
	data, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestRoundTrip(t *testing.T) {
	m := sample()
	data := encoded(t, m)
	again, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again, m) {
		t.Errorf("read back as\n%+v\nwritten as\n%+v", again, m)
	}
	if !bytes.Equal(encoded(t, again), data) {
		t.Error("equal models give other bytes")
	}
}

func TestCheckRefuses(t *testing.T) {
	for want, spoil := range map[string]func(m *Model){
		`the operators are of version 9; 17 is known`:       func(m *Model) { m.Opset = 9 },
		`there is no operator "Mull"`:                       func(m *Model) { m.Graph.Nodes[4].Op = "Mull" },
		`Mul: 1 inputs, it takes 2 to 2`:                    func(m *Model) { m.Graph.Nodes[4].In = m.Graph.Nodes[4].In[:1] },
		`Mul: an input that it needs is missing`:            func(m *Model) { m.Graph.Nodes[4].In[0] = "" },
		`Mul uses "e", which nothing before it computes`:    func(m *Model) { m.Graph.Nodes[4].In[0] = "e" },
		`two values are called "half"`:                      func(m *Model) { m.Graph.Nodes[4].Out[0] = "half" },
		`nothing computes the output "result"`:              func(m *Model) { m.Graph.Outputs[0].Name = "result" },
		`LeakyRelu: there is no option "beta"`:              func(m *Model) { m.Graph.Nodes[0].Attrs["beta"] = 1.0 },
		`Mul: 2 outputs, it has 1`:                          func(m *Model) { m.Graph.Nodes[4].Out = []graph.Value{"output", "more"} },
		`constant "shape" has shape [4] but 24 bytes`:       func(m *Model) { m.Graph.Constants[1].Dims = []int{4} },
		`"half" has shape [9223372036854775807] but 4 byte`: func(m *Model) { m.Graph.Constants[0].Dims = []int{1<<63 - 1} },
	} {
		m := sample()
		spoil(m)
		if _, err := Decode(encoded(t, m)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestDecodeRefusesWhatIsNoFile(t *testing.T) {
	data := encoded(t, sample())
	for _, broken := range [][]byte{nil, []byte("RIFF"), data[:len(data)/2], data[:3], append([]byte{0xff}, data...)} {
		if m, err := Decode(broken); err == nil {
			t.Errorf("%d bytes are read as %+v", len(broken), m)
		}
	}
}

// testdata/foreign.onnx was written by ONNX's own Python package (the script
// testdata/gen/onnx_file.py): y = LeakyRelu(x * [1, 2, 3]) reshaped to (3, 2).
func TestForeignFile(t *testing.T) {
	data, err := os.ReadFile("testdata/foreign.onnx")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	y, err := m.Run(map[string]Array{"x": {Dims: []int{2, 3}, Values: []float64{1, -2, 3, -4, 5, -6}}})
	if err != nil {
		t.Fatal(err)
	}
	want := Array{Dims: []int{3, 2}, Values: []float64{1, -1, 9, -1, 10, -4.5}}
	if !reflect.DeepEqual(y["y"], want) {
		t.Errorf("%v, want %v", y["y"], want)
	}
	_, err = m.Run(map[string]Array{"x": {Dims: []int{2, 2}, Values: []float64{1, 2, 3, 4}}})
	if err == nil || !strings.Contains(err.Error(), `Mul, which makes "scaled", cannot run: shapes do not repeat each other`) {
		t.Error(err)
	}
}

// Whatever is in a file, it is an error or a model that can be written again.
func FuzzDecode(f *testing.F) {
	f.Add(encoded(f, sample()))
	foreign, err := os.ReadFile("testdata/foreign.onnx")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(foreign)
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Decode(data)
		if err != nil {
			return
		}
		again, err := Decode(encoded(t, m))
		if err != nil {
			t.Fatalf("written again: %v", err)
		}
		if !bytes.Equal(encoded(t, again), encoded(t, m)) {
			t.Error("read and written again it is another model")
		}
	})
}
