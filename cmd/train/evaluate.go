package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"partials/train"
)

func (a *app) evaluateCommand() *cobra.Command {
	return a.stoppable(finishes, a.jsonFlag(&cobra.Command{
		Use:   "evaluate RUN [key=value ...]",
		Short: "Measure a run's best weights on its validation data",
		Long: `Measure a run's best weights on its validation data, excerpt by excerpt, or on
other data given with key=value, as in data.input=a.wav data.target=b.wav.

Where inputs are degraded targets, as noisy speech is, "before" is what they
measure without the model. The real-time factor is the seconds that the model
takes for a second of sound.

With --json: mean {metric: value}, before {metric: value}, excerpts [{name,
seconds, tags, values, before}], groups [{name, value, excerpts, mean, before}],
real_time_factor.`,
		Example: `  train evaluate quickstart
  train evaluate quickstart --json`,
		ValidArgsFunction: a.completeRun,
		RunE: func(c *cobra.Command, args []string) error {
			dir, err := a.openRun(args[0])
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
			if err := a.printExcerpts(e); err != nil {
				return err
			}
			fmt.Fprintln(a.out, "mean")
			if err := a.printMeans(e); err != nil {
				return err
			}
			fmt.Fprintf(a.out, "real-time factor %.3g\n", e.RealTime)
			return nil
		},
	}))
}

// printExcerpts prints a row of metrics for each excerpt, and for each group of
// them.
func (a *app) printExcerpts(e *train.Evaluation) error {
	names := slices.Sorted(maps.Keys(e.Excerpts[0].Values))
	line := func(values map[string]train.Number) (cells []string) {
		for _, name := range names {
			cells = append(cells, fmt.Sprintf("%.4g", float64(values[name])))
		}
		return cells
	}
	rows := [][]string{append([]string{"excerpt", "seconds"}, names...)}
	for _, x := range e.Excerpts {
		name := x.Name
		for _, tag := range x.Tags {
			name += ", " + tag.Value
		}
		rows = append(rows, append([]string{name, fmt.Sprintf("%.3g", x.Seconds)}, line(x.Values)...))
	}
	for _, g := range e.Groups {
		rows = append(rows, append([]string{g.Name + " " + g.Value, count(g.Excerpts, "excerpt")}, line(g.Mean)...))
	}
	return a.table(rows)
}
