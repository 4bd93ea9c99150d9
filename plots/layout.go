package plots

import (
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// legendEntry is one line sample with its name.
type legendEntry struct {
	name  string
	color color.NRGBA
	dash  []vg.Length
}

// page is what surrounds the axes of a figure.
type page struct {
	title  string
	legend []legendEntry
	notes  []string // what the reader must know about the data, below the axes
}

// maxLegend bounds the legend: more names than this cannot be told apart anyway.
const maxLegend = 16

// draw paints the white sheet, title, legend and notes, and returns what is left for the axes.
func (g page) draw(c draw.Canvas) draw.Canvas {
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	c = draw.Crop(c, 18, -18, 12, -14)

	title := textStyle(15, ink, true)
	c.FillText(title, vg.Point{X: c.Min.X, Y: c.Max.Y}, clean(g.title, 90))
	c.Max.Y -= 26
	if len(g.legend) > 0 {
		c.Max.Y = g.drawLegend(c) - 8
	}
	if len(g.notes) > 0 {
		note := textStyle(10, inkNote, false)
		note.YAlign = draw.YBottom
		c.FillText(note, c.Min, clean("Note: "+strings.Join(g.notes, "; ")+".", 170))
		c.Min.Y += 18
	}
	return c
}

// drawLegend flows the entries from left to right, as many lines as they need, and returns the
// lower edge of the last line.
func (g page) drawLegend(c draw.Canvas) vg.Length {
	const line, sample = 16, 22
	label := textStyle(10.5, inkSoft, false)
	entries := g.legend
	if len(entries) > maxLegend {
		entries = entries[:maxLegend]
	}
	x, y := c.Min.X, c.Max.Y
	for _, e := range entries {
		name := clean(e.name, 40)
		width := sample + 6 + label.Width(name) + 18
		if x > c.Min.X && x+width > c.Max.X {
			x, y = c.Min.X, y-line
		}
		c.StrokeLine2(draw.LineStyle{Color: e.color, Width: 2.2, Dashes: e.dash}, x, y-6, x+sample, y-6)
		c.FillText(label, vg.Point{X: x + sample + 6, Y: y}, name)
		x += width
	}
	return y - line
}

// panel is one set of axes in a stack.
type panel struct {
	label  string
	plot   *plot.Plot
	bar    *colorBar // optional, to the right
	weight float64   // share of the height
}

// stack draws panels from top to bottom with their axes in one line on both sides. Only the
// lowest shows the shared x axis.
func stack(c draw.Canvas, panels []panel) {
	var total float64
	last := len(panels) - 1
	names := make([]string, len(panels))
	panels = append([]panel(nil), panels...)
	for i := range panels {
		total += panels[i].weight
		own := *panels[i].plot // a figure is drawn many times, perhaps at once
		panels[i].plot = &own
		// gonum misplaces the name of a logarithmic y axis and pads for it, so it is drawn here.
		names[i], own.Y.Label.Text = own.Y.Label.Text, ""
		if i < last {
			own.X.Tick.Marker = unlabelled{own.X.Tick.Marker}
			own.X.Tick.Label.Font.Size = 1
			own.X.Label.Text = ""
		}
	}
	// What the lowest x axis needs must not come out of its panel's share.
	const gap, labelHeight, nameWidth = 14, 17, 18
	axis := panels[last].plot.DataCanvas(c).Min.Y - c.Min.Y
	bare := vg.Length(0)
	if last > 0 {
		bare = panels[0].plot.DataCanvas(c).Min.Y - c.Min.Y
	}
	free := c.Max.Y - c.Min.Y - axis - vg.Length(last)*(bare+gap)
	for _, p := range panels {
		if p.label != "" {
			free -= labelHeight
		}
	}

	areas := make([]draw.Canvas, len(panels))
	top := c.Max.Y
	var left, right vg.Length // the widest margins of any panel
	for i, p := range panels {
		if p.label != "" {
			c.FillText(textStyle(11, ink, true), vg.Point{X: c.Min.X, Y: top}, clean(p.label, 120))
			top -= labelHeight
		}
		below := bare
		if i == last {
			below = axis
		}
		area := c
		area.Max.Y = top
		if names[i] != "" {
			area.Min.X += nameWidth
		}
		area.Min.Y = top - free*vg.Length(p.weight/total) - below
		top = area.Min.Y - gap
		if p.bar != nil {
			area.Max.X -= colorBarWidth
		}
		data := p.plot.DataCanvas(area)
		left = max(left, data.Min.X-c.Min.X)
		right = max(right, area.Max.X-data.Max.X)
		areas[i] = area
	}
	for i, p := range panels {
		data := p.plot.DataCanvas(areas[i])
		area := draw.Crop(areas[i], left-(data.Min.X-c.Min.X), -(right - (areas[i].Max.X - data.Max.X)), 0, 0)
		p.plot.Draw(area)
		data = p.plot.DataCanvas(area)
		if p.bar != nil {
			p.bar.draw(data)
		}
		name := textStyle(11, inkSoft, false)
		name.XAlign, name.Rotation = draw.XCenter, math.Pi/2
		c.FillText(name, vg.Point{X: c.Min.X, Y: data.Center().Y}, names[i])
	}
}

// unlabelled keeps the places of a ticker's labelled ticks, for the grid, without their numbers.
type unlabelled struct{ plot.Ticker }

// Ticks implements plot.Ticker. A blank is a label to gonum (no label would be a minor tick,
// which has no grid line).
func (u unlabelled) Ticks(lo, hi float64) []plot.Tick {
	ticks := u.Ticker.Ticks(lo, hi)
	for i := range ticks {
		if !ticks[i].IsMinor() {
			ticks[i].Label = " "
		}
	}
	return ticks
}

// centred writes a sentence into the middle of axes that have nothing to show.
type centred string

// Plot implements plot.Plotter.
func (s centred) Plot(c draw.Canvas, _ *plot.Plot) {
	style := textStyle(13, inkSoft, false)
	style.XAlign, style.YAlign = draw.XCenter, draw.YCenter
	c.FillText(style, c.Center(), string(s))
}
