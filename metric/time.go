package metric

import "math"

// energy sums up what the metrics of the waveform need, in float64.
type energy struct {
	n      int64
	target float64 // sum of t^2
	err    float64 // sum of (p-t)^2
}

func (e *energy) Add(pred, target []float32) {
	for i, p := range pred {
		t := float64(target[i])
		d := float64(p) - t
		e.n++
		e.target += t * t
		e.err += d * d
	}
}

// esr is the error-to-signal ratio: sum (p-t)^2 / sum t^2 (Damskaegg et al.
// 2019). 0 is perfect, 1 is as bad as silence.
type esr struct{ energy }

func (m *esr) Value() float64 { return m.err / m.target }

// mse is the mean squared error.
type mse struct{ energy }

func (m *mse) Value() float64 { return m.err / float64(m.n) }

// snr is 10 log10 (sum t^2 / sum (p-t)^2) in dB.
type snr struct{ energy }

func (m *snr) Value() float64 { return 10 * math.Log10(m.target/m.err) }

// mae is the mean absolute error.
type mae struct {
	n   int64
	sum float64
}

func (m *mae) Add(pred, target []float32) {
	for i, p := range pred {
		m.sum += math.Abs(float64(p) - float64(target[i]))
	}
	m.n += int64(len(pred))
}

func (m *mae) Value() float64 { return m.sum / float64(m.n) }

// peak is the largest absolute error.
type peak struct {
	n   int64
	max float64
}

func (m *peak) Add(pred, target []float32) {
	for i, p := range pred {
		m.max = max(m.max, math.Abs(float64(p)-float64(target[i])))
	}
	m.n += int64(len(pred))
}

func (m *peak) Value() float64 {
	if m.n == 0 {
		return math.NaN()
	}
	return m.max
}

// siSDR is the scale-invariant signal-to-distortion ratio in dB, of signals
// made zero-mean (Le Roux et al. 2019). It sums up the target and the error
// d = p - t, not p: what distorts a near-perfect prediction would drown in the
// rounding of sums of p.
type siSDR struct{ n, d, t, dd, tt, dt float64 }

func (m *siSDR) Add(pred, target []float32) {
	for i := range pred {
		t := float64(target[i])
		d := float64(pred[i]) - t
		m.n++
		m.d += d
		m.t += t
		m.dd += d * d
		m.tt += t * t
		m.dt += d * t
	}
}

func (m *siSDR) Value() float64 {
	dd := m.dd - m.d*m.d/m.n
	tt := m.tt - m.t*m.t/m.n
	dt := m.dt - m.d*m.t/m.n
	// The projection on the target is (1 + dt/tt) t; d - dt/tt t is left.
	signal := (tt + dt) * (tt + dt) / tt
	return 10 * math.Log10(signal/max(dd-dt*dt/tt, 0))
}
