package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"partials/train"
)

func (a *app) evaluateCommand() *cobra.Command {
	return a.stoppable(finishes, a.jsonFlag(&cobra.Command{
		Use:   "evaluate RUN [key=value ...]",
		Short: "Measure a run's best weights on its validation data",
		Long: `Measure a run's best weights on its validation data, excerpt by excerpt, or on
other data given with key=value, as in data.input=a.wav data.target=b.wav.

With --json: mean {metric: value}, excerpts [{name, seconds, values {metric: value}}].`,
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
			for _, x := range e.Excerpts {
				fmt.Fprintf(a.out, "%s (%.3g s)\n", x.Name, x.Seconds)
				if err := a.printValues(x.Values); err != nil {
					return err
				}
			}
			fmt.Fprintln(a.out, "mean")
			return a.printValues(e.Mean)
		},
	}))
}
