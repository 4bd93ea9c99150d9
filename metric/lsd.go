package metric

import (
	"math"

	"partials/internal/fft"
)

// lsd is the log-spectral distance (Gray and Markel 1976): the mean over
// frames of the root mean square over bins of the difference of both power
// spectra in dB. Frames of 2048 samples, Hann window, hop 512, none padded;
// powers are relative to a full-scale sine and floored at -100 dB, so that the
// depth of silence does not count.
type lsd struct {
	plan         *fft.Plan
	window       []float64
	pred, target []float32 // the samples that the next frame begins with
	frame        []float64
	re, im       []float64
	a, b         []float64 // the two spectra in dB
	sum          float64
	frames       int
}

const (
	lsdSize  = 2048
	lsdHop   = 512
	lsdFloor = 1e-10 // -100 dB
)

func newLSD() *lsd {
	bins := lsdSize/2 + 1
	m := &lsd{
		plan:   fft.NewPlan(lsdSize),
		window: make([]float64, lsdSize),
		frame:  make([]float64, lsdSize),
		re:     make([]float64, bins),
		im:     make([]float64, bins),
		a:      make([]float64, bins),
		b:      make([]float64, bins),
	}
	for i := range m.window {
		// Scaled so that a full-scale sine at a bin's centre has power 1.
		m.window[i] = (1 - math.Cos(2*math.Pi*float64(i)/lsdSize)) * 2 / lsdSize
	}
	return m
}

func (m *lsd) Add(pred, target []float32) {
	m.pred = append(m.pred, pred...)
	m.target = append(m.target, target...)
	from := 0
	for ; from+lsdSize <= len(m.pred); from += lsdHop {
		m.spectrum(m.a, m.pred[from:])
		m.spectrum(m.b, m.target[from:])
		sum := 0.0
		for k, a := range m.a {
			sum += (a - m.b[k]) * (a - m.b[k])
		}
		m.sum += math.Sqrt(sum / float64(len(m.a)))
		m.frames++
	}
	m.pred = append(m.pred[:0], m.pred[from:]...)
	m.target = append(m.target[:0], m.target[from:]...)
}

// spectrum writes the power spectrum of the frame that x begins with to db.
func (m *lsd) spectrum(db []float64, x []float32) {
	for i, w := range m.window {
		m.frame[i] = w * float64(x[i])
	}
	m.plan.RFFT(m.re, m.im, m.frame)
	for k, re := range m.re {
		db[k] = 10 * math.Log10(max(re*re+m.im[k]*m.im[k], lsdFloor))
	}
}

func (m *lsd) Value() float64 { return m.sum / float64(m.frames) }
