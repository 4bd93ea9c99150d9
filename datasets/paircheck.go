package datasets

import (
	"fmt"
	"math"

	"partials/audio"
)

const (
	// longerTarget is how much longer than its input a target may be: what a
	// recorder that is stopped by hand adds (NAM's rule).
	longerTarget = 1 // s
	// silentPeak is the peak below which a sound counts as silence: -80 dBFS,
	// below the noise of a recording and above dither.
	silentPeak = 1e-4
	// A sample of fullScale is clipped by NAM's rule. So is a plateau of
	// plateauRun samples at the largest value of 16-bit integers, just below.
	fullScale    = 1
	plateauScale = 32766.5 / 32768
	plateauRun   = 3
)

// prepare settles what of a take is for training and validation, reads it
// through once, and reports what is wrong with it.
func (d *pair) prepare(t *take, train, valid bool) error {
	if err := d.align(t); err != nil {
		return err
	}
	if err := d.split(t, train, valid); err != nil {
		return err
	}
	if err := d.measure(t); err != nil {
		return err
	}
	if valid {
		return d.checkBefore(t)
	}
	return nil
}

// align finds the samples that both files of a take have.
func (d *pair) align(t *take) error {
	in, target := t.input.frames, t.target.frames
	for _, r := range []*recording{t.input, t.target} {
		if r.frames == 0 {
			return fmt.Errorf("%s has no samples", r.path)
		}
	}
	if over := target - in; !d.cfg.AllowUnequal && (over < 0 || over > longerTarget*d.lib.rate) {
		word := "longer"
		if over < 0 {
			over, word = -over, "shorter"
		}
		return fmt.Errorf("the target %s (%d samples) is %d samples (%s) %s than its input %s (%d samples); a target may be up to %d s longer and not shorter. "+
			"Export both from the same start and with the same length, or set allow_unequal_lengths: true to cut them to the shorter",
			t.target.path, target, over, d.lib.seconds(over), word, t.input.path, in, longerTarget)
	}
	t.first, t.end = max(0, -t.delay), min(in, target-t.delay)
	if t.end <= t.first {
		return fmt.Errorf("with delay %d nothing is left of %s (%d samples) and %s (%d samples)", t.delay, t.input.path, in, t.target.path, target)
	}
	return nil
}

// split sets the ranges of a take.
func (d *pair) split(t *take, train, valid bool) error {
	whole := [2]int{t.first, t.end}
	t.train, t.valid = [2]int{t.first, t.first}, [2]int{t.end, t.end}
	var err error
	if valid {
		t.valid = whole
		switch {
		case t.ranges[1] != nil:
			if t.valid, err = d.place("validation", *t.ranges[1], t); err != nil {
				return err
			}
		case train:
			t.valid[0] = t.end - int(d.cfg.Holdout*float64(t.end-t.first)+0.5)
		}
	}
	if !train {
		return nil
	}
	switch {
	case t.ranges[0] != nil:
		if t.train, err = d.place("train", *t.ranges[0], t); err != nil {
			return err
		}
	case t.valid[0] == t.first && t.valid[1] > t.first:
		t.train = [2]int{t.valid[1], t.end}
	default:
		t.train = [2]int{t.first, t.valid[0]}
	}
	if lo, hi := max(t.train[0], t.valid[0]), min(t.train[1], t.valid[1]); lo < hi {
		return fmt.Errorf("the ranges train and validation of %s overlap from %s to %s; move one", t.input.path, d.lib.seconds(lo), d.lib.seconds(hi))
	}
	return nil
}

