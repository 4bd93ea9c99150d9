package main

import (
	"fmt"
	"math"
	"os"
	"slices"
	"time"
)

const (
	sampleTime = 0.1  // seconds that a sample takes at least, so that the kernel's clocks can judge it
	quiet      = 0.15 // processors that others may use during a sample that counts
	patience   = 1    // noisy samples for each that is wanted, before they count, too
)

// side is one of the programs in a match.
type side struct {
	*worker
	setting string
	calls   int       // of a sample
	times   []float64 // seconds a call, of quiet samples
	noisy   []float64 // of others
}

// open opens a workload in the worker and warms it up.
func (s *side) open(line string) error {
	if _, err := s.ask("open %s", line); err != nil {
		return err
	}
	s.calls, s.times, s.noisy = 1, nil, nil
	for range 2 {
		t, err := s.run(1)
		if err != nil {
			return err
		}
		s.calls = min(max(1, int(math.Ceil(sampleTime/t))), 1e5)
	}
	t, err := s.run(s.calls) // longer than a call or two: clocks and caches settle
	s.calls = max(1, int(math.Ceil(sampleTime/t*float64(s.calls))))
	return err
}

// sample takes one sample, which counts where the machine was quiet.
func (s *side) sample() error {
	f := watch(s.worker)
	t, err := s.run(s.calls)
	if err != nil {
		return err
	}
	t /= float64(s.calls)
	if f.cores() > quiet {
		s.noisy = append(s.noisy, t)
	} else {
		s.times = append(s.times, t)
	}
	return nil
}

// done says whether n samples are there, or the machine never gets quiet.
func (s *side) done(n int) bool {
	return len(s.times) >= n || len(s.times)+len(s.noisy) >= (1+patience)*n
}

// median is that of the quiet samples, or of all where they are too few.
func (s *side) median(n int) float64 {
	if len(s.times) < n {
		return median(slices.Concat(s.times, s.noisy))
	}
	return median(s.times)
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	n := len(x)
	if n == 0 {
		return math.NaN()
	}
	return (x[(n-1)/2] + x[n/2]) / 2
}

// alternate takes n quiet samples of every side, one of each in turn.
func alternate(n int, sides ...*side) error {
	for {
		all := true
		for _, s := range sides {
			if s.done(n) {
				continue
			}
			all = false
			if err := s.sample(); err != nil {
				return err
			}
			time.Sleep(2 * time.Millisecond) // threads that spin for more work go to sleep
		}
		if all {
			return nil
		}
	}
}

// trial is the number of samples by which a peer's best setting is chosen.
const trial = 5

// best is the fastest of a peer's settings.
func best(sides []*side) (*side, error) {
	if len(sides) == 1 {
		return sides[0], nil
	}
	if err := alternate(trial, sides...); err != nil {
		return nil, err
	}
	b := slices.MinFunc(sides, func(a, b *side) int {
		if a.median(trial) < b.median(trial) {
			return -1
		}
		return 1
	})
	for _, s := range sides {
		fmt.Fprintf(os.Stderr, "    %-40s %s\n", s.setting, duration(s.median(trial)))
	}
	b.times, b.noisy = nil, nil
	return b, nil
}

func duration(seconds float64) string {
	return time.Duration(seconds * 1e9).Round(time.Duration(math.Pow(10, math.Floor(math.Log10(seconds*1e9))-2))).String()
}
