// Package golden gives tests the reference values of testdata/reference: cases made with PyTorch
// and its libraries, read from any package's tests. Only tests import it.
//
// Each JSON file's "conventions" define its ops' parameters, shapes and gradients;
// testdata/gen/README.md says how the files were made.
package golden

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"partials/formats/safetensors"
)

// Array is a reference array, row-major in float64. A complex array holds (re, im)
// pairs: its Data is twice as long as Shape says.
type Array struct {
	Shape   []int
	Complex bool
	Data    []float64
}

// Case is one reference case: an op, its parameters, and arrays in and out by name.
type Case struct {
	ID, Op       string
	Params       map[string]json.RawMessage // read with Param
	Arrays       map[string]Array
	Scalars      map[string]float64
	Float32Error map[string]float64 // by array or scalar: relative L2 error of the same PyTorch code in float32
	Note         string
}

// Cases returns the cases of testdata/reference/FILE.{json,safetensors} with one of the ops (all without ops),
// in the file's order. No such case is fatal, so that a misspelt op tests something.
func Cases(t testing.TB, file string, ops ...string) []Case {
	t.Helper()
	var doc struct {
		Cases []struct {
			ID, Op  string
			Params  map[string]json.RawMessage
			Scalars map[string]float64
			Note    string
			Error   map[string]float64 `json:"torch_float32_rel_l2_error"`
			Arrays  map[string]struct {
				Tensor  string
				Shape   []int
				Complex bool
			}
		}
	}
	decode(t, file+".json", &doc)
	values, err := safetensors.Decode(read(t, file+".safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []Case
	for _, c := range doc.Cases {
		if len(ops) > 0 && !slices.Contains(ops, c.Op) {
			continue
		}
		arrays := map[string]Array{}
		for name, a := range c.Arrays {
			data, err := values.Float64s(a.Tensor)
			if err != nil {
				t.Fatalf("%s: %s: %v", c.ID, name, err)
			}
			arrays[name] = Array{a.Shape, a.Complex, data}
		}
		cases = append(cases, Case{c.ID, c.Op, c.Params, arrays, c.Scalars, c.Error, c.Note})
	}
	if len(cases) == 0 {
		t.Fatalf("%s.json has no case with an op of %q", file, ops)
	}
	return cases
}

// Torch returns the cases of torch.json: rfft, irfft, window, stft, istft, stft_loss, mrstft_loss.
func Torch(t testing.TB, ops ...string) []Case {
	t.Helper()
	return Cases(t, "torch", ops...)
}

// Param returns a parameter of the case as a T; a JSON null is T's zero value (use a pointer to tell them apart).
// A missing name and another type are fatal.
func Param[T any](t testing.TB, c Case, name string) T {
	t.Helper()
	var v T
	raw, ok := c.Params[name]
	if !ok {
		t.Fatalf("%s has no parameter %q", c.ID, name)
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%s: parameter %q: %v", c.ID, name, err)
	}
	return v
}

// Array returns the named array; a missing one is fatal.
func (c Case) Array(t testing.TB, name string) Array {
	t.Helper()
	a, ok := c.Arrays[name]
	if !ok {
		t.Fatalf("%s has no array %q", c.ID, name)
	}
	return a
}

// Scalar returns the named scalar; a missing one is fatal.
func (c Case) Scalar(t testing.TB, name string) float64 {
	t.Helper()
	v, ok := c.Scalars[name]
	if !ok {
		t.Fatalf("%s has no scalar %q", c.ID, name)
	}
	return v
}

// Tol32 is the relative L2 error that a float32 implementation may have in the named
// array or scalar: ten times PyTorch's own, at least floor.
func (c Case) Tol32(t testing.TB, name string, floor float64) float64 {
	t.Helper()
	e, ok := c.Float32Error[name]
	if !ok {
		t.Fatalf("%s states no float32 error for %q", c.ID, name)
	}
	return max(10*e, floor)
}

// RelL2 returns ||got-want|| / ||want||, or ||got|| where want is all zeros (or empty).
// Different lengths, and a NaN or infinity in either, give +Inf, so that every comparison with a bound fails.
func RelL2(got, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	var diff, norm float64
	for i, w := range want {
		d := got[i] - w
		diff += d * d
		norm += w * w
	}
	diff, norm = math.Sqrt(diff), math.Sqrt(norm)
	if math.IsNaN(diff) || math.IsInf(diff, 0) || math.IsInf(norm, 0) {
		return math.Inf(1)
	}
	if norm == 0 {
		return diff
	}
	return diff / norm
}

// decode reads a JSON file of testdata/reference into v.
func decode(t testing.TB, name string, v any) {
	t.Helper()
	if err := json.Unmarshal(read(t, name), v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// read returns a file of testdata/reference under the module's root, which is the first folder
// with a go.mod on the way up from the test's working directory.
func read(t testing.TB, name string) []byte {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the working directory")
		}
		dir = up
	}
	b, err := os.ReadFile(filepath.Join(dir, "testdata", "reference", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
