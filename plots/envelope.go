package plots

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Envelope shows the level of whole signals: for each pixel column the least and greatest sample
// (pale) and the RMS (dark). Target, output and residual stand one above the other on one scale.
type Envelope struct {
	Title          string
	Target, Output []float32
	RateHz         float64
}

// Figure draws the envelopes.
func (e Envelope) Figure() *Figure {
	g := page{title: e.Title}
	rate := checkedRate(e.RateHz, &g)
	n := min(len(e.Target), len(e.Output))
	residual, esr := residualOf(e.Target[:n], e.Output[:n])
	noteSamples(&g, e.Target, e.Output)
	y := sampleRange(e.Target, e.Output, residual)
	seconds := float64(max(len(e.Target), len(e.Output))) / rate

	var panels []panel
	for _, s := range []struct {
		label   string
		samples []float32
		color   color.NRGBA
	}{
		{"Target: extremes (pale) and RMS (dark)", e.Target, targetColor},
		{"Output", e.Output, outputColor},
		{"Residual (output − target)", residual, residualColor},
	} {
		p := newPlot("time (s)", "amplitude", linearTicks{9}, linearTicks{5})
		p.X.Min, p.X.Max = 0, seconds
		if seconds == 0 {
			p.X.Max = 1
		}
		p.Y.Min, p.Y.Max = y.padLinear(0.05)
		if len(s.samples) == 0 {
			p.Add(centred("no samples to show"))
		} else {
			p.Add(newLevels(s.samples, rate, seconds, s.color))
		}
		panels = append(panels, panel{label: s.label, plot: p, weight: 1})
	}
	return &Figure{title: e.Title, height: 480,
		alt: fmt.Sprintf("Levels %q of target, output and residual over %.3g s; error-to-signal ratio %.3g.",
			e.Title, seconds, esr),
		draw: func(c draw.Canvas) { stack(g.draw(c), panels) }}
}

// levels are the extremes and the RMS of consecutive blocks of samples, about one for each
// pixel column of the axes.
type levels struct {
	seconds         float64 // length of one block
	low, high, mean []float64
	color           color.NRGBA
}

// newLevels cuts samples into blocks of one length, so that axes of the given seconds hold
// about as many as they have columns. Samples that are not finite count as zero.
func newLevels(samples []float32, rate, seconds float64, c color.NRGBA) *levels {
	block := max(1, int(math.Ceil(seconds*rate/columns)))
	l := &levels{seconds: float64(block) / rate, color: c}
	for start := 0; start < len(samples); start += block {
		part := samples[start:min(start+block, len(samples))]
		low, high, sum := math.Inf(1), math.Inf(-1), 0.0
		for _, v := range part {
			f := float64(v)
			if !drawable(f) {
				f = 0
			}
			low, high = min(low, f), max(high, f)
			sum += f * f
		}
		l.low, l.high = append(l.low, low), append(l.high, high)
		l.mean = append(l.mean, math.Sqrt(sum/float64(len(part))))
	}
	return l
}

// Plot implements plot.Plotter.
func (l *levels) Plot(c draw.Canvas, p *plot.Plot) {
	l.fill(c, p, pale(l.color), func(i int) (low, high float64) { return l.low[i], l.high[i] })
	// The RMS of a block that is not centred could leave its extremes: it is drawn within them.
	l.fill(c, p, l.color, func(i int) (low, high float64) { return max(-l.mean[i], l.low[i]), min(l.mean[i], l.high[i]) })
}

// fill paints the band between the low and the high of each block, at least a hairline thick so
// that silence can be seen. Pieces keep the rasteriser fast (see strokePieces).
func (l *levels) fill(c draw.Canvas, p *plot.Plot, color color.NRGBA, band func(block int) (low, high float64)) {
	const piece, hairline = 64, 0.5
	x, y := p.Transforms(&c)
	n := len(l.mean)
	for start := 0; start < n; start += piece {
		var top, bottom []vg.Point
		add := func(x vg.Length, i int) {
			low, high := band(i)
			a, b := y(low), y(high)
			if thin := hairline - (b - a); thin > 0 {
				a, b = a-thin/2, b+thin/2
			}
			top, bottom = append(top, vg.Point{X: x, Y: b}), append(bottom, vg.Point{X: x, Y: a})
		}
		end := min(start+piece, n-1)
		if start == 0 {
			add(x(0), 0)
		}
		for i := max(start-1, 0); i <= end; i++ { // the overlap hides the seam
			add(x((float64(i)+0.5)*l.seconds), i)
		}
		if end == n-1 {
			add(min(x(float64(n)*l.seconds), c.Max.X), n-1)
		}
		slices.Reverse(bottom)
		c.FillPolygon(color, append(top, bottom...))
	}
}
