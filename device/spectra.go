package device

import "partials/tensor"

// FusedSpectra is what a device may do beyond the kernels, as io.WriterTo is:
// what package spectral makes of STFT, Polar and elementwise kernels, frame by
// frame while the spectra are at hand, without memory for them. The two give the
// same values. All frames are one-sided.
type FusedSpectra interface {
	// Spectrogram is dst (B, Frames, Bins) = Polar of the STFT of x
	// (B, Length). m is a function of the power: not the phase. window is
	// (n_fft).
	Spectrogram(dst, x, window tensor.Tensor, f Framing, m PolarFunc, eps float64)
	// SpectrogramGrad is dx += the gradient, given x and dy; it transforms x
	// again.
	SpectrogramGrad(dx, dy, x, window tensor.Tensor, f Framing, m PolarFunc, eps float64)

	// CompareSpectra adds to value () how far the spectrograms of x and y
	// (B, Length) are apart, and to dx the gradient with respect to x. dx may
	// be absent.
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
