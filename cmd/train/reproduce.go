package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"partials/train"
)

func (a *app) reproduceCommand() *cobra.Command {
	return a.stoppable(finishes, &cobra.Command{
		Use:   "reproduce RUN",
		Short: "Run a run again and say whether every bit is the same",
		Long: `Run a run again, in a temporary folder, and compare every metric and the final
weights. Says "the same bits", or from which step on they differ and by how much
(exit code 3).`,
		Example: `  train reproduce quickstart
  train reproduce quickstart --threads 1`,
		ValidArgsFunction: a.completeRun,
		RunE: func(c *cobra.Command, args []string) error {
			dir, err := a.openRun(args[0])
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
			fmt.Fprintf(a.out, "%s: the same bits: %s of metrics up to step %d, and the final weights\n", dir, count(rep.Records, "record"), rep.Step)
			return nil
		},
	})
}
