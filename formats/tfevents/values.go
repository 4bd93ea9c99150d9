package tfevents

import (
	"bytes"
	"fmt"
	"image"
	_ "image/png" // what Image is given
	"math"
)

// Value is something at a step, under a tag. A slash in a tag makes groups.
type Value struct{ encoded message }

// The numbers of the fields of a value, and of what it can hold.
const (
	valueTag       = 1
	valueScalar    = 2
	valueImage     = 4
	valueHistogram = 5
	valueAudio     = 6
	valueTensor    = 8
	valueMetadata  = 9

	imageHeight  = 1
	imageWidth   = 2
	imageColours = 3
	imageData    = 4

	histogramMin    = 1
	histogramMax    = 2
	histogramCount  = 3
	histogramSum    = 4
	histogramSquare = 5
	histogramLimits = 6
	histogramCounts = 7

	audioRate     = 1
	audioChannels = 2
	audioFrames   = 3
	audioData     = 4
	audioType     = 5

	tensorType   = 1
	tensorShape  = 2
	tensorString = 8
	stringType   = 7 // a value of type
	shapeDim     = 2
	dimSize      = 1

	metadataPlugin = 1
	pluginName     = 1
	pluginContent  = 2
)

func value(tag string) (v Value) {
	v.encoded.text(valueTag, tag)
	return v
}

// Scalar is a point of a curve.
func Scalar(tag string, x float64) Value {
	v := value(tag)
	v.encoded.float(valueScalar, x)
	return v
}

// bins is how finely a histogram is kept; TensorBoard draws 30.
const bins = 60

// Histogram is how numbers are spread, in bins of equal width from the least to
// the greatest. NaN and infinities are left out.
func Histogram(tag string, numbers []float64) Value {
	lo, hi := math.Inf(1), math.Inf(-1)
	var n, sum, squares float64
	for _, x := range numbers {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			continue
		}
		lo, hi = min(lo, x), max(hi, x)
		n, sum, squares = n+1, sum+x, squares+x*x
	}
	if n == 0 {
		lo, hi = 0, 0
	}
	limits, counts := make([]float64, bins), make([]float64, bins)
	if lo == hi {
		limits, counts = []float64{hi}, []float64{n}
	} else {
		for i := range limits {
			limits[i] = lo + (hi-lo)*float64(i+1)/bins
		}
		limits[bins-1] = hi
		for _, x := range numbers {
			if !math.IsNaN(x) && !math.IsInf(x, 0) {
				counts[min(int((x-lo)/(hi-lo)*bins), bins-1)]++
			}
		}
	}
	var h message
	h.double(histogramMin, lo)
	h.double(histogramMax, hi)
	h.double(histogramCount, n)
	h.double(histogramSum, sum)
	h.double(histogramSquare, squares)
	h.doubles(histogramLimits, limits)
	h.doubles(histogramCounts, counts)
	v := value(tag)
	v.encoded.bytes(valueHistogram, h)
	return v
}

// Image is a picture, a PNG file.
func Image(tag string, png []byte) (Value, error) {
	c, _, err := image.DecodeConfig(bytes.NewReader(png))
	if err != nil {
		return Value{}, fmt.Errorf("tfevents: the picture %s: %w", tag, err)
	}
	var m message
	m.number(imageHeight, c.Height)
	m.number(imageWidth, c.Width)
	m.number(imageColours, 4) // RGBA, as the browser sees it
	m.bytes(imageData, png)
	v := value(tag)
	v.encoded.bytes(valueImage, m)
	return v, nil
}

// Audio is a sound, a WAV file of that many samples in each channel.
func Audio(tag string, wav []byte, rate, channels int, frames int64) Value {
	var m message
	m.float(audioRate, float64(rate))
	m.number(audioChannels, channels)
	m.number(audioFrames, int(frames))
	m.bytes(audioData, wav)
	m.text(audioType, "audio/wav")
	v := value(tag)
	v.encoded.bytes(valueAudio, m)
	return v
}

// Text is a text in Markdown.
func Text(tag, markdown string) Value {
	var dim, shape, t message
	dim.number(dimSize, 1)
	shape.bytes(shapeDim, dim)
	t.number(tensorType, stringType)
	t.bytes(tensorShape, shape)
	t.text(tensorString, markdown)
	v := value(tag)
	v.encoded.bytes(valueTensor, t)
	v.plugin("text", nil)
	return v
}

// plugin says which of TensorBoard's plugins shows a value, and gives it its
// data.
func (v *Value) plugin(name string, content message) {
	var p, m message
	p.text(pluginName, name)
	if content != nil {
		p.bytes(pluginContent, content)
	}
	m.bytes(metadataPlugin, p)
	v.encoded.bytes(valueMetadata, m)
}
