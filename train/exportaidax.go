package train

import (
	"fmt"
	"strconv"

	"partials/formats/aidax"
)

// encodeAIDAX is the format "aidax". The file is read back by package aidax's own
// reader and must sound as the model does, once both have settled.
func (p *Player) encodeAIDAX(o ExportOptions) ([]byte, []string, error) {
	if p.Inputs != 1 || p.Outputs != 1 {
		return nil, nil, fmt.Errorf("AIDA-X plays one channel, and the model has %d in and %d out", p.Inputs, p.Outputs)
	}
	if len(o.Controls) > 0 {
		if err := p.SetControls(o.Controls); err != nil {
			return nil, nil, err
		}
	}
	list, err := p.submodels()
	if err != nil {
		return nil, nil, err
	}
	s := list[len(list)-1]
	m := aidax.Trained{Config: s.Config, Knobs: p.Controls, Weights: s.Weights, Gain: s.Gain}
	if len(o.Controls) > 0 {
		m.Controls = s.Controls
	}
	x := p.probe(s.model)
	f, err := aidax.FromModel(m, x[len(x)-probeSamples:])
	if err != nil {
		return nil, nil, err
	}
	r := p.recipe.Metadata
	f.Metadata.Name, f.Metadata.Author, f.Metadata.Style, f.Metadata.ESR = r.Name, r.ModeledBy, r.ToneType, s.esr
	f.Metadata.Rate, f.Metadata.Source = strconv.Itoa(p.Rate), "partials "+Version
	if f.Metadata.Based = r.GearMake; r.GearMake != "" && r.GearModel != "" {
		f.Metadata.Based += " "
	}
	f.Metadata.Based += r.GearModel
	if f.Metadata.Name == "" {
		f.Metadata.Name = p.Run.Name()
	}
	data, err := f.Encode()
	if err != nil {
		return nil, nil, err
	}
	back, err := aidax.Decode(data)
	if err != nil {
		return nil, nil, fmt.Errorf("the file that was made cannot be read: %w", err)
	}
	want, err := p.play(s.model, x)
	if err != nil {
		return nil, nil, err
	}
	got := make([]float32, len(x))
	aidax.NewReader(back).Process(got, x, p.knobs...)
	e, err := held(got[len(x)-probeSamples:], want[len(x)-probeSamples:], namTolerance)
	if err != nil {
		return nil, nil, err
	}
	return data, []string{
		fmt.Sprintf("%s of %d, %d Hz, inputs: %s", f.Cell, f.Hidden, p.Rate, inputs(f.Metadata.Knobs)),
		fmt.Sprintf("read back and played, it differs from the model by %.1g of the sound's energy; its self-test is off by %.1g", e, back.Check()),
	}, nil
}

// inputs lists what a host feeds the model with.
func inputs(knobs []string) string {
	list := "the sound"
	for i, k := range knobs {
		list += fmt.Sprintf(", PARAM%d is %s", i+1, k)
	}
	return list
}
