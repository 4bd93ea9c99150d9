package capture

import (
	"math"
	"slices"
)

const (
	drifts       = 0.5     // samples over the whole recording: from here on it costs quality
	driftsBad    = 2       // and from here on a model is spoilt
	jumpAtLeast  = 1.5     // samples
	leastScatter = 0.05    // samples: no stretch measures better
	wanders      = 0.00025 // s
)

// clocks finds what is not one latency all along: a clock that drifts, samples
// lost or doubled, a delay that wanders.
func (c *checker) clocks() {
	if c.lock.agree < 4 {
		return
	}
	p := c.fine()
	if len(p) < 4 {
		return
	}
	line, _ := fitLine(p)
	if s, cost := fitStep(p); cost < 0.25*line.cost && math.Abs(s.size) >= jumpAtLeast && math.Abs(s.size) > 6*s.scatter && c.jump(p, s) {
		return
	}
	if c.parts() {
		return
	}
	p = slices.DeleteFunc(p, func(q point) bool { return math.Abs(q.lag-c.lock.lag(q.t)) > wanders*float64(c.rate)*4 })
	if len(p) < 4 {
		return
	}
	line, scatter := fitLine(p)
	whole := float64(len(c.x))
	span := p[len(p)-1].t - p[0].t
	total := math.Abs(line.slope) * whole
	// How sure the slope is: points that scatter by so much, evenly spaced.
	doubt := max(scatter, leastScatter) * math.Sqrt(12/float64(len(p))) * whole / span
	level, sloped := *c.lock, *c.lock
	level.slope, level.at = 0, medianLag(p)
	sloped.at, sloped.slope, sloped.middle = line.at, line.slope, line.middle
	if total >= drifts && total > 8*doubt && sloped.explainsMore(&level, c.x, c.y) {
		*c.lock = sloped
		c.r.DriftPPM = line.slope * 1e6
		s, word := Warning, "slower"
		if total >= driftsBad {
			s = Error
		}
		if line.slope < 0 {
			word = "faster"
		}
		c.find("drift", s, "the clocks drift: the one that recorded the output runs %.2f ppm %s than the one that played the input, so that the latency changes by %.1f samples from start to end. "+
			"Play and record with one interface, or let both share a word clock.", math.Abs(c.r.DriftPPM), word, total)
		return
	}
	*c.lock = level
	if len(p) >= 8 && scatter > wanders*float64(c.rate) {
		c.find("drift", Warning, "the latency wanders by about %.0f samples back and forth: is a chorus, vibrato or tape effect switched on? A model cannot learn that.", scatter)
	}
}

// parts finds a beginning or an end of the output that sounds, but does not go
// together with the input, where the rest does. It says whether there is one.
func (c *checker) parts() bool {
	const (
		block  = 4096
		alien  = 0.95 // of the output's energy is left by the filter
		well   = 0.6  // is left at most elsewhere
		few    = 2    // stretches
		silent = 1e-5 // of the filter's energy: gone, not alien
	)
	l := c.lock
	h, _ := gather(c.x, c.y, l.segments, l.n, filterTaps, filterEarly, l.lag).fit(-filterEarly, filterTaps)
	var places []int
	var left []float64
	for _, at := range l.segments {
		at += (l.n - min(block, l.n)) / 2
		n, late := min(block, l.n), c.late(at)
		if at+late < 0 || at+late+n > len(c.y) {
			continue // a matter of length
		}
		sound := energy(c.y[at+late:][:n])
		if sound <= silent*energy(c.filtered(h, at, n)) {
			continue
		}
		places, left = append(places, at), append(left, c.misfit(h, at, n, late)/sound)
	}
	if len(left) < 3*few || median(left) > well {
		return false
	}
	first, last := 0, len(left)
	for first < last && left[first] > alien {
		first++
	}
	for last > first && left[last-1] > alien {
		last--
	}
	const why = ": samples were lost or doubled there, or another take was pasted in. Record it again in one go, with a larger buffer in the interface's settings."
	switch {
	case len(left)-last >= few:
		c.findAt("jumps", Error, places[last], len(c.x), "from about %s on the output does not go together with the input any more"+why, c.at(places[last]))
	case first >= few:
		c.findAt("jumps", Error, 0, places[first], "up to about %s the output does not go together with the input"+why, c.at(places[first]))
	default:
		return false
	}
	c.broken = true
	return true
}

func medianLag(p []point) float64 {
	lags := make([]float64, len(p))
	for i, q := range p {
		lags[i] = q.lag
	}
	return median(lags)
}

