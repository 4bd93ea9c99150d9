package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"partials/train"
)

func (a *app) cleanCommand() *cobra.Command {
	var statuses []string
	dry := true
	c := a.jsonFlag(&cobra.Command{
		Use:   "clean [RUN ...]",
		Short: "Remove runs that came to nothing; shows them first",
		Long: `Show, or with --dry-run=false remove, the runs that came to nothing: those without
a checkpoint that no process trains. --status chooses other runs, and names keep
to those. A run in use is left alone.

With --json: [{dir, status, step, bytes}].`,
		Example: `  train clean
  train clean --dry-run=false
  train clean --status failed,killed --dry-run=false`,
		ValidArgsFunction: a.completeRuns,
		RunE: func(_ *cobra.Command, args []string) error {
			dirs, err := train.ListDirs(a.runsDir)
			if err != nil {
				return err
			}
			if len(args) > 0 {
				dirs = nil
				for _, name := range args {
					d, err := a.openRun(name)
					if err != nil {
						return err
					}
					dirs = append(dirs, d)
				}
			}
			litter, err := train.FindLitter(dirs, statuses, a.calm())
			if err != nil {
				return usageError{err}
			}
			if !dry {
				for _, l := range litter {
					if err := l.Dir.Remove(); err != nil {
						return err
					}
				}
			}
			if a.json {
				return a.printJSON(append([]train.Litter{}, litter...))
			}
			what, sum := "removed", int64(0)
			if dry {
				what = "would remove"
			}
			for _, l := range litter {
				sum += l.Bytes
				fmt.Fprintf(a.out, "%s %s (%s at step %d, %.1f MB)\n", what, l.Dir, l.Status, l.Step, float64(l.Bytes)/1e6)
			}
			switch {
			case len(litter) == 0:
				fmt.Fprintln(a.out, "nothing to remove")
			case dry:
				fmt.Fprintf(a.out, "%s, %.1f MB; to remove them add --dry-run=false\n", count(len(litter), "run"), float64(sum)/1e6)
			}
			return nil
		},
	})
	c.Flags().StringSliceVar(&statuses, "status", nil, "runs that ended so: failed, killed, interrupted, finished, stopped early")
	c.Flags().BoolVar(&dry, "dry-run", true, "only show what would be removed")
	return c
}
