package nam

import (
	"errors"
	"math"

	"partials/internal/rng"
)

// probeRMS is the level of the noise that loudness is measured with: -14.97 dBFS.
const probeRMS = 0.17845

// probeCorner is where the noise begins to fall by 6 dB an octave, in Hz. With it
// the loudness of models comes closest to what the original trainer measures
// with a recording of its own.
const probeCorner = 1300

// Probe is a second of noise, the same every time.
func Probe(rate int) []float32 {
	src := rng.New(0, "nam/probe")
	keep := math.Exp(-2 * math.Pi * probeCorner / float64(rate))
	x := make([]float64, rate)
	low, squares := 0.0, 0.0
	for i := range x {
		low = keep*low + (1-keep)*src.Normal()
		x[i] = low
		squares += low * low
	}
	scale := probeRMS / math.Sqrt(squares/float64(len(x)))
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v * scale)
	}
	return y
}

// Measure sets the metadata's loudness and gain of a model of one channel, which
// play plays from rest. Loudness is the level of its output for the probe, in
// dB. Gain says where the outputs for eleven levels of the probe stand between
// those of a straight wire (0) and of a square wave (1).
func (m *Metadata) Measure(rate int, play func(x []float32) ([]float32, error)) error {
	const steps = 10
	var sum, full float64
	x := make([]float32, rate)
	for i := range steps + 1 {
		for k, v := range Probe(rate) {
			x[k] = v * float32(i) / steps
		}
		y, err := play(x)
		if err != nil {
			return err
		}
		full = rms(y)
		sum += full
	}
	if math.IsNaN(full) || math.IsInf(full, 0) {
		return errors.New("for noise at -15 dBFS the model's output is no number")
	}
	m.Loudness, m.Gain = nil, nil
	if full == 0 { // silent, and so neither
		return nil
	}
	loudness := 20 * math.Log10(full)
	square, triangle := (steps+1)*full, (steps+1)*full/2
	gain := min(max((sum-triangle)/(square-triangle), 0), 1)
	m.Loudness, m.Gain = &loudness, &gain
	return nil
}

func rms(x []float32) float64 {
	squares := 0.0
	for _, v := range x {
		squares += float64(v) * float64(v)
	}
	return math.Sqrt(squares / float64(len(x)))
}
