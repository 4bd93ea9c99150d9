package plots

import (
	"image"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// colorBarWidth is the width in points that a colour bar takes from its panel.
const colorBarWidth vg.Length = 72

// colorBar is the scale beside a raster.
type colorBar struct {
	colors *colorMap
	lo, hi float64
	unit   string
}

// draw paints the bar to the right of the data area, as high as the area.
func (b colorBar) draw(data draw.Canvas) {
	const gap, width, tick = 14, 12, 4
	strip := image.NewNRGBA(image.Rect(0, 0, 1, len(b.colors)))
	for i, c := range b.colors {
		strip.SetNRGBA(0, len(b.colors)-1-i, c)
	}
	rect := vg.Rectangle{
		Min: vg.Point{X: data.Max.X + gap, Y: data.Min.Y},
		Max: vg.Point{X: data.Max.X + gap + width, Y: data.Max.Y},
	}
	data.DrawImage(rect, strip)

	line := draw.LineStyle{Color: axisLine, Width: 0.8}
	label := textStyle(10, inkSoft, false)
	label.YAlign = draw.YCenter + 0.1 // the middle of digits, which have no descent
	for _, t := range (linearTicks{5}).Ticks(b.lo, b.hi) {
		y := data.Y((t.Value - b.lo) / (b.hi - b.lo))
		data.StrokeLine2(line, rect.Max.X, y, rect.Max.X+tick, y)
		data.FillText(label, vg.Point{X: rect.Max.X + tick + 3, Y: y}, t.Label)
	}
	name := textStyle(10, inkSoft, false)
	name.XAlign, name.YAlign = draw.XRight, draw.YBottom
	data.FillText(name, vg.Point{X: rect.Max.X, Y: rect.Max.Y + 3}, b.unit)
}
