package capture

import (
	"fmt"
	"math"
	"slices"

	"partials/audio"
)

// Sound is a recording as it was read.
type Sound struct {
	Name string // as sentences call it: a path
	audio.Audio
	Notes []string // what its reader found odd
}

// Options say what is known already, and what not to mind.
type Options struct {
	// Rate in Hz resamples both sounds; 0 asks for equal rates.
	Rate int
	// Channel is what of a file of several channels is taken: left, right, mix,
	// or "" for a file whose channels leave no choice.
	Channel string
	// Delay is the latency in samples where the user knows it.
	Delay *int
	// Ignore names checks whose errors become warnings; "all" is all of them.
	Ignore []string
}

// checker is one pair under examination.
type checker struct {
	o    Options
	r    *Report
	x, y []float32 // input and output, one channel, one rate
	rate int
	// lock says how the two belong together; nil where they do not.
	lock *lock
	// broken says that input and output do not go together all along, jumped how
	// many samples the output gained on the way, less than 0 where it lost some.
	broken bool
	jumped int
	// layout is that of the test signal that x is; nil for none.
	layout *layout
}

// Check examines a pair: an input and the same through a device. It reports an
// error only where o names something that there is not.
func Check(input, output Sound, o Options) (*Report, error) {
	for _, name := range o.Ignore {
		if name == "all" {
			continue
		}
		if err := unknownChecks([]string{name}); err != nil {
			return nil, err
		}
	}
	switch o.Channel {
	case "", "left", "right", "mix":
	default:
		return nil, fmt.Errorf("the channel is %q; it must be left, right or mix", o.Channel)
	}
	c := &checker{o: o, r: &Report{Input: input.Name, Output: output.Name, Rate: input.Rate, Frames: input.Frames(), Findings: []Finding{}}}
	for _, s := range []Sound{input, output} {
		for _, note := range s.Notes {
			c.find("file", Warning, "%s: %s.", s.Name, note)
		}
	}
	c.examine(input, output)
	slices.SortStableFunc(c.r.Findings, func(a, b Finding) int { return cmp(rank(a.Severity), rank(b.Severity)) })
	return c.r, nil
}

// examine runs the checks, each where those before it leave something to check.
func (c *checker) examine(input, output Sound) {
	if !c.finite(input) || !c.finite(output) || !c.choose(input, output) || !c.resample(input, output) || c.silence() {
		return
	}
	c.recognise()
	c.clipping()
	if c.align(); c.lock == nil {
		c.lengths()
		return
	}
	c.latency()
	c.clocks()
	c.lengths()
	if c.broken {
		return // what follows would compare what does not belong together
	}
	c.dropouts()
	c.noise()
	c.repeat()
	c.memory()
	c.ranges()
}

func rank(s Severity) float64 {
	if s == Error {
		return 0
	}
	return 1
}

// find adds a finding about the whole of the pair.
func (c *checker) find(check string, s Severity, format string, values ...any) {
	c.findAt(check, s, 0, 0, format, values...)
}

// findAt adds a finding about the samples from to to of the input.
func (c *checker) findAt(check string, s Severity, from, to int, format string, values ...any) {
	text := fmt.Sprintf(format, values...)
	if s == Error && (slices.Contains(c.o.Ignore, check) || slices.Contains(c.o.Ignore, "all")) {
		s = Warning
		text += " (ignored)"
	}
	c.r.Findings = append(c.r.Findings, Finding{Check: check, Severity: s, Text: text, From: c.r.seconds(from), To: c.r.seconds(to)})
}

// finite refuses a sound without samples, or with samples that are no numbers.
func (c *checker) finite(s Sound) bool {
	if s.Frames() == 0 {
		c.find("length", Error, "%s has no samples. Export it again.", s.Name)
		return false
	}
	for k, x := range s.Channels {
		for t, v := range x {
			if v-v != 0 {
				c.find("finite", Error, "%s has a sample that is no number (%v), in channel %d at %.3f s. Export it again.",
					s.Name, v, k+1, float64(t)/float64(s.Rate))
				return false
			}
		}
	}
	return true
}

