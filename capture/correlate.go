package capture

import (
	"math"

	"partials/internal/fft"
)

// whitening is the exponent of the generalised cross-correlation (Knapp and
// Carter 1976): spectra are divided by their magnitude to this power. At 0 it
// is the plain correlation, whose peak is as broad as the sound is dull, at 1
// the phase transform (PHAT), which hears noise and tone alike.
const whitening = 0.85

// correlator computes cross-correlations of stretches of two sounds.
type correlator struct {
	plan           *fft.Plan
	xr, xi, yr, yi []float64 // spectra
	time           []float64
}

func newCorrelator(size int) *correlator {
	p := fft.NewPlan(size)
	c := &correlator{plan: p, time: make([]float64, size)}
	for _, s := range []*[]float64{&c.xr, &c.xi, &c.yr, &c.yi} {
		*s = make([]float64, p.Bins())
	}
	return c
}

// fftSize is a size that internal/fft is fast at, at least n.
func fftSize(n int) int {
	size := 1
	for size < n {
		size *= 2
	}
	if q := size / 4 * 3; q >= n {
		return q
	}
	return size
}

// spectrum transforms n samples of x from at on, zeros beyond the ends. They are
// faded in and out over fade samples: two stretches that are cut off hard are
// alike in that.
func (c *correlator) spectrum(re, im []float64, x []float32, at, n, fade int) {
	clear(c.time)
	lo, hi := max(at, 0), min(at+n, len(x))
	fade = min(fade, (hi-lo)/2)
	for t := lo; t < hi; t++ {
		v := float64(x[t])
		if edge := min(t-lo, hi-1-t); edge < fade {
			v *= 0.5 - 0.5*math.Cos(math.Pi*(float64(edge)+0.5)/float64(fade))
		}
		c.time[t-at] = v
	}
	c.plan.RFFT(re, im, c.time)
}

// cross sets yr, yi to the cross-spectrum of n samples of x from xAt on with y
// from yAt on: its inverse transform at k is the sum of x[xAt+t] y[yAt+t+k].
func (c *correlator) cross(x []float32, xAt int, y []float32, yAt, n, yN int) {
	c.spectrum(c.xr, c.xi, x, xAt, n, n/2)
	c.spectrum(c.yr, c.yi, y, yAt, yN, n/4)
	for k, a := range c.xr {
		b, u, v := c.xi[k], c.yr[k], c.yi[k]
		c.yr[k], c.yi[k] = u*a+v*b, v*a-u*b
	}
}

// whiten divides yr, yi by their magnitude to a power, and leaves out what lies
// 60 dB and more below the strongest bin, which is noise.
func (c *correlator) whiten(power float64) {
	peak := 0.0
	for k, u := range c.yr {
		peak = max(peak, u*u+c.yi[k]*c.yi[k])
	}
	c.yr[0], c.yi[0] = 0, 0 // a common offset says nothing
	for k, u := range c.yr {
		p := u*u + c.yi[k]*c.yi[k]
		if p <= 1e-12*peak { // powers of products: 60 dB of each sound
			c.yr[k], c.yi[k] = 0, 0
			continue
		}
		g := math.Pow(p, -power/2)
		c.yr[k] *= g
		c.yi[k] *= g
	}
}

// lags returns the whitened correlation of x[at:at+n] with y at the lags lo to
// hi: element k is of lag lo+k. It is valid until the next call.
func (c *correlator) lags(x, y []float32, at, n, lo, hi int) []float64 {
	c.cross(x, at, y, at+lo, n, n+hi-lo)
	c.whiten(whitening)
	c.plan.IRFFT(c.time, c.yr, c.yi)
	return c.time[:hi-lo+1]
}

// peak is a maximum of the magnitude of a correlation.
type peak struct {
	lag float64 // samples
	z   float64 // signed height, in standard deviations of the whole correlation
}

// peaks returns the count highest peaks at least apart from each other. Of two
// that are as high the nearer to lag 0 comes first: a loop repeats itself.
func peaks(c []float64, lo, count, apart int) []peak {
	const far = 0.2 // is what the farthest lag counts less
	reach := float64(max(-lo, lo+len(c), 1))
	height := func(k int) float64 { return math.Abs(c[k]) * (1 - far*math.Abs(float64(lo+k))/reach) }
	rms := rmsOf(c)
	if rms == 0 {
		return nil
	}
	var out []peak
	taken := func(k int) bool {
		for _, p := range out {
			if math.Abs(p.lag-float64(lo+k)) < float64(apart) {
				return true
			}
		}
		return false
	}
	for range count {
		best, top := -1, 0.0
		for k := range c {
			if a := height(k); (best < 0 || a > top) && !taken(k) {
				best, top = k, a
			}
		}
		if best < 0 {
			break
		}
		out = append(out, peak{float64(lo+best) + vertex(c, best), c[best] / rms})
	}
	return out
}

// vertex is where the parabola through the peak c[k] and its neighbours has
// its extreme, from k: between -1/2 and 1/2.
func vertex(c []float64, k int) float64 {
	if k == 0 || k == len(c)-1 {
		return 0
	}
	a, b, d := c[k-1], c[k], c[k+1]
	if curve := a - 2*b + d; curve != 0 {
		return min(max((a-d)/(2*curve), -0.5), 0.5)
	}
	return 0
}