// place turns a range of the recipe into samples of a take.
func (d *pair) place(field string, r Range, t *take) ([2]int, error) {
	total := t.input.frames
	from, to := r.Start.Position(d.lib.rate, total), r.Stop.Position(d.lib.rate, total)
	if r.Stop.Samples(d.lib.rate) == 0 {
		to = total
	}
	stop := "the end"
	if r.Stop != (Range{}).Stop {
		stop = r.Stop.String()
	}
	if from < 0 || from > total || to < 0 || to > total {
		return [2]int{}, fmt.Errorf("%s: the range %v to %s is outside of %s, which has %d samples (%s)", field, r.Start, stop, t.input.path, total, d.lib.seconds(total))
	}
	from, to = max(from, t.first), min(to, t.end)
	if from >= to {
		return [2]int{}, fmt.Errorf("%s: the range %v to %s of %s is empty: it would begin at %s and end at %s", field, r.Start, stop, t.input.path, d.lib.seconds(from), d.lib.seconds(to))
	}
	return [2]int{from, to}, nil
}

// measure reads both files of a take through and judges their levels.
func (d *pair) measure(t *take) error {
	in, err := survey(t.input)
	if err != nil {
		return err
	}
	target, err := survey(t.target)
	if err != nil {
		return err
	}
	for _, s := range []*levels{in, target} {
		if s.peak < silentPeak {
			peak := "every sample is 0"
			if s.peak > 0 {
				peak = fmt.Sprintf("its peak is %.1f dBFS", audio.DB(s.peak))
			}
			return fmt.Errorf("%s is silent: %s; was the right track exported, and was anything plugged in?", s.path, peak)
		}
	}
	if in.clipped > 0 {
		d.lib.log.Warn("the input is clipped", "file", in.path, "times", in.clipped, "first", d.lib.seconds(in.firstClipped))
	}
	if target.clipped > 0 {
		if !d.cfg.AllowClipping {
			return fmt.Errorf("the target %s is clipped %d times, first at %s; "+
				"record it again at a lower level, or set allow_clipping: true to train on it all the same",
				target.path, target.clipped, d.lib.seconds(target.firstClipped))
		}
		d.lib.log.Warn("the target is clipped", "file", target.path, "times", target.clipped, "first", d.lib.seconds(target.firstClipped))
	}
	return nil
}

// levels is what a survey of a recording finds.
type levels struct {
	path         string
	peak         float64
	clipped      int // times
	firstClipped int // sample
}

func survey(r *recording) (*levels, error) {
	s := &levels{path: r.path}
	runs := make([]int, r.channels)     // samples in a row at full scale, by channel
	counted := make([]bool, r.channels) // that run is in clipped
	err := r.eachBlock(0, r.frames, func(x [][]float32, at int) error {
		for c := range x {
			for t, v := range x[c] {
				a := math.Abs(float64(v))
				s.peak = max(s.peak, a)
				if a < plateauScale {
					runs[c], counted[c] = 0, false
					continue
				}
				runs[c]++
				if counted[c] || a < fullScale && runs[c] < plateauRun {
					continue
				}
				if counted[c] = true; s.clipped == 0 {
					s.firstClipped = at + t
				}
				s.clipped++
			}
		}
		return nil
	})
	return s, err
}

// checkBefore asks for silence of the input before the validation range: what
// sounds there still rings in the target where the model has not heard it.
func (d *pair) checkBefore(t *take) error {
	want := d.cfg.PreSilence.Samples(d.lib.rate)
	if want == 0 || t.valid[0] == t.valid[1] {
		return nil
	}
	from := t.valid[0] - want
	if from < 0 {
		return fmt.Errorf("the validation range of %s begins at %s, less than pre_silence (%v) behind the start; begin it later, or set pre_silence: 0",
			t.input.path, d.lib.seconds(t.valid[0]), d.cfg.PreSilence)
	}
	return t.input.eachBlock(from, t.valid[0], func(x [][]float32, at int) error {
		for _, c := range x {
			for k, v := range c {
				if v > silentPeak || v < -silentPeak {
					return fmt.Errorf("the input %s is not silent for %v before the validation range at %s: there is sound at %s. "+
						"Begin the range behind a pause, or set pre_silence: 0",
						t.input.path, d.cfg.PreSilence, d.lib.seconds(t.valid[0]), d.lib.seconds(at+k))
				}
			}
		}
		return nil
	})
}
