package capture

import "math"

const (
	// A response begins where it leaves the noise before it by this much: the
	// trigger of neural-amp-modeler.
	blipAbove = 3e-4
	// A correlation is highest behind the start of the response, where a device
	// dulls the sound, by up to about bodySeconds. To train with too little
	// latency costs nothing, with too much what no model can learn.
	bodySeconds = 0.00017
	// A peak closer to 0 than this is the body of a response without latency.
	renderedSeconds = 0.00035
)

// latency settles how late the output is for training.
func (c *checker) latency() {
	l := &c.r.Latency
	l.Exact = c.lock.at
	if c.o.Delay != nil {
		l.Samples, l.By = *c.o.Delay, "given"
		if d := c.lock.at - float64(*c.o.Delay); c.lock.agree > 0 && (d < -1 || d > float64(c.samples(0.02))) {
			c.find("latency", Warning, "the delay given is %d samples, and the sounds say %.1f. With too large a delay nothing can be learnt.", *c.o.Delay, c.lock.at)
		}
		return
	}
	if c.layout != nil && len(c.layout.blips) > 0 && math.Abs(c.lock.slope)*float64(len(c.x)) < 10 {
		if onset, ok := c.blipOnset(); ok {
			l.Samples, l.By = onset-1, "blips"
			return
		}
	}
	l.By = "correlation"
	switch at := c.lock.at; {
	case at > -1 && at < renderedSeconds*float64(c.rate):
		l.Samples = 0
	case at < 0:
		l.Samples = int(math.Floor(at))
	default:
		l.Samples = int(math.Floor(at - bodySeconds*float64(c.rate)))
	}
}

// blipOnset measures the latency by the clicks of the input. It must agree with
// the correlation, whose peak cannot be before the response begins.
func (c *checker) blipOnset() (onset int, ok bool) {
	at := c.lock.at
	onset, ok = blipResponse(c.y, c.layout.blips, c.rate, int(at)-c.samples(0.005), int(at)+c.samples(0.005))
	if !ok || float64(onset) > at+2 {
		return 0, false
	}
	return onset, true
}

// blipResponse averages y around all blips and returns how many samples behind
// them it first leaves the noise, between from and to.
func blipResponse(y []float32, blips []int, rate, from, to int) (onset int, ok bool) {
	noise := rate / 20 // samples before, where only noise is
	mean := make([]float64, to-from+noise)
	count := 0
	for _, b := range blips {
		lo := b + from - noise
		if lo < 0 || b+to > len(y) {
			continue
		}
		for k := range mean {
			mean[k] += float64(y[lo+k])
		}
		count++
	}
	if count == 0 {
		return 0, false
	}
	background := 0.0
	for k := range mean {
		if mean[k] /= float64(count); k < noise {
			background = max(background, math.Abs(mean[k]))
		}
	}
	for k := noise; k < len(mean); k++ {
		if math.Abs(mean[k]) > max(background+blipAbove, 1.001*background) {
			return from + k - noise, true
		}
	}
	return 0, false
}
