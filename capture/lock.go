package capture

import (
	"math"
	"slices"
	"sort"
)

const (
	// searchSeconds is how far apart input and output are looked for at first,
	// either way: more than any buffer of a sound card, less than a pause.
	searchSeconds = 1.5
	// maxSegments bounds the stretches that are compared.
	maxSegments = 24
	// maxSlope is the greatest difference of two clocks looked for: a clock that
	// is worse than 500 millionths is broken.
	maxSlope = 500e-6
	// Correlations of unrelated sounds reach 5 to 6 standard deviations somewhere.
	sureZ = 9
)

// point is the latency of one stretch.
type point struct {
	t   float64 // middle of the stretch, input samples
	lag float64 // samples
	z   float64
}

// lock says how two sounds belong together: the latency at input sample t is
// at + slope*(t-middle).
type lock struct {
	at, slope, middle float64
	z                 float64 // signed mean of the points that agree
	points            []point // all stretches, those that agree first
	agree             int
	segments          []int // first samples of all stretches
	n                 int   // samples of a stretch
}

func (l *lock) lag(t float64) float64 { return l.at + l.slope*(t-l.middle) }

// sure says whether the two belong together beyond chance.
func (l *lock) sure() bool {
	if l == nil || l.agree == 0 {
		return false
	}
	total := math.Abs(l.z) * math.Sqrt(float64(l.agree))
	all := len(l.segments) // also where the output is silent
	switch {
	case all < 4:
		return total >= sureZ && l.agree == all || math.Abs(l.z) >= 2*sureZ
	case l.agree < 4 || 3*l.agree < all:
		return math.Abs(l.z) >= 3*sureZ && l.agree >= 3
	}
	return total >= 1.6*sureZ
}

// stretches chooses where to compare: the loudest in each of some equal parts.
func stretches(x []float32, n, most int) []int {
	count := min(max(len(x)/n, 1), most)
	part := len(x) / count
	type place struct {
		at     int
		energy float64
	}
	places := make([]place, 0, count)
	for i := range count {
		lo, hi := i*part, max(i*part, (i+1)*part-n)
		best := place{lo, -1}
		for at := lo; at <= hi; at += max(n/2, 1) {
			if e := energy(x[at:min(at+n, len(x))]); e > best.energy {
				best = place{at, e}
			}
		}
		places = append(places, best)
	}
	loud := slices.MaxFunc(places, func(a, b place) int { return cmp(a.energy, b.energy) }).energy
	var out []int
	for _, p := range places {
		if p.energy > 1e-5*loud { // 50 dB below the loudest there is little to hear
			out = append(out, p.at)
		}
	}
	return out
}

