package train

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"

	"partials/audio"
	"partials/datasets"
	"partials/model"
	"partials/plots"
	"partials/spectral"
)

// draw writes the run's plots, sounds and report.
func (r *run) draw(sound *excerptSound, found *Evaluation) error {
	records, err := ReadMetrics(r.dir)
	if err != nil {
		return err
	}
	page := &plots.Report{
		Title: r.dir.Name(), Status: r.man.Status, Version: r.man.Version, Facts: r.facts(),
		Commands: []string{"train run " + r.dir.path(configFile), "train resume " + string(r.dir),
			"train reproduce " + string(r.dir), "train render " + string(r.dir) + " in.wav out.wav"},
		Config: r.man.lastSegment().Recipe,
	}
	r.tellPair(page)
	for _, c := range drawCurves(records, r.recipe, r.length) {
		if err := r.put(&page.Curves, c); err != nil {
			return err
		}
	}
	if err := r.drawResults(page, found); err != nil {
		return err
	}
	if sound.frames() > 0 {
		if err := r.drawSound(page, sound); err != nil {
			return err
		}
	}
	if err := r.drawAliasing(page, sound); err != nil {
		return err
	}
	if err := page.Save(r.dir.Report()); err != nil {
		return err
	}
	return r.journal.look(r.dir, r.man.Ended != "")
}

// picture is a figure and the name of its files.
type picture struct {
	name string
	*plots.Figure
}

// put writes a picture, with the run's settings below it, and adds it to a part
// of the report.
func (r *run) put(to *[]*plots.Figure, p picture) error {
	f := p.With(r.settings())
	*to = append(*to, f)
	return f.Save(r.dir.path(plotsDir + "/" + p.name))
}

// settings are the few words that tell a picture from another run's.
func (r *run) settings() string {
	c := r.recipe
	kind := c.Model.Kind
	if w, ok := c.Model.Value.(model.WaveNet); ok && len(w.Layers) == 0 {
		kind += " " + w.Preset
	}
	var terms []string
	for _, t := range c.Loss.Items {
		terms = append(terms, t.Kind)
	}
	return fmt.Sprintf("%s · %s, %d parameters · %s · %s, lr %.3g, %s · batch %d × %d samples at %d Hz · seed %d · step %d of %d",
		r.dir.Name(), kind, r.params.Len(), strings.Join(terms, " + "), c.Optim.Kind, c.Optim.Value.Rate(), c.Schedule.Kind,
		c.Batch, c.Segment, r.data.Rate(), c.Seed, r.prog.Step, r.length.steps)
}

// tellPair adds what was found of the recordings to the report.
func (r *run) tellPair(page *plots.Report) {
	if r.man.Pair == nil {
		return
	}
	for _, line := range r.man.Pair.Facts() {
		name, value, _ := strings.Cut(line, ": ")
		page.Facts = append(page.Facts, [2]string{strings.ToUpper(name[:1]) + name[1:], value})
	}
	for _, f := range r.man.Pair.Findings {
		page.Warnings = append(page.Warnings, f.Text)
	}
}

