package capture

import "math"

// filterTaps is how many taps the linear filter between the two sounds has: 128
// at 48 kHz are 2.7 ms, where an amplifier and a pedal have most of their
// response.
const filterTaps = 128

// filterEarly is how many of them come before the strongest part of the
// response, where a device that dulls the sound has already begun.
const filterEarly = 16

// moments are the correlations that a linear fit needs: of the input with
// itself at the lags 0, 1, ..., of the input with the output from lag first on,
// and the output's energy.
type moments struct {
	xx, xy []float64
	first  int
	yy     float64
}

// gather adds up moments over stretches that begin at the given samples; lag
// tells how late the output is there. xy reaches from -reach to reach+taps.
// Every stretch counts alike, however loud, down to 40 dB below the loudest; below
// that nothing explains the output.
func gather(x, y []float32, at []int, n, taps, reach int, lag func(t float64) float64) *moments {
	m := &moments{xx: make([]float64, taps), xy: make([]float64, 2*reach+taps), first: -reach}
	c := newCorrelator(fftSize(n + reach + taps))
	size := len(c.time)
	late := make([]int, len(at))
	loud := 0.0
	for i, s := range at {
		late[i] = int(math.Round(lag(float64(s) + float64(n)/2)))
		loud = max(loud, energy(y[min(max(s+late[i], 0), len(y)):min(max(s+late[i]+n, 0), len(y))]))
	}
	for i, s := range at {
		c.spectrum(c.yr, c.yi, y, s+late[i], n, n/2)
		yy := 0.0
		for _, v := range c.time {
			yy += v * v
		}
		if m.yy++; yy == 0 {
			continue
		}
		weight := 1 / (max(yy, 1e-4*loud) * float64(size))
		c.spectrum(c.xr, c.xi, x, s, n, n/2)
		for k, a := range c.xr {
			b, u, v := c.xi[k], c.yr[k], c.yi[k]
			c.yr[k], c.yi[k] = u*a+v*b, v*a-u*b
			c.xr[k], c.xi[k] = a*a+b*b, 0
		}
		c.plan.IRFFT(c.time, c.xr, c.xi)
		for k := range m.xx {
			m.xx[k] += c.time[k] * weight
		}
		c.plan.IRFFT(c.time, c.yr, c.yi)
		for k := range m.xy {
			m.xy[k] += c.time[(k-reach+size)%size] * weight
		}
	}
	return m
}

// fit returns the filter h of some taps, the first at lag from, that makes the
// most of the output of the input (Wiener), and the share of the output's
// energy that it explains.
func (m *moments) fit(from, taps int) (h []float64, explained float64) {
	r := append([]float64(nil), m.xx[:taps]...)
	if r[0] == 0 || m.yy == 0 {
		return make([]float64, taps), 0
	}
	r[0] *= 1 + 1e-6 // noise 60 dB down: no filter is built on what is not there
	xy := m.xy[from-m.first:][:taps]
	h = toeplitz(r, xy)
	for k, v := range h {
		explained += v * xy[k]
	}
	return h, min(max(explained/m.yy, 0), 1)
}

// toeplitz solves R h = b, where R[i][j] = r[|i-j|] (Levinson 1947).
func toeplitz(r, b []float64) []float64 {
	n := len(b)
	a := make([]float64, n) // prediction filter, a[0] = 1
	h := make([]float64, n)
	old := make([]float64, n)
	a[0] = 1
	e := r[0]
	h[0] = b[0] / e
	for m := 1; m < n; m++ {
		acc := 0.0
		for i := range m {
			acc += a[i] * r[m-i]
		}
		k := -acc / e
		copy(old, a[:m])
		for i := 1; i <= m; i++ {
			a[i] += k * old[m-i]
		}
		if e *= 1 - k*k; e <= 0 {
			break
		}
		acc = 0
		for i := range m {
			acc += h[i] * r[m-i]
		}
		g := (b[m] - acc) / e
		for i := 0; i <= m; i++ {
			h[i] += g * a[m-i]
		}
		old[m] = 0
	}
	return h
}
