package loss

import "errors"

// MRSTFT is the mean of what stft is of each of several transforms: entry i of
// each list belongs to transform i. See spectral.STFTLoss.
type MRSTFT struct {
	Term
	Resolutions
	Spectra
}

// Validate implements config.Validator.
func (l MRSTFT) Validate() error {
	return errors.Join(l.Resolutions.Validate(), l.LossOptions.Validate())
}

// Build implements Config.
func (l MRSTFT) Build(env Env) (Loss, error) {
	transforms, err := l.transforms(env, l.Normalized)
	if err != nil {
		return nil, err
	}
	return l.build(env, transforms)
}