// fine measures the latency of every stretch that agrees against the sum of all
// of them, to a fraction of a sample: what the device does to the phase is in
// both and falls out.
func (c *checker) fine() []point {
	l := c.lock
	const reach = 64
	co := newCorrelator(fftSize(l.n + reach))
	bins := co.plan.Bins()
	type spectrum struct{ re, im []float64 }
	var stretch []spectrum
	var points []point
	sum := spectrum{make([]float64, bins), make([]float64, bins)}
	size := float64(len(co.time))
	for i, q := range l.points {
		if i >= l.agree && math.Abs(q.z) < sureZ {
			continue // nothing was heard there
		}
		t, late := q.t, q.lag // its own: a jump is in no line
		at := int(t) - l.n/2
		whole := int(math.Round(late))
		co.cross(c.x, at, c.y, at+whole, l.n, l.n)
		co.whiten(whitening)
		s := spectrum{slices.Clone(co.yr), slices.Clone(co.yi)}
		// Turn back the fraction that the first guess has, so that the sum is sharp.
		turn(s.re, s.im, (late-float64(whole))*2*math.Pi/size)
		for k := range sum.re {
			sum.re[k] += s.re[k]
			sum.im[k] += s.im[k]
		}
		stretch = append(stretch, s)
		points = append(points, point{t: t, lag: late})
	}
	var out []point
	for i, s := range stretch {
		for k := range co.yr {
			// Its phase against that of the others; the sum holds it too, and less it
			// would be zero where it is alone.
			co.yr[k] = s.re[k]*sum.re[k] + s.im[k]*sum.im[k]
			co.yi[k] = s.im[k]*sum.re[k] - s.re[k]*sum.im[k]
		}
		co.whiten(0.5)
		co.plan.IRFFT(co.time, co.yr, co.yi)
		around := make([]float64, 2*reach+1)
		for k := range around {
			around[k] = co.time[(k-reach+len(co.time))%len(co.time)]
		}
		top := 0
		for k, v := range around {
			if v > around[top] {
				top = k
			}
		}
		if d := top - reach; d > -reach/2 && d < reach/2 && around[top] > 0 {
			points[i].lag += float64(d) + vertex(around, top)
			out = append(out, points[i])
		}
	}
	slices.SortFunc(out, func(a, b point) int { return cmp(a.t, b.t) })
	return out
}

// turn delays a spectrum back by w radians a bin.
func turn(re, im []float64, w float64) {
	for k, a := range re {
		s, c := math.Sincos(w * float64(k))
		b := im[k]
		re[k], im[k] = a*c-b*s, a*s+b*c
	}
}

// straight is a latency that changes evenly.
type straight struct{ at, slope, middle, cost float64 }

// fitLine draws a robust line and returns how far points scatter about it.
func fitLine(p []point) (straight, float64) {
	var l lock
	l.fit(p, true)
	rest := make([]float64, len(p))
	for i, q := range p {
		rest[i] = math.Abs(q.lag - l.lag(q.t))
	}
	return straight{l.at, l.slope, l.middle, sumOfBounded(rest)}, 1.4826 * median(rest)
}

// step is a latency that jumps once, between two points.
type step struct {
	after   int // index of the last point before it
	size    float64
	scatter float64
}

// fitStep finds the jump that explains the points best.
func fitStep(p []point) (best step, cost float64) {
	cost = math.Inf(1)
	lags := make([]float64, len(p))
	for i, q := range p {
		lags[i] = q.lag
	}
	for k := range len(p) - 1 {
		left, right := median(lags[:k+1]), median(lags[k+1:])
		rest := make([]float64, len(p))
		for i, v := range lags {
			if rest[i] = math.Abs(v - left); i > k {
				rest[i] = math.Abs(v - right)
			}
		}
		if sum := sumOfBounded(rest); sum < cost {
			cost, best = sum, step{k, right - left, 1.4826 * median(rest)}
		}
	}
	return best, cost
}

// sumOfBounded sums up distances, of which none counts more than a few of the
// typical: a stretch that measured badly must not decide.
func sumOfBounded(x []float64) (sum float64) {
	const most = 20
	for _, v := range x {
		sum += min(v, most) + 1e-3
	}
	return sum
}

// jump says where samples were lost or doubled, if they were: a filter that
// fits the output before must fit it behind at the other latency only.
func (c *checker) jump(p []point, s step) bool {
	before, after := p[s.after].lag, p[s.after].lag+s.size
	l := c.lock
	m := gather(c.x, c.y, starts(p[:s.after+1], l.n), l.n, filterTaps, filterEarly, func(float64) float64 { return before })
	h, _ := m.fit(-filterEarly, filterTaps)
	was, is := 0.0, 0.0
	for _, q := range p[s.after+1:] {
		at := int(q.t)
		was += c.misfit(h, at, 4096, int(math.Round(before)))
		is += c.misfit(h, at, 4096, int(math.Round(after)))
	}
	if is > 0.9*was {
		return false
	}
	at := c.changeOver(h, int(p[s.after].t), int(p[s.after+1].t), int(math.Round(before)), int(math.Round(after)))
	what, later := "lost", "earlier"
	if s.size > 0 {
		what, later = "put in", "later"
	}
	c.findAt("jumps", Error, at, at, "samples were %s while recording: from about %s on the output is %.0f samples %s than before. "+
		"A larger buffer in the interface's settings, and no other programs running, help; record it again.",
		what, c.at(at), math.Abs(s.size), later)
	c.lock.slope, c.lock.at = 0, before
	c.broken, c.jumped = true, int(math.Round(s.size))
	return true
}

// starts are the first samples of stretches of n about points.
func starts(p []point, n int) (at []int) {
	for _, q := range p {
		at = append(at, int(q.t)-n/2)
	}
	return at
}

// changeOver is where between two input samples the output changes from one
// latency to another: where the filter h stops to fit at the first.
func (c *checker) changeOver(h []float64, from, to, before, after int) int {
	const block = 64
	best, sum, least := to, 0.0, math.Inf(1)
	// sum is what the change costs if it comes here rather than at from.
	for at := from; at+block <= to; at += block {
		if sum < least {
			least, best = sum, at
		}
		sum += c.misfit(h, at, block, before) - c.misfit(h, at, block, after)
	}
	return best
}

// misfit is the energy that the filter h leaves of the output at a latency.
func (c *checker) misfit(h []float64, at, n, late int) (sum float64) {
	for t, v := range c.filtered(h, at, n) {
		if u := at + t + late; u >= 0 && u < len(c.y) {
			d := float64(c.y[u]) - float64(v)
			sum += d * d
		}
	}
	return sum
}
