package train

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"partials/autograd"
	"partials/device"
	"partials/formats/nam"
)

// IsModelFile says whether a path is that of a .nam file and not of a run.
func IsModelFile(path string) bool { return strings.EqualFold(filepath.Ext(path), ".nam") }

// loadFile opens a .nam file. Models that package model lacks are played by
// package nam's own reader.
func (o Options) loadFile(path, deviceName string, size *float64) (p *Player, err error) {
	f, err := nam.Read(path)
	if err != nil {
		return nil, err
	}
	if f, err = ofSize(f, size); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if deviceName == "" {
		deviceName = "auto"
	}
	if p, err = o.newPlayer(deviceName); err != nil {
		return nil, err
	}
	defer p.closeAfter(&err)
	p.Inputs, p.Outputs = f.Net.Channels()
	if p.Rate = int(f.SampleRate); p.Rate == 0 {
		p.Rate = nam.UnknownRate
		p.Notes = append(p.Notes, fmt.Sprintf("the file does not say its rate; %d Hz is taken, as hosts do", p.Rate))
	}
	m, err := f.Model()
	var only *nam.NotTrainable
	switch {
	case errors.As(err, &only):
		p.Notes = append(p.Notes, "it has "+only.What+": plain loops play it, which takes longer")
		p.plain = func() stream { return plainStream{nam.NewReader(f)} }
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, err)
	default:
		if err := p.build(m.Config, 0); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if err := setWeights(p.dev, p.params, m.Weights); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return p, p.center()
}

// ofSize is the model of a container that a size picks, the largest for nil.
func ofSize(f *nam.File, size *float64) (*nam.File, error) {
	c, several := f.Net.(*nam.Container)
	switch {
	case size == nil && several:
		return c.At(1), nil
	case size == nil:
		return f, nil
	case !several:
		if w, ok := f.Net.(*nam.WaveNet); ok && w.Arrays[0].Slimmable {
			return nil, errors.New("its sizes are made by leaving channels out, which is not supported; it plays whole without --size")
		}
		return nil, errors.New("the model has one size only, so that there is none to pick")
	case !(*size >= 0 && *size <= 1):
		return nil, fmt.Errorf("the size is %v; it must be from 0 to 1", *size)
	}
	return c.At(*size), nil
}

// plainStream is a reader as a stream.
type plainStream struct{ *nam.Reader }

// Latency implements stream.
func (plainStream) Latency() int { return 0 }

// setWeights sets all parameters and buffers to the values of their names. Values
// that the model has no place for, as a first state that it does not learn, are
// left out.
func setWeights(dev device.Device, params *autograd.Params, w nam.Weights) error {
	for _, p := range params.All() {
		if n := p.Shape.Len(); len(w[p.Name]) != n {
			return fmt.Errorf("it has %d values of %s, and the model %d", len(w[p.Name]), p.Name, n)
		}
		dev.Write64(p.Var().Tensor, w[p.Name])
	}
	for _, b := range params.Buffers() {
		if n := b.Value.Len(); len(w[b.Name]) != n {
			return fmt.Errorf("it has %d values of %s, and the model %d", len(w[b.Name]), b.Name, n)
		}
		dev.Write64(b.Value, w[b.Name])
	}
	return nil
}
