package train

import (
	"slices"
	"time"

	"partials/autograd"
	"partials/model"
	"partials/tensor"
)

// LiveTiming is how long a model takes for each block of sound, as a host that
// plays it live would see.
type LiveTiming struct {
	Block  int // frames
	Blocks int
	// RealTime is the seconds that a second of sound takes.
	RealTime float64
	// Deadline is how long a block lasts; Late counts those that took longer.
	Deadline          time.Duration
	Late              int
	Mean, Most, Worst time.Duration // Most: 99 of 100 blocks take less

	frames, rate int
	took         []time.Duration
}

func newLiveTiming(block, rate int) *LiveTiming {
	return &LiveTiming{Block: block, rate: rate, Deadline: time.Duration(block) * time.Second / time.Duration(rate)}
}

// add takes the time of a block. No timing takes none.
func (l *LiveTiming) add(frames int, took time.Duration) {
	if l == nil {
		return
	}
	l.frames += frames
	if frames == l.Block { // the last one may be shorter
		l.took = append(l.took, took)
	}
}

// result sums up.
func (l *LiveTiming) result() *LiveTiming {
	if l == nil || len(l.took) == 0 {
		return l
	}
	var sum time.Duration
	for _, d := range l.took {
		sum += d
		if d > l.Deadline {
			l.Late++
		}
	}
	slices.Sort(l.took)
	n := len(l.took)
	l.Blocks, l.Mean, l.Most, l.Worst = n, sum/time.Duration(n), l.took[(n-1)*99/100], l.took[n-1]
	l.RealTime = sum.Seconds() * float64(l.rate) / float64(n*l.Block)
	return l
}

// warm runs the model over a block and back to the start, so that the memory of
// its stream is there before a block is timed.
func (l *lane) warm(frames int) error {
	s, ok := l.stream.stream.(*model.Stream)
	if !ok { // a player in plain Go has its memory
		return nil
	}
	return autograd.Catch(func() {
		l.stream.Process(planes(len(l.dst), frames), planes(len(l.src), frames))
		s.Reset()
		s.State(func(string, tensor.Tensor) {}) // hears the silence before the signal
	})
}
