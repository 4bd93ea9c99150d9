package capture

import (
	"math"
	"slices"

	"partials/audio"
)

// align finds how the output lies against the input, or says that the two are
// no pair.
func (c *checker) align() {
	reach := c.samples(searchSeconds)
	l := c.together(reach)
	const little = 0.3
	if !l.sure() || l.explains(c.x, c.y) < little {
		if far := c.farApart(); far.sure() && (!l.sure() || far.explains(c.x, c.y) > 2*l.explains(c.x, c.y)) {
			l = far
		}
	}
	if !l.sure() {
		l = c.rectified(reach)
	}
	if !l.sure() && c.o.Delay != nil {
		l = &lock{at: float64(*c.o.Delay), n: l.n, segments: l.segments}
	} else if !l.sure() && c.layout != nil && c.layout.name != "" {
		l = c.byBlips(l)
	}
	if l.sure() || l != nil && l.agree == 0 {
		c.lock = l
		c.judgePair()
		return
	}
	if c.otherSpeed() {
		return
	}
	c.noPair(l)
}

// together looks for the output close to the input, and then farther off: a loop
// goes together with itself at other places too.
func (c *checker) together(reach int) *lock {
	const closely, well = 0.1, 0.5
	n := c.samples(closely)
	near := seek(c.x, c.y, c.rate, -n, n)
	e := 0.0
	if near.sure() {
		if e = near.explains(c.x, c.y); e > well {
			return near
		}
	}
	far := seek(c.x, c.y, c.rate, -reach, reach)
	if near.sure() && (!far.sure() || far.explains(c.x, c.y) < 1.1*e) {
		return near
	}
	return far
}

// farApart looks again where both begin to sound, and where their loudness goes
// together: a recorder may have been started long before.
func (c *checker) farApart() (best *lock) {
	x, y := sounding(c.x), sounding(c.y) // the silence around would be what is most alike
	if x[0] == x[1] || y[0] == y[1] {
		return nil
	}
	begin := y[0] - x[0]
	near := c.samples(0.1)
	for _, lag := range []int{begin, begin + envelopeLag(c.x[x[0]:x[1]], c.y[y[0]:y[1]], c.rate)} {
		l := seek(c.x, c.y, c.rate, lag-near, lag+near)
		if l.sure() && (best == nil || l.explains(c.x, c.y) > best.explains(c.x, c.y)) {
			best = l
		}
	}
	return best
}

// rectified looks for a device whose output follows the magnitude of its input,
// as an octave pedal's does: it has nothing in common with the input itself.
func (c *checker) rectified(reach int) *lock {
	x := make([]float32, len(c.x))
	mean := float32(0) // a slow average, about a tenth of a second
	slow := float32(10 / float64(c.rate))
	for t, v := range c.x {
		v = max(v, -v)
		mean += slow * (v - mean)
		x[t] = v - mean
	}
	l := seek(x, c.y, c.rate, -reach, reach)
	if l.sure() {
		c.find("pair", Warning, "the output follows the level of the input, but not its waveform: an octave or a ring effect? Such a device is hard for a model; check that nothing else is switched on.")
	}
	return l
}

// byBlips trusts a known test signal: where nothing else tells, its clicks may,
// if every one is answered as late as the others.
func (c *checker) byBlips(l *lock) *lock {
	const apart = 20 // samples: neural-amp-modeler's bound
	from, to := -c.samples(0.02), c.samples(0.25)
	for _, b := range c.layout.blips {
		one, ok := blipResponse(c.y, []int{b}, c.rate, from, to)
		all, okay := blipResponse(c.y, c.layout.blips, c.rate, from, to)
		if !ok || !okay || one < all-apart || one > all+apart {
			return l
		}
	}
	late, _ := blipResponse(c.y, c.layout.blips, c.rate, from, to)
	return &lock{at: float64(late), n: l.n, segments: l.segments}
}

// sounding is where x begins and ends to be louder than 50 dB below its peak.
func sounding(x []float32) [2]int {
	loud := float32(peakOf(x) / 300)
	lo, hi := 0, len(x)
	for lo < hi && max(x[lo], -x[lo]) < loud {
		lo++
	}
	for hi > lo && max(x[hi-1], -x[hi-1]) < loud {
		hi--
	}
	return [2]int{lo, hi}
}

