package audio

import (
	"fmt"
	"math"
	"sync/atomic"
)

// The low-pass of the resampler is a sinc under a Kaiser window (J. O. Smith, "Digital Audio Resampling Home Page";
// Oppenheim & Schafer, "Discrete-Time Signal Processing", 7.6). Frequencies are in parts of the lower of the two
// Nyquist rates: flat up to passEdge, nothing from 1 on, so that neither aliases nor images are left.
const (
	passEdge    = 0.9
	rejection   = 130 // dB of the design; 120 are promised
	cutoff      = (passEdge + 1) / 2
	kaiserBeta  = 0.1102 * (rejection - 8.7)
	halfWidth   = (rejection - 8) / (2.285 * math.Pi * (1 - passEdge)) / 2 // of the window, in samples of the lower rate
	maxRatio    = 1 << 10
	maxTable    = 1 << 18 // coefficients up to which every phase of a ratio gets its own row
	phasesPerHz = 256     // rows a sample of the lower rate, else: interpolation error below -180 dB
)

// filterBank holds the resampler's filter, one row of taps a phase. Row p is for an output that lies p/phases of an
// input sample behind the middle of the taps. With many phases there are fewer rows, evenly spaced with one extra in front
// and two behind, and four neighbours are interpolated.
type filterBank struct {
	up, down     int // the ratio to/from in lowest terms
	taps         int // even; tap taps/2-1 is the input sample at or before the output
	rows         []float64
	interpolated bool
	steps        int // rows an input sample, where interpolated
}

var lastFilter atomic.Pointer[filterBank] // many files of one rate are resampled in a row

// newFilterBank designs the filter for a ratio. Its size is bounded by the ratio's size, not by its terms.
func newFilterBank(from, to int) (*filterBank, error) {
	if from < 1 || to < 1 || from > math.MaxInt32 || to > math.MaxInt32 {
		return nil, fmt.Errorf("audio: cannot resample from %d Hz to %d Hz", from, to)
	}
	if max(from, to)/min(from, to) >= maxRatio {
		return nil, fmt.Errorf("audio: cannot resample from %d Hz to %d Hz: the ratio is beyond 1:%d", from, to, maxRatio)
	}
	d := gcd(from, to)
	up, down := to/d, from/d
	if b := lastFilter.Load(); b != nil && b.up == up && b.down == down {
		return b, nil
	}
	scale := min(1, float64(up)/float64(down)) // lower rate in parts of the input rate
	half := int(math.Ceil(halfWidth / scale))
	b := &filterBank{up: up, down: down, taps: 2 * half}
	rows, spacing, first := up, 1/float64(up), 0
	if int64(up)*int64(b.taps) > maxTable {
		b.interpolated = true
		b.steps = int(math.Ceil(phasesPerHz * scale))
		rows, spacing, first = b.steps+3, 1/float64(b.steps), -1
	}
	b.rows = make([]float64, rows*b.taps)
	for p := range rows {
		phase := float64(first+p) * spacing
		for k := range b.taps {
			b.rows[p*b.taps+k] = scale * kernel(scale*(phase+float64(half-1-k)))
		}
	}
	lastFilter.Store(b)
	return b, nil
}

// kernel is the windowed sinc at t samples of the lower rate.
func kernel(t float64) float64 {
	w := 1 - float64(t/halfWidth*(t/halfWidth))
	if w <= 0 {
		return 0
	}
	s := 1.0
	if x := math.Pi * cutoff * t; x != 0 {
		s = math.Sin(x) / x
	}
	return cutoff * s * besselI0(kaiserBeta*math.Sqrt(w)) / besselI0(kaiserBeta)
}

// besselI0 is the modified Bessel function of order 0, by its power series.
func besselI0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-17*sum; k++ {
		term *= x / (2 * k) * (x / (2 * k))
		sum += term
	}
	return sum
}

// output is the sample at the given phase (0 to up-1) for the window x of b.taps input samples.
func (b *filterBank) output(x []float32, phase int) float32 {
	if !b.interpolated {
		return float32(dot(b.rows[phase*b.taps:][:b.taps], x))
	}
	pos := int64(phase) * int64(b.steps)
	row := int(pos / int64(b.up))
	u := float64(pos%int64(b.up)) / float64(b.up)
	weights := [4]float64{ // Lagrange's for nodes at -1, 0, 1, 2
		-u * (u - 1) * (u - 2) / 6,
		(u + 1) * (u - 1) * (u - 2) / 2,
		-(u + 1) * u * (u - 2) / 2,
		(u + 1) * u * (u - 1) / 6,
	}
	sum := 0.0
	for i, w := range weights {
		sum += float64(w * dot(b.rows[(row+i)*b.taps:][:b.taps], x))
	}
	return float32(sum)
}

// dot is the inner product in float64, in four partial sums by position. The products are rounded before they are
// added, so that no platform fuses the two.
func dot(h []float64, x []float32) float64 {
	x = x[:len(h)]
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(h); i += 4 {
		h4, x4 := h[i:i+4:i+4], x[i:i+4:i+4]
		s0 += float64(h4[0] * float64(x4[0]))
		s1 += float64(h4[1] * float64(x4[1]))
		s2 += float64(h4[2] * float64(x4[2]))
		s3 += float64(h4[3] * float64(x4[3]))
	}
	for ; i < len(h); i++ {
		s0 += float64(h[i] * float64(x[i]))
	}
	return (s0 + s1) + (s2 + s3)
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
