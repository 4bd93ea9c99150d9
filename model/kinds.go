package model

import "partials/internal/config"

// Kinds is the table of models and their defaults.
func Kinds() config.Kinds[Config] {
	return config.Kinds[Config]{
		"convnet": ConvNet{
			Channels: 16, Dilations: []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048}, BatchNorm: true,
		},
		"fir":  FIR{Taps: 1024, Noise: 1e-3},
		"gru":  GRU{RNN{HiddenSize: 24, Layers: 1, BurnIn: 4096, DetachEvery: 512}},
		"lstm": LSTM{RNN: RNN{HiddenSize: 24, Layers: 1, BurnIn: 4096, DetachEvery: 512}, ForgetBias: 2},
		"mask": Mask{
			NFFT: 512, Hop: 128, Type: "magnitude", Network: "gru", HiddenSize: 64, Layers: 2,
			KernelSize: 3, Split: 4, Activation: Activation{Name: "prelu", P: 0.25}, BurnIn: 64,
		},
		"packed":  a2(),
		"tcn":     TCN{Channels: 16, KernelSize: 3, Layers: 10, Growth: 2, Groups: 1, Residual: true},
		"wavenet": WaveNet{Preset: "standard"},
	}
}
