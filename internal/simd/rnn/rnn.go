// Package rnn runs LSTM and GRU layers through time: steps forward, and steps
// back with the gradients of the gates' sums.
//
// Vectors are eight units of a layer. The weights are packed so that the sums of
// all gates of eight units, for a few items side by side, stay in registers from
// the bias to the activation. A layer whose units do not fill whole vectors ends
// with a block of eight that overlaps the one before it; the rows of whole blocks
// that this gives, Slots numbers for Hidden units, are a matter of this package's
// callers where they multiply by the gradients: see Layer.
//
// A sum of a gate is one chain: the bias (with the products with the input where
// they are made elsewhere), the inputs in order, the units in order. It depends on
// nothing else, so a sequence cut into pieces has the bits of the whole one, and
// an item those that it has alone. The AVX2 chain is fused and the generic one is
// not: these two agree to rounding, not bit for bit.
package rnn

import "fmt"

// pkg is the name under which internal/impl knows this package.
const pkg = "rnn"

// Kind is a kind of cell.
type Kind int

// The cells, with PyTorch's order of gates: LSTM i, f, g, o; GRU r, z, n, reset
// after the product.
const (
	LSTM Kind = iota
	GRU
)

// Gates is the number of gates.
func (k Kind) Gates() int {
	if k == GRU {
		return 3
	}
	return 4
}

// lanes is the units of a vector.
const lanes = 8

// Scratch is the memory of one worker. The zero value is ready; Prepare makes
// room so that a run allocates nothing. Concurrent runs need one each.
type Scratch struct {
	stage []float32
	forwardRun
	backwardRun
}

// Prepare makes room for runs of the layer.
func (s *Scratch) Prepare(l *Layer) {
	// A layer of less than a vector goes through rows of whole vectors.
	if n := stageItems * (stageSteps*(l.Kind.Gates()+3) + 2) * lanes; l.Hidden < lanes && cap(s.stage) < n {
		s.stage = make([]float32, n)
	}
}

// The items and steps of a narrow layer that go through the stage at a time.
const (
	stageItems = 8
	stageSteps = 64
)

// stretch bounds the work of one assembly call, which the Go scheduler cannot
// interrupt, in multiplications of vectors: some 20 us.
const stretch = 1 << 16

// steps is how many steps of some items one call makes, at least 1.
func (l *Layer) steps(items int) int {
	blocks := l.Slots / lanes
	return max(1, stretch/max(1, items*blocks*(l.Kind.Gates()*(l.In+l.Hidden)+64)))
}

// hold panics unless a slice has at least n numbers.
func hold(what string, s []float32, n int) {
	if len(s) < n {
		panic(fmt.Sprintf("rnn: %s has %d numbers, want %d", what, len(s), n))
	}
}