// envelopeLag is where the loudness of y follows that of x best.
func envelopeLag(x, y []float32, rate int) int {
	hop := max(rate/500, 1)
	a, b := envelope(x, hop), envelope(y, hop)
	c := newCorrelator(fftSize(len(a) + len(b)))
	c.cross(a, 0, b, 0, len(a), len(b))
	c.plan.IRFFT(c.time, c.yr, c.yi)
	size := len(c.time)
	best := 0
	for k := -len(a) + 1; k < len(b); k++ {
		if c.time[(k+size)%size] > c.time[(best+size)%size] {
			best = k
		}
	}
	return best * hop
}

// envelope is the level of x every hop samples in dB above -80 dB of its peak,
// less its mean over half a second around: what is struck, not how loud it is.
func envelope(x []float32, hop int) []float32 {
	const around = 125 // hops of 2 ms
	e := make([]float64, len(x)/hop+1)
	floor := 1e-4 * peakOf(x)
	sums := make([]float64, len(e)+1)
	for i := range e {
		e[i] = math.Log(math.Max(rms(x[min(i*hop, len(x)):min((i+1)*hop, len(x))]), floor) / floor)
		sums[i+1] = sums[i] + e[i]
	}
	out := make([]float32, len(e))
	for i, v := range e {
		lo, hi := max(i-around, 0), min(i+around+1, len(e))
		out[i] = float32(v - (sums[hi]-sums[lo])/float64(hi-lo))
	}
	return out
}

// otherSpeed finds an output that was played or labelled at another rate: then
// all of it is faster or slower by the ratio of two common rates.
func (c *checker) otherSpeed() bool {
	rates := []int{44100, 48000, 88200, 96000}
	const look = 20 // s are enough to tell
	n := min(c.samples(look), len(c.x))
	for _, is := range rates {
		for _, was := range rates {
			if is == was || is*2 == was || was*2 == is && is != 44100 {
				continue
			}
			ratio := float64(was) / float64(is)
			if ratio > 2.2 || ratio < 0.45 {
				continue
			}
			m := min(int(float64(n)*ratio)+c.samples(searchSeconds), len(c.y))
			y, err := audio.Resample(c.y[:m], was, is)
			if err != nil {
				continue
			}
			l := seek(c.x[:n], y, c.rate, -c.samples(0.5), c.samples(0.5))
			if !l.sure() {
				continue
			}
			c.find("speed", Error, "the output plays at %.4g times the speed of the input: it was recorded at %d Hz and is labelled as %d Hz, or the other way round for the input. "+
				"Export both again from one project, at one rate.", 1/ratio, was, is)
			return true
		}
	}
	return false
}

// noPair says that the two do not belong together, or that there is too little
// to tell.
func (c *checker) noPair(l *lock) {
	const little = 1.0 // s
	if c.r.seconds(len(c.x)) < little {
		c.lock = &lock{n: stretchOf(len(c.x), c.rate), segments: stretches(c.x, stretchOf(len(c.x), c.rate), maxSegments)}
		c.find("pair", Warning, "the sounds are %.3g s long, too short to tell how late the output is; 0 samples are taken. If that is wrong, give --delay.", c.r.seconds(len(c.x)))
		return
	}
	c.find("pair", Error, "the output %s is not the input %s played through a device: nowhere within %.2g s do the two go together. "+
		"Check that both files belong together, that the recorded track is the one that was exported, and that no delay, reverb or modulation is switched on.",
		c.r.Output, c.r.Input, searchSeconds)
}

