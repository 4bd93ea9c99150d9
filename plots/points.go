package plots

import (
	"math"
	"sort"
)

const (
	// huge bounds what is drawn, so that no sum, difference or ratio of two values overflows.
	huge = 1e150
	// tiny is the smallest magnitude that counts as above zero on a log axis: an axis padded
	// below it must not underflow.
	tiny = 1e-150
)

// drawable says whether v has a place on paper.
func drawable(v float64) bool { return math.Abs(v) <= huge }

// columns is the number of pixel columns that a long series is cut to: the width of the axes
// in points.
const columns = 820

// points are the places of one line, x ascending. A NaN in y is a gap.
type points struct{ x, y []float64 }

// newPoints copies the pairs whose x can be drawn, sorted by x where they are not already.
func newPoints(x, y []float64) *points {
	n := min(len(x), len(y))
	p := &points{make([]float64, 0, n), make([]float64, 0, n)}
	for i := range n {
		if drawable(x[i]) {
			p.x = append(p.x, x[i])
			p.y = append(p.y, y[i])
		}
	}
	if !sort.Float64sAreSorted(p.x) {
		sort.Stable(byX{p})
	}
	return p
}

type byX struct{ *points }

func (b byX) Len() int           { return len(b.x) }
func (b byX) Less(i, j int) bool { return b.x[i] < b.x[j] }
func (b byX) Swap(i, j int) {
	b.x[i], b.x[j] = b.x[j], b.x[i]
	b.y[i], b.y[j] = b.y[j], b.y[i]
}

// smoothed returns the exponential moving average over n points. It is divided by the sum of
// its weights, as Adam's moments are, so that the first values are means of what was seen and
// not drawn towards zero. Gaps stay gaps and do not enter the average.
func (p *points) smoothed(n int) *points {
	decay := 1 - 1/float64(n)
	out := &points{append([]float64(nil), p.x...), make([]float64, len(p.y))}
	var mean, weight float64
	for i, y := range p.y {
		if math.IsNaN(y) {
			out.y[i] = y
			continue
		}
		mean = decay*mean + (1-decay)*y
		weight = decay*weight + (1 - decay)
		out.y[i] = mean / weight
	}
	return out
}

// cut reduces the points to at most four for each of the columns between lo and hi: the first,
// least, greatest and last, in their own order, so that no spike is lost. A column that holds
// only gaps stays a gap.
func (p *points) cut(lo, hi float64) {
	if len(p.x) <= 2*columns || !(hi > lo) {
		return
	}
	out := points{}
	for i := 0; i < len(p.x); {
		column := p.column(i, lo, hi)
		first, least, greatest, last := -1, -1, -1, -1
		start := i
		for ; i < len(p.x) && p.column(i, lo, hi) == column; i++ {
			if math.IsNaN(p.y[i]) {
				continue
			}
			if first < 0 {
				first, least, greatest = i, i, i
			}
			if p.y[i] < p.y[least] {
				least = i
			}
			if p.y[i] > p.y[greatest] {
				greatest = i
			}
			last = i
		}
		if first < 0 {
			out.x, out.y = append(out.x, p.x[start]), append(out.y, math.NaN())
			continue
		}
		previous := -1
		for _, k := range []int{first, min(least, greatest), max(least, greatest), last} {
			if k != previous {
				out.x, out.y = append(out.x, p.x[k]), append(out.y, p.y[k])
				previous = k
			}
		}
	}
	*p = out
}

// thin reduces the points to the last for each of the columns between lo and hi: enough for an
// average, whose wiggles within a column tell nothing. A column that ends in a gap is a gap.
func (p *points) thin(lo, hi float64) {
	if len(p.x) <= columns || !(hi > lo) {
		return
	}
	out := points{}
	for i := range p.x {
		if i == len(p.x)-1 || p.column(i, lo, hi) != p.column(i+1, lo, hi) {
			out.x, out.y = append(out.x, p.x[i]), append(out.y, p.y[i])
		}
	}
	*p = out
}

func (p *points) column(i int, lo, hi float64) int {
	return int((p.x[i] - lo) / (hi - lo) * columns)
}

// span is a range of values, empty until the first is added.
type span struct{ lo, hi float64 }

func emptySpan() span { return span{math.Inf(1), math.Inf(-1)} }

func (s *span) add(v float64) { s.lo, s.hi = min(s.lo, v), max(s.hi, v) }

func (s span) empty() bool { return s.lo > s.hi }

// padLinear returns axis limits around the values, with a margin in parts of their range.
// Values too close to tell apart get a range that ticks can mark.
func (s span) padLinear(margin float64) (lo, hi float64) {
	if s.empty() {
		return 0, 1
	}
	if least := 1e-6 * max(math.Abs(s.lo), math.Abs(s.hi)); s.hi-s.lo <= least {
		half := math.Abs(s.lo) / 10
		if half == 0 {
			half = 1
		}
		return s.lo - half, s.hi + half
	}
	pad := margin * (s.hi - s.lo)
	return s.lo - pad, s.hi + pad
}

// padLog is padLinear for a log axis; the values are above zero. It shows at least a factor of 1.2.
func (s span) padLog() (lo, hi float64) {
	ratio := s.hi / s.lo
	factor := math.Pow(ratio, 0.06)
	if ratio < 1.2 {
		factor = 1.1
	}
	return s.lo / factor, s.hi * factor
}
