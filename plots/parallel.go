package plots

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Parallel shows many trials at once in parallel coordinates (A. Inselberg, "The plane with
// parallel coordinates", 1985): an upright axis for each setting, one more for the result, and a
// line through all of them for each trial. The better the result, the darker the line; the best
// stands out.
type Parallel struct {
	Title string
	Axes  []ParallelAxis // the last is the result
	// Lines has a row for each trial and in it a value for each axis, its index where the axis has
	// names. A trial with a value that is NaN or infinite is not drawn, and counted below.
	Lines [][]float64
	// Higher says that a higher result is the better one.
	Higher bool
}

// ParallelAxis is one axis of a Parallel.
type ParallelAxis struct {
	Name  string
	Names []string // for settings that are not numbers: the values, bottom to top
	Log   bool     // logarithmic, where all values are above 0
}

// Figure draws the trials.
func (p Parallel) Figure() *Figure {
	g := page{title: p.Title}
	var lines [][]float64
	for _, l := range p.Lines {
		if len(l) == len(p.Axes) && !slices.ContainsFunc(l, func(v float64) bool { return !drawable(v) }) {
			lines = append(lines, l)
		}
	}
	if missing := len(p.Lines) - len(lines); missing > 0 {
		g.notes = append(g.notes, plural(missing, "trial")+" without a result")
	}
	// The best is drawn last, over the others.
	lines = slices.Clone(lines)
	slices.SortStableFunc(lines, func(a, b []float64) int {
		x, y := a[len(a)-1], b[len(b)-1]
		if p.Higher {
			x, y = y, x
		}
		switch {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	scales := make([]axisScale, len(p.Axes))
	for i, a := range p.Axes {
		scales[i] = newAxisScale(a, i, lines)
	}
	return &Figure{title: p.Title, height: 360,
		alt:  fmt.Sprintf("Parallel coordinates %q: %s over %d axes.", p.Title, plural(len(lines), "trial"), len(p.Axes)),
		draw: func(c draw.Canvas) { p.draw(g.draw(c), scales, lines) }}
}

// axisScale places the values of an axis between 0 and 1.
type axisScale struct {
	lo, hi float64
	log    bool
	ticks  []axisTick
}

type axisTick struct {
	at    float64
	label string
}

func newAxisScale(a ParallelAxis, i int, lines [][]float64) axisScale {
	s := axisScale{log: a.Log}
	r := emptySpan()
	var values []float64
	for _, l := range lines {
		r.add(l[i])
		values = append(values, l[i])
		s.log = s.log && l[i] > 0
	}
	if len(a.Names) > 0 {
		s.lo, s.hi, s.log = -0.5, float64(len(a.Names))-0.5, false
		for k, name := range a.Names {
			s.ticks = append(s.ticks, axisTick{float64(k), clean(name, 18)})
		}
		return s
	}
	if r.empty() {
		s.lo, s.hi = 0, 1
		return s
	}
	s.lo, s.hi = r.lo, r.hi
	if s.lo == s.hi { // one value stands in the middle
		d := max(math.Abs(s.lo), 1) / 2
		s.lo, s.hi, s.log = s.lo-d, s.hi+d, false
	}
	slices.Sort(values)
	values = slices.Compact(values)
	const most = 6
	if len(values) > most {
		values = values[:0]
		for k := range most - 1 {
			values = append(values, s.value(float64(k)/(most-2)))
		}
	}
	for _, v := range values {
		s.ticks = append(s.ticks, axisTick{v, fmt.Sprintf("%.4g", v)})
	}
	return s
}

// place is where v stands, from 0 at the bottom to 1 at the top.
func (s axisScale) place(v float64) float64 {
	if s.log {
		return math.Log(v/s.lo) / math.Log(s.hi/s.lo)
	}
	return (v - s.lo) / (s.hi - s.lo)
}

// value is what stands at a place.
func (s axisScale) value(place float64) float64 {
	if s.log {
		return s.lo * math.Pow(s.hi/s.lo, place)
	}
	return s.lo + place*(s.hi-s.lo)
}

func (p Parallel) draw(c draw.Canvas, scales []axisScale, lines [][]float64) {
	if len(p.Axes) == 0 {
		return
	}
	c = draw.Crop(c, 46, -46, 26, -14)
	x := func(i int) vg.Length {
		if len(p.Axes) == 1 {
			return c.Center().X
		}
		return c.Min.X + (c.Max.X-c.Min.X)*vg.Length(i)/vg.Length(len(p.Axes)-1)
	}
	y := func(i int, v float64) vg.Length {
		return c.Min.Y + (c.Max.Y-c.Min.Y)*vg.Length(scales[i].place(v))
	}
	for k, l := range lines {
		points := make([]vg.Point, len(l))
		for i, v := range l {
			points[i] = vg.Point{X: x(i), Y: y(i, v)}
		}
		c.StrokeLines(lineOf(k, len(lines)), points)
	}
	name := textStyle(10.5, ink, true)
	name.XAlign = draw.XCenter
	tick := textStyle(9.5, inkSoft, false)
	tick.YAlign = draw.YCenter + 0.1
	for i, a := range p.Axes {
		c.StrokeLine2(draw.LineStyle{Color: inkSoft, Width: 1}, x(i), c.Min.Y, x(i), c.Max.Y)
		c.FillText(name, vg.Point{X: x(i), Y: c.Min.Y - 8}, clean(a.Name, 26))
		side, gap := tick, vg.Length(-5)
		side.XAlign = draw.XRight
		if i > 0 && i == len(p.Axes)-1 { // the result's numbers stand outside
			side.XAlign, gap = draw.XLeft, 5
		}
		for _, t := range scales[i].ticks {
			at := y(i, t.at)
			c.StrokeLine2(draw.LineStyle{Color: inkSoft, Width: 1}, x(i)-3, at, x(i)+3, at)
			c.FillPolygon(color.White, labelBox(side, x(i)+gap, at, t.label)) // lines pass behind
			c.FillText(side, vg.Point{X: x(i) + gap, Y: at}, t.label)
		}
	}
}

// labelBox is the ground of a label that begins, or ends, at x in the middle of at.
func labelBox(s text.Style, x, at vg.Length, label string) []vg.Point {
	left, right := x-1, x+s.Width(label)+1
	if s.XAlign == draw.XRight {
		left, right = x-s.Width(label)-1, x+1
	}
	return []vg.Point{{X: left, Y: at - 6}, {X: right, Y: at - 6}, {X: right, Y: at + 6}, {X: left, Y: at + 6}}
}

// lineOf is the style of the k-th worst of n lines.
func lineOf(k, n int) draw.LineStyle {
	if k == n-1 {
		return draw.LineStyle{Color: palette[1], Width: 2.6}
	}
	t := 1.0
	if n > 2 {
		t = float64(k) / float64(n-2)
	}
	from, to := color.NRGBA{0xd3, 0xdb, 0xe4, 0xff}, palette[0]
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + t*(float64(b)-float64(a)))) }
	return draw.LineStyle{Color: color.NRGBA{mix(from.R, to.R), mix(from.G, to.G), mix(from.B, to.B), 0xff}, Width: 1.2}
}
