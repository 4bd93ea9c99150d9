package plots

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Series is one named line of a chart. X and Y belong together element by element; of unequal
// lengths the shorter counts. A Y that is NaN or infinite leaves a gap.
type Series struct {
	Name string
	X, Y []float64
	// Smooth draws the values themselves pale and over them their exponential moving average
	// with a time constant of that many points. Below 2 the values are drawn as they are.
	Smooth int
	// Dashed marks a secondary line, such as one term of a sum. Of a dashed line that is smoothed
	// only the average is drawn.
	Dashed bool
}

// Level is a named horizontal line, such as the norm at which gradients are clipped.
type Level struct {
	Name string
	Y    float64
}

// Curves is a chart of numbers against the step, or against anything else that XLabel names.
type Curves struct {
	Title  string
	XLabel string // with its unit; empty means "step"
	YLabel string // with its unit
	Series []Series
	Levels []Level
	// Log asks for a logarithmic y axis. Zeros are then left out and counted below the axis; a
	// negative value, or nothing above zero, makes the axis linear, which is noted as well.
	Log bool
	// LogX asks for a logarithmic x axis, as for frequencies. It stays linear where an X is not
	// above zero.
	LogX bool
}

// Figure draws the chart. A series of any length costs at most a few thousand points: each
// pixel column keeps its first, least, greatest and last value.
func (c Curves) Figure() *Figure {
	if c.XLabel == "" {
		c.XLabel = "step"
	}
	lines := make([]line, len(c.Series))
	for i, s := range c.Series {
		lines[i] = newLine(s)
	}
	g := page{title: c.Title}
	isLog := c.Log && chooseLog(lines, &g)
	if isLog {
		dropZeros(lines, &g)
	}
	noteGaps(lines, &g)

	x, y := dataRange(lines)
	empty := y.empty()
	var levels []Level
	for _, l := range c.Levels {
		if drawable(l.Y) && (!isLog || l.Y > tiny) {
			levels = append(levels, l)
			y.add(l.Y)
		}
	}
	yTicks := plot.Ticker(linearTicks{6})
	if isLog && !empty {
		yTicks = logTicks{}
	}
	p := newPlot(c.XLabel, c.YLabel, linearTicks{9}, yTicks)
	if isLog && !empty {
		p.Y.Scale = plot.LogScale{}
		p.Y.Min, p.Y.Max = y.padLog()
	} else {
		p.Y.Min, p.Y.Max = y.padLinear(0.06)
	}
	p.X.Min, p.X.Max = x.padLinear(0)
	if c.LogX && p.X.Min > tiny {
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, hertzTicks{}
	}

	for _, l := range lines {
		l.raw.cut(p.X.Min, p.X.Max)
		if l.smooth != l.raw {
			l.smooth.thin(p.X.Min, p.X.Max)
		}
	}
	if empty {
		p.Add(centred("no data yet"))
	} else {
		g.legend = addLines(p, lines, levels)
	}
	return &Figure{title: c.Title, alt: c.describe(lines, isLog), height: 400,
		draw: func(c draw.Canvas) { stack(g.draw(c), []panel{{plot: p, weight: 1}}) }}
}

// line is a series on its way to the paper.
type line struct {
	name        string
	raw         *points
	smooth      *points // what is drawn bold; the same as raw where nothing is smoothed
	dashed      bool
	gaps        int     // values that are not finite
	firstGap    float64 // x of the first of them
	first, last float64 // of the finite values

	positive, zeros, negative int // how many finite values there are of each sign
}

func (l *line) values() int { return l.positive + l.zeros + l.negative }

func newLine(s Series) line {
	raw := newPoints(s.X, s.Y)
	l := line{name: s.Name, raw: raw, smooth: raw, dashed: s.Dashed}
	for i, y := range raw.y {
		switch {
		case !drawable(y):
			if l.gaps == 0 {
				l.firstGap = raw.x[i]
			}
			l.gaps++
			raw.y[i] = math.NaN()
			continue
		case y < -tiny:
			l.negative++
		case y <= tiny:
			l.zeros++
		default:
			l.positive++
		}
		if l.values() == 1 {
			l.first = y
		}
		l.last = y
	}
	if s.Smooth >= 2 {
		l.smooth = raw.smoothed(s.Smooth)
	}
	return l
}

