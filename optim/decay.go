package optim

// Decay pulls the weights towards zero, in one of two forms: as the gradient of
// an L2 penalty, or decoupled from the gradient, https://arxiv.org/abs/1711.05101.
type Decay struct {
	WeightDecay float64 `yaml:"weight_decay" doc:"pull of the weights towards zero, relative to the learning rate; 0 for none"`
	Decoupled   bool    `yaml:"decoupled" doc:"shrink the weights themselves (as AdamW) and leave the gradient alone"`
}

// Validate implements config.Validator.
func (d Decay) Validate() error { return decayBound(d.WeightDecay) }

func decayBound(weightDecay float64) error {
	return bound(weightDecay >= 0, "weight_decay", weightDecay, "at least 0")
}

// at returns the two forms for a step with learning rate lr; one of them is 0.
func (d Decay) at(lr float64) (l2, shrink float64) {
	if d.Decoupled {
		return 0, lr * d.WeightDecay
	}
	return d.WeightDecay, 0
}