// choose reduces both sounds to one channel.
func (c *checker) choose(input, output Sound) bool {
	a, from, ok := c.one(input)
	b, also, okay := c.one(output)
	if !ok || !okay {
		return false
	}
	c.x, c.y = a, b
	c.r.Channel = from
	if from == "mono" {
		c.r.Channel = also
	}
	if also != "mono" && from != "mono" && also != from {
		c.find("channels", Error, "the sound is in the %s channel of %s and in the %s channel of %s. Export both as mono files.", from, input.Name, also, output.Name)
		return false
	}
	if c.r.Channel == "right" && (len(input.Channels) == 1 || len(output.Channels) == 1) {
		mono, stereo := input.Name, output.Name
		if len(output.Channels) == 1 {
			mono, stereo = stereo, mono
		}
		c.find("channels", Error, "the sound is in the right channel of %s, and %s is mono. Export the right channel as a mono file.", stereo, mono)
		return false
	}
	return true
}

// one returns the channel of a sound to train with, and its name.
func (c *checker) one(s Sound) ([]float32, string, bool) {
	const same, silent = 1e-3, 1e-3 // -60 dB of the louder channel
	n := len(s.Channels)
	if n == 1 {
		return s.Channels[0], "mono", true
	}
	left, right := s.Channels[0], s.Channels[1]
	switch c.o.Channel {
	case "left":
		return left, "left", true
	case "right":
		return right, "right", true
	case "mix":
		mix := make([]float32, len(left))
		for _, ch := range s.Channels {
			for t, v := range ch {
				mix[t] += v / float32(n)
			}
		}
		return mix, "mix", true
	}
	if n > 2 {
		c.find("channels", Error, "%s has %d channels, and a model has one. Export the one that is meant as a mono file, or take the first by --channel left.", s.Name, n)
		return nil, "", false
	}
	el, er, ed := energy(left), energy(right), 0.0
	for t, v := range left {
		d := float64(v) - float64(right[t])
		ed += d * d
	}
	switch {
	case ed <= same*same*math.Max(el, er):
		c.find("channels", Warning, "%s is stereo with the same sound in both channels; the left one is used.", s.Name)
		return left, "left", true
	case er <= silent*silent*el:
		c.find("channels", Warning, "%s is stereo and its right channel is silent; the left one is used.", s.Name)
		return left, "left", true
	case el <= silent*silent*er:
		c.find("channels", Warning, "%s is stereo and its left channel is silent; the right one is used.", s.Name)
		return right, "right", true
	}
	c.find("channels", Error, "%s is stereo, its channels differ (by %.0f dB below the louder), and a model has one. "+
		"Switch stereo effects off and export it as mono, or choose by --channel left, right or mix.", s.Name, -10*math.Log10(ed/math.Max(el, er)))
	return nil, "", false
}

// resample brings both sounds to one rate.
func (c *checker) resample(input, output Sound) bool {
	c.rate = input.Rate
	if c.o.Rate > 0 {
		c.rate = c.o.Rate
	} else if input.Rate != output.Rate {
		c.find("rate", Error, "%s has %d Hz and %s has %d Hz. Export both at one rate, or let them be resampled by --rate %d.",
			input.Name, input.Rate, output.Name, output.Rate, max(input.Rate, output.Rate))
		return false
	}
	var err error
	if c.x, err = audio.Resample(c.x, input.Rate, c.rate); err == nil {
		c.y, err = audio.Resample(c.y, output.Rate, c.rate)
	}
	if err != nil {
		c.find("rate", Error, "the sounds cannot be resampled to %d Hz: %v.", c.rate, err)
		return false
	}
	c.r.Rate, c.r.Frames = c.rate, len(c.x)
	return true
}

// at says where input sample t is, in a sentence.
func (c *checker) at(t int) string { return c.r.at(t) }

// samples turns seconds into samples.
func (c *checker) samples(seconds float64) int { return int(math.Round(seconds * float64(c.rate))) }

// late is how late the output is at input sample t, in whole samples.
func (c *checker) late(t int) int { return int(math.Round(c.lock.lag(float64(t)))) }
