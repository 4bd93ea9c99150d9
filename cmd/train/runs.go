package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"partials/train"
)

const overridesHelp = `
Any value of a recipe can be changed with key=value, as in optim.lr=1e-3,
model.kind=lstm or loss[0].weight=2.`

func (a *app) runCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "run RECIPE [key=value ...]",
		Short: "Train a model by a recipe: a name from `train recipes`, or a .yaml file",
		Long: `Train a model by a recipe: a name from "train recipes", or the path of a .yaml
file. The run is left in a new folder of --runs-dir, with curves, spectrograms,
sounds, checkpoints and report.html. Ctrl-C finishes the step, saves, and says
how to go on.
` + overridesHelp,
		Example: `  train run quickstart
  train run quickstart steps=200 seed=1
  train run my.yaml data.input=clean.wav data.target=amp.wav`,
		Args: cobra.MinimumNArgs(1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return train.Recipes(), cobra.ShellCompDirectiveDefault
			}
			return nil, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			o := a.options()
			r, err := o.LoadRecipe(args[0], args[1:]...)
			if err != nil {
				return usageError{err}
			}
			res, err := train.Start(c.Context(), r, o)
			return a.finished(res, err)
		},
	}
}

func (a *app) resumeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "resume RUN [key=value ...]",
		Short: "Go on with a run from its last checkpoint, bit for bit",
		Long: `Go on with a run from its last checkpoint: the bits are those of a run that was
never stopped. With key=value the recipe changes from here on, as in
steps=20000, which is recorded in the run as a new segment.`,
		Example: `  train resume quickstart
  train resume runs/quickstart steps=5000`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: a.completeRun,
		RunE: func(c *cobra.Command, args []string) error {
			dir, err := train.OpenDir(args[0], a.runsDir)
			if err != nil {
				return err
			}
			res, err := train.Resume(c.Context(), dir, args[1:], a.options())
			return a.finished(res, err)
		},
	}
}

// finished tells how a run ended.
func (a *app) finished(res *train.Result, err error) error {
	if err != nil {
		return err
	}
	why := ""
	if res.Early {
		why = " (stopped early: no improvement)"
	}
	fmt.Fprintf(a.out, "%s: %d steps%s\n", res.Dir, res.Steps, why)
	if res.BestStep > 0 {
		fmt.Fprintf(a.out, "best weights at step %d\n", res.BestStep)
	}
	if err := a.printValues(res.Valid); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "report: %s\n", res.Dir.Report())
	return nil
}

// printValues prints a table of metrics.
func (a *app) printValues(values map[string]train.Number) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(w, "  %s\t%.5g\n", name, float64(values[name]))
	}
	return w.Flush()
}

func (a *app) reproduceCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "reproduce RUN",
		Short: "Run a run again and say whether every bit is the same",
		Long: `Run a run again, in a temporary folder, and compare every metric and the final
weights. Says "the same bits", or from which step on they differ and by how much
(exit code 3).`,
		Example:           `  train reproduce quickstart --threads 1`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeRun,
		RunE: func(c *cobra.Command, args []string) error {
			dir, err := train.OpenDir(args[0], a.runsDir)
			if err != nil {
				return err
			}
			rep, err := train.Reproduce(c.Context(), dir, a.options())
			if err != nil {
				return err
			}
			for _, n := range rep.Notes {
				fmt.Fprintf(a.out, "note: %s\n", n)
			}
			if !rep.Same {
				fmt.Fprintf(a.out, "%s: not the same bits, from step %d on: %s\n", dir, rep.Step, rep.What)
				return errDiffers
			}
			fmt.Fprintf(a.out, "%s: the same bits: %d records of metrics up to step %d, and the final weights\n", dir, rep.Records, rep.Step)
			return nil
		},
	}
}

func (a *app) evaluateCommand() *cobra.Command {
	return a.jsonFlag(&cobra.Command{
		Use:   "evaluate RUN [key=value ...]",
		Short: "Measure a run's best weights on its validation data",
		Long: `Measure a run's best weights on its validation data, excerpt by excerpt, or on
other data given with key=value, as in data.input=a.wav data.target=b.wav.

With --json: mean {metric: value}, excerpts [{name, seconds, values {metric: value}}].`,
		Example:           `  train evaluate quickstart --json`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: a.completeRun,
		RunE: func(c *cobra.Command, args []string) error {
			dir, err := train.OpenDir(args[0], a.runsDir)
			if err != nil {
				return err
			}
			e, err := train.Evaluate(c.Context(), dir, args[1:], a.calm())
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(e)
			}
			for _, x := range e.Excerpts {
				fmt.Fprintf(a.out, "%s (%.3g s)\n", x.Name, x.Seconds)
				if err := a.printValues(x.Values); err != nil {
					return err
				}
			}
			fmt.Fprintln(a.out, "mean")
			return a.printValues(e.Mean)
		},
	})
}

func (a *app) listCommand() *cobra.Command {
	return a.jsonFlag(&cobra.Command{
		Use:   "list",
		Short: "List the runs in --runs-dir",
		Long: `List the runs in --runs-dir.

With --json: [{name, dir, status, step, steps, model, metric, best, best_step, started}].`,
		Example: `  train list --json`,
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			dirs, err := train.ListDirs(a.runsDir)
			if err != nil {
				return err
			}
			list := []train.Summary{}
			for _, d := range dirs {
				s, err := train.Summarise(d, a.calm())
				if err != nil {
					fmt.Fprintf(a.err, "train: %s: %v\n", d, err)
					continue
				}
				list = append(list, s)
			}
			if a.json {
				return a.printJSON(list)
			}
			w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "RUN\tSTATUS\tSTEP\tMODEL\tBEST\tSTARTED")
			for _, s := range list {
				best := "-"
				if s.Best != nil {
					best = fmt.Sprintf("%s %.4g", s.Metric, float64(*s.Best))
				}
				fmt.Fprintf(w, "%s\t%s\t%d/%d\t%s\t%s\t%s\n", s.Name, s.Status, s.Step, s.Steps, s.Model, best, s.Started)
			}
			return w.Flush()
		},
	})
}

// completeRun completes the first argument with the names of runs.
func (a *app) completeRun(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	dirs, err := train.ListDirs(a.runsDir)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, d := range dirs {
		names = append(names, filepath.Base(string(d)))
	}
	return names, cobra.ShellCompDirectiveDefault
}
