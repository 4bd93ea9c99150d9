package datasets

import (
	"errors"
	"fmt"
	"math"
	"sync"

	"partials/audio"
	"partials/internal/config"
	"partials/internal/fft"
	"partials/internal/rng"
)

// ImpulseResponse convolves with the sound of a room or a cabinet.
type ImpulseResponse struct {
	Chance
	Files     []string      `yaml:"files" doc:"impulse responses, one channel each, WAV or FLAC files or globs; one is drawn for each example"`
	Length    config.Length `yaml:"length" doc:"how much of them is used; 0 for all"`
	Normalize bool          `yaml:"normalize" doc:"scale them to energy 1, so that the level of noise-like signals stays"`
	On        string        `yaml:"on" doc:"input (the model is to undo it), or both"`
}

// Validate implements config.Validator.
func (c ImpulseResponse) Validate() error {
	errs := []error{c.Chance.check(), checkOn(c.On)}
	if len(c.Files) == 0 {
		errs = append(errs, config.Field("files", c.Files, "at least one impulse response"))
	}
	if c.Length.Negative() {
		errs = append(errs, config.Field("length", c.Length, "at least 0"))
	}
	return errors.Join(errs...)
}

// Absolute implements EffectConfig.
func (c ImpulseResponse) Absolute(dir string) EffectConfig {
	c.Files = absoluteAll(dir, c.Files)
	return c
}

// Build implements EffectConfig.
func (c ImpulseResponse) Build(rate int) (Effect, error) {
	files, err := expand("files", c.Files)
	if err != nil {
		return Effect{}, err
	}
	e := Effect{Probability: c.Probability, Files: files}
	var convolvers []*convolver
	for _, path := range files {
		h, err := c.read(path, rate)
		if err != nil {
			return Effect{}, err
		}
		e.Before = max(e.Before, len(h)-1)
		convolvers = append(convolvers, newConvolver(h))
	}
	e.Apply = func(r *rng.Source, in, target [][]float32) {
		v := convolvers[r.IntN(len(convolvers))]
		for _, x := range in {
			v.apply(x)
		}
		if c.On == onBoth {
			for _, x := range target {
				v.apply(x)
			}
		}
	}
	return e, nil
}

// maxResponse bounds an impulse response: longer files are hardly meant as one.
const maxResponse = 30 // s

// read loads an impulse response.
func (c ImpulseResponse) read(path string, rate int) ([]float32, error) {
	file, err := OpenAudio(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info := file.Info()
	if info.Channels != 1 {
		return nil, fmt.Errorf("%s has %d channels; an impulse response has one", path, info.Channels)
	}
	if info.Seconds() > maxResponse {
		return nil, fmt.Errorf("%s is %.4g s long; an impulse response has at most %d s", path, info.Seconds(), maxResponse)
	}
	sound, err := audio.ReadAll(file)
	if err == nil {
		sound, err = sound.Resample(rate)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	h := sound.Channels[0]
	if n := c.Length.Samples(rate); n > 0 && n < len(h) {
		h = h[:n]
	}
	energy := power([][]float32{h}) * float64(len(h))
	if energy == 0 || math.IsNaN(energy) || math.IsInf(energy, 0) {
		return nil, fmt.Errorf("%s is no impulse response: its energy is %v", path, energy)
	}
	if c.Normalize {
		scaleBy([][]float32{h}, 1/math.Sqrt(energy))
	}
	return h, nil
}

// convolver computes y[t] = sum over k of h[k]*x[t-k] block by block through
// spectra (overlap-save: Oppenheim & Schafer, "Discrete-Time Signal
// Processing", 8.7.3).
type convolver struct {
	taps   int
	plan   *fft.Plan
	re, im []float64 // the spectrum of h, over the plan's length
	pool   sync.Pool // of *convolution
}

// convolution is the working memory of one apply.
type convolution struct {
	x, re, im []float64
	past      []float32 // the taps-1 samples before the block
}

func newConvolver(h []float32) *convolver {
	size := 1024
	for size < 4*len(h) {
		size *= 2
	}
	v := &convolver{taps: len(h), plan: fft.NewPlan(size)}
	v.re, v.im = make([]float64, v.plan.Bins()), make([]float64, v.plan.Bins())
	v.set(h)
	v.pool.New = func() any {
		return &convolution{
			x: make([]float64, size), re: make([]float64, v.plan.Bins()), im: make([]float64, v.plan.Bins()),
			past: make([]float32, v.taps-1),
		}
	}
	return v
}

// set makes h the response, which has at most the taps of the first.
func (v *convolver) set(h []float32) {
	x := make([]float64, v.plan.Len())
	for k, c := range h {
		x[k] = float64(c) / float64(len(x)) // IRFFT is not normalised
	}
	v.plan.RFFT(v.re, v.im, x)
}

// apply convolves x in place; before it is silence.
func (v *convolver) apply(x []float32) {
	w := v.pool.Get().(*convolution)
	defer v.pool.Put(w)
	clear(w.past)
	keep := v.taps - 1
	for step := v.plan.Len() - keep; len(x) > 0; {
		n := min(step, len(x))
		for k, p := range w.past {
			w.x[k] = float64(p)
		}
		for k, s := range x[:n] {
			w.x[keep+k] = float64(s)
		}
		clear(w.x[keep+n:])
		// The last keep samples of past and block together; step >= keep.
		for k := range w.past {
			w.past[k] = float32(w.x[n+k])
		}
		v.plan.RFFT(w.re, w.im, w.x)
		for k, a := range w.re {
			b := w.im[k]
			w.re[k] = float64(a*v.re[k]) - float64(b*v.im[k])
			w.im[k] = float64(a*v.im[k]) + float64(b*v.re[k])
		}
		v.plan.IRFFT(w.x, w.re, w.im)
		for k := range n {
			x[k] = float32(w.x[keep+k])
		}
		x = x[n:]
	}
}