func cmp(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func energy(x []float32) (sum float64) {
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return sum
}

// stretchOf is how long the stretches of a sound are: long enough for many
// periods and short enough that there are several.
func stretchOf(frames, rate int) int {
	n := 1 << 17
	for n > 1<<12 && (8*n > frames || n > 2*rate) {
		n /= 2
	}
	return n
}

// seek looks for y in x at lags between lo and hi.
func seek(x, y []float32, rate, lo, hi int) *lock {
	return seekIn(x, y, stretchOf(len(x), rate), maxSegments, lo, hi)
}

// seekIn is seek in at most so many stretches of n samples.
func seekIn(x, y []float32, n, most, lo, hi int) *lock {
	l := &lock{n: n, segments: stretches(x, n, most)}
	hi, lo = min(hi, len(y)), max(lo, -len(x))
	c := newCorrelator(fftSize(n + hi - lo + 1))
	var candidates [][]peak
	var times []float64
	for _, at := range l.segments {
		p := peaks(c.lags(x, y, at, n, lo, hi), lo, 5, 24)
		if len(p) > 0 {
			candidates, times = append(candidates, p), append(times, float64(at)+float64(n)/2)
		}
	}
	even := *l
	even.line(candidates, times, false)
	l.line(candidates, times, true)
	// A slope must explain more: what a device does to the phase of high notes and
	// of low ones looks like one.
	if l.slope == 0 || l.agree <= even.agree || !l.explainsMore(&even, x, y) {
		l = &even
	}
	l.reconsider(c, x, y, lo, hi)
	return l
}

// explains is the share of y that a linear filter makes of x at the latency of l.
func (l *lock) explains(x, y []float32) float64 {
	_, e := gather(x, y, l.segments, l.n, filterTaps, filterEarly, l.lag).fit(-filterEarly, filterTaps)
	return e
}

// explainsMore says whether l leaves less of y unexplained than another.
func (l *lock) explainsMore(than *lock, x, y []float32) bool {
	const less = 0.98
	return 1-l.explains(x, y) < less*(1-than.explains(x, y))
}

// reconsider looks again at the stretches that do not agree: where the line goes
// through a peak that is not much lower than their highest, they do.
func (l *lock) reconsider(c *correlator, x, y []float32, lo, hi int) {
	const around, lower = 48, 0.5
	for i := l.agree; i < len(l.points); i++ {
		p := &l.points[i]
		late := int(math.Round(l.lag(p.t)))
		from, to := max(late-around, lo), min(late+around, hi)
		if from > to {
			continue
		}
		all := c.lags(x, y, int(p.t)-l.n/2, l.n, lo, hi)
		near := peaks(all[from-lo:to-lo+1], from, 1, 1)
		if len(near) == 0 {
			continue
		}
		z := near[0].z * rmsOf(all[from-lo:to-lo+1]) / rmsOf(all)
		if math.Abs(z) >= lower*math.Abs(p.z) {
			p.lag, p.z = near[0].lag, z
		}
	}
}

func rmsOf(c []float64) float64 {
	sum := 0.0
	for _, v := range c {
		sum += v * v
	}
	return math.Sqrt(sum / float64(len(c)))
}

// line finds the latency, and its slope where it may have one, that most
// stretches agree on, weighted by their heights: every pair of candidates gives
// a line (RANSAC, all pairs).
func (l *lock) line(candidates [][]peak, times []float64, sloped bool) {
	const near = 3.5 // samples that a device's phase may move a peak by
	score := func(at, slope, middle float64) (sum float64, agree []point, rest []point) {
		for i, c := range candidates {
			best := -1
			for k, p := range c {
				if math.Abs(p.lag-at-slope*(times[i]-middle)) <= near && (best < 0 || math.Abs(p.z) > math.Abs(c[best].z)) {
					best = k
				}
			}
			if best < 0 {
				rest = append(rest, point{times[i], c[0].lag, c[0].z})
				continue
			}
			agree = append(agree, point{times[i], c[best].lag, c[best].z})
			sum += math.Min(math.Abs(c[best].z), 30)
		}
		return sum, agree, rest
	}
	best := -1.0
	try := func(at, slope, middle float64) {
		if s, agree, rest := score(at, slope, middle); s > best {
			best = s
			l.at, l.slope, l.middle, l.agree = at, slope, middle, len(agree)
			l.points = append(agree, rest...)
		}
	}
	for i, a := range candidates {
		for _, p := range a {
			try(p.lag, 0, times[i])
		}
	}
	for i, a := range candidates {
		for j := i + 1; sloped && j < len(candidates); j++ {
			for _, p := range a {
				for _, q := range candidates[j] {
					slope := (q.lag - p.lag) / (times[j] - times[i])
					// What no slope explains already as well is not worth one.
					if math.Abs(slope) <= maxSlope && math.Abs(q.lag-p.lag) > near {
						try(p.lag, slope, times[i])
					}
				}
			}
		}
	}
	agree := l.points[:l.agree]
	l.fit(agree, sloped)
	var z float64
	for _, p := range agree {
		z += p.z
	}
	if len(agree) > 0 {
		l.z = z / float64(len(agree))
	}
}

// fit draws the line through points (Theil 1950, Sen 1968: medians), level
// unless sloped.
func (l *lock) fit(points []point, sloped bool) {
	if len(points) == 0 {
		return
	}
	var slopes []float64
	for i, p := range points {
		for _, q := range points[i+1:] {
			if q.t != p.t {
				slopes = append(slopes, (q.lag-p.lag)/(q.t-p.t))
			}
		}
	}
	l.slope = 0
	if sloped && len(points) >= 3 {
		l.slope = median(slopes)
	}
	l.middle = 0
	for _, p := range points {
		l.middle += p.t / float64(len(points))
	}
	rest := make([]float64, len(points))
	for i, p := range points {
		rest[i] = p.lag - l.slope*(p.t-l.middle)
	}
	l.at = median(rest)
}

func median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	s := slices.Clone(x)
	sort.Float64s(s)
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}
