package capture

import (
	"math"
	"sort"
)

const (
	dropRun  = 16    // zeros in a row, a third of a millisecond at 48 kHz
	dropHop  = 0.005 // s
	dropHops = 4     // of them the output must be gone for where it is not exactly zero
)

// gap is a stretch of the output, in its samples.
type gap struct{ from, to int }

// dropouts finds where the output is gone while the input plays on: buffers that
// were not filled in time, a loose plug, a recording that was muted.
func (c *checker) dropouts() {
	gaps := append(c.zeros(), c.faded()...)
	sort.Slice(gaps, func(i, k int) bool { return gaps[i].from < gaps[k].from })
	// Where a recording begins or ends a little early its length says so.
	edge := c.samples(0.05)
	first, last := c.late(0), min(len(c.x)+c.late(len(c.x)), len(c.y))
	var merged []gap
	for _, g := range gaps {
		if g.to < first+edge || g.from > last-edge {
			continue
		}
		if n := len(merged); n > 0 && g.from <= merged[n-1].to+c.samples(0.005) {
			merged[n-1].to = max(merged[n-1].to, g.to)
			continue
		}
		merged = append(merged, g)
	}
	if len(merged) == 0 {
		return
	}
	total, longest := 0, merged[0]
	for _, g := range merged {
		total += g.to - g.from
		if g.to-g.from > longest.to-longest.from {
			longest = g
		}
	}
	one := merged[0]
	at := max(one.from-c.late(one.from), 0)
	end := max(longest.to-c.late(longest.to), 0)
	text := "the output has %s while the input plays, the first at %s, the longest of %.4g s from %s to %s. " +
		"Check plugs and cables, take a larger buffer in the interface's settings, and record again."
	c.findAt("dropouts", Error, at, max(one.to-c.late(one.to), 0), text, times(len(merged), "dropout"), c.at(at),
		c.r.seconds(longest.to-longest.from), c.at(max(longest.from-c.late(longest.from), 0)), c.at(end))
}

// zeros finds runs of exact zeros that begin or end with a jump, as no device's
// output stops in the middle of a wave, and such as last while the input is loud.
func (c *checker) zeros() (gaps []gap) {
	y := c.y
	for t := 0; t < len(y); {
		if y[t] != 0 {
			t++
			continue
		}
		from := t
		for t < len(y) && y[t] == 0 {
			t++
		}
		if t-from < dropRun || from == 0 || t == len(y) || !c.playing(from, t) {
			continue
		}
		if c.loudAll(from, t) || jumps(y[max(from-256, 0):from], y[from-1]) || jumps(y[t:min(t+256, len(y))], y[t]) {
			gaps = append(gaps, gap{from, t})
		}
	}
	return gaps
}

// loudAll says whether the input is loud all the while that the output has
// samples from to to, and that is more than a moment.
func (c *checker) loudAll(from, to int) bool {
	hop := c.samples(dropHop)
	at, end := max(from-c.late(from), 0), min(to-c.late(to), len(c.x))
	if end-at < hop {
		return false
	}
	loud := peakOf(c.x) / 30
	for t := at; t+hop <= end; t += hop {
		if rms(c.x[t:t+hop]) < loud {
			return false
		}
	}
	return true
}

// jumps says whether a step from v to zero is greater than those of x.
func jumps(x []float32, v float32) bool {
	largest := 0.0
	for i := 1; i < len(x); i++ {
		largest = max(largest, math.Abs(float64(x[i])-float64(x[i-1])))
	}
	return math.Abs(float64(v)) > 1.5*largest && math.Abs(float64(v)) > 0.05*peakOf(x) && math.Abs(float64(v)) > silentPeak
}

// playing says whether the input sounds where the output has samples from to to.
func (c *checker) playing(from, to int) bool {
	const down = 300 // times, or 50 dB
	at, end := max(from-c.late(from), 0), min(to-c.late(to), len(c.x))
	return at < end && rms(c.x[at:end]) > peakOf(c.x)/down
}

func rms(x []float32) float64 {
	if len(x) == 0 {
		return 0
	}
	return math.Sqrt(energy(x) / float64(len(x)))
}

// faded finds where the output lies far below what a linear filter makes of the
// input, which is loud there, against how the two compare elsewhere.
func (c *checker) faded() (gaps []gap) {
	const below = 150 // times, or 44 dB: a compressor does less
	hop := c.samples(dropHop)
	hops := len(c.x) / hop
	loud := 0.0
	for i := range hops {
		loud = max(loud, rms(c.x[i*hop:][:hop]))
	}
	h, _ := gather(c.x, c.y, c.lock.segments, c.lock.n, filterTaps, filterEarly, c.lock.lag).fit(-filterEarly, filterTaps)
	ratio := make([]float64, hops) // of the output to the filter's; +Inf where nothing can be told
	var all []float64
	for i := range ratio {
		t := i * hop
		u := t + c.late(t)
		if ratio[i] = math.Inf(1); u < 0 || u+hop > len(c.y) || rms(c.x[t:t+hop]) < loud/30 {
			continue
		}
		ratio[i] = rms(c.y[u:u+hop]) / rms(c.filtered(h, t, hop))
		all = append(all, ratio[i])
	}
	gone := median(all) / below
	for i := 0; i < hops; i++ {
		first := i
		for i < hops && ratio[i] < gone {
			i++
		}
		if i-first >= dropHops {
			gaps = append(gaps, gap{first*hop + c.late(first*hop), i*hop + c.late(i*hop)})
		}
	}
	return gaps
}

// filtered is what h, whose first tap is filterEarly samples early, makes of n
// samples of the input.
func (c *checker) filtered(h []float64, at, n int) []float32 {
	y := make([]float32, n)
	for t := range y {
		sum := 0.0
		for k, v := range h {
			if i := at + t + filterEarly - k; i >= 0 && i < len(c.x) {
				sum += v * float64(c.x[i])
			}
		}
		y[t] = float32(sum)
	}
	return y
}
