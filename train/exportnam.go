package train

import (
	"fmt"
	"time"

	"partials/datasets"
	"partials/formats/nam"
)

// namTolerance is the most that a file may differ from the model, as an ESR:
// what single precision leaves.
const namTolerance = 1e-8

// encodeNAM is the format "nam". The file is read back by package nam's own
// reader and must sound as the model does.
func (p *Player) encodeNAM(o ExportOptions) ([]byte, []string, error) {
	f, err := nam.FromModel(nam.Trained{
		Config: p.recipe.Model.Value, Inputs: p.Inputs, Outputs: p.Outputs, Weights: p.weights(), Gain: p.gain,
	}, o.NAMVersion)
	if err != nil {
		return nil, nil, err
	}
	f.SampleRate = float64(p.Rate)
	if f.Metadata, err = p.namMetadata(); err != nil {
		return nil, nil, err
	}
	data, err := f.Encode()
	if err != nil {
		return nil, nil, err
	}
	e, err := p.checkNAM(data)
	if err != nil {
		return nil, nil, err
	}
	notes := []string{
		fmt.Sprintf("%s %s, %d weights, %d Hz", f.Net.Architecture(), f.Version, len(f.Weights), p.Rate),
		fmt.Sprintf("read back and played: it differs from the model by %.1g of the sound's energy", e),
	}
	return data, notes, nil
}

// checkNAM reads a file back and compares its sound with the model's.
func (p *Player) checkNAM(data []byte) (float64, error) {
	f, err := nam.Decode(data)
	if err != nil {
		return 0, fmt.Errorf("the file that was made cannot be read: %w", err)
	}
	x := nam.Probe(p.Rate)
	x = x[:min(len(x), probeSamples)]
	want, err := p.play(x)
	if err != nil {
		return 0, err
	}
	got := make([]float32, len(x))
	nam.NewReader(f).Process([][]float32{got}, [][]float32{x})
	return held(got, want, namTolerance)
}

// probeSamples is how long a file is played for the check.
const probeSamples = 16384

// namMetadata is what the file says about itself.
func (p *Player) namMetadata() (nam.Metadata, error) {
	r := p.recipe.Metadata
	m := nam.Metadata{
		Date: nam.DateOf(time.Now()), Name: r.Name, ModeledBy: r.ModeledBy, GearType: r.GearType, GearMake: r.GearMake,
		GearModel: r.GearModel, ToneType: r.ToneType, InputLevelDBu: r.InputLevelDBu, OutputLevelDBu: r.OutputLevelDBu,
	}
	if m.Name == "" {
		m.Name = p.Run.Name()
	}
	m.Training = &nam.Training{Trainer: "partials " + Version, Run: p.Run.Name()}
	if pair, ok := p.recipe.Data.Value.(datasets.Pair); ok {
		m.Training.Data = &nam.TrainingData{Latency: &nam.Latency{Manual: &pair.Delay}}
	}
	var err error
	if m.Training.Steps, m.Training.ValidationESR, err = p.Run.bestESR(); err != nil {
		return m, err
	}
	return m, m.Measure(p.Rate, p.play)
}

// bestESR is the step of the weights that a run exports and their ESR on the
// validation data, nil where it was not measured.
func (d Dir) bestESR() (step int, esr *float64, err error) {
	path, err := d.weights()
	if err != nil {
		return 0, nil, err
	}
	prog, err := readProgress(path)
	if err != nil {
		return 0, nil, err
	}
	records, err := ReadMetrics(d)
	if err != nil {
		return 0, nil, err
	}
	for _, r := range records {
		if v, ok := r.Valid["esr"]; ok && r.Step == prog.Step && isFinite(float64(v)) {
			x := float64(v)
			esr = &x
		}
	}
	return prog.Step, esr, nil
}
