package spectral

import (
	"errors"

	"partials/autograd"
	"partials/internal/config"
)

// MFCC describes mel-frequency cepstral coefficients in a recipe: the DCT-II of
// log mel powers, as torchaudio's. Begin with DefaultMFCC.
type MFCC struct {
	Mel   Mel     `yaml:"mel" doc:"the mel filterbank"`
	NMFCC int     `yaml:"n_mfcc" doc:"coefficients kept, at most n_mels"`
	Log   Level   `yaml:"log" doc:"ln, log10 or db of the mel powers"`
	Floor Floor   `yaml:"floor" doc:"clamp or add: how eps keeps the logarithm from 0"`
	Eps   float64 `yaml:"eps" doc:"floor on the mel powers"`
	TopDB float64 `yaml:"top_db" doc:"range below the greatest level of the batch, dB; 0 is no limit"`
}

// DefaultMFCC is torchaudio's default: 40 coefficients of 128 HTK mel bands in
// dB, of a range of 80 dB.
func DefaultMFCC() MFCC {
	return MFCC{Mel: Mel{NMels: 128, Scale: HTKScale, Norm: UnitPeak}, NMFCC: 40, Log: Decibels, Eps: 1e-10, TopDB: 80}
}

// Validate reports every field that is out of bounds.
func (m MFCC) Validate() error {
	errs := []error{m.Mel.Validate()}
	if m.NMFCC < 1 || m.NMFCC > m.Mel.NMels {
		errs = append(errs, config.Field("n_mfcc", m.NMFCC, "1 to n_mels"))
	}
	if !(m.Eps > 0) {
		errs = append(errs, config.Field("eps", m.Eps, "> 0"))
	}
	if !(m.TopDB >= 0) {
		errs = append(errs, config.Field("top_db", m.TopDB, ">= 0"))
	}
	if m.TopDB > 0 && m.Log != Decibels {
		errs = append(errs, config.Field("top_db", m.TopDB, "0 where log is not db"))
	}
	return errors.Join(errs...)
}

// Cepstrum computes MFCCs of spectrograms. It is used by one goroutine at a
// time.
type Cepstrum struct {
	options  MFCC
	mel, dct *Filterbank
}

// NewCepstrum returns the MFCCs that m describes, of spectra of n_fft at a
// sample rate in Hz.
func NewCepstrum(m MFCC, rate, nFFT int) (*Cepstrum, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	mel, err := m.Mel.Filterbank(rate, nFFT)
	if err != nil {
		return nil, err
	}
	return &Cepstrum{m, mel, DCT(m.NMFCC, m.Mel.NMels)}, nil
}

// Apply returns the coefficients (B, F, n_mfcc) of a spectrogram X
// (B, 2, F, K).
func (m *Cepstrum) Apply(t *autograd.Tape, x *autograd.Var) *autograd.Var {
	y := LogPower(t, m.mel.Apply(t, Power(t, x)), m.options.Floor, m.options.Eps, m.options.Log)
	if m.options.TopDB > 0 {
		y = TopDB(t, y, m.options.TopDB)
	}
	return m.dct.Apply(t, y)
}
