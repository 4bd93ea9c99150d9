package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"partials/train"
)

func (a *app) examplesCommand() *cobra.Command {
	var number int
	c := a.stoppable(finishes, &cobra.Command{
		Use:   "examples RECIPE DIR [key=value ...]",
		Short: "Write what a recipe trains and validates on as WAV files",
		Long: `Write the first training examples of a recipe below DIR, in the order of training,
to listen to or for other programs: 000000_input.wav and 000000_target.wav. An
input begins with the model's context, a target is late by its latency. The
validation mix of noisy data is written too, with a list, in a folder that
data.validation_mix can name.
` + overridesHelp,
		Example: `  train examples denoise heard/ data.clean=speech/ data.noise=noise/
  train examples denoise heard/ --number 1000`,
		ValidArgsFunction: completeRecipe,
		RunE: func(c *cobra.Command, args []string) error {
			const most = 1_000_000
			if number < 0 || number > most {
				return usage("--number is %d; it must be from 0 to %d", number, most)
			}
			o := a.calm()
			r, err := o.LoadRecipe(args[0], args[2:]...)
			if err != nil {
				return usageError{err}
			}
			mix, err := train.WriteExamples(c.Context(), r, args[1], number, o)
			if err != nil {
				return err
			}
			fmt.Fprintf(a.out, "%s: %s\n", args[1], count(number, "training example"))
			if mix != "" {
				fmt.Fprintf(a.out, "%s: the validation mix\n", mix)
			}
			return nil
		},
	})
	c.Flags().IntVar(&number, "number", 16, "how many training examples")
	return c
}
