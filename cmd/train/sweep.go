package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"partials/sweep"
)

// sweepFlags are the flags of train sweep.
type sweepFlags struct {
	name              string
	random, halving   int
	seed              uint64
	jobs, only        int
	slurm             bool
	image, claim      string
	atOnce, trialCPUs int
}

func (a *app) sweepCommand() *cobra.Command {
	var f sweepFlags
	c := a.stoppable(finishesStep, a.jsonFlag(&cobra.Command{
		Use:   "sweep RECIPE key=a,b,c [key=value ...]",
		Short: "Train a recipe with many settings and say which are best",
		Long: `Train a recipe with every combination of the values given, or with --random N of
them: key=a,b,c lists values, and with --random key='uniform(0, 1)',
'log(1e-5, 1e-2)' or 'int(4, 32)' is a range. With --halving 3 all trials train
for a short while, the best third goes on for three times as long, and so on.

The sweep is a folder of --runs-dir with a run for each trial, results.csv,
parallel.png and the curves of the best. The same command goes on where it was
stopped.

--slurm prints a job array, and --kubernetes IMAGE a Job, that spread the same
trials over a cluster: it runs train sweep ... --trial I for each, and the same
command without --trial prints the table when all are done.

With --json: [{trial, settings, dir, status, step, metric, best, best_step,
seconds, error}], the best first.`,
		Example: `  train sweep quickstart optim.lr=1e-4,1e-3,1e-2 model.channels=8,16 --jobs 2
  train sweep my.yaml optim.lr='log(1e-4, 1e-2)' model.channels='int(4, 24)' --random 20 --halving 3
  train sweep my.yaml optim.lr=1e-4,1e-3 --slurm > sweep.sbatch`,
		ValidArgsFunction: completeRecipe,
		RunE: func(c *cobra.Command, args []string) error {
			p, err := a.plan(args[0], args[1:], f)
			if err != nil {
				return usageError{err}
			}
			if f.name == "" {
				f.name = "sweep-" + strings.TrimSuffix(filepath.Base(args[0]), filepath.Ext(args[0]))
			}
			if f.slurm || f.image != "" {
				return a.printManifest(p, args, f)
			}
			o := sweep.Options{Train: a.calm(), Name: f.name, Jobs: f.jobs, Only: f.only}
			if !a.quiet && !a.json {
				o.Told = func(r sweep.Result) { a.told(p, r) }
			}
			s, err := sweep.Open(p, o)
			if err != nil {
				return usageError{err}
			}
			return a.runSweep(c.Context(), s, f.only)
		},
	}))
	fl := c.Flags()
	fl.StringVar(&f.name, "name", "", "name of the sweep's folder (default sweep-RECIPE)")
	fl.IntVar(&f.random, "random", 0, "combinations to draw at random; 0 for all")
	fl.Uint64Var(&f.seed, "seed", 0, "decides what is drawn")
	fl.IntVar(&f.halving, "halving", 0, "successive halving: how many times fewer trials go on each round, 2 or more; 0 for none")
	fl.IntVar(&f.jobs, "jobs", 1, "trials at once, which share the threads")
	fl.IntVar(&f.only, "trial", -1, "train this trial only, counted from 0")
	fl.BoolVar(&f.slurm, "slurm", false, "print a Slurm job array instead")
	fl.StringVar(&f.image, "kubernetes", "", "print a Kubernetes Job of this container image instead")
	fl.StringVar(&f.claim, "claim", "partials", "with --kubernetes: the persistent volume claim of data and runs")
	fl.IntVar(&f.atOnce, "at-once", 0, "with --slurm or --kubernetes: trials that run at the same time; 0 sets no limit")
	fl.IntVar(&f.trialCPUs, "cpus", 4, "with --slurm or --kubernetes: CPUs of a trial")
	return c
}

// plan puts the command line together.
func (a *app) plan(recipe string, settings []string, f sweepFlags) (sweep.Plan, error) {
	axes, fixed, err := sweep.ParseAxes(settings)
	if err != nil {
		return sweep.Plan{}, err
	}
	text, err := a.calm().Resolve(recipe, fixed)
	if err != nil {
		return sweep.Plan{}, err
	}
	if f.jobs < 1 || f.jobs > 1024 {
		return sweep.Plan{}, fmt.Errorf("--jobs is %d; it must be from 1 to 1024", f.jobs)
	}
	if f.trialCPUs < 1 || f.atOnce < 0 {
		return sweep.Plan{}, fmt.Errorf("--cpus is %d and --at-once is %d; they must be at least 1 and 0", f.trialCPUs, f.atOnce)
	}
	return sweep.Plan{Recipe: recipe, Text: text, Fixed: slices.Clone(fixed), Axes: axes, Random: f.random, Seed: f.seed, Halving: f.halving}, nil
}

// runSweep trains and shows the results.
func (a *app) runSweep(ctx context.Context, s *sweep.Sweep, only int) error {
	results, err := s.Run(ctx)
	var stopped *sweep.Stopped
	if err != nil && !errors.As(err, &stopped) {
		return err
	}
	if only >= 0 { // one of many processes: the table comes when all are done
		i := slices.IndexFunc(results, func(r sweep.Result) bool { return r.Trial == only })
		results = results[i : i+1]
	}
	pictures, drawing := []string(nil), error(nil)
	if only < 0 {
		pictures, drawing = s.Save(results)
	}
	if a.json {
		drawing = errors.Join(drawing, a.printJSON(results))
	} else {
		drawing = errors.Join(drawing, a.table(s.Table(results)))
		for _, p := range pictures {
			fmt.Fprintln(a.out, p)
		}
	}
	if stopped != nil {
		return errors.Join(stopped, drawing)
	}
	if drawing != nil {
		return drawing
	}
	if bad := slices.IndexFunc(results, func(r sweep.Result) bool { return r.Error != "" }); bad >= 0 {
		n := 0
		for _, r := range results {
			if r.Error != "" {
				n++
			}
		}
		return fmt.Errorf("%s failed, the first with: %s", count(n, "trial"), results[bad].Error)
	}
	return nil
}

// told is a line about a trial that is done.
func (a *app) told(p sweep.Plan, r sweep.Result) {
	var words []string
	for _, x := range p.Axes {
		words = append(words, x.Key+"="+r.Settings[x.Key])
	}
	what := r.Status
	switch {
	case r.Error != "":
		what = r.Error
	case r.Best != nil:
		what = fmt.Sprintf("%s %.4g at step %d", r.Metric, float64(*r.Best), r.BestStep)
	}
	fmt.Fprintf(a.err, "trial %d (%s), step %d: %s\n", r.Trial, strings.Join(words, " "), r.Step, what)
}

// printManifest prints the manifest of a cluster for the same command line.
func (a *app) printManifest(p sweep.Plan, args []string, f sweepFlags) error {
	if f.halving > 0 {
		return usage("--halving compares all trials on the way, which separate jobs of a cluster cannot")
	}
	if err := p.Check(); err != nil {
		return usageError{err}
	}
	program := append([]string{"train", "sweep"}, args...)
	program = append(program, "--name", f.name, "--runs-dir", a.runsDir)
	if f.random > 0 {
		program = append(program, "--random", fmt.Sprint(f.random), "--seed", fmt.Sprint(f.seed))
	}
	c := sweep.Cluster{Program: program, Name: f.name, Trials: len(p.Trials()), AtOnce: f.atOnce, CPUs: f.trialCPUs, Image: f.image, Claim: f.claim}
	if f.slurm {
		fmt.Fprint(a.out, c.Slurm())
	} else {
		fmt.Fprint(a.out, c.Kubernetes())
	}
	return nil
}
