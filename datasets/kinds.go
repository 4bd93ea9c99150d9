package datasets

import "partials/internal/config"

// Kinds is the table of datasets, with their defaults.
func Kinds() config.Kinds[Config] {
	effects := config.ListOf(Effects)
	return config.Kinds[Config]{
		"pair": Pair{
			Reading: Reading{Channels: channelsMono, Memory: 256},
			Holdout: 0.1,
			Crop:    cropRandom,
			Short:   shortError,
			Augment: effects,
		},
		"folder": Folder{
			Reading:   Reading{Channels: channelsMix, Memory: 256},
			Tree:      defaultTree,
			Selection: defaultSelection,
			Crop:      cropRandom,
			Short:     shortPad,
			Degrade:   effects,
			Augment:   effects,
		},
		"mix": Mix{
			Reading:       Reading{Channels: channelsMix, Memory: 256},
			Clean:         defaultTree,
			Noise:         defaultTree,
			Selection:     defaultSelection,
			SNR:           [2]float64{-5, 20},
			ValidationSNR: []float64{0, 5, 10, 15},
			Level:         [2]float64{-36, -18},
			Noises:        [2]int{1, 1},
			Speed:         [2]float64{1, 1},
			NoiseSpeed:    [2]float64{1, 1},
			CleanEffects:  effects,
			NoiseEffects:  effects,
			Augment:       effects,
			Short:         shortPad,
		},
	}
}

// Effects is the table of augmentations, with their defaults.
func Effects() config.Kinds[EffectConfig] {
	always := Chance{Probability: 1}
	return config.Kinds[EffectConfig]{
		"gain":     Gain{Chance: always, Range: [2]float64{-6, 6}, On: onBoth},
		"polarity": Polarity{Chance: Chance{Probability: 0.5}},
		"shift":    Shift{Chance: always, Samples: 16, On: onBoth},
		"noise":    Noise{Chance: always, SNR: [2]float64{20, 50}},
		"ir":       ImpulseResponse{Chance: always, Normalize: true, On: onInput},

		"equalizer":  Equalizer{Chance: always, Strength: 0.375, On: onBoth},
		"band_limit": BandLimit{Chance: Chance{Probability: 0.2}, High: [2]float64{3000, 7000}, On: onBoth},
		"clipping":   Clipping{Chance: Chance{Probability: 0.1}, Range: [2]float64{-12, -1}},
		"room":       Room{Chance: Chance{Probability: 0.3}, RT60: [2]float64{0.1, 0.6}, Ratio: [2]float64{-3, 12}, Keep: 1000 * maxRT60},
	}
}

var (
	anySound         = []string{"**/*.wav", "**/*.flac"}
	defaultTree      = Tree{Glob: anySound, Validation: 0.1, Split: splitFiles}
	defaultSelection = Selection{Excerpts: 8, Excerpt: config.Seconds(10)}
)
