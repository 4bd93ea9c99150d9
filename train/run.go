package train

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"syscall"

	"partials/capture"
	"partials/datasets"
	"partials/internal/config"
)

// Options are what may differ between two runs of a recipe without changing
// their bits.
type Options struct {
	RunsDir string       // where run folders are made
	Threads int          // of the CPU; 0 for one a core
	Log     *slog.Logger // for people; nil for silence
	Display Display      // shows progress; nil for none
	Kinds   Kinds        // what recipes know besides the kinds of this module
	// Profile leaves profiles of the processor and of memory in the folder of a
	// run that Start or Resume made.
	Profile bool
	// Pair is what was found of the data before, which the run's folder and report
	// then say too; nil for nothing.
	Pair *capture.Report
	// DetectAnomaly looks at every number that a step computes and stops at the
	// Function that makes the first that is none. It is slow.
	DetectAnomaly bool
	// Share, between 0 and 1, stops a run after that share of its steps, as if it
	// were asked to: *Interrupted. 0 is all of them.
	Share float64
}

func (o Options) log() *slog.Logger {
	if o.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Log
}

// end tells the display that nothing more comes.
func (o Options) end() {
	if o.Display != nil {
		o.Display.End()
	}
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
	Early    bool        // patience ran out
	Best     float64     // NaN where nothing was validated
	BestStep int         // 0 where nothing was validated
	Valid    *Evaluation // of the best weights, in the end; nil without validation data
	Costs    Costs
}

// Start makes a new run of a recipe. When ctx is done it finishes its step,
// saves, and returns *Interrupted.
func Start(ctx context.Context, r Recipe, o Options) (*Result, error) {
	return profiled(ctx, o, func() (*run, error) { return startRun(r, o) })
}

// profiled completes the run that begin makes, under a profile where one is
// wanted.
func profiled(ctx context.Context, o Options, begin func() (*run, error)) (*Result, error) {
	defer o.end()
	p, err := startProfile(o.Profile)
	if err != nil {
		return nil, err
	}
	r, err := begin()
	if err != nil {
		p.stop()
		return nil, err
	}
	r.profile = p
	return r.complete(ctx)
}

// Unfit is the error of a recipe that cannot run: its data, model, loss or
// device do not fit together, or are not there. Nothing was written.
type Unfit struct{ error }

// Unwrap returns what does not fit.
func (e *Unfit) Unwrap() error { return e.error }

// fit opens a recipe and proves that it can run, by a batch forward and
// backward. It returns the hash of the weights it starts from, where it names
// some. Its errors are *Unfit. The caller closes the session.
func fit(r Recipe, o Options) (s *session, from *dataFile, err error) {
	defer func() {
		if err != nil {
			err = &Unfit{err}
		}
	}()
	if s, err = openSession(r, o); err != nil {
		return nil, nil, err
	}
	defer s.closeAfter(&err)
	if err := s.prepare(); err != nil {
		return nil, nil, err
	}
	if from, err = s.loadInit(nil); err != nil {
		return nil, nil, err
	}
	if o.Pair == nil {
		s.warnLate()
	}
	return s, from, s.dryRun()
}

// startRun makes the folder of a new run, after everything that can be checked
// before is. The caller closes the run.
func startRun(r Recipe, o Options) (_ *run, err error) {
	s, from, err := fit(r, o)
	if err != nil {
		return nil, err
	}
	defer s.closeAfter(&err)
	resolved, err := config.Marshal(s.recipe)
	if err != nil {
		return nil, err
	}
	dir, err := newDir(o.RunsDir, r.Name)
	if err != nil {
		return nil, err
	}
	held, err := dir.lock()
	if err != nil {
		return nil, err
	}
	defer held.releaseAfter(&err)
	m := newManifest(s, o.Threads)
	m.Pair = o.Pair
	if datasets.IsMixed(s.data) {
		if m.Mix, err = datasets.WriteExcerpts(filepath.Join(o.RunsDir, mixesDir), s.data); err != nil {
			return nil, fmt.Errorf("writing the validation mix: %w", err)
		}
	}
	m.Init = from
	m.Segments = []segment{{Recipe: string(resolved)}}
	if err := m.save(dir); err != nil {
		return nil, err
	}
	if err := writeAtomically(dir.path(configFile), resolved); err != nil {
		return nil, fmt.Errorf("writing the run's recipe: %w", err)
	}
	return s.begin(dir, held, m, o)
}

// run is a session that trains into a folder.
type run struct {
	*session
	dir     Dir
	held    *lock // nil for a folder that nobody else knows of
	man     *manifest
	journal *journal
	loader  *datasets.Loader
	hashes  *hashing
	profile *profile
	blind   bool // draws nothing while it trains
	// aliasing is of the best weights, in the end; nil before, and where it is not
	// measured.
	aliasing *aliasing
}

// begin opens the run's files and starts to load and to hash its data. The
// session and the lock become the run's.
func (s *session) begin(dir Dir, held *lock, m *manifest, o Options) (*run, error) {
	j, err := openJournal(dir, s, o.Display)
	if err != nil {
		return nil, fmt.Errorf("opening the run's files: %w", err)
	}
	if held != nil {
		if err := j.openLogbooks(dir); err != nil {
			return nil, errors.Join(err, j.close())
		}
	}
	return &run{session: s, dir: dir, held: held, man: m, journal: j,
		loader: s.newLoader(s.prog.Step, s.length.steps), hashes: m.startHashing(s.data.Files())}, nil
}

