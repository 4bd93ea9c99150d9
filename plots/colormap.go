package plots

import (
	"image/color"
	"math"
)

// colorMap is a table of colours for the values from 0 to 1, interpolated between anchors.
type colorMap [256]color.NRGBA

// magma is the perceptually uniform map of Nathaniel Smith and Stefan van der Walt (2015, CC0),
// given by 17 of its colours.
var magma = newColorMap(0x000004, 0x0a0822, 0x1d1147, 0x36106b, 0x51127c, 0x6a1c81, 0x832681, 0x9c2e7f, 0xb73779,
	0xd0416f, 0xe75263, 0xf56b5c, 0xfc8961, 0xfea772, 0xfec488, 0xfde2a3, 0xfcfdbf)

// diverging runs from blue (output below target) through white to red (above).
var diverging = newColorMap(0x0b2f63, 0x1f5fa5, 0x5b9bcf, 0xb0d2e8, 0xf7f7f7, 0xf6c0a4, 0xe07a5f, 0xb52f37, 0x640d1e)

func newColorMap(anchors ...uint32) (m colorMap) {
	for i := range m {
		at := float64(i) / float64(len(m)-1) * float64(len(anchors)-1)
		k := min(int(at), len(anchors)-2)
		frac := at - float64(k)
		channel := func(shift uint) uint8 {
			a, b := float64(anchors[k]>>shift&0xff), float64(anchors[k+1]>>shift&0xff)
			return uint8(math.Round(a + frac*(b-a)))
		}
		m[i] = color.NRGBA{channel(16), channel(8), channel(0), 0xff}
	}
	return m
}

// at returns the colour of v, which is clamped to 0..1; NaN has the colour of missing data.
func (m *colorMap) at(v float64) color.NRGBA {
	if math.IsNaN(v) {
		return noData
	}
	return m[int(math.Round(min(max(v, 0), 1)*float64(len(m)-1)))]
}