// drawCurves draws loss, learning rate, gradient norm and the metric that the
// best weights are chosen by.
func drawCurves(records []Record, r Recipe, l length) []picture {
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
		add(&loss, x, rec.Loss)
		add(&lr, x, rec.LR)
		add(&norm, x, rec.GradNorm)
		for name, v := range rec.Terms {
			if terms[name] == nil {
				terms[name] = &plots.Series{Name: name, Dashed: true, Smooth: smooth}
				names = append(names, name)
			}
			add(terms[name], x, &v)
		}
		if v, ok := rec.Valid[lossMetric]; ok {
			add(&validLoss, x, &v)
		}
		if v, ok := rec.Valid[r.Validation.Metric]; ok {
			add(&chosen, x/float64(l.unit), &v)
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
	gradient := plots.Curves{Title: "Gradient norm before clipping", YLabel: "L2 norm", Series: []plots.Series{norm}, Log: true}
	if r.Clip.Norm > 0 {
		gradient.Levels = []plots.Level{{Name: "clip", Y: r.Clip.Norm}}
	}
	curves := []picture{{"loss", plots.Curves{Title: "Loss", YLabel: "loss", Series: series, Log: true}.Figure()}}
	if m := validationMetric(r); m.Name != lossMetric && len(chosen.X) > 0 {
		unit := ""
		if r.Epochs > 0 {
			unit = "epoch"
		}
		curves = append(curves, picture{"validation", plots.Curves{
			Title: "Validation " + m.Title, XLabel: unit, YLabel: m.Label(), Series: []plots.Series{chosen}, Log: m.Unit == ""}.Figure()})
	}
	return append(curves,
		picture{"lr", plots.Curves{Title: "Learning rate", YLabel: "learning rate", Series: []plots.Series{lr}}.Figure()},
		picture{"gradient", gradient.Figure()})
}

func add(s *plots.Series, x float64, y *Number) {
	if y != nil {
		s.X = append(s.X, x)
		s.Y = append(s.Y, float64(*y))
	}
}

// facts are the numbers at the head of the report.
func (r *run) facts() [][2]string {
	facts := r.model.Facts()
	rate := float64(r.data.Rate())
	field := "unbounded (recurrent)"
	if facts.ReceptiveField > 0 {
		field = fmt.Sprintf("%d samples (%.3g ms)", facts.ReceptiveField, 1000*float64(facts.ReceptiveField)/rate)
	}
	var list [][2]string
	fact := func(name, format string, values ...any) {
		list = append(list, [2]string{name, fmt.Sprintf(format, values...)})
	}
	if r.recipe.About != "" {
		fact("About", "%s", r.recipe.About)
	}
	fact("Model", "%s", r.recipe.Model.Kind)
	fact("Parameters", "%d", r.params.Len())
	fact("Receptive field", "%s", field)
	fact("Latency", "%d samples (%.3g ms)", facts.Latency, 1000*float64(facts.Latency)/rate)
	fact("Multiply-adds", "%.0f per sample", facts.MACs)
	fact("Sampling rate", "%d Hz", r.data.Rate())
	fact("Steps", "%d of %d", r.prog.Step, r.length.steps)
	if r.prog.BestStep > 0 {
		fact("Best "+validationMetric(r.recipe).Title, "%.5g at step %d", float64(r.prog.Best), r.prog.BestStep)
	}
	fact("Device", "%s", r.man.Detail)
	fact("Started", "%s", r.man.Started)
	if r.man.Ended != "" {
		fact("Ended", "%s", r.man.Ended)
	}
	return list
}

// drawSound adds the excerpt's pictures and players to the report and writes
// its sounds.
func (r *run) drawSound(page *plots.Report, sound *excerptSound) error {
	rate := r.data.Rate()
	target, scale := spectrogram(sound.Target[0], rate)
	output, _ := spectrogram(sound.Output[0], rate)
	peak := loudest(target)
	scale.MaxHz = max(topFrequency(target, peak, rate), topFrequency(output, peak, rate))
	var pictures []picture
	three := plots.Triptych{Title: "Spectrograms: " + sound.Name, Target: target, Output: output, Scale: scale}
	if datasets.IsDegraded(r.data) {
		input, _ := spectrogram(sound.Input[0], rate)
		pictures = append(pictures, picture{"before", plots.Spectrogram{Title: "Before the model: " + sound.Name, DB: input, Scale: scale}.Figure()},
			picture{"waveform", plots.Overlay{Title: "Waveform: " + sound.Name, Target: sound.Target[0], Output: sound.Output[0], RateHz: float64(rate)}.Figure()})
	} else {
		three.Residual, _ = spectrogram(minus(sound.Output[0], sound.Target[0]), rate)
		pictures = append(pictures, errorPictures(sound, rate)...)
	}
	pictures = append(pictures, picture{"spectrogram", three.Figure()},
		picture{"envelope", plots.Envelope{Title: "Level: " + sound.Name, Target: sound.Target[0], Output: sound.Output[0], RateHz: float64(rate)}.Figure()})
	for _, p := range pictures {
		if err := r.put(&page.Pictures, p); err != nil {
			return err
		}
	}
	for _, x := range []struct {
		name string
		data [][]float32
	}{{"input", sound.Input}, {"target", sound.Target}, {"output", sound.Output}} {
		path := r.dir.path(audioDir + "/" + x.name + ".wav")
		clipped, err := audio.WriteFile(path, &audio.Audio{Rate: rate, Channels: x.data}, audio.PCM16)
		if err != nil {
			return err
		}
		if clipped > 0 {
			page.Warnings = append(page.Warnings, fmt.Sprintf("%d samples of %s.wav were above full scale and are clipped in the file", clipped, x.name))
		}
		wav, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		page.Audio = append(page.Audio, plots.Clip{Name: strings.ToUpper(x.name[:1]) + x.name[1:], WAV: wav})
	}
	return nil
}

// spectrogram is x in dB, with as many frames as a picture can show. The sound
// goes on past its ends turned about them, where silence would click.
func spectrogram(x []float32, rate int) ([][]float32, plots.Scale) {
	const maxFrames = 1500
	nFFT := 2048
	if rate <= 24000 {
		nFFT = 1024
	}
	hop := spectral.HopFor(len(x), nFFT, maxFrames)
	margin := (nFFT/2 + hop - 1) / hop // frames
	db := spectral.Spectrogram(turned(x, margin*hop), nFFT, hop)
	frames := (len(x) + hop - 1) / hop
	return db[margin : margin+frames], plots.Scale{SecondsPerFrame: float64(hop) / float64(rate), RateHz: float64(rate)}
}

// turned is x with n samples more on each side: x turned by half about its
// ends, which keeps level and slope, or silence past that.
func turned(x []float32, n int) []float32 {
	y := make([]float32, len(x)+2*n)
	copy(y[n:], x)
	last := len(x) - 1
	for i := 1; i <= min(n, last); i++ {
		y[n-i] = 2*x[0] - x[i]
		y[n+last+i] = 2*x[last] - x[last-i]
	}
	return y
}

// loudest is the greatest level of a spectrogram in dB.
func loudest(db [][]float32) float32 {
	peak := float32(math.Inf(-1))
	for _, frame := range db {
		peak = max(peak, slices.Max(frame))
	}
	return peak
}

// topFrequency is where a spectrogram may end: a round frequency above all
// that is less than 80 dB below peak, or half the rate.
func topFrequency(db [][]float32, peak float32, rate int) float64 {
	// The first and last two frames reach past the ends: a hop is at least a
	// quarter of a frame.
	const edge = 2
	top := 0 // bin
	for _, frame := range db[min(edge, len(db)):max(len(db)-edge, min(edge, len(db)))] {
		for k := len(frame) - 1; k > top; k-- {
			if frame[k] > peak-80 {
				top = k
			}
		}
	}
	half := float64(rate) / 2
	if top == 0 {
		return half
	}
	hz := half * float64(top) / float64(len(db[0])-1)
	for _, round := range []float64{1000, 2000, 4000, 8000, 12000, 16000} {
		if hz <= round && round < half {
			return round
		}
	}
	return half
}
