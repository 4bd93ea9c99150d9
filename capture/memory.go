package capture

import "math"

// memorySeconds is how far back the usual models hear: the receptive field of
// Neural Amp Modeler's WaveNets, 4093 samples at 48 kHz.
const memorySeconds = 0.085

// memory finds a reverb or an echo behind the test signal's clicks: sound that
// comes later than a model can remember its cause.
func (c *checker) memory() {
	if c.layout == nil || len(c.layout.blips) == 0 {
		return
	}
	late := c.samples(memorySeconds)
	begin := c.samples(0.001)
	window := c.samples(0.02)
	for _, b := range c.layout.blips {
		from := b + c.late(b)
		quietEnd := min(c.quietUntil(b), b+c.samples(0.45))
		if from-2*window < 0 || from+quietEnd-b > len(c.y) || quietEnd-b < late+2*window {
			return
		}
		before := peakOf(c.y[from-2*window : from-begin])
		top := peakOf(c.y[from-begin : from+window])
		for at := from + late; at+window <= from+quietEnd-b; at += window {
			if p := peakOf(c.y[at : at+window]); p > 4*before && p > top/100 {
				for math.Abs(float64(c.y[at])) < p {
					at++
				}
				t := at - c.late(b)
				c.findAt("memory", Warning, t, t+window, "the output still sounds %.0f ms behind a click, %.0f dB below it: a reverb or a delay is on. "+
					"A model hears back %.0f ms and cannot learn that; switch it off and add it in the host.",
					1000*c.r.seconds(at-from), 20*math.Log10(top/p), 1000*memorySeconds)
				return
			}
		}
	}
}

// quietUntil is where the input sounds again behind a click.
func (c *checker) quietUntil(click int) int {
	loud := math.Abs(float64(c.x[click])) / 100
	for t := click + c.samples(0.0015); t < len(c.x); t++ {
		if math.Abs(float64(c.x[t])) > loud {
			return t
		}
	}
	return len(c.x)
}
