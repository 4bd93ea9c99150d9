package datasets

import (
	"errors"
	"fmt"
	"math"
	"sync"

	"partials/internal/config"
	"partials/internal/rng"
)

// Equalizer colours a sound with a random filter of second order, as RNNoise
// does for other microphones and rooms (https://arxiv.org/abs/1709.08243,
// section 4): (1 + a z^-1 + b z^-2) / (1 + c z^-1 + d z^-2).
type Equalizer struct {
	Chance
	Strength float64 `yaml:"strength" doc:"the four coefficients are drawn evenly within this of 0; RNNoise's is 0.375"`
	On       string  `yaml:"on" doc:"input, or both by the same filter"`
}

// Validate implements config.Validator.
func (e Equalizer) Validate() error {
	var err error
	if !(e.Strength >= 0 && e.Strength <= 0.49) { // poles stay inside the circle
		err = config.Field("strength", e.Strength, "0 to 0.49")
	}
	return errors.Join(e.Chance.check(), err, checkOn(e.On))
}

// Absolute implements EffectConfig.
func (e Equalizer) Absolute(string) EffectConfig { return e }

// settling is how many samples a random filter of second order is given before
// an example: its poles are within 0.97 of the origin.
const settling = 256

// Build implements EffectConfig.
func (e Equalizer) Build(int) (Effect, error) {
	return Effect{Probability: e.Probability, Before: settling, Apply: func(r *rng.Source, in, target [][]float32) {
		draw := func() float64 { return r.Uniform(-e.Strength, e.Strength) }
		f := biquad{b: [3]float64{1, draw(), draw()}, a: [2]float64{draw(), draw()}}
		for _, x := range in {
			f.run(x)
		}
		if e.On == onBoth {
			for _, x := range target {
				f.run(x)
			}
		}
	}}, nil
}

// BandLimit takes what is above a frequency away, as narrow lines and low rates
// do, and what is below another.
type BandLimit struct {
	Chance
	High [2]float64 `yaml:"high" doc:"Hz: the upper edge, drawn evenly between the two in pitch; 0 and 0 for none"`
	Low  [2]float64 `yaml:"low" doc:"Hz: the lower edge, drawn likewise; 0 and 0 for none"`
	On   string     `yaml:"on" doc:"both (the model is not to invent what is gone), or input"`
}

// Validate implements config.Validator.
func (b BandLimit) Validate() error {
	errs := []error{b.Chance.check(), checkOn(b.On)}
	for _, x := range []struct {
		field string
		hz    [2]float64
	}{{"high", b.High}, {"low", b.Low}} {
		if !(x.hz == [2]float64{} || 0 < x.hz[0] && x.hz[0] <= x.hz[1] && x.hz[1] < maxRate) {
			errs = append(errs, config.Field(x.field, x.hz, "two frequencies in Hz above 0, the lower first, or 0 and 0"))
		}
	}
	return errors.Join(errs...)
}

// Absolute implements EffectConfig.
func (b BandLimit) Absolute(string) EffectConfig { return b }

// Build implements EffectConfig.
func (b BandLimit) Build(rate int) (Effect, error) {
	e := Effect{Probability: b.Probability}
	if b.Low[0] > 0 { // some periods of the lowest edge
		e.Before = int(4 * float64(rate) / b.Low[0])
	}
	if b.High[0] > 0 {
		if b.High[0] >= float64(rate)/2 {
			return Effect{}, fmt.Errorf("high is %v Hz, and signals of %d Hz end at %v; lower it", b.High, rate, float64(rate)/2)
		}
		e.Before = max(e.Before, int(8*float64(rate)/b.High[0]))
	}
	e.Apply = func(r *rng.Source, in, target [][]float32) {
		high, low := drawPitch(r, b.High), drawPitch(r, b.Low)
		var filters []biquad
		if high > 0 && high < float64(rate)/2 {
			filters = append(filters, butterworth(high/float64(rate), false)...)
		}
		if low > 0 && low < float64(rate)/2 {
			filters = append(filters, butterworth(low/float64(rate), true)...)
		}
		all := in
		if b.On == onBoth {
			all = append(append([][]float32{}, in...), target...)
		}
		for _, x := range all {
			for _, f := range filters {
				f.run(x)
			}
		}
	}
	return e, nil
}

// drawPitch draws a frequency, evenly in its logarithm.
func drawPitch(r *rng.Source, hz [2]float64) float64 {
	u := r.Float64()
	if hz[0] == 0 {
		return 0
	}
	return hz[0] * math.Pow(hz[1]/hz[0], u)
}

// biquad is a filter of second order, y = b x - a y.
type biquad struct {
	b [3]float64
	a [2]float64
}

// run filters x in place, from silence. (The receiver's state is the call's.)
func (f biquad) run(x []float32) {
	var s1, s2 float64 // transposed direct form II
	for t, v := range x {
		u := float64(v)
		y := float64(f.b[0]*u) + s1
		s1 = float64(f.b[1]*u) - float64(f.a[0]*y) + s2
		s2 = float64(f.b[2]*u) - float64(f.a[1]*y)
		x[t] = float32(y)
	}
}