// chooseLog says whether a log axis can hold the lines, and notes why not.
func chooseLog(lines []line, g *page) bool {
	positive, values := 0, 0
	for _, l := range lines {
		if l.negative > 0 {
			g.notes = append(g.notes, fmt.Sprintf("linear axis, because %s has negative values", clean(l.name, 30)))
			return false
		}
		positive += l.positive
		values += l.values()
	}
	if positive == 0 && values > 0 {
		g.notes = append(g.notes, "linear axis, because no value is above zero")
	}
	return positive > 0
}

// dropZeros makes gaps of what a log axis cannot show.
func dropZeros(lines []line, g *page) {
	for _, l := range lines {
		if l.zeros == 0 {
			continue
		}
		for _, p := range []*points{l.raw, l.smooth} {
			for i, y := range p.y {
				if y <= tiny {
					p.y[i] = math.NaN()
				}
			}
		}
		g.notes = append(g.notes, fmt.Sprintf("%s: %s at zero not drawn on the log axis", clean(l.name, 30), plural(l.zeros, "value")))
	}
}

// noteGaps reports values that are not numbers, where the reader sees a hole.
func noteGaps(lines []line, g *page) {
	for _, l := range lines {
		if l.gaps > 0 {
			g.notes = append(g.notes, fmt.Sprintf("%s: %s not finite, the first at %.6g", clean(l.name, 30), plural(l.gaps, "value"), l.firstGap))
		}
	}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// dataRange returns the ranges of all that will be drawn. Gaps count for x: the steps after a
// run diverged are part of its picture.
func dataRange(lines []line) (x, y span) {
	x, y = emptySpan(), emptySpan()
	for _, l := range lines {
		shown := l.raw
		if l.dashed {
			shown = l.smooth
		}
		for i, v := range shown.y {
			x.add(shown.x[i])
			if !math.IsNaN(v) {
				y.add(v)
			}
		}
	}
	return x, y
}

// addLines adds the lines to p, the first series on top, and returns the legend. All pale raw
// values lie below all bold lines.
func addLines(p *plot.Plot, lines []line, levels []Level) []legendEntry {
	var legend []legendEntry
	styleOf := func(i int) draw.LineStyle {
		st := draw.LineStyle{Color: palette[i%len(palette)], Width: 1.8}
		if lines[i].dashed || i >= len(palette) {
			st.Dashes = []vg.Length{5, 3}
		}
		return st
	}
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i].smooth != lines[i].raw && !lines[i].dashed {
			st := draw.LineStyle{Color: pale(palette[i%len(palette)]), Width: 0.8}
			p.Add(stroke{lines[i].raw, st})
		}
	}
	for i := len(lines) - 1; i >= 0; i-- {
		p.Add(stroke{lines[i].smooth, styleOf(i)})
	}
	for i, l := range lines {
		st := styleOf(i)
		name := l.name
		if l.smooth != l.raw {
			name += " (smoothed)"
		}
		legend = append(legend, legendEntry{name, palette[i%len(palette)], st.Dashes})
	}
	for _, l := range levels {
		p.Add(levelLine(l.Y))
		legend = append(legend, legendEntry{l.Name, inkSoft, levelDots})
	}
	if len(legend) == 1 && legend[0].name == p.Y.Label.Text {
		return nil // it would repeat the axis
	}
	return legend
}

// describe returns the chart in words: where each line starts and ends.
func (c Curves) describe(lines []line, isLog bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Line chart %q", c.Title)
	if isLog {
		b.WriteString(", logarithmic y axis")
	}
	shown := 0
	for _, l := range lines {
		if l.values() > 0 {
			fmt.Fprintf(&b, "; %s from %.3g to %.3g", clean(l.name, 40), l.first, l.last)
			shown++
		}
	}
	if shown == 0 {
		b.WriteString("; no data yet")
	}
	return b.String() + "."
}
