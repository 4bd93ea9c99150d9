package spectral

import (
	"errors"
	"fmt"
	"math"

	"partials/internal/config"
)

// MelScale is a formula for the mel scale.
type MelScale uint8

// The formulas.
const (
	SlaneyScale MelScale = iota // linear below 1 kHz, logarithmic above: Slaney, Auditory Toolbox, 1998
	HTKScale                    // 2595 log10(1 + f/700)
)

var melScaleNames = []string{"slaney", "htk"}

// String is the scale's name in a recipe.
func (s MelScale) String() string { return melScaleNames[s] }

// MarshalText implements encoding.TextMarshaler.
func (s MelScale) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *MelScale) UnmarshalText(text []byte) error { return config.Choose(s, text, melScaleNames) }

// Slaney's scale: 200/3 Hz a mel up to 1 kHz, then 27 mels to a factor of 6.4.
const (
	slaneyHz   = 200.0 / 3
	slaneyKnee = 1000.0
)

var slaneyLog = math.Log(6.4) / 27

func (s MelScale) mel(hz float64) float64 {
	switch {
	case s == HTKScale:
		return 2595 * math.Log10(1+hz/700)
	case hz < slaneyKnee:
		return hz / slaneyHz
	}
	return slaneyKnee/slaneyHz + math.Log(hz/slaneyKnee)/slaneyLog
}

func (s MelScale) hz(mel float64) float64 {
	switch {
	case s == HTKScale:
		return 700 * (math.Pow(10, mel/2595) - 1)
	case mel < slaneyKnee/slaneyHz:
		return mel * slaneyHz
	}
	return slaneyKnee * math.Exp(slaneyLog*(mel-slaneyKnee/slaneyHz))
}

// MelNorm says how the triangles of a mel filterbank are scaled.
type MelNorm uint8

// The norms.
const (
	SlaneyArea MelNorm = iota // each triangle has the same area
	UnitPeak                  // each triangle is 1 at its peak
)

var melNormNames = []string{"slaney", "none"}

// String is the norm's name in a recipe.
func (n MelNorm) String() string { return melNormNames[n] }

// MarshalText implements encoding.TextMarshaler.
func (n MelNorm) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (n *MelNorm) UnmarshalText(text []byte) error { return config.Choose(n, text, melNormNames) }

// Mel describes a mel filterbank in a recipe: triangles evenly spaced on the
// mel scale, as librosa.filters.mel, whose defaults the zero values are.
type Mel struct {
	NMels int      `yaml:"n_mels" doc:"mel bands"`
	FMin  float64  `yaml:"f_min" doc:"lower edge of the lowest band, Hz"`
	FMax  float64  `yaml:"f_max" doc:"upper edge of the highest band, Hz; 0 is half the sample rate"`
	Scale MelScale `yaml:"mel_scale" doc:"slaney or htk"`
	Norm  MelNorm  `yaml:"norm" doc:"slaney (equal areas) or none (peaks of 1)"`
}

// Validate reports every field that is out of bounds.
func (m Mel) Validate() error {
	var errs []error
	if m.NMels < 1 || m.NMels > maxRows {
		errs = append(errs, config.Field("n_mels", m.NMels, fmt.Sprintf("1 to %d", maxRows)))
	}
	if !(m.FMin >= 0) || math.IsInf(m.FMin, 0) {
		errs = append(errs, config.Field("f_min", m.FMin, ">= 0"))
	}
	if m.FMax != 0 && !(m.FMax > m.FMin) || math.IsInf(m.FMax, 0) {
		errs = append(errs, config.Field("f_max", m.FMax, "above f_min, or 0 for half the sample rate"))
	}
	return errors.Join(errs...)
}

// Filterbank returns the (n_mels, n_fft/2+1) filterbank at a sample rate in
// Hz.
func (m Mel) Filterbank(rate, nFFT int) (*Filterbank, error) {
	if err := errors.Join(m.Validate(), checkSpectrum(rate, nFFT, 1)); err != nil {
		return nil, err
	}
	top := m.FMax
	if top == 0 {
		top = float64(rate) / 2
	}
	if m.FMin >= top {
		return nil, config.Field("f_min", m.FMin, "below half the sample rate")
	}
	edges := make([]float64, m.NMels+2) // Hz
	low, high := m.Scale.mel(m.FMin), m.Scale.mel(top)
	for i := range edges {
		edges[i] = m.Scale.hz(low + (high-low)*float64(i)/float64(m.NMels+1))
	}
	bins := nFFT/2 + 1
	w := make([]float64, m.NMels*bins)
	for i := range m.NMels {
		left, peak, right := edges[i], edges[i+1], edges[i+2]
		area := 1.0
		if m.Norm == SlaneyArea {
			area = 2 / (right - left)
		}
		for k := range bins {
			f := float64(k) * float64(rate) / float64(nFFT)
			rise, fall := (f-left)/(peak-left), (right-f)/(right-peak)
			w[i*bins+k] = area * max(0, min(rise, fall))
		}
	}
	return NewFilterbank(m.NMels, bins, w), nil
}