// butterworth is a low-pass or high-pass of order 8 with its edge (-3 dB) at a
// frequency in parts of the rate, by the bilinear transform. (Oppenheim and
// Schafer, "Discrete-Time Signal Processing", 7.1.)
func butterworth(edge float64, high bool) []biquad {
	const order = 8
	w := math.Tan(math.Pi * edge)
	var sections []biquad
	for k := range order / 2 {
		q := 2 * math.Cos(math.Pi*float64(2*k+1)/(2*order))
		norm := 1 / (1 + float64(q*w) + float64(w*w))
		f := biquad{a: [2]float64{2 * (float64(w*w) - 1) * norm, (1 - float64(q*w) + float64(w*w)) * norm}}
		if high {
			f.b = [3]float64{norm, -2 * norm, norm}
		} else {
			g := float64(w*w) * norm
			f.b = [3]float64{g, 2 * g, g}
		}
		sections = append(sections, f)
	}
	return sections
}

// Clipping cuts the tops off the input, as a microphone that is too loud does.
// The target stays whole.
type Clipping struct {
	Chance
	Range [2]float64 `yaml:"range" doc:"dB of the level that is cut at below the example's peak, drawn evenly between the two"`
}

// Validate implements config.Validator.
func (c Clipping) Validate() error {
	err := checkRange("range", c.Range)
	if err == nil && c.Range[1] > 0 {
		err = config.Field("range", c.Range, "two numbers of dB up to 0")
	}
	return errors.Join(c.Chance.check(), err)
}

// Absolute implements EffectConfig.
func (c Clipping) Absolute(string) EffectConfig { return c }

// Build implements EffectConfig.
func (c Clipping) Build(int) (Effect, error) {
	return Effect{Probability: c.Probability, Apply: func(r *rng.Source, in, _ [][]float32) {
		peak := float32(0)
		for _, x := range in {
			for _, v := range x {
				peak = max(peak, v, -v)
			}
		}
		top := peak * float32(amplitude(r.Uniform(c.Range[0], c.Range[1])))
		for _, x := range in {
			for t, v := range x {
				x[t] = min(max(v, -top), top)
			}
		}
	}}, nil
}

// Room puts a sound into a room that is drawn anew each time: the direct sound
// and a tail of noise that dies away (Polack's model; Schroeder, "Natural
// sounding artificial reverberation", 1962).
type Room struct {
	Chance
	RT60  [2]float64 `yaml:"rt60" doc:"seconds in which the tail falls by 60 dB, drawn evenly between the two"`
	Ratio [2]float64 `yaml:"ratio" doc:"dB of the direct sound's energy over the tail's, drawn evenly between the two"`
	Keep  float64    `yaml:"keep" doc:"ms of the room that the target keeps: 50 leaves early reflections, 0 a dry target"`
}

// maxRT60 bounds how much must be read before an example.
const maxRT60 = 5 // s

// Validate implements config.Validator.
func (c Room) Validate() error {
	errs := []error{c.Chance.check(), checkRange("ratio", c.Ratio)}
	if !(c.RT60[0] > 0 && c.RT60[0] <= c.RT60[1] && c.RT60[1] <= maxRT60) {
		errs = append(errs, config.Field("rt60", c.RT60, fmt.Sprintf("two numbers of seconds, the lower first, above 0 and up to %d", maxRT60)))
	}
	if !(c.Keep >= 0) {
		errs = append(errs, config.Field("keep", c.Keep, "at least 0"))
	}
	return errors.Join(errs...)
}

// Absolute implements EffectConfig.
func (c Room) Absolute(string) EffectConfig { return c }

// Build implements EffectConfig.
func (c Room) Build(rate int) (Effect, error) {
	var pool sync.Pool // of *convolver: a plan of the transform each
	longest := max(int(c.RT60[1]*float64(rate)), 2)
	return Effect{Probability: c.Probability, Before: longest - 1, Apply: func(r *rng.Source, in, target [][]float32) {
		h := c.response(r, rate)
		v, _ := pool.Get().(*convolver)
		if v == nil {
			v = newConvolver(make([]float32, longest))
		}
		defer pool.Put(v)
		v.set(h)
		for _, x := range in {
			v.apply(x)
		}
		if keep := int(c.Keep / 1000 * float64(rate)); keep < len(h) {
			h = h[:max(keep, 1)]
			v.set(h)
		}
		for _, x := range target {
			v.apply(x)
		}
	}}, nil
}

// response draws the response of a room. The direct sound is 1.
func (c Room) response(r *rng.Source, rate int) []float32 {
	rt60, ratio := r.Uniform(c.RT60[0], c.RT60[1]), r.Uniform(c.Ratio[0], c.Ratio[1])
	gap := int(r.Uniform(0.001, 0.01) * float64(rate)) // to the first reflection
	h := make([]float32, max(int(rt60*float64(rate)), 2))
	h[0] = 1
	decay := 3 * math.Ln10 / (rt60 * float64(rate)) // -60 dB in amplitude
	energy := 0.0
	for t := gap + 1; t < len(h); t++ {
		h[t] = float32(r.Normal() * math.Exp(-decay*float64(t)))
		energy += float64(float64(h[t]) * float64(h[t]))
	}
	if energy > 0 {
		scaleBy([][]float32{h[1:]}, amplitude(-ratio)/math.Sqrt(energy))
	}
	return h
}
