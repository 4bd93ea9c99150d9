package capture

import (
	"errors"
	"fmt"
	"math"

	"partials/internal/rng"
)

// TestSignal describes a test signal to play through a device:
//
//	0.5 s              silence
//	V                  validation, played for the first time
//	1.0 s              silence, where noise is measured
//	1.5 s              three clicks, 0.25 s and 0.5 s apart, by which the signal
//	                   is known and the latency measured
//	...                training: sweeps, a ladder of levels, noise, playing
//	0.5 s              silence
//	V                  the same validation again: the model is judged by it, and
//	                   the device by whether it sounds as before
//	0.5 s              silence
//
// V is a twentieth of the whole, from 2 s to 9 s. The playing is of plucked
// strings, which are computed: single notes, muted ones, chords, bends, from
// soft to hard, with rests.
type TestSignal struct {
	Rate    int     // Hz
	Seconds float64 // of the whole
	Seed    uint64  // of what is played
	Peak    float64 // dBFS
}

const (
	ownName = "Partials test signal"
	ownEdge = 0.5 // s of silence at both ends and before the last validation
	ownRest = 1.0 // s of silence behind the first validation
	ownTick = 1.5 // s of clicks and silence behind them
	minOwn  = 20  // s
	maxOwn  = 3600
)

// ownClicks are where the clicks are, from the first, in seconds.
var ownClicks = []float64{0, 0.25, 0.75}

// Validate reports what no signal can be.
func (s TestSignal) Validate() error {
	var errs []error
	if s.Rate < 8000 || s.Rate > 384000 {
		errs = append(errs, fmt.Errorf("the rate is %d Hz; it must be from 8000 to 384000", s.Rate))
	}
	if !(s.Seconds >= minOwn && s.Seconds <= maxOwn) {
		errs = append(errs, fmt.Errorf("the length is %g s; it must be from %d to %d", s.Seconds, minOwn, maxOwn))
	}
	if !(s.Peak >= -40 && s.Peak <= 0) {
		errs = append(errs, fmt.Errorf("the peak is %g dBFS; it must be from -40 to 0", s.Peak))
	}
	return errors.Join(errs...)
}

// validSeconds is how long validation is in a signal of so many seconds.
func validSeconds(whole float64) float64 { return math.Round(min(max(whole/20, 2), 9)) }

// Samples computes the signal. The same description gives the same samples.
func (s TestSignal) Samples() ([]float32, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	at := func(seconds float64) int { return int(math.Round(seconds * float64(s.Rate))) }
	valid := validSeconds(s.Seconds)
	x := make([]float64, at(s.Seconds))
	peak := math.Pow(10, s.Peak/20)

	heard := make([]float64, at(valid))
	play(heard, s.Rate, rng.New(s.Seed, "signal/validation"))
	scaleTo(heard, peak)
	copy(x[at(ownEdge):], heard)
	copy(x[at(s.Seconds-ownEdge-valid):], heard)

	first := ownEdge + valid + ownRest
	for _, c := range ownClicks {
		x[at(first+c)] = peak
	}
	train := x[at(first+ownTick):at(s.Seconds-2*ownEdge-valid)]
	s.train(train, peak)

	y := make([]float32, len(x))
	for t, v := range x {
		y[t] = float32(v)
	}
	return y, nil
}

// train fills the part to train on: a tenth is sweeps, a tenth the ladder, a
// tenth noise, and the rest playing.
func (s TestSignal) train(x []float64, peak float64) {
	tenth := len(x) / 10
	pause := s.Rate / 4
	part := func(i int) []float64 { return x[i*tenth : (i+1)*tenth-pause] }
	sweeps(part(0), s.Rate, peak)
	ladder(part(1), s.Rate, peak, rng.New(s.Seed, "signal/ladder"))
	hiss(part(2), s.Rate, peak, rng.New(s.Seed, "signal/noise"))
	rest := x[3*tenth:]
	play(rest, s.Rate, rng.New(s.Seed, "signal/playing"))
	scaleTo(rest, peak)
}

// scaleTo makes the greatest magnitude of x peak.
func scaleTo(x []float64, peak float64) {
	top := 0.0
	for _, v := range x {
		top = max(top, math.Abs(v))
	}
	if top == 0 {
		return
	}
	for t := range x {
		x[t] *= peak / top
	}
}

// recogniseOwn returns the layout of a signal of TestSignal, or nil: three
// clicks at its distances, and the same sound before and at the end.
func recogniseOwn(x []float32, rate int, clicks []int) *layout {
	at := func(seconds float64) int { return int(math.Round(seconds * float64(rate))) }
	for i := 0; i+2 < len(clicks); i++ {
		near := true
		for k, c := range ownClicks {
			d := clicks[i+k] - clicks[i] - at(c)
			near = near && d >= -2 && d <= 2
		}
		n := clicks[i] - at(ownRest) - at(ownEdge) // of the validation
		if !near || n < at(1.9) || n > at(9.1) || len(x) < clicks[i]+at(ownTick)+2*n {
			continue
		}
		first, last := at(ownEdge), len(x)-at(ownEdge)-n
		var diff, sum float64
		for t := range n {
			d := float64(x[first+t]) - float64(x[last+t])
			diff += d * d
			sum += float64(x[first+t]) * float64(x[first+t])
		}
		if sum == 0 || diff > 1e-4*sum {
			continue
		}
		l := &layout{name: ownName, train: [2]int{clicks[i] - at(ownRest)/2, last - at(ownEdge)/2},
			valid: [2]int{last, last + n}, repeat: [2]int{first, first + n}}
		l.blips = append(l.blips, clicks[i:i+3]...)
		return l
	}
	return nil
}
