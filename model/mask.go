package model

import (
	"errors"
	"fmt"

	"partials/internal/config"
	"partials/spectral"
)

// Mask is a spectral-mask network: causal STFT frames, a network over the
// frames that sees their spectra, a mask for every bin, and overlap-add.
//
// Bands with a gru are RNNoise's way, levels of mel bands in and a gain for each
// out, https://arxiv.org/abs/1709.08243. A gru, lstm or conv may see every bin
// instead. A conv_gru is a conv-recurrent net in the manner of DPCRN,
// https://arxiv.org/abs/2107.05429: convolutions over frequency and a GRU over
// time for each sub-band, the same weights at all frequencies.
type Mask struct {
	NFFT        int             `yaml:"n_fft" doc:"samples of a frame; the output lags by n_fft - hop"`
	Hop         int             `yaml:"hop" doc:"samples from one frame to the next; divides n_fft"`
	Window      spectral.Window `yaml:"window" doc:"of the analysis; the synthesis window follows from it"`
	Bands       int             `yaml:"bands" doc:"mel bands that the network sees and masks; 0 is every bin"`
	Type        string          `yaml:"type" doc:"magnitude (from 0 to 1; the network sees levels) or complex (each part from -1 to 1; it sees levels and phases of every bin)"`
	Network     string          `yaml:"network" doc:"gru, lstm or conv over frames; conv_gru, convolutions over frequency and a GRU over time"`
	HiddenSize  int             `yaml:"hidden_size" doc:"width of every layer; of conv_gru for each sub-band"`
	Layers      int             `yaml:"layers" doc:"number of layers; layer i of conv has dilation 2^i frames, of conv_gru 2^i sub-bands"`
	KernelSize  int             `yaml:"kernel_size" doc:"taps of conv in frames, of conv_gru in sub-bands"`
	Split       int             `yaml:"split" doc:"bins of a sub-band of conv_gru"`
	Activation  Activation      `yaml:"activation" doc:"of conv and conv_gru"`
	PostFilter  float64         `yaml:"post_filter" doc:"strength of a filter that lowers small gains further, for less residual noise; DeepFilterNet's is 0.02, 0 is none. It has no weights: set it after training, too"`
	BurnIn      int             `yaml:"burn_in" doc:"frames of a training segment before its first output, which settle the state of gru, lstm and conv_gru"`
	DetachEvery int             `yaml:"detach_every" doc:"truncated backpropagation: cut the gradient through the state every so many frames; 0 never does"`
}

// Types of a mask and networks that make one.
const (
	maskMagnitude = "magnitude"
	maskComplex   = "complex"

	networkGRU     = "gru"
	networkLSTM    = "lstm"
	networkConv    = "conv"
	networkConvGRU = "conv_gru"
)

const maxNFFT = 1 << 16

// Validate implements config.Validator.
func (c Mask) Validate() error {
	errs := []error{
		within("n_fft", c.NFFT, 2, maxNFFT),
		config.OneOf("type", c.Type, maskMagnitude, maskComplex),
		config.OneOf("network", c.Network, networkConv, networkConvGRU, networkGRU, networkLSTM),
		within("hidden_size", c.HiddenSize, 1, maxChannels),
		within("layers", c.Layers, 1, 16),
		within("kernel_size", c.KernelSize, 1, maxKernel),
		within("burn_in", c.BurnIn, 0, maxContext),
		within("detach_every", c.DetachEvery, 0, maxContext),
		c.validateFrames(),
	}
	if c.Network == networkConvGRU {
		errs = append(errs, within("split", c.Split, 1, max(c.NFFT/2+1, 1)))
	}
	if !(c.PostFilter >= 0 && c.PostFilter <= 1) {
		errs = append(errs, config.Field("post_filter", c.PostFilter, "from 0 to 1"))
	}
	if c.Bands > 0 && (c.Type == maskComplex || c.Network == networkConvGRU) {
		errs = append(errs, config.Field("bands", c.Bands, "0 with a complex mask or conv_gru, which are for every bin"))
	}
	return errors.Join(errs...)
}

// validateFrames judges how frames overlap.
func (c Mask) validateFrames() error {
	if c.Hop < 1 || c.NFFT%c.Hop != 0 {
		return config.Field("hop", c.Hop, fmt.Sprintf("a divisor of n_fft (%d)", c.NFFT))
	}
	if c.Bands < 0 || c.Bands > c.NFFT/2+1 {
		return config.Field("bands", c.Bands, fmt.Sprintf("from 1 to n_fft/2+1 (%d), or 0 for every bin", c.NFFT/2+1))
	}
	if n := len(c.Window.Samples); n > 0 && n != c.NFFT {
		return config.Field("window", c.Window, fmt.Sprintf("%d samples long, as n_fft is", c.NFFT))
	}
	if err := c.Window.Validate(); err != nil {
		return fmt.Errorf("window: %w", err)
	}
	w := c.Window.Values(c.NFFT)
	for i := range c.Hop {
		sum := 0.0
		for j := i; j < len(w); j += c.Hop {
			sum += w[j] * w[j]
		}
		if sum < 1e-6 {
			return config.Field("hop", c.Hop, fmt.Sprintf("smaller: %v windows of %d that are so far apart leave nothing of some samples", c.Window, c.NFFT))
		}
	}
	return nil
}
