package train

import (
	"math"
	"slices"
)

// spikes notices losses that stand far out of those before them. It only
// watches: nothing that is computed depends on it.
type spikes struct {
	last   [64]float64 // the latest losses, in a ring
	seen   int
	quiet  int // steps until the next one may be told
	sorted [64]float64
}

// spikeFactor is how many times the usual deviation a spike lies above the
// usual loss.
const spikeFactor = 8

// add takes the next loss. It returns the usual loss, the median of the latest
// 64, and true where this one is a spike: more than spikeFactor deviations above
// it, and half of its size as well. The deviation is the median one, scaled as
// for a normal distribution (1.4826 times the median distance to the median).
// Losses above zero are compared by their logarithms, which are more nearly
// normal.
func (s *spikes) add(loss float64) (usual float64, spike bool) {
	const n = len(s.last)
	if s.seen >= n {
		usual = median(s.sorted[:], s.last[:])
		value, least := func(x float64) float64 { return x }, 0.5*math.Abs(usual)
		if loss > 0 && slices.Min(s.last[:]) > 0 {
			value, least = math.Log, math.Log(1.5)
		}
		var distance [n]float64
		for i, x := range s.last {
			distance[i] = math.Abs(value(x) - value(usual))
		}
		deviation := 1.4826 * median(s.sorted[:], distance[:])
		spike = value(loss)-value(usual) > max(spikeFactor*deviation, least) && s.quiet == 0
	}
	s.last[s.seen%n] = loss
	s.seen++
	s.quiet = max(0, s.quiet-1)
	if spike {
		s.quiet = 20
	}
	return usual, spike
}

// median is that of x, found in scratch of the same length.
func median(scratch, x []float64) float64 {
	copy(scratch, x)
	slices.Sort(scratch)
	n := len(scratch)
	return (scratch[(n-1)/2] + scratch[n/2]) / 2
}
