package datasets

import (
	"fmt"
	"sync"
)

// cutting turns stretches of signals into examples: it knows how much around
// an example must be read, and runs the effects.
type cutting struct {
	Cut
	channels    [2]int // of input and target
	effects     []*chain
	margin      [2]int // before and after, what the effects look at
	work        sync.Pool
	description string // of what an example needs, for messages
}

// workspace is the memory of one Fill.
type workspace struct {
	in, target [][]float32 // with margins
	rows       [][]float32 // of the caller's slices
	whole      [][]float32 // the stretch that both are cut from
	kept       [][]float32 // what of it is the target, where that is not all
	noise      [][]float32
	voice      [][]float32 // one of several noises
	fast       [][]float32 // a sound before its speed is changed
	part       [][]float32
}

func newCutting(c Cut, in, target int, effects ...*chain) *cutting {
	return newCuttingBehind(c, in, target, [2]int{}, effects...)
}

// newCuttingBehind is newCutting of sounds that have gone through effects
// already, which looked at so many samples before and after.
func newCuttingBehind(c Cut, in, target int, margin [2]int, effects ...*chain) *cutting {
	k := &cutting{Cut: c, channels: [2]int{in, target}, effects: effects, margin: margin}
	for _, e := range effects {
		k.margin[0] += e.before
		k.margin[1] += e.after
	}
	k.description = fmt.Sprintf("segment %d", c.Segment)
	if k.lead() > k.margin[0] {
		k.description += fmt.Sprintf(" and %d before it, the model's context", k.lead()-k.margin[0])
	}
	if k.margin != [2]int{} {
		k.description += fmt.Sprintf(", and %d around it for the augmentations", k.margin[0]+k.margin[1])
	}
	k.work.New = func() any { return new(workspace) }
	return k
}

// lead is how many samples before its first output an example reads.
func (k *cutting) lead() int { return max(k.Context, k.Latency) + k.margin[0] }

// need is how many samples an example reads.
func (k *cutting) need() int { return k.lead() + k.Segment + k.margin[1] }

// inputLen is how many numbers the audio of an example's input has.
func (k *cutting) inputLen() int { return k.channels[0] * (k.Context + k.Segment) }

// windows is how many windows that share no output fit into n samples: with
// lead = receptive field - 1, NAM's (n-nx+1)/ny.
func (k *cutting) windows(n int) int { return max(n-k.lead()-k.margin[1], 0) / k.Segment }

// fill makes example item of an epoch. load reads input and target from the
// given places on, counted from the example's first output.
func (k *cutting) fill(epoch, item int, in, target []float32, load func(w *workspace, inAt, targetAt int) error) error {
	w := k.work.Get().(*workspace)
	defer k.work.Put(w)
	before, after := k.margin[0], k.margin[1]
	w.in = planes(w.in, k.channels[0], before+k.Context+k.Segment+after)
	w.target = planes(w.target, k.channels[1], before+k.Segment+after)
	if err := load(w, -k.Context-before, -k.Latency-before); err != nil {
		return err
	}
	for _, e := range k.effects {
		e.apply(epoch, item, w.in, w.target)
	}
	for c, x := range w.in {
		copy(in[c*(k.Context+k.Segment):(c+1)*(k.Context+k.Segment)], x[before:])
	}
	for c, x := range w.target {
		copy(target[c*k.Segment:(c+1)*k.Segment], x[before:])
	}
	return nil
}

// share copies the input from one signal and the target from another, or the
// same, which begin lead samples before the example's first output.
func (k *cutting) share(w *workspace, x, kept [][]float32, inAt, targetAt int) {
	for c := range w.in {
		copy(w.in[c], x[c][k.lead()+inAt:])
	}
	for c := range w.target {
		copy(w.target[c], kept[c][k.lead()+targetAt:])
	}
}
