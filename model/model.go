// Package model holds small audio networks and the layers they are made of.
//
// A Model maps a signal (B, Cin, Context+T) to (B, Cout, T), and the same
// Forward serves training, evaluation and streaming: a layer asks its Pass for
// the past it needs (Pass.Context, Pass.Recall), which is part of the input
// where a whole segment is given and explicit, named state where a signal
// arrives block by block.
//
// Kinds has every model with its defaults; Build makes one and places its
// parameters on a device. Forward with Whole trains it, NewStream runs it over
// sound of any length. A model of your own is a Config whose Build declares
// parameters and layers by the methods of Builder.
package model

import "partials/autograd"

// Model is a network whose parameters were placed on a device.
type Model interface {
	// Forward maps x (B, Cin, Context+T) to (B, Cout, T), and in a streaming
	// pass x (1, Cin, T) to (1, Cout, T), T a multiple of Facts.Block. Output
	// sample t is the estimate of target sample t-Latency. Cin is
	// Facts.Channels.
	Forward(p Pass, x *autograd.Var) *autograd.Var
	// Facts returns what is known of the model before it runs.
	Facts() Facts
}

// Facts are the numbers that describe a model.
type Facts struct {
	Inputs, Outputs int // channels
	// Controls is the number of knobs of the device that the model knows: behind
	// its audio an input has a channel for each, which stands still at where the
	// knob stands, from 0 to 1.
	Controls int

	// Context is the number of input samples that a training segment carries
	// before its first output sample.
	Context int
	// ReceptiveField is the number of input samples that one output sample
	// depends on; 0 where a recurrent state makes it unbounded.
	ReceptiveField int
	// Latency is the number of samples by which the output lags.
	Latency int
	// Block is the granularity of streaming in samples: 1 for a model of the
	// waveform, the hop for one of frames.
	Block int
	// MACs is the number of multiply-adds per sample.
	MACs float64
}

// Channels is how many channels an input has: audio, then knobs.
func (f Facts) Channels() int { return f.Inputs + f.Controls }

// Config describes a model in a recipe and builds it. Its struct is the YAML.
type Config interface {
	// Build declares the model's parameters and returns it. Errors speak of
	// the recipe's fields.
	Build(b *Builder) (Model, error)
}
