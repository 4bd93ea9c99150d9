package aidax

import (
	"errors"
	"fmt"

	"partials/model"
)

// Trained is a model of package model with one channel of sound in and out, and
// its weights by the names of its parameters.
type Trained struct {
	Config  model.Config
	Knobs   []string
	Weights map[string][]float64
	// Gain multiplies the output.
	Gain float64
	// Controls are where the knobs stand for good, one each; nil keeps them.
	Controls []float64
}

// testSamples is the length of the self-test, as in the files of AIDA-X.
const testSamples = 2048

// FromModel describes a trained model, with a self-test on the samples of x.
func FromModel(m Trained, x []float32) (*File, error) {
	var f *File
	var rnn model.RNN
	switch c := m.Config.(type) {
	case model.LSTM:
		f, rnn = &File{Cell: LSTM}, c.Sized().RNN
	case model.GRU:
		f, rnn = &File{Cell: GRU}, c.RNN
	default:
		return nil, errors.New("AIDA-X plays lstm and gru only")
	}
	if rnn.Layers != 1 {
		return nil, fmt.Errorf("AIDA-X plays one recurrent layer, and the model has %d", rnn.Layers)
	}
	if rnn.Skip && m.Gain != 1 {
		return nil, errors.New("a model that adds its input to its output cannot be brought back from target_level; train without either")
	}
	f.Hidden, f.Skip, f.Inputs = rnn.HiddenSize, rnn.Skip, 1
	if m.Controls == nil {
		f.Inputs += len(m.Knobs)
		f.Metadata.Knobs = m.Knobs
	}
	f.lay(m)
	if err := f.check(); err != nil {
		return nil, err
	}
	f.Test.Input = append([]float32{}, x[:min(len(x), testSamples)]...)
	f.Test.Output = make([]float32, len(f.Test.Input))
	NewReader(f).Process(f.Test.Output, f.Test.Input)
	return f, nil
}

// order is where the file's gates stand in PyTorch's weights.
func (f *File) order() []int {
	if f.Cell == GRU {
		return []int{1, 0, 2} // z, r, n of r, z, n
	}
	return []int{0, 1, 2, 3}
}

// lay turns PyTorch's weights into Keras's: matrices are transposed and a GRU's
// gates change places. Knobs that stand for good go into the bias.
func (f *File) lay(m Trained) {
	wi, wh := m.Weights["layers.0.weight_ih"], m.Weights["layers.0.weight_hh"]
	bi, bh := m.Weights["layers.0.bias_ih"], m.Weights["layers.0.bias_hh"]
	h, columns := f.Hidden, 1+len(m.Knobs)
	f.Kernel, f.Recur = matrix(f.Inputs, len(bi)), matrix(h, len(bi))
	bias := matrix(2, len(bi))
	for g, from := range f.order() {
		for u := range h {
			to, row := g*h+u, from*h+u
			sum := bi[row]
			for i := range columns {
				w := wi[row*columns+i]
				if i < f.Inputs {
					f.Kernel[i][to] = float32(w)
				} else {
					sum += w * m.Controls[i-1]
				}
			}
			for i := range h {
				f.Recur[i][to] = float32(wh[row*h+i])
			}
			bias[0][to], bias[1][to] = float32(sum), float32(bh[row])
			if f.Cell == LSTM {
				bias[0][to] = float32(sum + bh[row])
			}
		}
	}
	f.Bias = bias
	if f.Cell == LSTM {
		f.Bias = bias[:1]
	}
	f.Dense = matrix(h, 1)
	for i := range h {
		f.Dense[i][0] = float32(m.Weights["head.weight"][i] * m.Gain)
	}
	f.Offset = float32(m.Weights["head.bias"][0] * m.Gain)
}

func matrix(rows, cols int) [][]float32 {
	m := make([][]float32, rows)
	for i := range m {
		m[i] = make([]float32, cols)
	}
	return m
}
