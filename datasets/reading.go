package datasets

import (
	"errors"
	"fmt"

	"partials/internal/config"
)

// Reading is what all kinds have in common: how files become signals.
type Reading struct {
	Rate     int    `yaml:"rate" doc:"sampling rate in Hz that everything is resampled to; 0 for that of the files, which must then agree"`
	Channels string `yaml:"channels" doc:"mono (every file must be), mix (mean of a file's channels), left, right, or all (every channel)"`
	Memory   int    `yaml:"memory" doc:"MB of decoded sound kept in memory; files beyond it are read piece by piece"`
}

// The choices of Reading.Channels.
const (
	channelsMono  = "mono"
	channelsMix   = "mix"
	channelsLeft  = "left"
	channelsRight = "right"
	channelsAll   = "all"
)

// Validate implements config.Validator.
func (r Reading) Validate() error {
	var errs []error
	if r.Rate < 0 || r.Rate > maxRate {
		errs = append(errs, config.Field("rate", r.Rate, fmt.Sprintf("0 to %d", maxRate)))
	}
	if r.Memory < 0 || r.Memory > maxMemory {
		errs = append(errs, config.Field("memory", r.Memory, fmt.Sprintf("0 to %d", maxMemory)))
	}
	errs = append(errs, config.OneOf("channels", r.Channels, channelsMono, channelsMix, channelsLeft, channelsRight, channelsAll))
	return errors.Join(errs...)
}

const (
	maxRate   = 1_000_000 // Hz
	maxMemory = 1 << 24   // MB
)

// channelsOf is how many channels a file of n gives.
func (r Reading) channelsOf(n int) (int, error) {
	switch {
	case r.Channels == channelsAll:
		return n, nil
	case r.Channels == channelsMono && n > 1:
		return 0, fmt.Errorf("it has %d channels, and channels is mono; set channels: mix for the mean of them, left or right for one, all for every one", n)
	case r.Channels == channelsRight && n < 2:
		return 0, fmt.Errorf("it has only one channel, and channels is right; set channels: left, or mix")
	}
	return 1, nil
}

// choose writes the channels that r names of a file's src to dst.
func (r Reading) choose(dst, src [][]float32) {
	switch {
	case r.Channels == channelsMix && len(src) > 1:
		scale := 1 / float32(len(src))
		for t := range dst[0] {
			var sum float32
			for c := range src {
				sum += src[c][t]
			}
			dst[0][t] = sum * scale
		}
	case r.Channels == channelsRight:
		copy(dst[0], src[1])
	default: // mono, left, all
		for c := range dst {
			copy(dst[c], src[c])
		}
	}
}
