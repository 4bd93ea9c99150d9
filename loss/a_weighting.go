package loss

import (
	"fmt"
	"math"
)

// The A-weighting curve of IEC 61672-1: corner frequencies in Hz, and the gain
// in dB that makes it 0 dB at 1 kHz.
const (
	aPole1 = 20.598997 // double
	aPole2 = 107.65265
	aPole3 = 737.86223
	aPole4 = 12194.217 // double
	aGain  = 1.9997
)

// The filter's taps and the points of the curve they are fitted to, auraloss'.
const (
	aTaps   = 101
	aPoints = 512
)

// aWeighting returns the A-weighting filter at a sample rate in Hz: linear
// phase, fitted by least squares to the curve that the bilinear transform of
// the analogue one has, as long as its input.
func aWeighting(rate int) (filter, error) {
	if rate < 1 {
		return filter{}, fmt.Errorf("a sample rate of %d Hz; it must be at least 1", rate)
	}
	edges, gains := make([]float64, aPoints), make([]float64, aPoints)
	for k := range edges {
		edges[k] = float64(k) / aPoints // of half the rate
		analogue := 2 * float64(rate) * math.Tan(math.Pi/2*edges[k])
		gains[k] = aCurve(analogue)
	}
	taps, err := leastSquaresFIR(aTaps, edges, gains)
	if err != nil {
		return filter{}, fmt.Errorf("no A-weighting filter at %d Hz: %w", rate, err)
	}
	return filter{taps: taps, left: aTaps / 2, right: aTaps / 2}, nil
}

// aCurve is the gain at an angular frequency in rad/s.
func aCurve(w float64) float64 {
	pole := func(hz float64) float64 { return w*w + 4*math.Pi*math.Pi*hz*hz }
	top := 2 * math.Pi * aPole4
	return math.Pow(10, aGain/20) * top * top * math.Pow(w, 4) /
		(pole(aPole1) * pole(aPole4) * math.Sqrt(pole(aPole2)*pole(aPole3)))
}

// leastSquaresFIR returns the odd number of symmetric taps whose gain has the
// least squared error from a curve on bands: between edges 2i and 2i+1, in
// units of half the rate, the curve is the line between the gains given there.
// It is scipy.signal.firls. Selesnick, "Linear-phase FIR filter design by least
// squares", 2005.
func leastSquaresFIR(taps int, edges, gains []float64) ([]float64, error) {
	half := taps / 2
	// Gain a[0] + sum of a[n] cos(pi n f) minimises a quadratic form: q[n] is
	// the integral of cos(pi n f) over the bands, b[n] that of the curve times
	// it.
	q, b := make([]float64, 2*half+1), make([]float64, half+1)
	for i := 0; i < len(edges); i += 2 {
		lo, hi := edges[i], edges[i+1]
		slope := (gains[i+1] - gains[i]) / (hi - lo)
		at0 := gains[i] - slope*lo
		for n := range q {
			q[n] += cosineIntegral(n, hi) - cosineIntegral(n, lo)
		}
		for n := range b {
			b[n] += lineIntegral(n, slope, at0, hi) - lineIntegral(n, slope, at0, lo)
		}
	}
	matrix := make([]float64, len(b)*len(b))
	for i := range b {
		for j := range b {
			matrix[i*len(b)+j] = q[max(i-j, j-i)] + q[i+j]
		}
	}
	if err := solve(matrix, b); err != nil {
		return nil, err
	}
	h := make([]float64, taps)
	for n, v := range b {
		h[half+n], h[half-n] = v, v
	}
	h[half] = 2 * b[0]
	return h, nil
}

// cosineIntegral is the integral of cos(pi n f) up to f.
func cosineIntegral(n int, f float64) float64 {
	if n == 0 {
		return f
	}
	w := math.Pi * float64(n)
	return math.Sin(w*f) / w
}

// lineIntegral is the integral of (slope*f + at0) cos(pi n f) up to f, less
// what does not depend on f.
func lineIntegral(n int, slope, at0, f float64) float64 {
	if n == 0 {
		return f * (slope*f/2 + at0)
	}
	w := math.Pi * float64(n)
	return (slope*f+at0)*math.Sin(w*f)/w + slope*math.Cos(w*f)/(w*w)
}

// solve replaces b by the solution of the positive definite system m x = b,
// by Cholesky's decomposition. It overwrites m.
func solve(m, b []float64) error {
	n := len(b)
	for i := range n {
		for j := range i + 1 {
			s := m[i*n+j]
			for k := range j {
				s -= m[i*n+k] * m[j*n+k]
			}
			if i != j {
				m[i*n+j] = s / m[j*n+j]
				continue
			}
			if !(s > 0) {
				return fmt.Errorf("the least squares have no single solution")
			}
			m[i*n+i] = math.Sqrt(s)
		}
	}
	for i := range n {
		for k := range i {
			b[i] -= m[i*n+k] * b[k]
		}
		b[i] /= m[i*n+i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			b[i] -= m[k*n+i] * b[k]
		}
		b[i] /= m[i*n+i]
	}
	return nil
}
