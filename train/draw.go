package train

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"partials/audio"
	"partials/metric"
	"partials/plots"
	"partials/spectral"
)

// draw writes the run's plots, sounds and report.
func (s *session) draw(dir Dir, man *manifest, sound *excerptSound, valid map[string]Number) error {
	records, err := ReadMetrics(dir)
	if err != nil {
		return err
	}
	figures := drawCurves(records, s.recipe)
	for name, f := range figures.byName() {
		if err := f.Save(filepath.Join(dir.path(plotsDir), name)); err != nil {
			return err
		}
	}
	r := &plots.Report{
		Title: dir.Name(), Status: man.Status, Version: man.Version,
		Facts: s.facts(man), Curves: figures.list(),
		Commands: []string{"train run " + dir.path(configFile), "train resume " + string(dir), "train reproduce " + string(dir),
			"train render " + string(dir) + " in.wav out.wav"},
		Config: man.Segments[len(man.Segments)-1].Recipe,
	}
	if valid != nil {
		r.Tables = append(r.Tables, validTable(valid))
	}
	if sound != nil && len(sound.Target) > 0 {
		if err := s.drawSound(dir, r, sound); err != nil {
			return err
		}
	}
	return r.Save(dir.Report())
}

// runCurves are the charts of a run's numbers against the step.
type runCurves struct{ loss, valid, lr, gradient *plots.Figure }

func (c runCurves) byName() map[string]*plots.Figure {
	m := map[string]*plots.Figure{"loss": c.loss, "lr": c.lr, "gradient": c.gradient}
	if c.valid != nil {
		m["validation"] = c.valid
	}
	return m
}

func (c runCurves) list() []*plots.Figure {
	if c.valid == nil {
		return []*plots.Figure{c.loss, c.lr, c.gradient}
	}
	return []*plots.Figure{c.loss, c.valid, c.lr, c.gradient}
}

// drawCurves draws loss, learning rate, gradient norm and the metric that the
// best weights are chosen by.
func drawCurves(records []Record, r Recipe) runCurves {
	smooth := max(1, len(records)/100)
	loss := plots.Series{Name: "training", Smooth: smooth}
	validLoss := plots.Series{Name: "validation"}
	chosen := plots.Series{Name: "validation"}
	lr := plots.Series{Name: "learning rate"}
	norm := plots.Series{Name: "gradient norm", Smooth: smooth}
	var names []string
	terms := map[string]*plots.Series{}
	for _, rec := range records {
		x := float64(rec.Step)
		if rec.Loss != nil {
			add(&loss, x, *rec.Loss)
			add(&lr, x, *rec.LR)
			add(&norm, x, *rec.GradNorm)
		}
		for name, v := range rec.Terms {
			if terms[name] == nil {
				terms[name] = &plots.Series{Name: name, Dashed: true, Smooth: smooth}
				names = append(names, name)
			}
			add(terms[name], x, v)
		}
		if rec.Valid != nil {
			add(&validLoss, x, rec.Valid["loss"])
			add(&chosen, x, rec.Valid[r.Validation.Metric])
		}
	}
	series := []plots.Series{loss}
	if len(validLoss.X) > 0 {
		series = append(series, validLoss)
	}
	slices.Sort(names)
	for _, name := range names {
		series = append(series, *terms[name])
	}
	c := runCurves{
		loss: plots.Curves{Title: "Loss", YLabel: "loss", Series: series, Log: true}.Figure(),
		lr:   plots.Curves{Title: "Learning rate", YLabel: "learning rate", Series: []plots.Series{lr}}.Figure(),
	}
	gradient := plots.Curves{Title: "Gradient norm before clipping", YLabel: "L2 norm", Series: []plots.Series{norm}, Log: true}
	if r.Clip.Norm > 0 {
		gradient.Levels = []plots.Level{{Name: "clip", Y: r.Clip.Norm}}
	}
	c.gradient = gradient.Figure()
	if m, ok := metric.Get(r.Validation.Metric); ok && len(chosen.X) > 0 {
		label := m.Title
		if m.Unit != "" {
			label += " (" + m.Unit + ")"
		}
		c.valid = plots.Curves{Title: "Validation " + m.Title, YLabel: label, Series: []plots.Series{chosen}, Log: m.Unit == ""}.Figure()
	}
	return c
}

func add(s *plots.Series, x float64, y Number) {
	s.X = append(s.X, x)
	s.Y = append(s.Y, float64(y))
}

