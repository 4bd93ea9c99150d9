package capture

import (
	"math"

	"partials/audio"
	"partials/internal/fft"
)

const (
	pauseSeconds = 0.25 // of silence, after what still rings
	ringSeconds  = 0.15
	leadSeconds  = 0.01 // before the next sound, where filters that look ahead begin
	lowSNR       = 25   // dB; a loud amplifier hisses at 30 to 40
	loudDC       = 0.003
	humSeconds   = 0.5 // tell 50 Hz from 60
)

// noise measures what the output does where the input is silent: offset, hum
// and noise. Where the input never pauses nothing is said.
func (c *checker) noise() {
	pauses := c.pauses()
	if len(pauses) == 0 {
		return
	}
	sum, squares, n := 0.0, 0.0, 0.0
	longest := pauses[0]
	for _, g := range pauses {
		for _, v := range c.y[g.from:g.to] {
			sum += float64(v)
			squares += float64(v) * float64(v)
		}
		n += float64(g.to - g.from)
		if g.to-g.from > longest.to-longest.from {
			longest = g
		}
	}
	dc := sum / n
	if math.Abs(dc) > loudDC {
		c.find("dc", Warning, "the output has an offset of %+.4f (%.0f dBFS) where the input is silent. The model will learn it; record through an input that blocks DC, or filter the recording.", dc, audio.DB(math.Abs(dc)))
	}
	noise := math.Sqrt(max(squares/n-dc*dc, 0))
	loud := rms(c.y)
	db := math.Max(audio.DB(noise), -144) // 24 bits end there
	snr := audio.DB(loud) - db
	c.r.NoiseDB, c.r.SNR = &db, &snr
	hum, mains := 0.0, 0
	if longest.to-longest.from >= c.samples(humSeconds) {
		hum, mains = humOf(c.y[longest.from:min(longest.to, longest.from+2*c.rate)], c.rate)
	}
	from := max(longest.from-c.late(longest.from), 0)
	to := max(longest.to-c.late(longest.to), 0)
	if hum > 0.7*noise && hum > loud/200 { // most of the noise, and 46 dB below the sound
		c.findAt("hum", Warning, from, to, "the output hums with the mains, at %d Hz and its multiples, %.0f dB below the sound, as from %s to %s. "+
			"The model cannot learn it, and its error ends there; move the guitar or the cables, and break ground loops.", mains, audio.DB(loud)-audio.DB(hum), c.at(from), c.at(to))
		return
	}
	if snr < lowSNR {
		c.findAt("noise", Warning, from, to, "the output is noisy: where the input is silent it is only %.0f dB below the sound, as from %s to %s. "+
			"The model cannot learn noise, and its error ends there; play the test signal louder into the device, or turn the noisy stage down.", snr, c.at(from), c.at(to))
	}
}

// pauses are the stretches of the output where the input is silent and what came
// before has rung out.
func (c *checker) pauses() (out []gap) {
	silent := math.Max(silentPeak, peakOf(c.x)*1e-4)
	run := 0
	add := func(end int) { // the input was silent for run samples before end
		from, to := end-run+c.samples(ringSeconds), end-c.samples(leadSeconds)
		from, to = from+c.late(from), to+c.late(to)
		from, to = max(from, 0), min(to, len(c.y))
		if to-from >= c.samples(pauseSeconds) && peakOf(c.y[from:to]) > 0 {
			out = append(out, gap{from, to})
		}
	}
	for t, v := range c.x {
		if math.Abs(float64(v)) <= silent {
			run++
			continue
		}
		add(t)
		run = 0
	}
	add(len(c.x))
	return out
}

// humOf is the RMS of the multiples of 50 or 60 Hz in x, and which of both it is.
func humOf(x []float32, rate int) (level float64, mains int) {
	n := len(x)
	plan := fft.NewPlan(fftSize(n)) // zeros behind: finer bins
	size := plan.Len()
	time, re, im := make([]float64, size), make([]float64, plan.Bins()), make([]float64, plan.Bins())
	squares := 0.0
	for t, v := range x {
		w := 0.5 - 0.5*math.Cos(2*math.Pi*(float64(t)+0.5)/float64(n)) // Hann
		time[t] = w * float64(v)
		squares += w * w
	}
	plan.RFFT(re, im, time)
	width := 2.5 / float64(n) * float64(size) // of a line, in bins: Hann's main lobe is 2 of x's own
	for _, f := range []int{50, 60} {
		sum := 0.0
		for h := f; h <= 10*f && h < rate/2; h += f {
			at := float64(h) * float64(size) / float64(rate)
			power, around := 0.0, 0.0
			lines := 0.0
			for k := int(at - 6*width); k <= int(at+6*width); k++ {
				if k < 1 || k >= len(re) {
					continue
				}
				p := re[k]*re[k] + im[k]*im[k]
				if math.Abs(float64(k)-at) <= width {
					power += p
					lines++
				} else {
					around += p / (10 * width)
				}
			}
			sum += max(power-around*lines, 0)
		}
		// Of a one-sided spectrum of the windowed signal, by Parseval.
		if l := math.Sqrt(2 * sum / (float64(size) * squares)); l > level {
			level, mains = l, f
		}
	}
	return level, mains
}
