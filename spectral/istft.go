package spectral

import (
	"fmt"

	"partials/autograd"
	"partials/ops"
	"partials/tensor"
)

// Inverse returns the signals (B, n) of spectrograms X (B, 2, F, K), as
// torch.istft: the frames' inverse transforms, windowed, overlap-added and
// divided by the envelope, the overlap-added squares of the window. n samples
// are cut or padded with zeros; n 0 is what the frames give, (F-1)*hop where
// centred with even n_fft. An envelope below 1e-11 at a sample that is kept is
// a Fault. With all bins given (Onesided false) those past n_fft/2 do not
// count.
func (a *Analysis) Inverse(t *autograd.Tape, x *autograd.Var, n int) *autograd.Var {
	return a.synthesise(t, a.half(t, x), nil, n, true)
}

// InverseWindow is Inverse with another window (win_length), which gets a
// gradient where it wants one. Each call reads the envelope back from the
// device to check it.
func (a *Analysis) InverseWindow(t *autograd.Tape, x, window *autograd.Var, n int) *autograd.Var {
	return a.synthesise(t, a.half(t, x), window, n, true)
}

// InverseComplex returns the complex signals (2, B, n) of spectrograms with
// all bins, as torch.istft with return_complex. Onesided must be false. window
// is as in InverseWindow, or nil for the Analysis' own.
func (a *Analysis) InverseComplex(t *autograd.Tape, x, window *autograd.Var, n int) *autograd.Var {
	a.wantSpectrogram(x)
	if a.Onesided {
		panic(&autograd.Fault{Op: "spectral.istft", In: []tensor.Shape{x.Shape},
			Cause: "a complex signal needs all bins: onesided must be false"})
	}
	turned := Complex(t, Im(t, x), ops.Neg(t, Re(t, x))) // -jX, whose signal has the imaginary part as its real one
	return Complex(t, a.synthesise(t, x, window, n, false), a.synthesise(t, turned, window, n, false))
}

// OverlapAdd is Inverse without the division by the envelope: the frames'
// inverse transforms, windowed and overlap-added. A model that streams uses it,
// with a synthesis window whose products with the analysis window add up to 1,
// because the envelope of a block is not whole at its ends.
func (a *Analysis) OverlapAdd(t *autograd.Tape, x *autograd.Var, n int) *autograd.Var {
	return autograd.Apply(t, overlapAdd{a: a, n: n, onesided: true}, autograd.In{a.half(t, x), a.window.on(t)})
}

// half is bins 0 to n_fft/2 of spectrograms.
func (a *Analysis) half(t *autograd.Tape, x *autograd.Var) *autograd.Var {
	a.wantSpectrogram(x)
	if a.Onesided {
		return x
	}
	return ops.Slice(t, x, 3, 0, a.NFFT/2+1)
}

func (a *Analysis) wantSpectrogram(x *autograd.Var) {
	if x.Rank() != 4 || x.Dim(1) != 2 || x.Dim(2) < 1 || x.Dim(3) != a.Bins() {
		panic(&autograd.Fault{Op: "spectral.istft", In: []tensor.Shape{x.Shape},
			Cause: fmt.Sprintf("want a spectrogram (B, 2, F, %d) of at least one frame for n_fft %d", a.Bins(), a.NFFT)})
	}
}

// synthesise is the overlap-added frames over the envelope; a nil window is
// a's own.
func (a *Analysis) synthesise(t *autograd.Tape, x, window *autograd.Var, n int, onesided bool) *autograd.Var {
	own := window == nil
	if own {
		window = a.window.on(t)
	} else {
		window = a.whole(t, window)
	}
	sum := autograd.Apply(t, overlapAdd{a: a, n: n, onesided: onesided}, autograd.In{x, window})
	inverse := autograd.Apply(t, inverseEnvelope{a: a, frames: x.Dim(2), n: n, own: own}, autograd.In{window})
	return ops.ScaleBy(t, sum, inverse, 1)
}
