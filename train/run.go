// Package train is the training loop and everything a run leaves behind: its
// folder, metrics, checkpoints, plots and report; and what is done with runs
// afterwards: resume, reproduce, evaluate, render.
package train

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"time"

	"partials/autograd"
	"partials/datasets"
	"partials/device"
	"partials/device/devices"
	"partials/internal/config"
	"partials/optim"
)

// Options are what may differ between two runs of a recipe without changing
// their bits.
type Options struct {
	RunsDir string       // where run folders are made
	Threads int          // of the CPU; 0 for one a core
	Log     *slog.Logger // for people; nil for silence
	Display Display      // shows progress; nil for none
	Kinds   Kinds        // what recipes know besides the kinds of this module
}

// Interrupted is the error of a run that was asked to stop. It finished its
// step and saved.
type Interrupted struct {
	Dir  Dir
	Step int
}

func (e *Interrupted) Error() string {
	return fmt.Sprintf("stopped after step %d; everything is saved", e.Step)
}

// Result says how a run ended.
type Result struct {
	Dir      Dir
	Steps    int
	Early    bool // patience ran out
	Best     float64
	BestStep int
	Valid    map[string]Number // of the best weights, in the end
}

// Start makes a new run of a recipe. When ctx is done it finishes its step,
// saves, and returns *Interrupted.
func Start(ctx context.Context, r Recipe, o Options) (*Result, error) {
	dev, err := open(&r, o)
	if err != nil {
		return nil, err
	}
	defer dev.Close()
	s, err := newSession(r, dev, o.log())
	if err != nil {
		return nil, err
	}
	defer s.close()
	loader := s.newLoader(0)
	defer loader.Close()
	first, err := loader.Batch(0)
	if err != nil {
		return nil, err
	}
	if err := s.dryRun(first); err != nil {
		return nil, err
	}
	dir, err := newDir(o.RunsDir, r.Name)
	if err != nil {
		return nil, err
	}
	resolved, err := config.Marshal(r)
	if err != nil {
		return nil, err
	}
	if err := writeAtomically(dir.path(configFile), resolved); err != nil {
		return nil, fmt.Errorf("writing the run's recipe: %w", err)
	}
	m := newManifest(dev, s, o.Threads)
	m.Segments = []Segment{{From: 0, Recipe: string(resolved)}}
	if err := m.save(dir); err != nil {
		return nil, err
	}
	return s.run(ctx, dir, m, loader, o, r.Steps)
}

func (o Options) log() *slog.Logger {
	if o.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Log
}

// open opens the recipe's device and writes its true name into the recipe.
func open(r *Recipe, o Options) (device.Device, error) {
	dev, note, err := devices.Open(r.Device, devices.Options{Threads: o.Threads, Log: o.log()})
	if err != nil {
		return nil, fmt.Errorf("device: %w", err)
	}
	o.log().Info("device", "name", dev.Name(), "is", dev.Describe(), "because", note)
	r.Device = dev.Name()
	return dev, nil
}

func (s *session) newLoader(step int) *datasets.Loader {
	return datasets.NewLoader(s.data, datasets.LoaderOptions{
		Batch: s.recipe.Batch, Seed: s.recipe.Seed, First: step, Last: s.recipe.Steps,
		Cut: datasets.Cut{Segment: s.recipe.Segment, Context: s.model.Facts().Context, Latency: s.model.Facts().Latency},
	})
}

// run trains from s.prog.Step to the recipe's last step in dir, or stops after
// step until as if interrupted there. It is the whole of training.
func (s *session) run(ctx context.Context, dir Dir, man *manifest, loader *datasets.Loader, o Options, until int) (res *Result, err error) {
	j, err := openJournal(dir, s, o)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			man.Status = statusOf(err)
			err = errors.Join(err, man.save(dir))
		}
		err = errors.Join(err, j.close())
	}()
	hashes := man.startHashing(s.data.Files())
	defer hashes.stop()

	j.begin(s.prog.Step)
	for s.prog.Step < s.recipe.Steps && !s.stale() {
		if ctx.Err() != nil || s.prog.Step >= until {
			return nil, s.interrupt(dir, j)
		}
		m, err := s.step(loader, j)
		if err != nil {
			var bad *NotFinite
			if errors.As(err, &bad) {
				bad.Last = existing(dir.path(lastFile))
			}
			return nil, err
		}
		if err := j.step(s.prog.Step, m); err != nil {
			return nil, err
		}
		if err := hashes.check(); err != nil {
			return nil, err
		}
		if due(s.prog.Step, s.recipe.Validation.Every) && s.prog.Step < s.recipe.Steps {
			if err := s.validate(ctx, dir, man, j); err != nil {
				return nil, err
			}
		} else if due(s.prog.Step, s.recipe.Save.Every) {
			if err := s.checkpoint(dir, j); err != nil {
				return nil, err
			}
		}
	}
	if s.prog.Validated < s.prog.Step {
		if err := s.validate(ctx, dir, man, j); err != nil {
			return nil, err
		}
	}
	return s.finish(ctx, dir, man, hashes, j)
}

