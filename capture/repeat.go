package capture

// sameTwice is the greatest error-to-signal ratio of two outputs of the same
// input: neural-amp-modeler's bound.
const sameTwice = 0.01

// repeat compares what the device made of the same sound at two places.
func (c *checker) repeat() {
	l := c.layout
	if l == nil || l.repeat == [2]int{} {
		return
	}
	a, b := l.valid[0]+c.late(l.valid[0]), l.repeat[0]+c.late(l.repeat[0])
	n := l.valid[1] - l.valid[0]
	if a < 0 || b < 0 || a+n > len(c.y) || b+n > len(c.y) {
		return // a missing end is the length's fault
	}
	var diff, sum float64
	for t := range n {
		d := float64(c.y[a+t]) - float64(c.y[b+t])
		diff += d * d
		sum += float64(c.y[a+t]) * float64(c.y[a+t])
	}
	if sum == 0 || diff/sum <= sameTwice {
		return
	}
	c.findAt("repeat", Warning, l.repeat[0], l.repeat[1], "the device does not sound the same twice: what was played at %s and again at %s came out with an ESR of %.3g between them, more than %.2g. "+
		"A knob was moved, the amplifier was not warm, noise is high, or an effect that moves (chorus, delay, reverb) is on. No model will come closer than that.",
		c.at(l.repeat[0]), c.at(l.valid[0]), diff/sum, sameTwice)
}

// ranges says what of a known signal is for what.
func (c *checker) ranges() {
	l := c.layout
	if l == nil || l.name == "" {
		return
	}
	end := min(len(c.x), len(c.y)-c.r.Latency.Samples)
	begin := max(0, -c.r.Latency.Samples)
	train := [2]int{max(l.train[0], begin), min(l.train[1], end)}
	valid := [2]int{max(l.valid[0], begin), min(l.valid[1], end)}
	if train[1]-train[0] < c.rate || valid[1]-valid[0] < c.rate/2 {
		return // too little is left: the usual split of any sound
	}
	c.r.Train, c.r.Validation = train, valid
}
