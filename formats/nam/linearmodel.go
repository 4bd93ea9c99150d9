package nam

import (
	"errors"
	"slices"

	"partials/model"
)

// The names of a filter's parameters in package model.
const (
	firWeight = "impulse_response.weight"
	firBias   = "bias"
)

// linear describes a filter of package model, whose last tap meets the newest
// sample, as an impulse response.
func (m *Trained) linear(c model.FIR) (*File, error) {
	if m.Inputs != 1 || m.Outputs != 1 {
		return nil, errors.New("a .nam file holds a filter of one channel only")
	}
	response := times(m.Weights[firWeight], m.Gain)
	slices.Reverse(response)
	return m.file(&Linear{Taps: c.Taps, Bias: c.Bias}, Weights{"impulse_response": response, "bias": times(m.Weights[firBias], m.Gain)})
}

// fromLinear is the way back.
func (m *Trained) fromLinear(l *Linear) {
	response := m.Weights["impulse_response"]
	slices.Reverse(response)
	delete(m.Weights, "impulse_response")
	m.Weights[firWeight] = response
	m.Config = model.FIR{Taps: l.Taps, Bias: l.Bias}
}
