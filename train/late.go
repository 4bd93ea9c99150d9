package train

import (
	"math"

	"partials/audio"
	"partials/capture"
	"partials/datasets"
)

const (
	lateSeconds = 30     // of a recording are listened to
	lateBy      = 0.0005 // s that are no device's own
	earlyBy     = 0.0002 // s that no estimate is wrong by
)

// warnLate tells of a target that is late against its input by more than the
// recipe says, or early: of the first pair, as far as a quick look tells.
func (s *session) warnLate() {
	p, ok := s.recipe.Data.Value.(datasets.Pair)
	if !ok {
		return
	}
	input, target, delay := "", "", p.Delay
	switch {
	case len(p.Input) > 0 && len(p.Target) > 0:
		input, target = p.Input[0], p.Target[0]
	case len(p.Pairs) > 0:
		input, target = p.Pairs[0].Input, p.Pairs[0].Target
		if d := p.Pairs[0].Delay; d != nil {
			delay = *d
		}
	}
	x, rate, ok := beginning(input)
	y, other, okay := beginning(target)
	if !ok || !okay || rate != other {
		return // globs, resampled files: the data set has judged them
	}
	at, sure := capture.Late(x, y, rate)
	at *= float64(s.data.Rate()) / float64(rate)
	switch d := (at - float64(delay)) / float64(s.data.Rate()); {
	case !sure || d < lateBy && d > -earlyBy:
	case d > 0:
		s.log.Warn("the target seems to be late; train capture --check looks closely", "file", target, "samples", int(math.Floor(at)), "data.delay", delay)
	default:
		s.log.Warn("the target seems to be early, which no model can learn; train capture --check looks closely", "file", target, "samples", int(math.Floor(at)), "data.delay", delay)
	}
}

// beginning is the first channel of the first seconds of a file.
func beginning(path string) (x []float32, rate int, ok bool) {
	r, err := datasets.OpenAudio(path)
	if err != nil {
		return nil, 0, false
	}
	defer r.Close()
	info := r.Info()
	block := planes(info.Channels, int(min(info.Frames, lateSeconds*int64(info.Rate))))
	if _, err := r.ReadAt(block, 0); err != nil {
		return nil, 0, false
	}
	return block[0], info.Rate, audio.Measure(block[0]).NonFinite == 0
}
