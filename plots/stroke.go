package plots

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// levelDots is the pattern of the lines that are no data.
var levelDots = []vg.Length{1.5, 2.5}

// levelLine is a dotted line across the axes.
type levelLine float64

// Plot implements plot.Plotter.
func (l levelLine) Plot(c draw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	st := draw.LineStyle{Color: inkSoft, Width: 1.2, Dashes: levelDots}
	c.StrokeLine2(st, c.Min.X, y(float64(l)), c.Max.X, y(float64(l)))
}

// stroke draws points as lines that break at gaps. A point alone between gaps is a dot, and a
// line of few points shows each of them.
type stroke struct {
	points *points
	style  draw.LineStyle
}

// Plot implements plot.Plotter.
func (s stroke) Plot(c draw.Canvas, p *plot.Plot) {
	const showAllUpTo = 40
	tx, ty := p.Transforms(&c)
	dot := draw.GlyphStyle{Color: s.style.Color, Radius: s.style.Width * 1.3, Shape: draw.CircleGlyph{}}
	var run []vg.Point
	flush := func() {
		strokePieces(c, s.style, run)
		if len(run) == 1 || len(s.points.y) <= showAllUpTo {
			for _, pt := range run {
				c.DrawGlyphNoClip(dot, pt)
			}
		}
		run = nil
	}
	for i, y := range s.points.y {
		if math.IsNaN(y) {
			flush()
			continue
		}
		run = append(run, vg.Point{X: tx(s.points.x[i]), Y: ty(y)})
	}
	flush()
}

// strokePieces strokes a line in pieces of few points. The time that the rasteriser takes for
// one path grows with the square of the crossings of a pixel row: noise of a few thousand points
// took 35 s in one piece. The dashes of a piece go on where those of the last one ended.
func strokePieces(c draw.Canvas, style draw.LineStyle, run []vg.Point) {
	const piece = 32
	for len(run) > 1 {
		n := min(piece, len(run))
		c.StrokeLines(style, run[:n])
		for i := 1; i < n && len(style.Dashes) > 0; i++ {
			d := run[i].Sub(run[i-1])
			style.DashOffs += vg.Length(math.Hypot(float64(d.X), float64(d.Y)))
		}
		run = run[n-1:]
	}
}
