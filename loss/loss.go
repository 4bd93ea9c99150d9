// Package loss says how far a prediction is from its target: losses of the
// waveform, the table of all losses (the spectral ones live in package
// spectral), and their weighted sum.
//
// Prediction and target have one shape (B, C, T), full scale 1; a row is one
// channel of one item. A loss is one number, and gradients flow to the
// prediction only. Kinds has every loss with its defaults: take one, change its
// fields, Build it, Apply it. New builds the list of a recipe as one Sum.
package loss

import (
	"partials/autograd"
	"partials/internal/config"
)

// Loss is a distance of two signals.
type Loss interface {
	// Apply returns the loss of pred against target, both (B, C, T), as one
	// number of shape (). Gradients flow to pred; target is data.
	Apply(t *autograd.Tape, pred, target *autograd.Var) *autograd.Var
}

// Drawn is a Loss with random choices in it. They are a pure function of the
// seed it was built with and the step.
type Drawn interface {
	Loss
	// Draw fixes the choices of a step before Apply.
	Draw(step int)
}

// Env is what a loss may know when it is built.
type Env struct {
	Rate     int    // Hz
	Channels int    // of the prediction
	Samples  int    // T of a training segment, the shortest signal it will see
	Seed     uint64 // for losses that draw
	Balance  Balance
}

// Config describes a loss in a recipe and builds it. Its struct is the YAML.
type Config interface {
	// Build returns the loss. Errors speak of the recipe's fields: a segment
	// shorter than n_fft/2, say.
	Build(env Env) (Loss, error)
	// Common returns the fields that every kind has.
	Common() Term
}

// Term is what every kind of loss embeds: its place in the sum.
type Term struct {
	Weight float64 `yaml:"weight" doc:"factor in the sum; 0 only shows the term"`
	Name   string  `yaml:"name" doc:"what the term is called in metrics and plots; empty for its kind"`
}

// Common implements Config.
func (t Term) Common() Term { return t }

// Validate implements config.Validator.
func (t Term) Validate() error {
	if !(t.Weight >= 0) {
		return config.Field("weight", t.Weight, "at least 0")
	}
	return nil
}
