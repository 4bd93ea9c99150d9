package main

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"partials/train"
)

func (a *app) compareCommand() *cobra.Command {
	out := ""
	c := a.jsonFlag(&cobra.Command{
		Use:   "compare RUN [RUN ...]",
		Short: "Set runs side by side: settings, results and curves",
		Long: `Set runs side by side: what their recipes do not share, their best metrics, time
and size, and their curves over each other. The curves go to a folder as PNG, SVG
and CSV: loss, validation, lr, gradient.

With --json: runs [{name, ..., parameters, seconds, bytes, valid {metric: value}}],
settings [{key, values}].`,
		Example: `  train compare amp amp-2
  train compare amp amp-2 amp-3 -o pictures`,
		ValidArgsFunction: a.completeRuns,
		RunE: func(_ *cobra.Command, args []string) error {
			var dirs []train.Dir
			for _, name := range args {
				d, err := a.openRun(name)
				if err != nil {
					return err
				}
				dirs = append(dirs, d)
			}
			cmp, err := train.Compare(dirs, a.calm())
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(cmp)
			}
			if err := a.table(comparisonRows(cmp)); err != nil {
				return err
			}
			folder := out
			if folder == "" {
				folder = filepath.Join(a.runsDir, "comparison")
			}
			names, err := cmp.Save(folder)
			if err != nil {
				return fmt.Errorf("drawing the comparison: %w", err)
			}
			for _, name := range names {
				fmt.Fprintf(a.out, "%s\n", filepath.Join(folder, name+".png"))
			}
			return nil
		},
	})
	c.Flags().StringVarP(&out, "out", "o", "", "folder of the curves (default comparison in --runs-dir)")
	return c
}

// comparisonRows has a column for each run.
func comparisonRows(c *train.Comparison) [][]string {
	row := func(name string, value func(train.ComparedRun) string) []string {
		cells := []string{name}
		for _, r := range c.Runs {
			cells = append(cells, value(r))
		}
		return cells
	}
	rows := [][]string{
		row("", func(r train.ComparedRun) string { return r.Name }),
		row("status", func(r train.ComparedRun) string { return r.Status }),
		row("step", func(r train.ComparedRun) string { return fmt.Sprintf("%d/%d", r.Step, r.Steps) }),
		row("best", func(r train.ComparedRun) string {
			if r.Best == nil {
				return "-"
			}
			return fmt.Sprintf("%s %.4g at %d", r.Metric, float64(*r.Best), r.BestStep)
		}),
		row("parameters", func(r train.ComparedRun) string { return fmt.Sprint(r.Parameters) }),
		row("time", train.ComparedRun.Duration),
		row("size", func(r train.ComparedRun) string { return fmt.Sprintf("%.1f MB", float64(r.Bytes)/1e6) }),
	}
	var metrics []string
	for _, r := range c.Runs {
		for name := range r.Valid {
			if !slices.Contains(metrics, name) {
				metrics = append(metrics, name)
			}
		}
	}
	slices.Sort(metrics)
	for _, name := range metrics {
		rows = append(rows, row("valid "+name, func(r train.ComparedRun) string {
			v, ok := r.Valid[name]
			if !ok {
				return "-"
			}
			return fmt.Sprintf("%.5g", float64(v))
		}))
	}
	for _, s := range c.Settings {
		cells := []string{s.Key}
		for _, v := range s.Values {
			if v == "" {
				v = "-"
			}
			cells = append(cells, v)
		}
		rows = append(rows, cells)
	}
	return rows
}
