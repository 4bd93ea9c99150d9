package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"partials/train"
)

func (a *app) verifyCommand() *cobra.Command {
	return a.stoppable(finishes, a.jsonFlag(&cobra.Command{
		Use:   "verify RUN",
		Short: "Check the hashes of a run's data and of what it made",
		Long: `Read every file that the run's manifest has the SHA-256 of: its data, the weights
it started from, and, for a finished run, its checkpoints, metrics, pictures and
sounds. Says which changed or are missing (exit code 1).

With --json: complete (false for a run that did not finish), files [{path, role,
state, was, is}].`,
		Example: `  train verify quickstart
  train verify quickstart --json`,
		ValidArgsFunction: a.completeRun,
		RunE: func(c *cobra.Command, args []string) error {
			dir, err := a.openRun(args[0])
			if err != nil {
				return err
			}
			files, complete, err := train.Verify(c.Context(), dir)
			if err != nil {
				return err
			}
			bad := 0
			for _, f := range files {
				if !f.OK() {
					bad++
				}
			}
			if a.json {
				if err := a.printJSON(struct {
					Complete bool             `json:"complete"`
					Files    []train.Verified `json:"files"`
				}{complete, files}); err != nil {
					return err
				}
			} else {
				for _, f := range files {
					if !f.OK() {
						fmt.Fprintf(a.out, "%s: %s\n", f.Path, f.State)
					}
				}
				if bad == 0 {
					fmt.Fprintf(a.out, "%s: %s as they were\n", dir, count(len(files), "file"))
				}
				if !complete {
					fmt.Fprintf(a.out, "%s did not finish: what it made has no hashes yet\n", dir)
				}
			}
			if bad > 0 {
				return errors.New(count(bad, "file") + " not as the run left them")
			}
			return nil
		},
	}))
}