func (r *run) close() error {
	r.loader.Close()
	r.hashes.stop()
	return errors.Join(r.journal.close(), r.session.close(), r.held.release())
}

// complete trains to the end, finishes and closes. The manifest says how that
// went.
func (r *run) complete(ctx context.Context) (res *Result, err error) {
	defer func() {
		if err != nil {
			r.man.Status = statusOf(err)
			r.man.Data = r.hashes.merge(r.man.Data)
			err = errors.Join(err, r.man.save(r.dir))
		}
		err = r.wayOut(errors.Join(err, r.journal.end(r.man.Status), r.profile.save(r.dir, r.log), r.close()))
	}()
	if err := r.train(ctx, theEnd); err != nil {
		return nil, err
	}
	return r.finish(ctx)
}

// wayOut says how to go on where the disk is full.
func (r *run) wayOut(err error) error {
	if !errors.Is(err, syscall.ENOSPC) {
		return err
	}
	return fmt.Errorf("the disk is full: %w\nThe last checkpoint is whole; make room and go on with: train resume %s", err, r.dir)
}

// statusOf is how the manifest calls a run that ended with an error.
func statusOf(err error) string {
	var stop *Interrupted
	if errors.As(err, &stop) {
		return "interrupted"
	}
	return "failed"
}

// place is a point of a run between two of its actions: Step updates are made,
// and the last validation came after step Validated.
type place struct {
	Step      int `json:"step"`
	Validated int `json:"validated"`
}

// theEnd is behind every place.
var theEnd = place{math.MaxInt, math.MaxInt}

// train goes on from where the session is to the recipe's last step, to the
// end of patience, or to a place on the way, and leaves a checkpoint there.
func (r *run) train(ctx context.Context, until place) error {
	r.journal.begin()
	if err := r.keepBest(); err != nil {
		return err
	}
	for {
		var err error
		switch {
		case r.prog.Step >= until.Step && (r.prog.Validated >= until.Validated || !r.validationDue()):
			return r.checkpoint()
		case ctx.Err() != nil, r.enough() && !r.validationDue():
			if err := r.checkpoint(); err != nil {
				return err
			}
			r.drawStopped()
			return &Interrupted{Dir: r.dir, Step: r.prog.Step}
		case r.validationDue():
			err = r.validate(ctx)
		case r.prog.Step >= r.length.steps || r.stale():
			return nil
		default:
			err = r.step()
		}
		if err != nil && (ctx.Err() == nil || !errors.Is(err, ctx.Err())) {
			return err
		}
	}
}

// enough says whether the share of the steps that was asked for is done.
func (s *session) enough() bool {
	return s.share > 0 && s.share < 1 && float64(s.prog.Step) >= s.share*float64(s.length.steps) && s.prog.Step < s.length.steps
}

// validationDue says whether the next thing to do is a validation.
func (s *session) validationDue() bool {
	step := s.prog.Step
	return s.prog.Validated < step && (s.length.due(step, s.recipe.Validation.Every) || step >= s.length.steps)
}

// stale says whether patience has run out.
func (s *session) stale() bool {
	patience := s.recipe.Validation.Patience
	return patience > 0 && s.prog.Stale >= patience
}

// step makes one update and writes down what it measured.
func (r *run) step() error {
	r.journal.watch.start()
	batch, err := r.loader.Batch(r.prog.Step)
	if err != nil {
		return err
	}
	r.journal.watch.lap(load)
	m, err := r.learn(batch, &r.journal.watch)
	if err != nil {
		var bad *NotFinite
		if errors.As(err, &bad) {
			bad.Last = existing(r.dir.path(lastFile))
		}
		return err
	}
	if err := r.journal.step(m, batch.Files); err != nil {
		return err
	}
	if err := r.hashes.check(); err != nil {
		return err
	}
	if r.length.due(r.prog.Step, r.recipe.Save.Every) && !r.validationDue() {
		if err := r.checkpoint(); err != nil {
			return err
		}
	}
	r.journal.watch.lap(writing)
	return nil
}

// checkpoint saves the state that Resume goes on from. The metrics go to the
// disk first: Resume cuts them back to the checkpoint.
func (r *run) checkpoint() error {
	if err := r.hashes.unchanged(); err != nil {
		return err
	}
	if err := r.journal.flush(true); err != nil {
		return err
	}
	if err := r.save(r.dir.path(lastFile)); err != nil {
		return err
	}
	if err := r.keepBest(); err != nil {
		return err
	}
	if data := r.hashes.merge(r.man.Data); len(data) != len(r.man.Data) {
		r.man.Data = data
		return r.man.save(r.dir)
	}
	return nil
}

// keepBest saves the weights where they are the best so far. It comes after
// the state that says so: what a kill between the two left out is made up for
// when the run goes on, and no file speaks of steps that are not made again.
func (r *run) keepBest() error {
	if r.prog.BestStep == 0 || r.prog.BestStep != r.prog.Step || r.prog.Validated != r.prog.Step {
		return nil
	}
	return r.saveBest(r.dir.path(bestFile))
}

// existing returns path where there is a file, else "".
func existing(path string) string {
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}
