package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"partials/train"
)

func version() string {
	commit := train.Commit()
	if commit != "" {
		commit = " " + commit
	}
	return fmt.Sprintf("train %s%s %s %s/%s", train.Version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: `  train version`,
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintln(a.out, version())
			return nil
		},
	}
}
