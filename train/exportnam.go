package train

import (
	"fmt"
	"strings"
	"time"

	"partials/autograd"
	"partials/datasets"
	"partials/formats/nam"
	"partials/model"
)

// namTolerance is the most that a file may differ from the model, as an ESR:
// what single precision leaves.
const namTolerance = 1e-8

// submodel is a model of its own in an export: the run's, or one that it packs.
type submodel struct {
	nam.Trained
	model  model.Model
	prefix string // of its parameters and metrics in the run: "", "models.0."
	size   float64
	esr    *float64 // on the validation data, nil where it was not measured
	step   int      // that its weights are of
}

// submodels are what a run exports: its model, or those that it packs.
func (p *Player) submodels() ([]submodel, error) {
	plain := nam.Trained{Inputs: p.Inputs, Outputs: p.Outputs, Gain: p.gain}
	for _, k := range p.knobs {
		plain.Controls = append(plain.Controls, float64(k))
	}
	all := p.weights()
	packed, several := p.recipe.Model.Value.(model.Packed)
	if !several {
		plain.Config, plain.Weights = p.recipe.Model.Value, all
		s := []submodel{{Trained: plain, model: p.net}}
		return s, p.Run.measured(s)
	}
	var list []submodel
	for i, m := range model.Members(p.net) {
		s := submodel{Trained: plain, model: m, prefix: model.MemberName(i) + ".", size: packed.Sizes[i]}
		s.Config, s.Weights = packed.Models.Items[i].Value, nam.Weights{}
		for name, v := range all {
			if inner, ok := strings.CutPrefix(name, s.prefix); ok {
				s.Weights[inner] = v
			}
		}
		list = append(list, s)
	}
	return list, p.Run.measured(list)
}

// measured fills in how good the weights that a run exports were when they were
// chosen.
func (d Dir) measured(list []submodel) error {
	path, err := d.weights()
	if err != nil {
		return err
	}
	prog, err := readProgress(path)
	if err != nil {
		return err
	}
	records, err := ReadMetrics(d)
	if err != nil {
		return err
	}
	for i := range list {
		s := &list[i]
		if s.step = prog.Step; i < len(prog.Members) {
			s.step = prog.Members[i].BestStep
		}
		for _, r := range records {
			if v, ok := r.Valid[s.prefix+"esr"]; ok && r.Step == s.step && isFinite(float64(v)) {
				x := float64(v)
				s.esr = &x
			}
		}
	}
	return nil
}

// encodeNAM is the format "nam". The file is read back by package nam's own
// reader and must sound as the model does.
func (p *Player) encodeNAM(o ExportOptions) ([]byte, []string, error) {
	if err := p.setAll(o.Controls); err != nil {
		return nil, nil, err
	}
	list, err := p.submodels()
	if err != nil {
		return nil, nil, err
	}
	var notes []string
	c := &nam.Container{}
	for i := range list {
		s := &list[i]
		f, err := p.namFile(s, o.NAMVersion)
		if err != nil {
			return nil, nil, err
		}
		e, err := p.checkNAM(f, s)
		if err != nil {
			return nil, nil, err
		}
		notes = append(notes, fmt.Sprintf("%s %s, %d weights, %d Hz; read back and played, it differs from the model by %.1g of the sound's energy",
			f.Net.Architecture(), f.Version, len(f.Weights), p.Rate, e))
		c.Submodels = append(c.Submodels, nam.Submodel{Max: s.size, File: f})
	}
	f := c.Submodels[len(list)-1].File
	if len(list) > 1 {
		if f, err = nam.Pack(c, o.NAMVersion); err != nil {
			return nil, nil, err
		}
	}
	data, err := f.Encode()
	return data, notes, err
}

// setAll turns the knobs for a file that has none.
func (p *Player) setAll(settings map[string]float64) error {
	if len(p.Controls) > 0 && len(settings) == 0 {
		return fmt.Errorf("the model has the controls %s, and the file none; say where they stand, as in --controls %s=0.5", p.controls(), p.Controls[0])
	}
	return p.SetControls(settings)
}

// namFile describes one model.
func (p *Player) namFile(s *submodel, version string) (*nam.File, error) {
	f, err := nam.FromModel(s.Trained, version)
	if err != nil {
		return nil, err
	}
	f.SampleRate = float64(p.Rate)
	f.Metadata, err = p.namMetadata(s)
	return f, err
}

// checkNAM writes a model, reads it back and compares its sound with what the
// run's model makes.
func (p *Player) checkNAM(f *nam.File, s *submodel) (float64, error) {
	data, err := f.Encode()
	if err != nil {
		return 0, err
	}
	back, err := nam.Decode(data)
	if err != nil {
		return 0, fmt.Errorf("the file that was made cannot be read: %w", err)
	}
	x := p.probe(s.model)
	want, err := p.play(s.model, x)
	if err != nil {
		return 0, err
	}
	got := make([]float32, len(x))
	nam.NewReader(back).Process([][]float32{got}, [][]float32{x})
	rest := len(x) - probeSamples
	return held(got[rest:], want[rest:], namTolerance)
}

// probeSamples is how long a file is played for the check.
const probeSamples = 16384

// probe is noise to hold a file against a model, after silence that settles what
// has a state: its first is not the file's.
func (p *Player) probe(m model.Model) []float32 {
	var x []float32
	if m.Facts().ReceptiveField == 0 {
		x = make([]float32, p.Rate)
	}
	noise := nam.Probe(max(p.Rate, probeSamples))
	return append(x, noise[:probeSamples]...)
}

// play is what a model makes of one channel of sound from rest, at the level of
// the files that it was trained on and with the knobs where they stand.
func (p *Player) play(m model.Model, x []float32) ([]float32, error) {
	v := p.newVoiceOf(model.Scaled(m, p.gain), p.knobs)
	y := make([]float32, len(x))
	if err := autograd.Catch(func() { v.Process([][]float32{y}, [][]float32{x}) }); err != nil {
		return nil, plain(err)
	}
	return y, nil
}

// namMetadata is what the file says about a model.
func (p *Player) namMetadata(s *submodel) (nam.Metadata, error) {
	r := p.recipe.Metadata
	m := nam.Metadata{
		Date: nam.DateOf(time.Now()), Name: r.Name, ModeledBy: r.ModeledBy, GearType: r.GearType, GearMake: r.GearMake,
		GearModel: r.GearModel, ToneType: r.ToneType, InputLevelDBu: r.InputLevelDBu, OutputLevelDBu: r.OutputLevelDBu,
	}
	if m.Name == "" {
		m.Name = p.Run.Name()
	}
	m.Training = &nam.Training{Trainer: "partials " + Version, Run: p.Run.Name(), Steps: s.step, ValidationESR: s.esr}
	if pair, ok := p.recipe.Data.Value.(datasets.Pair); ok {
		m.Training.Data = &nam.TrainingData{Latency: &nam.Latency{Manual: &pair.Delay}}
	}
	return m, m.Measure(p.Rate, func(x []float32) ([]float32, error) { return p.play(s.model, x) })
}
