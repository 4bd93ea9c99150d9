package metric

import "math"

// segmentalSNR is the mean over frames of the SNR in dB, each held within -10
// and 35 dB (Hansen and Pellom, "An effective quality evaluation protocol for
// speech enhancement algorithms", ICSLP 1998): Hann frames of 30 ms, a quarter
// apart, none padded. Frames in which the target is silent do not count.
type segmentalSNR struct {
	window       []float64
	hop          int
	pred, target []float32 // the samples that the next frame begins with
	sum          float64
	frames       int
}

const (
	segmentLow, segmentHigh = -10, 35 // dB
	segmentSilence          = 1e-12   // mean square, -120 dBFS
)

func newSegmentalSNR(rate int) Meter {
	n := max(rate*30/1000/4*4, 4)
	m := &segmentalSNR{window: make([]float64, n), hop: n / 4}
	for i := range m.window {
		m.window[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(n))
	}
	return m
}

func (m *segmentalSNR) Add(pred, target []float32) {
	m.pred = append(m.pred, pred...)
	m.target = append(m.target, target...)
	from := 0
	for ; from+len(m.window) <= len(m.pred); from += m.hop {
		var signal, noise float64
		for i, w := range m.window {
			t := w * float64(m.target[from+i])
			d := w*float64(m.pred[from+i]) - t
			signal += t * t
			noise += d * d
		}
		if signal <= segmentSilence*float64(len(m.window)) {
			continue
		}
		m.sum += min(max(10*math.Log10(signal/noise), segmentLow), segmentHigh)
		m.frames++
	}
	m.pred = append(m.pred[:0], m.pred[from:]...)
	m.target = append(m.target[:0], m.target[from:]...)
}

func (m *segmentalSNR) Value() float64 { return m.sum / float64(m.frames) }
