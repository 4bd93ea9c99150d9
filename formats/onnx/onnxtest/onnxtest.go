// Package onnxtest holds what Functions say of themselves in ONNX's operators
// against what they compute.
package onnxtest

import (
	"testing"

	"partials/autograd"
	"partials/autograd/gradcheck"
	"partials/device/ref"
	"partials/formats/onnx"
	"partials/graph"
	"partials/internal/golden"
)

// Same writes f as an ONNX file, reads that back, runs it on in, and reports a
// difference from f on the reference device.
func Same(t *testing.T, f gradcheck.Func, in []gradcheck.Input) {
	t.Helper()
	dev := ref.New()
	tape := autograd.NewTape(dev, 0)
	vars := make([]*autograd.Var, len(in))
	names := make([]onnx.Named, len(in))
	feeds := map[string]onnx.Array{}
	for i, x := range in {
		vars[i] = tape.Put64(x.Shape, x.Data)
		name := string(rune('a' + i))
		names[i] = onnx.Named{Name: graph.Value(name), Var: vars[i]}
		dims := make([]int, x.Shape.Rank())
		for k := range dims {
			dims[k] = x.Shape.Dim(k)
		}
		feeds[name] = onnx.Array{Dims: dims, Values: x.Data}
	}
	y := f(tape, vars)
	want := make([]float64, y.Len())
	dev.Read64(want, y.Tensor)
	g, err := onnx.Trace(tape, new(autograd.Params), names, []onnx.Named{{Name: "out", Var: y}})
	if err != nil {
		t.Fatal(err)
	}
	data, err := (&onnx.Model{Opset: graph.Opset, Graph: g}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	m, err := onnx.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.Run(feeds)
	if err != nil {
		t.Fatal(err)
	}
	out := got["out"]
	if len(out.Dims) != y.Rank() {
		t.Fatalf("shape %v, want %v", out.Dims, y.Shape)
	}
	for i, d := range out.Dims {
		if d != y.Dim(i) {
			t.Fatalf("shape %v, want %v", out.Dims, y.Shape)
		}
	}
	if e := golden.RelL2(out.Values, want); !(e <= 1e-6) { // constants are float32
		t.Errorf("relative error %.2g", e)
	}
}
