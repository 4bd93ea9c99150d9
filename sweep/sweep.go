package sweep

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"partials/metric"
	"partials/train"
)

// The files of a sweep's folder, beside those of its results.
const (
	planFile  = "plan.json"
	trialsDir = "trials"
)

// Options say how a sweep is carried out. They change no result.
type Options struct {
	Train train.Options // RunsDir is where the sweep's folder is made
	Name  string        // of the folder; a sweep goes on in the folder it began in
	Jobs  int           // trials at once; 0 is 1
	Only  int           // the index of the one trial to train, for a cluster; -1 for all
	// Told hears of every trial that is done, or failed; it may be nil.
	Told func(Result)
}

// Result is what became of a trial.
type Result struct {
	Trial    int               `json:"trial"`
	Settings map[string]string `json:"settings"`
	Dir      string            `json:"dir"`
	Status   string            `json:"status"` // as of a run, "waiting" before it, "stopped" where halving left it
	Step     int               `json:"step"`
	Metric   string            `json:"metric"`
	Best     *train.Number     `json:"best"` // null before the first validation
	BestStep int               `json:"best_step"`
	Seconds  float64           `json:"seconds"`
	Error    string            `json:"error,omitempty"`
}

func (r Result) best() float64 {
	if r.Best == nil {
		return math.NaN()
	}
	return float64(*r.Best)
}

// Stopped is the error of a sweep that was asked to stop: everything is saved,
// and the same call goes on.
type Stopped struct{ Dir string }

func (e *Stopped) Error() string {
	return fmt.Sprintf("stopped; every trial is saved in %s", e.Dir)
}

// Sweep is a sweep in its folder.
type Sweep struct {
	plan   Plan
	o      Options
	dir    string
	trials []Trial
	failed map[int]error
}

// Open makes the folder of a sweep, or finds it where the same sweep began
// before. Nothing is trained yet. Errors are the user's to mend.
func Open(p Plan, o Options) (*Sweep, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	s := &Sweep{plan: p, o: o, dir: filepath.Join(o.Train.RunsDir, o.Name), trials: p.Trials(), failed: map[int]error{}}
	if o.Only >= len(s.trials) {
		return nil, fmt.Errorf("trial %d is asked for, and there are %d, from 0 on", o.Only, len(s.trials))
	}
	if o.Only >= 0 && p.Halving > 0 {
		return nil, errors.New("a single trial cannot be trained with halving, which compares all of them on the way")
	}
	recipes, err := p.recipes(s.trials, o.Train)
	if err != nil {
		return nil, err
	}
	if err := p.checkHalving(recipes); err != nil {
		return nil, err
	}
	return s, s.claim()
}

// checkHalving reports recipes that measure nothing before they are compared.
func (p Plan) checkHalving(recipes []train.Recipe) error {
	if p.Halving == 0 {
		return nil
	}
	first := p.rounds(len(recipes))[0].share
	for _, r := range recipes {
		length := r.Steps
		if r.Epochs > 0 {
			length = r.Epochs
		}
		if every := r.Validation.Every; every == 0 || float64(every) > first*float64(length) {
			return fmt.Errorf("the first round of halving ends after %.3g of %d, before the first validation (validate.every is %d, 0 for the end only); "+
				"make it smaller, or train longer", first*float64(length), length, every)
		}
	}
	return nil
}

