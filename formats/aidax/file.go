// Package aidax reads and writes the JSON models that AIDA-X and other hosts of
// RTNeural play: one LSTM or GRU layer and a linear one.
//
// A file is an object: in_shape, in_skip, layers, metadata, and a self-test: an
// input and what the model makes of it from a state of zeros. Weights are laid
// out as Keras does. Decode checks all of it; Reader plays a file in plain float64
// Go, independent of package model.
//
// Format: https://github.com/AidaDSP/AIDA-X and https://github.com/jatinchowdhury18/RTNeural
package aidax

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// File is the content of a model file.
type File struct {
	Inputs   int  // 1, and one for each knob
	Skip     bool // the host adds the input to the output
	Cell     Cell
	Hidden   int
	Kernel   [][]float32 // (inputs, gates*hidden)
	Recur    [][]float32 // (hidden, gates*hidden)
	Bias     [][]float32 // LSTM (1, 4*hidden); GRU (2, 3*hidden), of the input and of the state
	Dense    [][]float32 // (hidden, 1)
	Offset   float32     // of the dense layer
	Metadata Metadata
	Test     SelfTest
}

// Cell is the kind of the recurrent layer.
type Cell string

// The cells. The gates are i, f, g, o of an LSTM, and z, r, n of a GRU.
const (
	LSTM Cell = "lstm"
	GRU  Cell = "gru"
)

func (c Cell) gates() int {
	if c == GRU {
		return 3
	}
	return 4
}

// Metadata is what a file says about itself.
type Metadata struct {
	Name   string   `json:"name,omitempty"`
	Rate   string   `json:"samplerate,omitempty"` // Hz
	Author string   `json:"author,omitempty"`
	Based  string   `json:"based,omitempty"` // the gear
	Style  string   `json:"style,omitempty"` // the tone
	Source string   `json:"source,omitempty"`
	Knobs  []string `json:"controls,omitempty"` // names of the inputs behind the first
	ESR    *float64 `json:"esr,omitempty"`
}

// SelfTest is an input of one channel, knobs at zero, and what the model makes of
// it from a state of zeros.
type SelfTest struct{ Input, Output []float32 }

// Sizes are the widths that hosts have code for.
var Sizes = []int{8, 12, 16, 20, 24, 32, 40, 64, 80}

// MaxInputs is what hosts have knobs for, and the sound.
const MaxInputs = 3

type fileJSON struct {
	InShape []*int      `json:"in_shape"`
	Skip    int         `json:"in_skip"`
	Meta    Metadata    `json:"metadata"`
	Layers  []layerJSON `json:"layers"`
	Input   []float32   `json:"input_batch,omitempty"`
	Output  []float32   `json:"output_batch,omitempty"`
}

type layerJSON struct {
	Type       string            `json:"type"`
	Activation string            `json:"activation"`
	Shape      []*int            `json:"shape"`
	Weights    []json.RawMessage `json:"weights"`
}

// shape is [null, null, n].
func shape(n int) []*int { return []*int{nil, nil, &n} }

// last is the n of a shape.
func last(s []*int) (int, error) {
	if len(s) == 0 || s[len(s)-1] == nil {
		return 0, errors.New("a shape must end with a number")
	}
	return *s[len(s)-1], nil
}

// Encode returns the file's bytes.
func (f *File) Encode() ([]byte, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	var bias any = f.Bias[0]
	if f.Cell == GRU {
		bias = f.Bias
	}
	cell, err := raw(f.Kernel, f.Recur, bias)
	if err != nil {
		return nil, err
	}
	dense, err := raw(f.Dense, []float32{f.Offset})
	if err != nil {
		return nil, err
	}
	out := fileJSON{InShape: shape(f.Inputs), Meta: f.Metadata, Input: f.Test.Input, Output: f.Test.Output, Layers: []layerJSON{
		{Type: string(f.Cell), Shape: shape(f.Hidden), Weights: cell},
		{Type: "dense", Shape: shape(1), Weights: dense},
	}}
	if f.Skip {
		out.Skip = 1
	}
	return json.Marshal(out)
}

