package device

import (
	"fmt"

	"partials/tensor"
)

// Fourier is transforms of real and complex signals and their exact adjoints.
//
// Complex data is planar: an axis of length 2 (real, imaginary) stands before
// the rows. A gradient of a spectrum is the pair (dL/dre, dL/dim), which is
// PyTorch's convention.
type Fourier interface {
	// RFFT is dst (B, 2, R, n/2+1) = Scale * rfft(x), x (B, R, In): each row
	// cut to n samples or padded with zeros. The imaginary parts of bin 0 and,
	// for even n, bin n/2 are exactly 0, never -0: so is the phase of a
	// positive number there, and that of a negative one pi.
	RFFT(dst, x tensor.Tensor, t Transform)
	// RFFTGrad is dx += Scale * rfft^T(dy).
	RFFTGrad(dx, dy tensor.Tensor, t Transform)
	// IRFFT is dst (B, R, n) = Scale * the unnormalised inverse of the
	// half-spectrum x (B, 2, R, In), cut or padded to n/2+1 bins. The
	// imaginary parts of bin 0 and, for even n, bin n/2 count as zero.
	IRFFT(dst, x tensor.Tensor, t Transform)
	// IRFFTGrad is dx += Scale * irfft^T(dy).
	IRFFTGrad(dx, dy tensor.Tensor, t Transform)
	// FFT is dst (B, 2, R, n) = Scale * fft(x), x (B, 2, R, In), with
	// exp(+j...) where t.Inverse is set.
	FFT(dst, x tensor.Tensor, t Transform)
	// FFTGrad is dx += Scale * fft^T(dy): the conjugate transform.
	FFTGrad(dx, dy tensor.Tensor, t Transform)

	// STFT is dst (B, 2, Frames, Bins) = Scale * the transforms of the
	// windowed frames of x (B, Length). window is (n_fft). The frames lie
	// within the padded signal. Imaginary parts are 0 as RFFT's are.
	STFT(dst, x, window tensor.Tensor, f Framing)
	// STFTGrad is dx += STFT^T(dy).
	STFTGrad(dx, dy, window tensor.Tensor, f Framing)
	// STFTWindowGrad is dwindow += the transpose in the window.
	STFTWindowGrad(dwindow, dy, x tensor.Tensor, f Framing)

	// Synthesis is dst (B, Length) = Scale * the inverse transforms of the
	// frames of x (B, 2, Frames, Bins), each with 1/n, windowed and
	// overlap-added. What falls in the padding, or past Length, is dropped; no
	// envelope is divided out. With all bins given (Onesided false) the real
	// part counts.
	Synthesis(dst, x, window tensor.Tensor, f Framing)
	// SynthesisGrad is dx += Synthesis^T(dy).
	SynthesisGrad(dx, dy, window tensor.Tensor, f Framing)
	// SynthesisWindowGrad is dwindow += the transpose in the window.
	SynthesisWindowGrad(dwindow, dy, x tensor.Tensor, f Framing)
	// Envelope is dst (Length) = the squared window overlap-added.
	Envelope(dst, window tensor.Tensor, f Framing)
	// EnvelopeGrad is dwindow += the transpose of Envelope's derivative.
	EnvelopeGrad(dwindow, dy, window tensor.Tensor, f Framing)

	// Polar is dst (B, n) = f(re, im; eps) of x (B, 2, n).
	Polar(f PolarFunc, eps float64, dst, x tensor.Tensor)
	// PolarGrad is dx += dy * the derivatives of f, where y = f(x; eps).
	PolarGrad(f PolarFunc, eps float64, dx, x, y, dy tensor.Tensor)
	// ComplexMul is dst = a * b of planar (B, 2, n) numbers.
	ComplexMul(dst, a, b tensor.Tensor)
	// ComplexMulGrad is da += dy * conj(b).
	ComplexMulGrad(da, dy, b tensor.Tensor)
}

// Transform is a one-dimensional transform of rows.
type Transform struct {
	N       int     // length of the transform
	In      int     // numbers (bins, for IRFFT) in an input row
	Scale   float64 // factor on the unnormalised transform
	Inverse bool    // FFT only: the sign of the exponent is plus
}

// PolarFunc is a real function of a complex number.
type PolarFunc uint8

// The functions of a complex number.
const (
	Power    PolarFunc = iota // re^2 + im^2
	MagClamp                  // sqrt(max(re^2 + im^2, eps)); gradient 0 below eps, and at 0
	MagFloor                  // sqrt(re^2 + im^2 + eps); at 0 with eps 0 the gradient is 0
	Phase                     // atan2(im, re); gradient 0 at 0
)

// PadMode says what stands outside a signal, as in torch.stft.
type PadMode uint8

// The modes.
const (
	PadReflect   PadMode = iota // mirrored at the edge sample, which is not repeated
	PadConstant                 // zeros
	PadReplicate                // the edge sample
	PadCircular                 // the other end
)

// PadModes names the modes in recipes.
var PadModes = [...]string{PadReflect: "reflect", PadConstant: "constant", PadReplicate: "replicate", PadCircular: "circular"}

// String is the mode's name in recipes.
func (m PadMode) String() string { return PadModes[m] }

// Framing says how a signal of Length samples is cut into Frames windows of
// NFFT samples: frame f starts at padded sample f*Hop, and the padded signal
// begins Pad samples before the signal.
type Framing struct {
	NFFT, Hop, Frames int
	Length            int // samples of the signal
	Pad               int // samples of padding on each side
	Mode              PadMode
	Onesided          bool
	Scale             float64
}

// Bins is the number of bins of each frame.
func (f Framing) Bins() int {
	if f.Onesided {
		return f.NFFT/2 + 1
	}
	return f.NFFT
}

// Span is the number of padded samples that the frames cover.
func (f Framing) Span() int { return (f.Frames-1)*f.Hop + f.NFFT }

// Source maps padded sample i to the sample of the signal that stands there,
// or -1 for a zero.
func (f Framing) Source(i int) int {
	i -= f.Pad
	if i >= 0 && i < f.Length {
		return i
	}
	switch f.Mode {
	case PadReflect:
		if i < 0 {
			i = -i
		} else {
			i = 2*(f.Length-1) - i
		}
	case PadReplicate:
		i = min(max(i, 0), f.Length-1)
	case PadCircular:
		if f.Length > 0 {
			i = (i%f.Length + f.Length) % f.Length
		}
	}
	if i < 0 || i >= f.Length {
		return -1
	}
	return i
}

// Check reports a framing that no signal can be cut by, in the terms of the
// recipe's fields.
func (f Framing) Check() error {
	switch {
	case f.NFFT < 1:
		return fmt.Errorf("n_fft is %d; it must be at least 1", f.NFFT)
	case f.Hop < 1:
		return fmt.Errorf("hop is %d; it must be at least 1", f.Hop)
	case f.Length+2*f.Pad < f.NFFT:
		return fmt.Errorf("a signal of %d samples is too short for n_fft %d", f.Length, f.NFFT)
	case f.Mode == PadReflect && f.Pad >= f.Length && f.Pad > 0:
		return fmt.Errorf("a signal of %d samples is too short for reflect padding of %d (n_fft/2); it needs at least %d", f.Length, f.Pad, f.Pad+1)
	case f.Mode == PadCircular && f.Pad > f.Length:
		return fmt.Errorf("a signal of %d samples is too short for circular padding of %d (n_fft/2)", f.Length, f.Pad)
	}
	return nil
}