// claim makes the folder the plan's, or finds that it is.
func (s *Sweep) claim() error {
	text, err := json.MarshalIndent(s.plan, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if err := os.MkdirAll(filepath.Join(s.dir, trialsDir), 0o777); err != nil {
		return fmt.Errorf("making the sweep's folder: %w", err)
	}
	path := filepath.Join(s.dir, planFile)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		have, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !bytes.Equal(have, text) {
			return fmt.Errorf("%s holds another sweep: its %s has other settings, or the recipe was changed since; choose another --name", s.dir, planFile)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("making the sweep's folder: %w", err)
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// Dir is the sweep's folder.
func (s *Sweep) Dir() string { return s.dir }

// Run trains what is not trained yet and returns the results of all trials, the
// best first. A trial that fails is a result, not an error. When ctx is done the
// trials finish their steps, save, and Run returns *Stopped with what there is.
func (s *Sweep) Run(ctx context.Context) ([]Result, error) {
	going := s.trials
	if s.o.Only >= 0 {
		going = s.trials[s.o.Only : s.o.Only+1]
	}
	for _, round := range s.plan.rounds(len(s.trials)) {
		if s.o.Only < 0 {
			going = s.best(going, round.trials)
		}
		if err := s.train(ctx, going, round.share); err != nil {
			return s.Results(), err
		}
	}
	return s.Results(), nil
}

// best returns the n best trials, in their order. Before anything is trained all
// are equally good.
func (s *Sweep) best(trials []Trial, n int) []Trial {
	if n >= len(trials) {
		return trials
	}
	results := make([]Result, len(trials))
	for i, t := range trials {
		results[i] = s.result(t)
	}
	sortResults(results)
	var list []Trial
	for _, t := range trials {
		if slices.ContainsFunc(results[:n], func(r Result) bool { return r.Trial == t.Index }) {
			list = append(list, t)
		}
	}
	return list
}

// train brings the trials to a share of their steps, some at once.
func (s *Sweep) train(ctx context.Context, trials []Trial, share float64) error {
	jobs := min(max(1, s.o.Jobs), len(trials))
	o := s.o.Train
	o.RunsDir, o.Share, o.Display = filepath.Join(s.dir, trialsDir), share, nil
	if o.Threads == 0 {
		o.Threads = max(1, runtime.GOMAXPROCS(0)/jobs)
	}
	var mu sync.Mutex
	var group sync.WaitGroup
	queue := make(chan Trial)
	for range jobs {
		group.Go(func() {
			for t := range queue {
				err := s.trial(ctx, t, o)
				mu.Lock()
				if err != nil && ctx.Err() == nil {
					s.failed[t.Index] = err
				}
				if s.o.Told != nil && ctx.Err() == nil {
					s.o.Told(s.result(t))
				}
				mu.Unlock()
			}
		})
	}
	for _, t := range trials {
		if ctx.Err() != nil {
			break
		}
		queue <- t
	}
	close(queue)
	group.Wait()
	if ctx.Err() != nil {
		return &Stopped{s.dir}
	}
	return nil
}

// trial starts a trial's run, or goes on with it.
func (s *Sweep) trial(ctx context.Context, t Trial, o train.Options) error {
	dir, err := train.OpenDir(filepath.Join(o.RunsDir, t.Name()), o.RunsDir)
	if err != nil { // not begun, or killed while its folder was made
		if err := os.RemoveAll(filepath.Join(o.RunsDir, t.Name())); err != nil {
			return err
		}
		r, err := o.LoadRecipe(s.plan.Recipe, s.plan.settings(t)...)
		if err != nil {
			return err
		}
		_, err = train.Start(ctx, r, o)
		return asked(err)
	}
	sum, err := train.Summarise(dir, o)
	if err != nil {
		return err
	}
	if sum.Status == "finished" || sum.Status == "stopped early" || o.Share < 1 && float64(sum.Step) >= o.Share*float64(sum.Steps) {
		return nil
	}
	_, err = train.Resume(ctx, dir, nil, o)
	return asked(err)
}

// asked drops the error of a run that stopped because it was to.
func asked(err error) error {
	var stop *train.Interrupted
	if errors.As(err, &stop) {
		return nil
	}
	return err
}

// Results are those of all trials, the best first.
func (s *Sweep) Results() []Result {
	list := make([]Result, len(s.trials))
	for i, t := range s.trials {
		list[i] = s.result(t)
	}
	sortResults(list)
	return list
}

// result reads what the folder of a trial says.
func (s *Sweep) result(t Trial) Result {
	r := Result{Trial: t.Index, Settings: map[string]string{}, Status: "waiting",
		Dir: filepath.Join(s.dir, trialsDir, t.Name())}
	for i, a := range s.plan.Axes {
		r.Settings[a.Key] = t.Values[i]
	}
	if err := s.failed[t.Index]; err != nil {
		r.Status, r.Error = "failed", err.Error()
	}
	dir, err := train.OpenDir(r.Dir, s.dir)
	if err != nil {
		return r
	}
	c, err := train.Compare([]train.Dir{dir}, s.o.Train)
	if err != nil {
		r.Status, r.Error = "failed", err.Error()
		return r
	}
	run := c.Runs[0]
	r.Step, r.Metric, r.Best, r.BestStep, r.Seconds = run.Step, run.Metric, run.Best, run.BestStep, run.Seconds
	if r.Error == "" {
		r.Status = run.Status
	}
	if r.Status == "interrupted" && s.plan.Halving > 0 {
		r.Status = "stopped"
	}
	return r
}

// sortResults puts the best first, those without a value last, equals in the
// order of the trials.
func sortResults(list []Result) {
	slices.SortStableFunc(list, func(a, b Result) int {
		m, _ := metric.Get(a.Metric) // the loss is none: lower is better
		x, y := a.best(), b.best()
		switch {
		case m.Better(x, y):
			return -1
		case m.Better(y, x):
			return 1
		}
		return a.Trial - b.Trial
	})
}
