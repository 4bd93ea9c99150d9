package train

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"partials/audio"
	"partials/model"
)

// encodeWAV is the format "wav": the impulse response of a filter, for any
// convolver, one channel for each output.
func (p *Player) encodeWAV(ExportOptions) ([]byte, []string, error) {
	c, ok := p.recipe.Model.Value.(model.FIR)
	switch {
	case !ok:
		return nil, nil, errors.New("only a filter (model kind fir) is its impulse response")
	case p.Inputs != 1:
		return nil, nil, fmt.Errorf("the filter has %d inputs; that of one input can be written", p.Inputs)
	}
	all := p.weights()
	taps := all["impulse_response.weight"]
	a := &audio.Audio{Rate: p.Rate}
	for at := 0; at < len(taps); at += c.Taps {
		response := make([]float32, c.Taps) // from the newest sample's tap on
		for i := range response {
			response[i] = float32(taps[at+c.Taps-1-i] * p.gain)
		}
		a.Channels = append(a.Channels, response)
	}
	data, err := encodeFloatWAV(a)
	if err != nil {
		return nil, nil, err
	}
	notes := []string{fmt.Sprintf("%d samples, %d Hz, float32; read back, it is the same", c.Taps, p.Rate)}
	if b := all["bias"]; slices.ContainsFunc(b, func(v float64) bool { return v != 0 }) {
		notes = append(notes, fmt.Sprintf("the constant that the filter adds, %.3g, is no part of an impulse response and is left out", b[0]*p.gain))
	}
	return data, notes, nil
}

// encodeFloatWAV is the bytes of a WAV file, which was read back.
func encodeFloatWAV(a *audio.Audio) (data []byte, err error) {
	dir, err := os.MkdirTemp("", "partials-export-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "response.wav")
	if _, err := audio.WriteFile(path, a, audio.Float32); err != nil {
		return nil, err
	}
	if data, err = os.ReadFile(path); err != nil {
		return nil, err
	}
	r, err := audio.NewReader(path, bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	back := planes(len(a.Channels), len(a.Channels[0]))
	if _, err := r.ReadAt(back, 0); err != nil {
		return nil, err
	}
	for c, x := range a.Channels {
		for i, v := range x {
			if math.Float32bits(v) != math.Float32bits(back[c][i]) {
				return nil, fmt.Errorf("sample %d of the file that was made is %v, not %v", i, back[c][i], v)
			}
		}
	}
	return data, nil
}
