package train

import (
	"fmt"
	"strings"

	"partials/formats/onnx"
	"partials/internal/config"
)

// encodeONNX is the format "onnx": a graph that takes a signal block by block,
// or a whole one. Package onnx runs what it wrote against the model.
func (p *Player) encodeONNX(o ExportOptions) ([]byte, []string, error) {
	text, err := config.Marshal(p.recipe.Model)
	if err != nil {
		return nil, nil, err
	}
	s := onnx.Source{
		Model: p.model, Params: p.params, Device: p.dev, Controls: p.Controls, Name: p.Run.Name(), Rate: p.Rate, Version: Version,
		Metadata: map[string]string{"model": string(text)},
	}
	if len(o.Controls) > 0 {
		if err := p.SetControls(o.Controls); err != nil {
			return nil, nil, err
		}
		s.Settings = p.knobs
	}
	var m *onnx.Model
	if o.Whole {
		m, err = s.Whole()
	} else {
		m, err = s.Stream(o.Block)
	}
	if err != nil {
		return nil, nil, err
	}
	data, err := m.Encode()
	if err != nil {
		return nil, nil, err
	}
	f := p.model.Facts()
	takes := "a whole signal, with its latency taken out"
	if !o.Whole {
		takes = fmt.Sprintf("blocks of %s samples and %d states, which begin as zeros; the output is %d samples late",
			blockText(o.Block, f.Block), len(m.Graph.Outputs)-1, f.Latency)
	}
	if len(p.Controls) > 0 && s.Settings == nil {
		takes += "; controls: " + strings.Join(p.Controls, ", ")
	}
	notes := []string{
		fmt.Sprintf("opset %d, %d operators, %d Hz", m.Opset, len(m.Graph.Nodes), p.Rate),
		"takes " + takes,
		"read back and run: it is the model",
	}
	return data, notes, nil
}

// blockText is the length of blocks in words.
func blockText(fixed, unit int) string {
	switch {
	case fixed > 0:
		return fmt.Sprint(fixed)
	case unit == 1:
		return "any number of"
	}
	return fmt.Sprintf("any multiple of %d", unit)
}
