package train

import (
	"context"
	"fmt"
	"math"

	"partials/autograd"
	"partials/datasets"
	"partials/internal/fft"
	"partials/model"
	"partials/plots"
)

// aliasing is what a trained model adds to a sine besides its harmonics: products
// that fold back at half the sampling rate, and noise. Levels are relative to the
// model's whole output.
type aliasing struct {
	hz        []float64 // of the sines
	harmonics []float64 // dB, of the second and all higher ones below half the rate
	aliases   []float64 // dB, of all that is no multiple of the sine
	hiss      float64   // RMS of the output for silence, less its mean
	offset    float64   // its mean
}

const (
	sinePeak    = 0.5     // -6 dBFS, as a loud guitar
	sineSamples = 1 << 13 // of a measurement: the sines have a whole number of periods in it
	sinesOctave = 2       // in an octave
	settling    = 1 << 12 // samples before, for models that look back less far
	aliasFloor  = -140.0  // dB: what single precision leaves
)

// measureAliasing plays sines, and silence, through a model of one channel whose
// output shall match its target sample by sample; of others it returns nil.
func (s *session) measureAliasing(ctx context.Context) (*aliasing, error) {
	in, out := s.data.Channels()
	if in != 1 || out != 1 || len(datasets.Controls(s.data)) > 0 || datasets.IsDegraded(s.data) || s.dev.Name() == "ref" {
		return nil, nil
	}
	m := s.members[len(s.members)-1]
	rate := float64(s.data.Rate())
	settle := max(m.model.Facts().ReceptiveField, settling)
	stream, gain := model.NewStream(m.model, s.dev), 1/datasets.TargetGain(s.data)
	play := func(wave func(t int) float64) ([]float64, error) {
		stream.Reset()
		x, y := planes(1, settle+sineSamples), planes(1, settle+sineSamples)
		for t := range x[0] {
			x[0][t] = float32(wave(t))
		}
		if err := autograd.Catch(func() { stream.Process(y, x) }); err != nil {
			return nil, plain(err)
		}
		out := make([]float64, sineSamples)
		for t := range out {
			out[t] = gain * float64(y[0][settle+t])
		}
		return out, nil
	}
	a := &aliasing{}
	quiet, err := play(func(int) float64 { return 0 })
	if err != nil {
		return nil, err
	}
	for _, v := range quiet {
		a.offset += v / sineSamples
	}
	for _, v := range quiet {
		a.hiss += (v - a.offset) * (v - a.offset) / sineSamples
	}
	a.hiss = math.Sqrt(a.hiss)
	plan := fft.NewPlan(sineSamples)
	re, im := make([]float64, plan.Bins()), make([]float64, plan.Bins())
	for hz := 110.0; hz < 0.45*rate; hz *= math.Pow(2, 1.0/sinesOctave) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		// An odd number of periods: no product that folds back falls on a multiple.
		k := 2*int(hz*sineSamples/rate/2) + 1
		y, err := play(func(t int) float64 { return sinePeak * math.Sin(2*math.Pi*float64(k*t%sineSamples)/sineSamples) })
		if err != nil {
			return nil, err
		}
		plan.RFFT(re, im, y)
		var all, higher, rest float64
		for i := 1; i < len(re)-1; i++ { // neither the offset nor half the rate
			p := re[i]*re[i] + im[i]*im[i]
			all += p
			switch {
			case i%k != 0:
				rest += p
			case i > k:
				higher += p
			}
		}
		a.hz = append(a.hz, float64(k)*rate/sineSamples)
		if 2*k >= len(re)-1 {
			higher = math.NaN() // there is none below half the rate
		}
		a.harmonics = append(a.harmonics, max(10*math.Log10(higher/all), aliasFloor))
		a.aliases = append(a.aliases, max(10*math.Log10(rest/all), aliasFloor))
	}
	return a, nil
}

// drawAliasing adds the sines and the noise to the report.
func (r *run) drawAliasing(page *plots.Report, sound *excerptSound) error {
	a := r.aliasing
	if a == nil {
		return nil
	}
	worst := 0
	for i, v := range a.aliases {
		if v > a.aliases[worst] {
			worst = i
		}
	}
	t := plots.Table{Caption: "Aliasing and noise of the model", Header: []string{"", "value"}, Rows: [][]string{
		{fmt.Sprintf("aliases of a sine, at the worst (%.0f Hz at %.0f dBFS)", a.hz[worst], 20*math.Log10(sinePeak)), fmt.Sprintf("%.1f dB", a.aliases[worst])},
		{"noise for silence", dBFS(a.hiss)},
		{"offset for silence", fmt.Sprintf("%.2g", a.offset)},
	}}
	if sound.frames() > 0 {
		edge, target, output := aboveBand(sound, r.data.Rate())
		if edge > 0 {
			t.Rows = append(t.Rows,
				[]string{fmt.Sprintf("energy above the input's band (%.0f Hz), target", edge), decibels(target)},
				[]string{fmt.Sprintf("energy above the input's band (%.0f Hz), output", edge), decibels(output)})
		}
	}
	page.Tables = append(page.Tables, t)
	return r.put(&page.Curves, picture{"aliasing", plots.Curves{Title: "Sines through the model", XLabel: "frequency of the sine (Hz)", YLabel: "dB of the whole output",
		Series: []plots.Series{{Name: "harmonics", X: a.hz, Y: a.harmonics}, {Name: "aliases and noise", X: a.hz, Y: a.aliases}}, LogX: true}.Figure()})
}

// dBFS is a level, no lower than single precision's.
func dBFS(rms float64) string {
	if db := 20 * math.Log10(rms); db > aliasFloor {
		return fmt.Sprintf("%.1f dBFS", db)
	}
	return fmt.Sprintf("below %.0f dBFS", aliasFloor)
}

// aboveBand is the frequency below which all but a ten thousandth of the input's
// energy lies, and the share that target and output have above it; 0 where the
// input reaches to the top.
func aboveBand(sound *excerptSound, rate int) (edge, target, output float64) {
	const rest = 1e-4
	in := powers(sound.Input[0])
	total := 0.0
	for _, p := range in {
		total += p
	}
	above, k := 0.0, len(in)
	for k > 1 && above+in[k-1] <= rest*total {
		k--
		above += in[k]
	}
	edge = float64(k) * float64(rate) / float64(2*(len(in)-1))
	if total == 0 || edge > 0.49*float64(rate) {
		return 0, 0, 0
	}
	share := func(x []float32) float64 {
		all, high := 0.0, 0.0
		for i, p := range powers(x) {
			all += p
			if i >= k {
				high += p
			}
		}
		return high / all
	}
	return edge, share(sound.Target[0]), share(sound.Output[0])
}

// powers is the mean power spectrum of x: Hann windows of 4096 samples, half
// overlapped (Welch 1967).
func powers(x []float32) []float64 {
	const size = 4096
	plan := fft.NewPlan(size)
	out := make([]float64, plan.Bins())
	frame, re, im := make([]float64, size), make([]float64, plan.Bins()), make([]float64, plan.Bins())
	for at := 0; at < len(x); at += size / 2 {
		for t := range frame {
			if frame[t] = 0; at+t < len(x) {
				frame[t] = float64(x[at+t]) * (0.5 - 0.5*math.Cos(2*math.Pi*float64(t)/size))
			}
		}
		plan.RFFT(re, im, frame)
		for k, a := range re {
			out[k] += a*a + im[k]*im[k]
		}
	}
	return out
}