// facts are the numbers at the head of the report.
func (s *session) facts(man *manifest) [][2]string {
	facts := s.model.Facts()
	rate := float64(s.data.Rate())
	field := "unbounded (recurrent)"
	if facts.ReceptiveField > 0 {
		field = fmt.Sprintf("%d samples (%.3g ms)", facts.ReceptiveField, 1000*float64(facts.ReceptiveField)/rate)
	}
	list := [][2]string{
		{"Model", s.recipe.Model.Kind},
		{"Parameters", fmt.Sprint(s.params.Len())},
		{"Receptive field", field},
		{"Latency", fmt.Sprintf("%d samples (%.3g ms)", facts.Latency, 1000*float64(facts.Latency)/rate)},
		{"Multiply-adds", fmt.Sprintf("%.0f per sample", facts.MACs)},
		{"Sampling rate", fmt.Sprintf("%d Hz", s.data.Rate())},
		{"Steps", fmt.Sprint(s.prog.Step)},
		{"Device", man.Detail},
		{"Started", man.Started},
	}
	if s.prog.BestStep > 0 {
		list = append(list, [2]string{"Best " + s.recipe.Validation.Metric, fmt.Sprintf("%.5g at step %d", float64(s.prog.Best), s.prog.BestStep)})
	}
	if man.Ended != "" {
		list = append(list, [2]string{"Ended", man.Ended})
	}
	return list
}

func validTable(valid map[string]Number) plots.Table {
	t := plots.Table{Caption: "Validation of the best weights", Header: []string{"metric", "value", "unit"}}
	for _, name := range sortedNames(valid) {
		title, unit := name, ""
		if m, ok := metric.Get(name); ok {
			title, unit = m.Title, m.Unit
		}
		t.Rows = append(t.Rows, []string{title, fmt.Sprintf("%.5g", float64(valid[name])), unit})
	}
	return t
}

// drawSound adds the excerpt's pictures and players to the report and writes
// its sounds.
func (s *session) drawSound(dir Dir, r *plots.Report, sound *excerptSound) error {
	rate := s.data.Rate()
	target, scale := spectrogram(sound.Target[0], rate)
	output, _ := spectrogram(sound.Output[0], rate)
	pictures := []struct {
		name string
		fig  *plots.Figure
	}{
		{"spectrogram", plots.Triptych{Title: "Spectrograms: " + sound.Name, Target: target, Output: output, Scale: scale}.Figure()},
		{"waveform", plots.Overlay{Title: "Waveform: " + sound.Name, Target: sound.Target[0], Output: sound.Output[0], RateHz: float64(rate)}.Figure()},
		{"envelope", plots.Envelope{Title: "Level: " + sound.Name, Target: sound.Target[0], Output: sound.Output[0], RateHz: float64(rate)}.Figure()},
	}
	for _, p := range pictures {
		if err := p.fig.Save(filepath.Join(dir.path(plotsDir), p.name)); err != nil {
			return err
		}
		r.Pictures = append(r.Pictures, p.fig)
	}
	for _, x := range []struct {
		name string
		data [][]float32
	}{{"input", sound.Input}, {"target", sound.Target}, {"output", sound.Output}} {
		path := filepath.Join(dir.path(audioDir), x.name+".wav")
		clipped, err := audio.WriteFile(path, &audio.Audio{Rate: rate, Channels: x.data}, audio.PCM16)
		if err != nil {
			return err
		}
		if clipped > 0 {
			r.Warnings = append(r.Warnings, fmt.Sprintf("%d samples of %s.wav were above full scale and are clipped in the file", clipped, x.name))
		}
		wav, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		r.Audio = append(r.Audio, plots.Clip{Name: strings.ToUpper(x.name[:1]) + x.name[1:], WAV: bytes.Clone(wav)})
	}
	return nil
}

// spectrogram is x in dB, with as many frames as a picture can show.
func spectrogram(x []float32, rate int) ([][]float32, plots.Scale) {
	const maxFrames = 1500
	nFFT := 2048
	if rate <= 24000 {
		nFFT = 1024
	}
	hop := spectral.HopFor(len(x), nFFT, maxFrames)
	return spectral.Spectrogram(x, nFFT, hop), plots.Scale{SecondsPerFrame: float64(hop) / float64(rate), RateHz: float64(rate)}
}
