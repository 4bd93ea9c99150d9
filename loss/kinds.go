package loss

import (
	"partials/internal/config"
	"partials/spectral"
)

// Kinds is the table of losses, with their defaults.
func Kinds() config.Kinds[Config] {
	one := Term{Weight: 1}
	ratio := Ratio{ZeroMean: true, Eps: 1e-8}
	const quietest = 1e-3 // -60 dB
	return config.Kinds[Config]{
		"l1":       L1{Term: one},
		"mse":      MSE{Term: one},
		"huber":    Huber{Term: one, Delta: 1},
		"log_cosh": LogCosh{Term: one, A: 1, Eps: 1e-8},
		"esr":      ESR{Term: one, Eps: 1e-8, Floor: quietest},
		"dc":       DC{Term: one, Eps: 1e-8, Floor: quietest},
		"snr":      SNR{one, ratio},
		"si_sdr":   SISDR{one, ratio},
		"sd_sdr":   SDSDR{one, ratio},

		"stft":            STFT{Term: one, NFFT: 1024, Spectra: defaults(spectral.NoBands, 0)},
		"mel_stft":        STFT{Term: one, NFFT: 1024, Spectra: defaults(spectral.MelBands, 128)},
		"chroma_stft":     STFT{Term: one, NFFT: 1024, Spectra: defaults(spectral.ChromaBands, 12)},
		"mrstft":          MRSTFT{one, common(), defaults(spectral.NoBands, 0)},
		"mel_mrstft":      MRSTFT{one, common(), defaults(spectral.MelBands, 64)},
		"random_stft":     randomSTFT(),
		"compressed_stft": CompressedSTFT{one, Resolutions{NFFT: []int{512, 1024, 2048}}, true, spectral.DefaultCompressedOptions()},
		"sum_difference":  SumDifference{one, 1, 1, common(), defaults(spectral.NoBands, 0)},

		"pre_emphasis": PreEmphasis{Term: one, Coef: 0.85, Losses: config.ListOf(Kinds, "esr")},
	}
}
