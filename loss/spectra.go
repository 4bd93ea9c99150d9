package loss

import (
	"fmt"

	"partials/internal/config"
	"partials/spectral"
)

// Spectra are the options that all losses of spectrograms share. The window
// length, hop and padding are those of a centred, reflect-padded torch.stft.
type Spectra struct {
	spectral.LossOptions
	Normalized          bool `yaml:"normalized" doc:"multiply spectra by n_fft^-1/2"`
	PerceptualWeighting bool `yaml:"perceptual_weighting" doc:"filter both signals by the A-weighting curve first"`
}

// defaults are those of spectral.DefaultLossOptions with bands.
func defaults(b spectral.Bands, count int) Spectra {
	s := Spectra{LossOptions: spectral.DefaultLossOptions()}
	s.Scale, s.NBins = b, count
	return s
}

// Resolutions are the transforms of a multi-resolution loss: entry i of each
// list belongs to transform i.
type Resolutions struct {
	NFFT      []int           `yaml:"n_fft" doc:"samples of each transform"`
	Hop       []int           `yaml:"hop" doc:"samples from one frame to the next; [] for n_fft/4"`
	WinLength []int           `yaml:"win_length" doc:"samples of each window; [] for n_fft"`
	Window    spectral.Window `yaml:"window" doc:"hann, hamming, blackman, bartlett, kaiser(beta), rectangular"`
}

// common are auraloss' and Parallel WaveGAN's sizes.
func common() Resolutions {
	return Resolutions{NFFT: []int{1024, 2048, 512}, Hop: []int{120, 240, 50}, WinLength: []int{600, 1200, 240}}
}

// Validate implements config.Validator.
func (r Resolutions) Validate() error {
	if len(r.NFFT) == 0 {
		return config.Field("n_fft", r.NFFT, "at least one size")
	}
	list, err := r.list()
	if err != nil {
		return err
	}
	for i, s := range list {
		if err := s.Validate(); err != nil {
			return fmt.Errorf("transform %d: %w", i, err)
		}
	}
	return nil
}

func (r Resolutions) list() ([]spectral.STFT, error) {
	return spectral.Resolutions(r.NFFT, r.Hop, r.WinLength, r.Window)
}

// transforms returns the transforms where the segment is long enough for each.
func (r Resolutions) transforms(env Env, normalized bool) ([]spectral.STFT, error) {
	list, err := r.list()
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Normalized = normalized
		if err := checkSegment(env, "n_fft", list[i].NFFT); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// build returns the loss of the given transforms.
func (s Spectra) build(env Env, transforms []spectral.STFT) (Loss, error) {
	l, err := spectral.NewSTFTLoss(env.Rate, transforms, s.LossOptions)
	if err != nil {
		return nil, err
	}
	return s.weighted(env, l)
}

// weighted is l of both signals as the ear hears them, where asked.
func (s Spectra) weighted(env Env, l Loss) (Loss, error) {
	if !s.PerceptualWeighting {
		return l, nil
	}
	f, err := aWeighting(env.Rate)
	if err != nil {
		return nil, fmt.Errorf("perceptual_weighting: %w", err)
	}
	return &filtered{filter: f, loss: l}, nil
}

// checkSegment reports a segment that cannot be padded by half of n_fft.
func checkSegment(env Env, field string, nFFT int) error {
	if least := nFFT/2 + 1; env.Samples < least {
		return fmt.Errorf("%s %d needs a segment of at least %d samples (n_fft/2 + 1), but segment is %d: raise segment or lower %s",
			field, nFFT, least, env.Samples, field)
	}
	return nil
}
