package device

import "partials/tensor"

// SpectraComparer is what a device may do beyond the kernels, as io.WriterTo
// is: the comparison of two signals' spectrograms that package spectral makes
// of STFT, Polar and a dozen elementwise kernels, in one pass over the frames
// that keeps no spectrum. The two give the same values.
type SpectraComparer interface {
	// CompareSpectra adds to value () how far the spectrograms of x and y
	// (B, Length) are apart, and to dx the gradient with respect to x. window
	// is (n_fft); dx may be absent. The frames are one-sided.
	CompareSpectra(value, dx, x, y, window tensor.Tensor, f Framing, c Comparison)
}

// Comparison is a distance of two spectrograms of magnitudes X and Y: the sum
// of
//
//	Convergence * |X-Y| / max(|Y|, Least)
//	Log * sum of |L|, or of L^2, L = ln(LogFac*X + LogEps) - ln(LogFac*Y + LogEps)
//	Lin * sum of |X-Y|, or of (X-Y)^2
//
// with Frobenius norms of the whole batch, or the sum of such ratios of every
// item where ByItem is set. The gradient of a distance is 0 where it is 0, and
// that of a magnitude where it is 0 or clamped.
type Comparison struct {
	Floor PolarFunc // MagClamp or MagFloor
	Eps   float64

	Convergence, Log, Lin float64
	ByItem                bool
	Least                 float64
	Squares               bool // of Log and Lin
	LogFac, LogEps        float64
}
