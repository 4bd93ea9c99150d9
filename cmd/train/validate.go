package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"partials/train"
)

func (a *app) validateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "validate RECIPE [key=value ...]",
		Short: "Say whether a recipe can run, without running it",
		Long: `Read a recipe, open its data, build its model and run one batch forward and
backward; print the resolved recipe with every default written out, and what is
known of the model as a last comment.
` + overridesHelp,
		Example: `  train validate my.yaml
  train validate quickstart model.kind=lstm > lstm.yaml`,
		ValidArgsFunction: completeRecipe,
		RunE: func(_ *cobra.Command, args []string) error {
			o := a.calm()
			r, err := o.LoadRecipe(args[0], args[1:]...)
			if err != nil {
				return usageError{err}
			}
			c, err := train.Check(r, o)
			if err != nil {
				return usageError{err}
			}
			field := "an unbounded receptive field"
			if c.Facts.ReceptiveField > 0 {
				field = "a receptive field of " + count(c.Facts.ReceptiveField, "sample")
			}
			fmt.Fprint(a.out, c.Recipe)
			fmt.Fprintf(a.out, "# good: %s, %s, a latency of %s, %.0f multiply-adds per sample; %s in an epoch, %s at %d Hz\n",
				count(c.Parameters, "parameter"), field, count(c.Facts.Latency, "sample"), c.Facts.MACs,
				count(c.Examples, "example"), count(c.Excerpts, "validation excerpt"), c.Rate)
			return nil
		},
	}
}
