package loss

import (
	"errors"

	"partials/spectral"
)

// CompressedSTFT is the sum, over several transforms, of the mean squared
// differences of spectra whose magnitudes are compressed by an exponent, with
// their phases and without: DeepFilterNet's, https://arxiv.org/abs/2205.05474.
// See spectral.NewCompressedLoss.
type CompressedSTFT struct {
	Term
	Resolutions
	Normalized bool `yaml:"normalized" doc:"multiply spectra by n_fft^-1/2"`
	spectral.CompressedOptions
}

// Validate implements config.Validator.
func (l CompressedSTFT) Validate() error {
	return errors.Join(l.Resolutions.Validate(), l.CompressedOptions.Validate())
}

// Build implements Config.
func (l CompressedSTFT) Build(env Env) (Loss, error) {
	transforms, err := l.transforms(env, l.Normalized)
	if err != nil {
		return nil, err
	}
	return spectral.NewCompressedLoss(transforms, l.CompressedOptions)
}