func raw(values ...any) ([]json.RawMessage, error) {
	var list []json.RawMessage
	for _, v := range values {
		data, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		list = append(list, data)
	}
	return list, nil
}

// Decode reads a file's bytes. An error says what is wrong with it.
func Decode(data []byte) (*File, error) {
	var in fileJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, fmt.Errorf("it is no AIDA-X model: %w", err)
	}
	if len(in.Layers) != 2 || in.Layers[1].Type != "dense" || len(in.Layers[0].Weights) != 3 || len(in.Layers[1].Weights) != 2 {
		return nil, errors.New("it is no AIDA-X model: it must have a recurrent layer of three weights and a dense one of two")
	}
	f := &File{Cell: Cell(in.Layers[0].Type), Skip: in.Skip != 0, Metadata: in.Meta, Test: SelfTest{in.Input, in.Output}}
	if f.Cell != LSTM && f.Cell != GRU {
		return nil, fmt.Errorf("its first layer is a %.20q; lstm and gru can be read", f.Cell)
	}
	var err error
	if f.Inputs, err = last(in.InShape); err != nil {
		return nil, fmt.Errorf("in_shape: %w", err)
	}
	if f.Hidden, err = last(in.Layers[0].Shape); err != nil {
		return nil, fmt.Errorf("the %s layer: %w", f.Cell, err)
	}
	var one, offset []float32
	biases := any(&one)
	if f.Cell == GRU {
		biases = &f.Bias
	}
	for i, to := range []any{&f.Kernel, &f.Recur, biases} {
		if err := json.Unmarshal(in.Layers[0].Weights[i], to); err != nil {
			return nil, fmt.Errorf("weight %d of the %s layer: %w", i+1, f.Cell, err)
		}
	}
	if f.Cell == LSTM {
		f.Bias = [][]float32{one}
	}
	for i, to := range []any{&f.Dense, &offset} {
		if err := json.Unmarshal(in.Layers[1].Weights[i], to); err != nil {
			return nil, fmt.Errorf("weight %d of the dense layer: %w", i+1, err)
		}
	}
	if len(offset) != 1 {
		return nil, fmt.Errorf("the dense layer has %d biases; it must have one", len(offset))
	}
	f.Offset = offset[0]
	return f, f.check()
}

// check reports what no host plays.
func (f *File) check() error {
	if f.Inputs < 1 || f.Inputs > MaxInputs {
		return fmt.Errorf("it has %d inputs; hosts take 1 to %d, the sound and knobs", f.Inputs, MaxInputs)
	}
	if !slices.Contains(Sizes, f.Hidden) {
		return fmt.Errorf("its hidden size is %d; hosts take %v", f.Hidden, Sizes)
	}
	wide := f.Cell.gates() * f.Hidden
	biases := 1
	if f.Cell == GRU {
		biases = 2
	}
	for _, x := range []struct {
		name       string
		m          [][]float32
		rows, cols int
	}{
		{"the kernel", f.Kernel, f.Inputs, wide}, {"the recurrent kernel", f.Recur, f.Hidden, wide},
		{"the bias", f.Bias, biases, wide}, {"the dense layer", f.Dense, f.Hidden, 1},
	} {
		if len(x.m) != x.rows {
			return fmt.Errorf("%s has %d rows; it must have %d", x.name, len(x.m), x.rows)
		}
		for _, row := range x.m {
			if len(row) != x.cols {
				return fmt.Errorf("%s has a row of %d numbers; it must have %d", x.name, len(row), x.cols)
			}
			for _, v := range row {
				if v-v != 0 {
					return fmt.Errorf("%s holds %v, which is no number", x.name, v)
				}
			}
		}
	}
	if len(f.Test.Input) != len(f.Test.Output) {
		return fmt.Errorf("its self-test has %d inputs and %d outputs", len(f.Test.Input), len(f.Test.Output))
	}
	return nil
}
