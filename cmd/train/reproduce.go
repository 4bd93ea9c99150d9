package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"partials/train"
)

func (a *app) reproduceCommand() *cobra.Command {
	return a.stoppable(finishes, &cobra.Command{
		Use:   "reproduce RUN|MANIFEST",
		Short: "Run a run again and say whether every bit is the same",
		Long: `Run a run again, in a temporary folder, and compare every metric and the final
weights. Says "the same bits", or from which step on they differ and by how much
(exit code 3). The manifest.json of a finished run is enough, with the data where
it says: then hashes are compared.

A run of another kernel choice (AVX2, or plain Go with PARTIALS_KERNELS=generic)
gives other bits; the notes say so.`,
		Example: `  train reproduce quickstart
  train reproduce quickstart --threads 1
  train reproduce a/copy/of/manifest.json`,
		ValidArgsFunction: a.completeRun,
		RunE: func(c *cobra.Command, args []string) error {
			what, rep, err := a.reproduce(c.Context(), args[0])
			if err != nil {
				return err
			}
			for _, n := range rep.Notes {
				fmt.Fprintf(a.out, "note: %s\n", n)
			}
			if !rep.Same {
				from := ""
				if rep.Step > 0 {
					from = fmt.Sprintf(", from step %d on", rep.Step)
				}
				fmt.Fprintf(a.out, "%s: not the same bits%s: %s\n", what, from, rep.What)
				return errDiffers
			}
			fmt.Fprintf(a.out, "%s: the same bits: %s of metrics up to step %d, and the final weights\n", what, count(rep.Records, "record"), rep.Step)
			return nil
		},
	})
}

// reproduce repeats the run, or the run of the manifest, that a user names.
func (a *app) reproduce(ctx context.Context, name string) (what string, rep *train.Reproduction, err error) {
	if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
		rep, err = train.ReproduceManifest(ctx, name, a.options())
		return name, rep, err
	}
	dir, err := a.openRun(name)
	if err != nil {
		return "", nil, err
	}
	rep, err = train.Reproduce(ctx, dir, a.options())
	return string(dir), rep, err
}
