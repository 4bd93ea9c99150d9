package plots

import (
	"image/color"
	"strings"
	"unicode"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

var (
	ink      = color.NRGBA{0x1f, 0x23, 0x28, 0xff} // titles
	inkSoft  = color.NRGBA{0x4b, 0x53, 0x5c, 0xff} // labels and ticks
	inkNote  = color.NRGBA{0x9a, 0x4a, 0x00, 0xff} // notes about missing or odd data
	axisLine = color.NRGBA{0x9a, 0xa2, 0xab, 0xff}
	gridLine = color.NRGBA{0xe4, 0xe7, 0xeb, 0xff}
	noData   = color.NRGBA{0xd9, 0xdc, 0xe0, 0xff} // cells of a raster that have no number
)

// palette is the colour-blind safe set of Okabe and Ito (2008) without its yellow, which
// cannot be read on white. Series take their colours in order.
var palette = []color.NRGBA{
	{0x00, 0x72, 0xb2, 0xff}, // blue
	{0xd5, 0x5e, 0x00, 0xff}, // vermillion
	{0x00, 0x9e, 0x73, 0xff}, // green
	{0xb0, 0x5a, 0x91, 0xff}, // purple, darkened for white paper
	{0xe6, 0x9f, 0x00, 0xff}, // orange
	{0x3f, 0xa3, 0xdb, 0xff}, // sky
	{0x5c, 0x5c, 0x5c, 0xff}, // grey
}

// The signals keep their colours in every picture.
var (
	targetColor   = color.NRGBA{0x5c, 0x5c, 0x5c, 0xff}
	outputColor   = palette[0]
	residualColor = palette[1]
)

// pale mixes c with white: the raw values behind a smoothed line.
func pale(c color.NRGBA) color.NRGBA {
	const keep = 0.32
	mix := func(v uint8) uint8 { return uint8(255 - keep*(255-float64(v)) + 0.5) }
	return color.NRGBA{mix(c.R), mix(c.G), mix(c.B), 0xff}
}

// textStyle returns plain or bold Liberation Sans, aligned to the left end of its baseline box.
func textStyle(size vg.Length, c color.Color, bold bool) text.Style {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
	if bold {
		f.Weight = xfont.WeightBold
	}
	return text.Style{Color: c, Font: f, Handler: text.Plain{Fonts: font.DefaultCache},
		XAlign: draw.XLeft, YAlign: draw.YTop}
}

// newPlot returns axes in the house style with a grid and no data. The caller sets the ranges.
func newPlot(xLabel, yLabel string, x, y plot.Ticker) *plot.Plot {
	p := newAxes(xLabel, yLabel, x, y)
	grid := plotter.NewGrid()
	grid.Vertical = draw.LineStyle{Color: gridLine, Width: 0.7}
	grid.Horizontal = grid.Vertical
	p.Add(grid)
	return p
}

// newAxes returns newPlot without its grid.
func newAxes(xLabel, yLabel string, x, y plot.Ticker) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Padding = 0
		a.LineStyle = draw.LineStyle{Color: axisLine, Width: 0.8}
		a.Tick.LineStyle = draw.LineStyle{Color: axisLine, Width: 0.8}
		a.Tick.Length = 4
		label := textStyle(10, inkSoft, false)
		label.XAlign, label.YAlign = a.Tick.Label.XAlign, a.Tick.Label.YAlign
		a.Tick.Label = label
		name := textStyle(11, inkSoft, false)
		name.XAlign, name.YAlign = a.Label.TextStyle.XAlign, a.Label.TextStyle.YAlign
		a.Label.TextStyle = name
		a.Label.Padding = 4
	}
	p.X.Label.Text, p.Y.Label.Text = xLabel, yLabel
	p.X.Tick.Marker, p.Y.Tick.Marker = x, y
	p.Y.Tick.Label.YAlign = draw.YCenter - 0.1 // gonum sets them a point too high
	return p
}

// clean makes one printable line of s, at most n runes: a name from a user may hold anything,
// and a control byte would make an SVG unreadable.
func clean(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\ufffe' || r == '\uffff' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	if r := []rune(s); len(r) > n {
		s = string(r[:n-1]) + "…"
	}
	return s
}
