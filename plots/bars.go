package plots

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Bars shows one number for each name, from top to bottom in the order given. Names and Values
// belong together element by element.
type Bars struct {
	Title  string
	XLabel string // what the numbers are, with their unit
	Names  []string
	Values []float64
}

// maxBars bounds the height of the picture.
const maxBars = 40

// Figure draws the bars, at most 40 of them; the rest is counted below the axis.
func (b Bars) Figure() *Figure {
	g := page{title: b.Title}
	total := min(len(b.Names), len(b.Values))
	n := min(total, maxBars)
	if total > n {
		g.notes = append(g.notes, fmt.Sprintf("the first %d of %d", n, total))
	}
	reach := span{0, 0}
	bad := 0
	for _, v := range b.Values[:n] {
		if drawable(v) {
			reach.add(v)
		} else {
			bad++
		}
	}
	if bad > 0 {
		g.notes = append(g.notes, plural(bad, "value")+" not finite")
	}
	if reach.lo == reach.hi {
		reach.hi = 1 // nothing but zeros
	}
	p := newAxes(b.XLabel, "", linearTicks{8}, barNames(b.Names[:n]))
	p.Y.Tick.Length = 0
	p.Y.Min, p.Y.Max = -0.5, float64(max(n, 1))-0.5
	p.X.Min, p.X.Max = reach.padLinear(0)
	if wide := p.X.Max - p.X.Min; reach.lo < 0 {
		p.X.Min -= 0.12 * wide // room for the numbers at the ends of the bars
		if reach.hi > 0 {
			p.X.Max += 0.12 * wide
		}
	} else {
		p.X.Max += 0.12 * wide
	}
	if n == 0 {
		p.Add(centred("no data yet"))
	}
	p.Add(bars(append([]float64(nil), b.Values[:n]...)))
	return &Figure{title: b.Title, height: 110 + 20*vg.Length(max(n, 4)),
		alt:  fmt.Sprintf("Bar chart %q of %s for %s.", b.Title, b.XLabel, plural(n, "name")),
		draw: func(c draw.Canvas) { stack(g.draw(c), []panel{{plot: p, weight: 1}}) }}
}

// barNames labels the bars; bar 0 is at the top.
type barNames []string

// Ticks implements plot.Ticker.
func (b barNames) Ticks(_, _ float64) []plot.Tick {
	ticks := make([]plot.Tick, len(b))
	for i, name := range b {
		ticks[i] = plot.Tick{Value: float64(len(b) - 1 - i), Label: clean(name, 36)}
	}
	return ticks
}

type bars []float64

// Plot implements plot.Plotter.
func (b bars) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	const half = 0.34 // of the distance between bars
	for i, v := range b {
		at := float64(len(b) - 1 - i)
		label := textStyle(10, inkSoft, false)
		label.YAlign = draw.YCenter + 0.1 // the middle of digits, which have no descent
		value, gap, text := v, vg.Length(5), fmt.Sprintf("%.4g", v)
		if !drawable(v) {
			value = 0
		}
		if value < 0 {
			label.XAlign, gap = draw.XRight, -gap
		}
		c.FillPolygon(palette[0], []vg.Point{
			{X: x(0), Y: y(at - half)}, {X: x(value), Y: y(at - half)},
			{X: x(value), Y: y(at + half)}, {X: x(0), Y: y(at + half)},
		})
		c.FillText(label, vg.Point{X: x(value) + gap, Y: y(at)}, text)
	}
	c.StrokeLine2(draw.LineStyle{Color: axisLine, Width: 0.8}, x(0), c.Min.Y, x(0), c.Max.Y)
}

// Histogram shows how many values fall into each of some equal ranges.
type Histogram struct {
	Title  string
	XLabel string // what the numbers are, with their unit
	Values []float64
	Bins   int // 0 is the square root of the number of values, between 5 and 60
}

// Figure draws the histogram.
func (h Histogram) Figure() *Figure {
	g := page{title: h.Title}
	s := emptySpan()
	finite := 0
	for _, v := range h.Values {
		if drawable(v) {
			s.add(v)
			finite++
		}
	}
	if bad := len(h.Values) - finite; bad > 0 {
		g.notes = append(g.notes, plural(bad, "value")+" not finite")
	}
	if h.Bins <= 0 {
		h.Bins = min(max(int(math.Sqrt(float64(finite))), 5), 60)
	}
	h.Bins = min(h.Bins, columns)
	p := newPlot(h.XLabel, "count", linearTicks{8}, linearTicks{5})
	p.X.Min, p.X.Max = s.padLinear(0)
	counts := histogram{make([]int, h.Bins), p.X.Min, p.X.Max}
	most := 0
	for _, v := range h.Values {
		if drawable(v) {
			k := min(int((v-p.X.Min)/(p.X.Max-p.X.Min)*float64(h.Bins)), h.Bins-1)
			counts.n[k]++
			most = max(most, counts.n[k])
		}
	}
	p.Y.Min, p.Y.Max = 0, max(1, 1.08*float64(most))
	if finite == 0 {
		p.Add(centred("no data yet"))
	}
	p.Add(counts)
	return &Figure{title: h.Title, height: 320,
		alt:  fmt.Sprintf("Histogram %q of %s: %s.", h.Title, h.XLabel, plural(finite, "value")),
		draw: func(c draw.Canvas) { stack(g.draw(c), []panel{{plot: p, weight: 1}}) }}
}

// histogram is the count of each of equal ranges between lo and hi.
type histogram struct {
	n      []int
	lo, hi float64
}

// Plot implements plot.Plotter.
func (h histogram) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	width := (h.hi - h.lo) / float64(len(h.n))
	for i, n := range h.n {
		left, right := x(h.lo+float64(i)*width)+0.5, x(h.lo+float64(i+1)*width)-0.5
		c.FillPolygon(palette[0], []vg.Point{{X: left, Y: y(0)}, {X: right, Y: y(0)}, {X: right, Y: y(float64(n))}, {X: left, Y: y(float64(n))}})
	}
}
