package model_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"partials/device/ref"
	"partials/formats/onnx"
	"partials/formats/onnx/onnxtest"
	"partials/graph"
	"partials/model"
)

// exported is a model for export, with so many knobs.
type exported struct {
	small
	knobs int
}

// exportedModels are the small ones, and some with knobs.
func exportedModels() []exported {
	var list []exported
	for _, c := range smallModels {
		list = append(list, exported{c, 0})
	}
	rnn := model.RNN{HiddenSize: 3, Layers: 2, BurnIn: 20, Skip: true}
	layers := []model.LayerArray{{Channels: 3, KernelSize: 3, Dilations: []int{1, 4}, Head: model.ArrayHead{Bias: true}}}
	return append(list,
		exported{small{name: "wavenet with knobs", config: model.WaveNet{Layers: layers}, in: 1, out: 1}, 2},
		exported{small{name: "gru with a knob", config: model.GRU{RNN: rnn}, in: 2, out: 2}, 1},
	)
}

func (c exported) source(t testing.TB) onnx.Source {
	t.Helper()
	dev := ref.New()
	m, params, err := model.Build(c.config, dev, model.Env{Rate: 48000, Inputs: c.in, Outputs: c.out, Controls: c.knobs, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	return onnx.Source{Model: m, Params: params, Device: dev, Name: c.name, Rate: 48000, Controls: []string{"drive", "tone"}[:c.knobs]}
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
	for _, c := range exportedModels() {
		t.Run(c.name, func(t *testing.T) { exports(t, c.source(t)) })
	}
}

// Blocks that are long enough for the FFT are a convolution all the same.
func TestLongBlocksOfALongFIR(t *testing.T) {
	for _, c := range exportedModels() {
		if c.name != "fir long" {
			continue
		}
		g, err := c.source(t).Stream(2048)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(g.Graph.Nodes, func(n graph.Node) bool { return n.Op == "Conv" }) {
			t.Error("there is no Conv")
		}
		return
	}
	t.Fatal("there is no such model")
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
	dir := t.TempDir()
	var jobs []job
	for _, c := range exportedModels() {
		s := c.source(t)
		f := s.Model.Facts()
		n := 60 * f.Block
		x := noise(c.in, n, 4)
		late := f.Latency + f.Block - 1
		padded, y := noise(c.in, n+late, 4), noise(c.out, n+late, 0)
		for ch := range x {
			copy(padded[ch], x[ch])
			clear(padded[ch][n:])
		}
		for range c.knobs {
			padded = append(padded, make([]float32, n+late))
			for i := range padded[len(padded)-1] {
				padded[len(padded)-1][i] = 0.5
			}
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
	out := onnxtest.Node(t, "testdata/onnxruntime.js", filepath.Join(dir, "jobs.json"))
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
