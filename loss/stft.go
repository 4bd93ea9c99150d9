package loss

import (
	"errors"

	"partials/spectral"
)

// STFT compares the spectrograms of one transform: the sum, each by its weight,
// of spectral convergence |Y-X|/|Y|, of the distances of log magnitudes and of
// magnitudes, and of the squared difference of phases. See spectral.STFTLoss.
type STFT struct {
	Term
	NFFT      int             `yaml:"n_fft" doc:"samples of a transform"`
	Hop       int             `yaml:"hop" doc:"samples from one frame to the next; 0 is n_fft/4"`
	WinLength int             `yaml:"win_length" doc:"samples of the window; 0 is n_fft"`
	Window    spectral.Window `yaml:"window" doc:"hann, hamming, blackman, bartlett, kaiser(beta), rectangular"`
	Spectra
}

func (l STFT) transform() spectral.STFT {
	s := spectral.DefaultSTFT(l.NFFT)
	s.Hop, s.WinLength, s.Window = l.Hop, l.WinLength, l.Window
	s.Normalized = l.Normalized
	return s
}

// Validate implements config.Validator.
func (l STFT) Validate() error {
	return errors.Join(l.transform().Validate(), l.LossOptions.Validate())
}

// Build implements Config.
func (l STFT) Build(env Env) (Loss, error) {
	if err := checkSegment(env, "n_fft", l.NFFT); err != nil {
		return nil, err
	}
	return l.build(env, []spectral.STFT{l.transform()})
}
