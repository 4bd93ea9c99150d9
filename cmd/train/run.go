package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"partials/train"
)

const overridesHelp = `
Any value of a recipe can be changed with key=value, as in optim.lr=1e-3,
model.kind=lstm or loss[0].weight=2. "train fields" lists all keys.`

func (a *app) runCommand() *cobra.Command {
	detect, profile := false, false
	var logs logFlags
	c := a.stoppable(finishesStep, &cobra.Command{
		Use:   "run RECIPE [key=value ...]",
		Short: "Train a model by a recipe",
		Long: `Train a model by a recipe: a name from "train recipes", or the path of a .yaml
file. The run is left in a new folder of --runs-dir, with curves, spectrograms,
sounds, checkpoints and report.html. Ctrl-C finishes the step, saves, and says
how to go on.
` + overridesHelp,
		Example: `  train run quickstart
  train run quickstart steps=200 seed=1
  train run my.yaml data.input=clean.wav data.target=amp.wav
  train run my.yaml --tensorboard           # then: tensorboard --logdir runs`,
		ValidArgsFunction: completeRecipe,
		RunE: func(c *cobra.Command, args []string) error {
			o := a.options()
			o.DetectAnomaly = detect
			o.Profile = profile
			r, err := o.LoadRecipe(args[0], logs.over(args[1:])...)
			if err != nil {
				return usageError{err}
			}
			res, err := train.Start(c.Context(), r, o)
			return a.finished(res, err)
		},
	})
	anomalyFlag(c, &detect)
	profileFlag(c, &profile)
	logs.add(c)
	return c
}

// logFlags are short for keys of a recipe's log section.
type logFlags struct {
	tensorboard bool
	mlflow      string
}

func (f *logFlags) add(c *cobra.Command) {
	c.Flags().BoolVar(&f.tensorboard, "tensorboard", false, "write event files for TensorBoard into the run's folder (log.tensorboard=true)")
	c.Flags().StringVar(&f.mlflow, "mlflow", "", "log the run to an MLflow server, as http://127.0.0.1:5000 (log.mlflow=...)")
}

// over adds what the flags say to a list of overrides.
func (f *logFlags) over(overrides []string) []string {
	list := slices.Clone(overrides)
	if f.tensorboard {
		list = append(list, "log.tensorboard=true")
	}
	if f.mlflow != "" {
		list = append(list, "log.mlflow="+f.mlflow)
	}
	return list
}

// anomalyFlag gives a command that trains --detect-anomaly.
func anomalyFlag(c *cobra.Command, on *bool) {
	c.Flags().BoolVar(on, "detect-anomaly", false, "look at every number of every step and name the first operation that makes NaN or infinity (slow)")
}

// profileFlag gives a command that trains --profile.
func profileFlag(c *cobra.Command, on *bool) {
	c.Flags().BoolVar(on, "profile", false, "leave profiles of processor and memory in the run's folder, for go tool pprof")
}

func (a *app) resumeCommand() *cobra.Command {
	detect, profile := false, false
	var logs logFlags
	c := a.stoppable(finishesStep, &cobra.Command{
		Use:   "resume RUN [key=value ...]",
		Short: "Go on with a run from its last checkpoint, bit for bit",
		Long: `Go on with a run from its last checkpoint: the bits are those of a run that was
never stopped. With key=value the recipe changes from here on, as in
steps=20000, which is recorded in the run as a new segment.`,
		Example: `  train resume quickstart
  train resume runs/quickstart steps=5000`,
		ValidArgsFunction: a.completeRun,
		RunE: func(c *cobra.Command, args []string) error {
			dir, err := a.openRun(args[0])
			if err != nil {
				return err
			}
			o := a.options()
			o.DetectAnomaly = detect
			o.Profile = profile
			res, err := train.Resume(c.Context(), dir, logs.over(args[1:]), o)
			return a.finished(res, err)
		},
	})
	anomalyFlag(c, &detect)
	profileFlag(c, &profile)
	logs.add(c)
	return c
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
	fmt.Fprintf(a.out, "%s: %s%s\n", res.Dir, count(res.Steps, "step"), why)
	if res.BestStep > 0 {
		fmt.Fprintf(a.out, "best weights at step %d\n", res.BestStep)
	}
	if res.Valid != nil {
		if err := a.printMeans(res.Valid); err != nil {
			return err
		}
	}
	fmt.Fprintf(a.out, "speed: %s\n", speed(res.Costs))
	fmt.Fprintf(a.out, "memory: %s\n", memory(res.Costs))
	fmt.Fprintf(a.out, "report: %s\n", res.Dir.Report())
	return nil
}

// speed says how fast a run trained.
func speed(c train.Costs) string { return fmt.Sprintf("%.3g x real time", c.RealTime) }

// memory says what a run needed.
func memory(c train.Costs) string {
	step := fmt.Sprintf("%.3g MB in a step", float64(c.Arena)/1e6)
	if c.Memory == 0 {
		return step
	}
	return fmt.Sprintf("%.3g MB at most, %s", float64(c.Memory)/1e6, step)
}

// printMeans prints a table of the metrics of a validation, with those before
// the model where there are any.
func (a *app) printMeans(e *train.Evaluation) error {
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(e.Mean)) {
		row := []string{"  " + name, fmt.Sprintf("%.5g", float64(e.Mean[name]))}
		if v, ok := e.Before[name]; ok {
			row = append(row, fmt.Sprintf("before %.5g", float64(v)))
		}
		rows = append(rows, row)
	}
	return a.table(rows)
}
