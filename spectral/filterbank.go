package spectral

import (
	"errors"
	"fmt"
	"math"

	"partials/autograd"
	"partials/internal/config"
	"partials/ops"
	"partials/tensor"
)

// Filterbank is a matrix (Rows, Bins) that sums the bins of spectra to bands,
// kept on the device. It is used by one goroutine at a time.
type Filterbank struct {
	Rows, Bins int
	matrix     constant
}

// NewFilterbank returns a filterbank of any weights, row by row,
// len(weights) == rows*bins.
func NewFilterbank(rows, bins int, weights []float64) *Filterbank {
	if len(weights) != rows*bins {
		panic(fmt.Sprintf("spectral.NewFilterbank: %d weights for (%d, %d)", len(weights), rows, bins))
	}
	return &Filterbank{rows, bins, constant{shape: tensor.Of(rows, bins), values: weights}}
}

// Apply returns the bands (..., Rows) of real spectra (..., Bins): the mel
// spectrogram of a power spectrogram (B, F, K), for example.
func (f *Filterbank) Apply(t *autograd.Tape, x *autograd.Var) *autograd.Var {
	return ops.Linear(t, x, f.matrix.on(t), nil)
}

// Weights returns the matrix, row by row. It is shared and read-only.
func (f *Filterbank) Weights() []float64 { return f.matrix.values }

// maxRows is the most rows of a filterbank that a recipe may ask for.
const maxRows = 4096

// checkSpectrum reports a sample rate, or an n_fft below least, that no
// filterbank can be made for.
func checkSpectrum(rate, nFFT, least int) error {
	var errs []error
	if rate < 1 {
		errs = append(errs, config.Field("sample rate", rate, ">= 1 Hz"))
	}
	if nFFT < least || nFFT > maxNFFT {
		errs = append(errs, config.Field("n_fft", nFFT, fmt.Sprintf("%d to %d", least, maxNFFT)))
	}
	return errors.Join(errs...)
}

// DCT is the first rows of the orthonormal DCT-II of n numbers, as
// scipy.fft.dct(norm="ortho").
func DCT(rows, n int) *Filterbank {
	if rows < 1 || rows > n {
		panic(fmt.Sprintf("spectral.DCT: %d rows of a transform of %d numbers", rows, n))
	}
	w := make([]float64, rows*n)
	for k := range rows {
		scale := math.Sqrt(2 / float64(n))
		if k == 0 {
			scale = math.Sqrt(1 / float64(n))
		}
		for i := range n {
			// The angle in units of pi/(2n), of which 4n are a turn: small
			// angles have exact cosines.
			turn := k * (2*i + 1) % (4 * n)
			w[k*n+i] = scale * math.Cos(math.Pi*float64(turn)/float64(2*n))
		}
	}
	return NewFilterbank(rows, n, w)
}

// LogPower is the level of a power p: ln, log10 or 10 log10 of max(p, eps)
// (FloorClamp) or p + eps (FloorAdd).
func LogPower(t *autograd.Tape, p *autograd.Var, floor Floor, eps float64, level Level) *autograd.Var {
	if floor == FloorAdd {
		p = ops.Shift(t, p, eps)
	} else {
		p = ops.ClampMin(t, p, eps)
	}
	return level.of(t, p, 10)
}
