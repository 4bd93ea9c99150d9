package loss

import (
	"errors"

	"partials/spectral"
)

// RandomSTFT is mrstft with transforms that are drawn anew as training goes on,
// so that none of its artefacts is rewarded for long. Steinmetz and Reiss,
// "auraloss: Audio focused loss functions in PyTorch", 2020.
type RandomSTFT struct {
	Term
	spectral.RandomOptions
	Spectra
}

func randomSTFT() RandomSTFT {
	return RandomSTFT{Term{Weight: 1}, spectral.DefaultRandomOptions(), defaults(spectral.NoBands, 0)}
}

// Validate implements config.Validator.
func (l RandomSTFT) Validate() error {
	return errors.Join(l.RandomOptions.Validate(), l.LossOptions.Validate())
}

// Build implements Config.
func (l RandomSTFT) Build(env Env) (Loss, error) {
	if err := checkSegment(env, "max_n_fft", l.MaxNFFT); err != nil {
		return nil, err
	}
	r, err := spectral.NewRandomSTFTLoss(env.Rate, l.RandomOptions, l.Normalized, l.LossOptions, env.Seed)
	if err != nil {
		return nil, err
	}
	return l.weighted(env, r)
}
