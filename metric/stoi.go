package metric

import (
	"math"

	"partials/internal/fft"
)

// intelligibility is STOI, or ESTOI where extended: how well speech will be
// understood, from the short-time correlation of envelopes in third-octave
// bands. Taal, Hendriks, Heusdens, Jensen, "An algorithm for intelligibility
// prediction of time-frequency weighted noisy speech", IEEE TASLP 19(7), 2011;
// Jensen, Taal, "An algorithm for predicting the intelligibility of speech
// masked by modulated noise maskers", IEEE/ACM TASLP 24(11), 2016. Its numbers
// are those of pystoi, whose resampler and edges of frames it has.
//
// Which frames are silent depends on the loudest, so it keeps both signals, at
// 10 kHz. It is NaN for less than 384 ms of sound that is not silent.
type intelligibility struct {
	extended     bool
	pred, target *octaveResampler
}

const (
	stoiRate     = 10000 // Hz
	stoiFrame    = 256   // samples; the hop is half of it
	stoiFFT      = 512
	stoiBands    = 15  // third octaves,
	stoiLowest   = 150 // Hz, the centre of the lowest
	stoiSegment  = 30  // frames
	stoiSilence  = 40  // dB below the loudest frame of the target
	stoiDistance = -15 // dB: a prediction further off is clipped to that
	stoiEps      = 0x1p-52
)

func newIntelligibility(extended bool) func(rate int) Meter {
	return func(rate int) Meter {
		return &intelligibility{extended, newOctaveResampler(rate, stoiRate), newOctaveResampler(rate, stoiRate)}
	}
}

func (m *intelligibility) Add(pred, target []float32) {
	m.pred.add(pred)
	m.target.add(target)
}

func (m *intelligibility) Value() float64 {
	x, y := withoutSilence(m.target.all(), m.pred.all())
	a, b := thirdOctaves(x), thirdOctaves(y)
	if len(a) < stoiSegment {
		return math.NaN()
	}
	sum := 0.0
	n := 0
	for end := stoiSegment; end <= len(a); end++ {
		if m.extended {
			sum += extendedCorrelation(a[end-stoiSegment:end], b[end-stoiSegment:end])
		} else {
			sum += clippedCorrelation(a[end-stoiSegment:end], b[end-stoiSegment:end])
		}
		n++
	}
	return sum / float64(n)
}

// hanning is MATLAB's window of that name, without its zeros.
func hanning(n int) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i+1)/float64(n+1))
	}
	return w
}

// withoutSilence drops the frames of both signals in which the target x is
// silent, and adds up the others.
func withoutSilence(x, y []float64) (a, b []float64) {
	const hop = stoiFrame / 2
	w := hanning(stoiFrame)
	var energies []float64 // dB
	loudest := math.Inf(-1)
	for at := 0; at < len(x)-stoiFrame; at += hop {
		sum := 0.0
		for i, v := range w {
			sum += (v * x[at+i]) * (v * x[at+i])
		}
		e := 20 * math.Log10(math.Sqrt(sum)+stoiEps)
		energies, loudest = append(energies, e), max(loudest, e)
	}
	for frame, e := range energies {
		if loudest-stoiSilence-e >= 0 {
			continue
		}
		to := max(len(a)-hop, 0)
		grown := make([]float64, to+stoiFrame-len(a))
		a, b = append(a, grown...), append(b, grown...)
		for i, v := range w {
			a[to+i] += v * x[frame*hop+i]
			b[to+i] += v * y[frame*hop+i]
		}
	}
	return a, b
}

// thirdOctaves is the envelope of x in third-octave bands, frame by frame.
func thirdOctaves(x []float64) [][stoiBands]float64 {
	var edges [stoiBands][2]int // bins
	nearest := func(hz float64) int { return int(math.Ceil(hz/stoiRate*stoiFFT - 0.5)) }
	for k := range edges {
		edges[k][0] = nearest(stoiLowest * math.Pow(2, (2*float64(k)-1)/6))
		edges[k][1] = nearest(stoiLowest * math.Pow(2, (2*float64(k)+1)/6))
	}
	w, plan := hanning(stoiFrame), fft.NewPlan(stoiFFT)
	frame := make([]float64, stoiFFT)
	re, im := make([]float64, plan.Bins()), make([]float64, plan.Bins())
	var out [][stoiBands]float64
	for at := 0; at < len(x)-stoiFrame; at += stoiFrame / 2 {
		for i, v := range w {
			frame[i] = v * x[at+i]
		}
		plan.RFFT(re, im, frame)
		var bands [stoiBands]float64
		for k, e := range edges {
			sum := 0.0
			for i := e[0]; i < e[1]; i++ {
				sum += re[i]*re[i] + im[i]*im[i]
			}
			bands[k] = math.Sqrt(sum)
		}
		out = append(out, bands)
	}
	return out
}

// clippedCorrelation is the mean over bands of the correlation of target x and
// prediction y over a segment, y scaled to x's energy and clipped.
func clippedCorrelation(x, y [][stoiBands]float64) float64 {
	top := 1 + math.Pow(10, -float64(stoiDistance)/20)
	sum := 0.0
	var a, b [stoiSegment]float64
	for k := range stoiBands {
		var xx, yy float64
		for t := range x {
			xx += x[t][k] * x[t][k]
			yy += y[t][k] * y[t][k]
		}
		scale := math.Sqrt(xx) / (math.Sqrt(yy) + stoiEps)
		for t := range x {
			a[t] = x[t][k]
			b[t] = min(y[t][k]*scale, x[t][k]*top)
		}
		normalize(a[:])
		normalize(b[:])
		for t := range a {
			sum += a[t] * b[t]
		}
	}
	return sum / stoiBands
}

// extendedCorrelation is the mean over frames of the correlation of spectra,
// whose bands were made of equal mean and energy over the segment before.
func extendedCorrelation(x, y [][stoiBands]float64) float64 {
	var a, b [stoiSegment][stoiBands]float64
	for _, s := range []struct {
		to   *[stoiSegment][stoiBands]float64
		from [][stoiBands]float64
	}{{&a, x}, {&b, y}} {
		var row [stoiSegment]float64
		for k := range stoiBands {
			for t := range row {
				row[t] = s.from[t][k]
			}
			normalize(row[:])
			for t := range row {
				s.to[t][k] = row[t]
			}
		}
		for t := range s.to {
			normalize(s.to[t][:])
		}
	}
	sum := 0.0
	for t := range a {
		for k := range a[t] {
			sum += a[t][k] * b[t][k]
		}
	}
	return sum / stoiSegment
}

// normalize makes x of mean 0 and norm 1.
func normalize(x []float64) {
	mean := 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	sum := 0.0
	for i := range x {
		x[i] -= mean
		sum += x[i] * x[i]
	}
	norm := math.Sqrt(sum) + stoiEps
	for i := range x {
		x[i] /= norm
	}
}
