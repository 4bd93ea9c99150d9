package model_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"partials/device/ref"
	"partials/formats/onnx"
	"partials/internal/impl/impltest"
	"partials/model"
)

// sourceOf is a small model for export.
func sourceOf(t testing.TB, c small) onnx.Source {
	m := build(t, ref.New(), c.config, c.in, c.out)
	return onnx.Source{Model: m.Model, Params: m.params, Device: m.dev, Name: c.name, Rate: 48000}
}

// exports are the graphs of one model: the streaming one for blocks of any
// length and of one, and that of whole signals.
func exports(t testing.TB, s onnx.Source) map[string]*onnx.Model {
	graphs := map[string]*onnx.Model{}
	for name, export := range map[string]func() (*onnx.Model, error){
		"stream": func() (*onnx.Model, error) { return s.Stream(0) },
		"fixed":  func() (*onnx.Model, error) { return s.Stream(2 * s.Model.Facts().Block) },
		"whole":  s.Whole,
	} {
		g, err := export()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		graphs[name] = g
	}
	return graphs
}

// Every model is written as ONNX; an export that is off from the model fails
// by itself.
func TestEveryModelIsWrittenAsONNX(t *testing.T) {
	for _, c := range smallModels {
		t.Run(c.name, func(t *testing.T) { exports(t, sourceOf(t, c)) })
	}
}

// job is what testdata/onnxruntime.js runs: a graph over a signal in blocks.
type job struct {
	Name    string `json:"name"`
	Graph   string `json:"graph"`  // a file
	Input   string `json:"input"`  // a file of float32, channel by channel
	Output  string `json:"output"` // the same
	Inputs  int    `json:"inputs"`
	Outputs int    `json:"outputs"`
	Blocks  []int  `json:"blocks"` // samples
}

// What onnxruntime makes of the files is what the models make, block by block.
func TestONNXRuntimeAgrees(t *testing.T) {
	if err := exec.Command("node", "-e", `require("onnxruntime-node")`).Run(); err != nil {
		if os.Getenv(impltest.Strict) == "1" {
			t.Fatalf("node finds no onnxruntime-node, and %s=1 wants it: %v", impltest.Strict, err)
		}
		t.Skip("needs node with onnxruntime-node on NODE_PATH")
	}
	dir := t.TempDir()
	var jobs []job
	for _, c := range smallModels {
		s := sourceOf(t, c)
		f := s.Model.Facts()
		n := 60 * f.Block
		x := noise(c.in, n, 4)
		late := f.Latency + f.Block - 1
		padded, y := noise(c.in, n+late, 4), noise(c.out, n+late, 0)
		for ch := range x {
			copy(padded[ch], x[ch])
			clear(padded[ch][n:])
		}
		model.NewStream(s.Model, s.Device).Process(y, padded)
		blocks := map[string][]int{
			"stream": {f.Block, 7 * f.Block, f.Block, 51 * f.Block},
			"fixed":  make([]int, 30),
			"whole":  {n},
		}
		for i := range blocks["fixed"] {
			blocks["fixed"][i] = 2 * f.Block
		}
		for form, g := range exports(t, s) {
			at := filepath.Join(dir, fmt.Sprint(len(jobs)))
			late := f.Block - 1 // of the Stream behind the graph
			if form == "whole" {
				late += f.Latency
			}
			data, err := g.Encode()
			if err != nil {
				t.Fatal(err)
			}
			write(t, at+".onnx", data)
			write(t, at+".in", bytesOf(x))
			write(t, at+".out", bytesOf(cut(y, late, late+n)))
			jobs = append(jobs, job{c.name + ", " + form, at + ".onnx", at + ".in", at + ".out", c.in, c.out, blocks[form]})
		}
	}
	list, err := json.Marshal(jobs)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "jobs.json"), list)
	out, err := exec.Command("node", "testdata/onnxruntime.js", filepath.Join(dir, "jobs.json")).Output()
	if err != nil {
		t.Fatalf("%v: %s", err, err.(*exec.ExitError).Stderr)
	}
	var worst map[string]*float64 // null is NaN
	if err := json.Unmarshal(out, &worst); err != nil {
		t.Fatal(err)
	}
	for _, j := range jobs {
		if d := worst[j.Name]; d == nil || *d > 1e-5 {
			t.Errorf("%s: onnxruntime does something else; off by: %s", j.Name, out)
		}
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

func bytesOf(x [][]float32) []byte {
	var b []byte
	for _, channel := range x {
		for _, v := range channel {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
	}
	return b
}