// judgePair measures how the two belong together: by a causal linear filter,
// by polarity, and whether input and output may be swapped.
func (c *checker) judgePair() {
	l := c.lock
	reach := max(c.samples(0.0015), filterEarly)
	m := gather(c.x, c.y, l.segments, l.n, filterTaps, reach, l.lag)
	_, c.r.Explained = m.fit(-filterEarly, filterTaps)
	if l.agree == 0 {
		return
	}
	// The polarity is that of the whitened correlation and of the plain one,
	// where both are clear.
	plus, minus := slices.Max(m.xy), -slices.Min(m.xy)
	c.r.Inverted = l.z < 0 && minus > 1.05*plus
	if c.r.Inverted {
		c.find("polarity", Warning, "the output is upside down: its polarity is inverted. The model will be so too, which is not heard alone, "+
			"but mixed with the dry sound it is. If it is not meant, swap the wires or invert the recording.")
	}
	ahead := -l.at
	if ahead < float64(c.samples(0.0002)) || c.layout != nil && c.layout.name != "" && ahead < float64(c.samples(0.02)) {
		return
	}
	// An output that comes before its input: swapped, or cut at another place.
	if sign := c.processedInput(); ahead > float64(c.samples(0.0005)) && sign != "" {
		c.find("swapped", Error, "input and output are swapped: %s comes %.4g ms before %s, and %s. Give the file that was played first, then the recording.",
			c.r.Output, 1000*ahead/float64(c.rate), c.r.Input, sign)
		return
	}
	c.find("latency", Warning, "the output is ahead of the input by %.0f samples (%.3g ms). A device cannot be: the files were exported from different starts, "+
		"the recorder takes off too much latency, or input and output are swapped. The model is trained with a delay of %d.",
		ahead, 1000*ahead/float64(c.rate), int(math.Floor(l.at)))
}

// processedInput looks for signs that the input is the recording and the output
// what was played: nothing, or half a sentence.
func (c *checker) processedInput() string {
	crestIn, crestOut := crest(c.x), crest(c.y)
	zerosIn, zerosOut := zeroShare(c.x), zeroShare(c.y)
	switch {
	case zerosOut > 0.02 && zerosIn < zerosOut/10:
		return "it has digital silence where the other has noise"
	case crestOut > 1.4*crestIn:
		return "it is the less compressed of the two"
	}
	return ""
}

// crest is the peak over the RMS.
func crest(x []float32) float64 {
	return peakOf(x) / math.Sqrt(energy(x)/float64(len(x)))
}

// zeroShare is how much of x is runs of zeros of at least 256 samples, not
// counting both ends.
func zeroShare(x []float32) float64 {
	const long = 256
	lo, hi := 0, len(x)
	for lo < hi && x[lo] == 0 {
		lo++
	}
	for hi > lo && x[hi-1] == 0 {
		hi--
	}
	zeros, run := 0, 0
	for _, v := range x[lo:hi] {
		if v == 0 {
			run++
			continue
		}
		if run >= long {
			zeros += run
		}
		run = 0
	}
	return float64(zeros) / float64(len(x))
}

// lengths compares where both end, once it is known how they lie.
func (c *checker) lengths() {
	in, out := len(c.x), len(c.y)
	if c.lock == nil {
		if d := in - out; d > c.samples(0.05) || -d > c.samples(1) {
			word := "shorter"
			if d < 0 {
				d, word = -d, "longer"
			}
			c.find("length", Warning, "the output has %d samples, %d (%.3f s) %s than the input, which has %d.", out, d, c.r.seconds(d), word, in)
		}
		return
	}
	late := c.late(in)
	short := in - out + c.jumped // samples, but for what a jump took
	missing := short + late      // of the input's end
	little := c.samples(0.05)
	const most = 1 // s by which an output may be longer, as a recorder stopped by hand makes it
	switch {
	case short > little && missing > max(little, short/2):
		c.findAt("length", Error, in-missing, in, "the output is %.3f s shorter than the input (%d and %d samples) and ends at %s of it: the recording was stopped too early. "+
			"Record it again to the end, or train on what is there by --ignore length.", c.r.seconds(in-out), out, in, c.at(in-missing))
	case missing > little:
		c.findAt("length", Warning, in-missing, in, "the output is late and as long as the input, so that its last %.3f s are missing; they are left out. Let the recording run on a little longer next time.", c.r.seconds(missing))
	case out-late-in > c.samples(most):
		c.find("length", Warning, "the output goes on for %.3f s after the input's end; that is left out.", c.r.seconds(out-late-in))
	}
	if ahead := -c.late(0); ahead > c.samples(0.05) {
		c.findAt("length", Warning, 0, ahead, "the output begins %.3f s after the input did; what comes before is left out.", c.r.seconds(ahead))
	}
}
