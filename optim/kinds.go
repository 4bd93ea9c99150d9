package optim

import "partials/internal/config"

// Kinds is the table of optimizers and their defaults, which are PyTorch's.
func Kinds() config.Kinds[Config] {
	moments := Moments{LR: 1e-3, Betas: [2]float64{0.9, 0.999}, Eps: 1e-8}
	return config.Kinds[Config]{
		"sgd":     SGD{LR: 1e-3},
		"adam":    Adam{Moments: moments},
		"adamw":   AdamW{Moments: moments, WeightDecay: 1e-2},
		"radam":   RAdam{Moments: moments},
		"rmsprop": RMSprop{LR: 1e-2, Alpha: 0.99, Eps: 1e-8},
	}
}

// Schedules is the table of learning rate schedules and their defaults.
func Schedules() config.Kinds[ScheduleConfig] {
	return config.Kinds[ScheduleConfig]{
		"constant":    Constant{},
		"exponential": Exponential{Gamma: 0.999, Every: 1},
		"step":        StepDecay{Gamma: 0.1, Every: 1000},
		"cosine":      Cosine{StartFactor: 0.1},
		"onecycle":    OneCycle{PctStart: 0.3, Anneal: annealCos, DivFactor: 25, FinalDivFactor: 1e4},
		"plateau":     Plateau{Factor: 0.1, Patience: 10, Threshold: 1e-4, ThresholdMode: relative, Eps: 1e-8},
	}
}
