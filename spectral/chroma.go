package spectral

import (
	"errors"
	"fmt"
	"math"

	"partials/internal/config"
)

// ColumnNorm says how the pitch classes of one bin are scaled against each
// other.
type ColumnNorm uint8

// The norms.
const (
	ColumnL2 ColumnNorm = iota
	ColumnL1
	ColumnNone
)

var columnNormNames = []string{"l2", "l1", "none"}

// String is the norm's name in a recipe.
func (n ColumnNorm) String() string { return columnNormNames[n] }

// MarshalText implements encoding.TextMarshaler.
func (n ColumnNorm) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (n *ColumnNorm) UnmarshalText(text []byte) error { return config.Choose(n, text, columnNormNames) }

// Chroma describes a chroma filterbank in a recipe: every bin shared among the
// pitch classes, as librosa.filters.chroma. Begin with DefaultChroma.
type Chroma struct {
	NChroma  int        `yaml:"n_chroma" doc:"pitch classes to an octave"`
	Tuning   float64    `yaml:"tuning" doc:"deviation from A440 in pitch classes"`
	CtrOct   float64    `yaml:"ctroct" doc:"centre of the weight on octaves, in octaves above 27.5 Hz"`
	OctWidth float64    `yaml:"octwidth" doc:"width of the weight on octaves; 0 weighs all alike"`
	Norm     ColumnNorm `yaml:"norm" doc:"l2, l1 or none: of the classes of one bin"`
	BaseC    bool       `yaml:"base_c" doc:"class 0 is C; A otherwise"`
}

// DefaultChroma is librosa's default.
func DefaultChroma() Chroma { return Chroma{NChroma: 12, CtrOct: 5, OctWidth: 2, BaseC: true} }

// Validate reports every field that is out of bounds.
func (c Chroma) Validate() error {
	var errs []error
	if c.NChroma < 1 || c.NChroma > maxRows {
		errs = append(errs, config.Field("n_chroma", c.NChroma, fmt.Sprintf("1 to %d", maxRows)))
	}
	if math.IsNaN(c.Tuning) || math.IsInf(c.Tuning, 0) {
		errs = append(errs, config.Field("tuning", c.Tuning, "finite"))
	}
	if math.IsNaN(c.CtrOct) || math.IsInf(c.CtrOct, 0) {
		errs = append(errs, config.Field("ctroct", c.CtrOct, "finite"))
	}
	if !(c.OctWidth >= 0) {
		errs = append(errs, config.Field("octwidth", c.OctWidth, ">= 0"))
	}
	return errors.Join(errs...)
}

// Filterbank returns the (n_chroma, n_fft/2+1) filterbank at a sample rate in
// Hz, for n_fft of at least 2.
func (c Chroma) Filterbank(rate, nFFT int) (*Filterbank, error) {
	if err := errors.Join(c.Validate(), checkSpectrum(rate, nFFT, 2)); err != nil {
		return nil, err
	}
	classes, bins := float64(c.NChroma), nFFT/2+1
	pitch := c.pitches(rate, nFFT)
	w := make([]float64, c.NChroma*bins)
	column := make([]float64, c.NChroma)
	half := math.RoundToEven(classes / 2)
	for k := range bins {
		width := 1.0 // of a bin, in classes
		if k+1 < nFFT {
			width = max(pitch[k+1]-pitch[k], 1)
		}
		for i := range column {
			away := remainder(pitch[k]-float64(i)+half+10*classes, classes) - half // from class i, the nearest octave
			column[i] = bell(2 * away / width)
		}
		weight := 1 / c.Norm.of(column)
		if c.OctWidth > 0 {
			weight *= bell((pitch[k]/classes - c.CtrOct) / c.OctWidth)
		}
		shift := 0 // from A to C
		if c.BaseC {
			shift = 3 * (c.NChroma / 12)
		}
		for i := range column {
			w[i*bins+k] = weight * column[(i+shift)%c.NChroma]
		}
	}
	return NewFilterbank(c.NChroma, bins, w), nil
}

// bell is the normal curve with a peak of 1.
func bell(x float64) float64 { return math.Exp(-0.5 * x * x) }

// pitches returns the pitch of every bin of a whole transform in classes above
// 27.5 Hz. Bin 0 has none; librosa puts it 1.5 octaves below bin 1.
func (c Chroma) pitches(rate, nFFT int) []float64 {
	classes := float64(c.NChroma)
	a0 := 440 * math.Exp2(c.Tuning/classes) / 16
	p := make([]float64, nFFT)
	for k := 1; k < nFFT; k++ {
		p[k] = classes * math.Log2(float64(k)*float64(rate)/float64(nFFT)/a0)
	}
	p[0] = p[1] - 1.5*classes
	return p
}

// of is the norm of a column. It is never 0: a bin is within half a class of
// one of them.
func (n ColumnNorm) of(column []float64) float64 {
	sum := 0.0
	for _, v := range column {
		if n == ColumnL2 {
			v *= v
		}
		sum += v
	}
	switch n {
	case ColumnL2:
		return math.Sqrt(sum)
	case ColumnL1:
		return sum
	}
	return 1
}

// remainder is x modulo m, of the sign of m.
func remainder(x, m float64) float64 {
	r := math.Mod(x, m)
	if r < 0 {
		r += m
	}
	return r
}
