package nam

import (
	"errors"
	"fmt"
	"slices"

	"partials/model"
)

// settle is how many samples of silence a file's first state has heard.
const settle = 48000

// lstm describes an LSTM of package model. Its first state is the one that
// silence leads the model to.
func (m *Trained) lstm(c model.LSTM) (*File, error) {
	c = c.Sized()
	if c.Skip {
		return nil, errors.New("a .nam file cannot add the input to the output; train without skip, or export as aidax")
	}
	l := &LSTM{Inputs: m.Inputs, Outputs: m.Outputs, Hidden: c.HiddenSize, Layers: c.Layers}
	extra := Weights{"head.weight": times(m.Weights["head.weight"], m.Gain), "head.bias": times(m.Weights["head.bias"], m.Gain)}
	for i := range c.Layers {
		at := fmt.Sprintf("layers.%d.", i)
		wi, wh := m.Weights[at+"weight_ih"], m.Weights[at+"weight_hh"]
		bias := slices.Clone(m.Weights[at+"bias_ih"])
		for k, b := range m.Weights[at+"bias_hh"] {
			bias[k] += b
		}
		if i == 0 {
			wi, bias = m.baked(wi, bias)
		}
		in := l.in(i)
		var weight []float64
		for r := range 4 * c.HiddenSize {
			weight = append(append(weight, wi[r*in:(r+1)*in]...), wh[r*c.HiddenSize:(r+1)*c.HiddenSize]...)
		}
		extra[at+"weight"], extra[at+"bias"] = weight, bias
		for _, state := range []string{at + "h0", at + "c0"} {
			if m.Weights[state] == nil {
				extra[state] = make([]float64, c.HiddenSize)
			}
		}
	}
	f, err := m.file(l, extra)
	if err != nil {
		return nil, err
	}
	return m.file(l, l.settled(f, extra))
}

// settled are the weights with the state that silence leads to.
func (l *LSTM) settled(f *File, extra Weights) Weights {
	layers, run := l.reader(&weights{left: f.Weights})
	run(newSignal(l.Inputs, settle))
	for i, r := range layers {
		at := fmt.Sprintf("layers.%d.", i)
		extra[at+"h0"], extra[at+"c0"] = slices.Clone(r.xh[r.in:]), slices.Clone(r.c)
	}
	return extra
}

// fromLSTM is the way back. PyTorch's second bias is zero. A stream begins with
// half a second of silence, as in hosts.
func (m *Trained) fromLSTM(l *LSTM, rate float64) error {
	c := model.LSTM{RNN: model.RNN{HiddenSize: l.Hidden, Layers: l.Layers, BurnIn: int(rate / 2), DetachEvery: 512, LearnStart: true}}
	m.Config = c
	for i := range l.Layers {
		at := fmt.Sprintf("layers.%d.", i)
		in, width := l.in(i), l.in(i)+l.Hidden
		var wi, wh []float64
		for r := range 4 * l.Hidden {
			row := m.Weights[at+"weight"][r*width : (r+1)*width]
			wi, wh = append(wi, row[:in]...), append(wh, row[in:]...)
		}
		m.Weights[at+"weight_ih"], m.Weights[at+"weight_hh"] = wi, wh
		m.Weights[at+"bias_ih"], m.Weights[at+"bias_hh"] = m.Weights[at+"bias"], make([]float64, 4*l.Hidden)
		delete(m.Weights, at+"weight")
		delete(m.Weights, at+"bias")
	}
	return c.Validate()
}
