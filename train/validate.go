package train

import (
	"context"
	"fmt"
	"math"
	"time"
)

// redrawEvery is how often a run draws its pictures anew while it goes on.
const redrawEvery = 20 * time.Second

// validate measures the model, keeps the best weights and a checkpoint, and
// draws fresh pictures now and then. Stopped by ctx it leaves no trace.
func (r *run) validate(ctx context.Context) error {
	r.journal.watch.start()
	redraw := !r.blind && time.Since(r.journal.drawn) >= redrawEvery
	var sound *excerptSound
	if redraw {
		sound = r.newSound()
	}
	var found *Evaluation
	if err := r.withAverage(func() (err error) {
		found, err = r.evaluate(ctx, sound)
		return err
	}); err != nil {
		return err
	}
	r.prog.Validated = r.prog.Step
	if found != nil {
		r.judge(found.Mean)
		if err := r.journal.validation(found.Mean); err != nil {
			return err
		}
	}
	r.journal.watch.lap(validation)
	if err := r.checkpoint(); err != nil {
		return err
	}
	if redraw {
		if err := r.draw(sound, found); err != nil {
			return fmt.Errorf("drawing the run: %w", err)
		}
		r.journal.drawn = time.Now()
	}
	r.journal.watch.lap(writing)
	return nil
}

// drawStopped leaves pictures and a report of a run that was asked to stop, so
// that it can be looked at and listened to. Everything is saved by now: what
// goes wrong here is a warning, and it takes a bounded time.
func (r *run) drawStopped() {
	const (
		fresh   = 5 * time.Second  // pictures younger than this stay
		patient = 10 * time.Second // with a long validation
	)
	if r.blind || time.Since(r.journal.drawn) < fresh {
		return
	}
	r.man.Status = statusOf(&Interrupted{})
	ctx, cancel := context.WithTimeout(context.Background(), patient)
	defer cancel()
	sound := r.newSound()
	var found *Evaluation
	err := r.withAverage(func() (err error) {
		found, err = r.evaluate(ctx, sound)
		return err
	})
	if err != nil {
		sound, found = nil, nil
	}
	if err := r.draw(sound, found); err != nil {
		r.log.Warn("the pictures of the stopped run could not be drawn", "because", err)
	}
}

// judge takes the value of the recipe's metric into account: for the best
// weights, patience, and a schedule that watches it.
func (s *session) judge(values map[string]Number) {
	value := float64(values[s.recipe.Validation.Metric])
	if math.IsNaN(value) {
		s.log.Warn("validation gave no number", "step", s.prog.Step, "metric", s.recipe.Validation.Metric)
	}
	s.schedule.Observe(s.lowerIsBetter(value))
	if s.packed() {
		s.judgeMembers(values)
	} else if s.better(value, float64(s.prog.Best)) {
		s.prog.Best, s.prog.BestStep = Number(value), s.prog.Step
	}
	if s.improves(value) {
		s.prog.Bar, s.prog.Stale = Number(value), 0
	} else {
		s.prog.Stale++
	}
}

// improves says whether value beats the bar by the share that patience asks.
func (s *session) improves(value float64) bool {
	bar, gain := float64(s.prog.Bar), s.recipe.Validation.Gain
	if !s.better(value, bar) {
		return false
	}
	return gain == 0 || !isFinite(bar) || math.Abs(value-bar) >= gain*math.Abs(bar)
}

// lowerIsBetter turns a validation value round where higher is better.
func (s *session) lowerIsBetter(value float64) float64 {
	if s.better(1, 0) {
		return -value
	}
	return value
}

// better says whether validation value a is better than b by the recipe's
// metric. Anything is better than NaN.
func (s *session) better(a, b float64) bool { return validationMetric(s.recipe).Better(a, b) }