// statusOf is how the manifest calls a run that ended with an error.
func statusOf(err error) string {
	var stop *Interrupted
	if errors.As(err, &stop) || errors.Is(err, context.Canceled) {
		return "interrupted"
	}
	return "failed"
}

// due says whether something that happens every so many steps happens after
// this one.
func due(step, every int) bool { return every > 0 && step%every == 0 }

// stale says whether patience has run out.
func (s *session) stale() bool {
	patience := s.recipe.Validation.Patience
	return patience > 0 && s.prog.Stale >= patience
}

// step makes one update and returns what it measured. A *NotFinite error
// leaves the weights as they were.
func (s *session) step(loader *datasets.Loader, j *journal) (m measure, err error) {
	begin := time.Now()
	batch, err := loader.Batch(s.prog.Step)
	if err != nil {
		return m, err
	}
	j.spent(load, &begin)
	err = autograd.Catch(func() {
		s.tape.Reset()
		s.params.ZeroGrad()
		l := s.forward(s.prog.Step, batch)
		j.spent(forward, &begin)
		if err := s.tape.Backward(l); err != nil {
			panic(&autograd.Fault{Op: "train", Cause: err})
		}
		m.loss = s.tape.Scalar(l)
		m.terms = s.loss.Values(s.tape)
		m.gradNorm = optim.Norm(s.dev, s.params.Grads(), s.square)
		j.spent(back, &begin)
	})
	if err != nil {
		return m, fmt.Errorf("step %d: %w", s.prog.Step+1, plain(err))
	}
	if err := s.finite(batch, m); err != nil {
		return m, err
	}
	m.lr = s.schedule.LR(s.prog.Step)
	s.update(m)
	s.prog.Step++
	j.spent(update, &begin)
	return m, nil
}

// validate measures the model and keeps the best weights, a checkpoint, and
// now and then fresh pictures.
func (s *session) validate(ctx context.Context, dir Dir, man *manifest, j *journal) error {
	begin := time.Now()
	redraw := begin.Sub(j.drawn) >= redrawEvery
	var sound *excerptSound
	if redraw {
		sound = s.newSound()
	}
	var values map[string]Number
	if err := s.withAverage(func() (err error) {
		values, err = s.evaluate(ctx, sound)
		return err
	}); err != nil {
		return err
	}
	s.prog.Validated = s.prog.Step
	if values != nil {
		s.judge(float64(values[s.recipe.Validation.Metric]))
		if err := j.validation(s.prog.Step, values); err != nil {
			return err
		}
		// The best weights reach the disk before the state that speaks of them:
		// a kill between the two repeats the validation and writes the same file.
		if s.prog.BestStep == s.prog.Step {
			if err := s.save(dir.path(bestFile)); err != nil {
				return err
			}
		}
	}
	if err := s.checkpoint(dir, j); err != nil {
		return err
	}
	if redraw {
		if err := s.draw(dir, man, sound, values); err != nil {
			return fmt.Errorf("drawing the run: %w", err)
		}
		j.drawn = time.Now()
	}
	j.spent(valid, &begin)
	return nil
}

// judge takes the value of the recipe's metric into account: for the best
// weights, patience, and a schedule that watches it.
func (s *session) judge(value float64) {
	s.schedule.Observe(s.lowerIsBetter(value))
	if s.better(value, float64(s.prog.Best)) {
		s.prog.Best, s.prog.BestStep = Number(value), s.prog.Step
	}
	if s.improves(value) {
		s.prog.Bar, s.prog.Stale = Number(value), 0
	} else {
		s.prog.Stale++
	}
}

// lowerIsBetter turns a validation value round where higher is better.
func (s *session) lowerIsBetter(value float64) float64 {
	if s.better(1, 0) {
		return -value
	}
	return value
}

// improves says whether value beats the bar by the share that patience asks.
func (s *session) improves(value float64) bool {
	bar := float64(s.prog.Bar)
	if math.IsNaN(bar) {
		return !math.IsNaN(value)
	}
	return s.better(value, bar) && math.Abs(value-bar) >= s.recipe.Validation.Gain*math.Abs(bar)
}

// checkpoint saves the state that resume goes on from. The metrics go to the
// disk first: resume cuts them back to the checkpoint's step.
func (s *session) checkpoint(dir Dir, j *journal) error {
	if err := j.flush(true); err != nil {
		return err
	}
	return s.save(dir.path(lastFile))
}

func (s *session) interrupt(dir Dir, j *journal) error {
	if err := s.checkpoint(dir, j); err != nil {
		return err
	}
	return &Interrupted{Dir: dir, Step: s.prog.Step}
}

// existing returns path where there is a file, else "".
func existing(path string) string {
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}
