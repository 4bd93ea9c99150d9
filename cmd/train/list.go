package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"partials/train"
)

func (a *app) listCommand() *cobra.Command {
	by, reverse := "name", false
	c := a.jsonFlag(&cobra.Command{
		Use:   "list",
		Short: "List the runs in --runs-dir",
		Long: `List the runs in --runs-dir.

SPEED is seconds of sound a second of training, MEMORY the most that the process
has had.

With --json: [{name, dir, status, step, steps, model, metric, best, best_step, started, seconds, real_time, arena_bytes, memory_bytes}];
best is null before the first validation.`,
		Example: `  train list
  train list --sort best
  train list --runs-dir experiments --json`,
		RunE: func(*cobra.Command, []string) error {
			dirs, err := train.ListDirs(a.runsDir)
			if err != nil {
				return err
			}
			list := []train.Summary{}
			for _, d := range dirs {
				s, err := train.Summarise(d, a.calm())
				if err != nil {
					a.warn(string(d), []string{err.Error()})
					continue
				}
				list = append(list, s)
			}
			if err := train.SortSummaries(list, by, reverse); err != nil {
				return usageError{err}
			}
			if a.json {
				return a.printJSON(list)
			}
			if len(list) == 0 {
				fmt.Fprintf(a.err, "there are no runs in %s; train run quickstart makes one\n", a.runsDir)
				return nil
			}
			rows := [][]string{{"RUN", "STATUS", "STEP", "MODEL", "BEST", "SPEED", "MEMORY", "STARTED"}}
			for _, s := range list {
				best := "-"
				if s.Best != nil {
					best = fmt.Sprintf("%s %.4g", s.Metric, float64(*s.Best))
				}
				speed, memory := "-", "-"
				if s.RealTime > 0 {
					speed = fmt.Sprintf("%.3gx", s.RealTime)
				}
				if s.Memory > 0 {
					memory = fmt.Sprintf("%.3g MB", float64(s.Memory)/1e6)
				}
				rows = append(rows, []string{s.Name, s.Status, fmt.Sprintf("%d/%d", s.Step, s.Steps), s.Model, best, speed, memory, s.Started})
			}
			return a.table(rows)
		},
	})
	c.Flags().StringVar(&by, "sort", by, "name, status, step, model, best or started")
	c.Flags().BoolVarP(&reverse, "reverse", "r", false, "the other way round")
	return c
}
