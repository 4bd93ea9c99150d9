package main

import (
	"fmt"
	"runtime"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"partials/configs"
	"partials/device/devices"
	"partials/train"
)

func (a *app) validateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "validate RECIPE [key=value ...]",
		Short: "Say whether a recipe can run, without running it",
		Long: `Read a recipe, open its data, build its model and run one batch forward and
backward; print the resolved recipe with every default written out.
` + overridesHelp,
		Example: `  train validate my.yaml
  train validate quickstart model.kind=lstm`,
		Args: cobra.MinimumNArgs(1),
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
			fmt.Fprint(a.out, c.Recipe)
			fmt.Fprintf(a.err, "good: %d parameters, receptive field %d samples, latency %d samples, %.0f multiply-adds per sample; %d examples in an epoch, %d validation excerpts at %d Hz\n",
				c.Parameters, c.Facts.ReceptiveField, c.Facts.Latency, c.Facts.MACs, c.Examples, c.Excerpts, c.Rate)
			return nil
		},
	}
}

func (a *app) recipesCommand() *cobra.Command {
	return a.jsonFlag(&cobra.Command{
		Use:   "recipes [NAME]",
		Short: "List the recipes in this program, or print one",
		Long: `List the recipes in this program, or print the text of one: a start for your own.

With --json: [{name, about, model, data}].`,
		Example: `  train recipes
  train recipes quickstart > my.yaml`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				text, ok := configs.Get(args[0])
				if !ok {
					return usageError{fmt.Errorf("no recipe is called %q; see train recipes", args[0])}
				}
				_, err := a.out.Write(text)
				return err
			}
			type row struct {
				Name  string `json:"name"`
				About string `json:"about"`
				Model string `json:"model"`
				Data  string `json:"data"`
			}
			var rows []row
			for _, name := range train.Recipes() {
				r, err := a.calm().LoadRecipe(name)
				if err != nil {
					return err
				}
				rows = append(rows, row{name, r.About, r.Model.Kind, r.Data.Kind})
			}
			if a.json {
				return a.printJSON(rows)
			}
			w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "RECIPE\tMODEL\tDATA\tABOUT")
			for _, r := range rows {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.Name, r.Model, r.Data, r.About)
			}
			return w.Flush()
		},
	})
}

func (a *app) devicesCommand() *cobra.Command {
	return a.jsonFlag(&cobra.Command{
		Use:   "devices",
		Short: "List the devices that this program can train on",
		Long: `List the devices that this program can train on.

With --json: [{name, available, detail}].`,
		Example: `  train devices --json`,
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			type row struct {
				Name      string `json:"name"`
				Available bool   `json:"available"`
				Detail    string `json:"detail"`
			}
			var rows []row
			for _, d := range devices.List() {
				rows = append(rows, row{d.Name, d.Available, d.Detail})
			}
			if a.json {
				return a.printJSON(rows)
			}
			w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			for _, r := range rows {
				state := "ready"
				if !r.Available {
					state = "not here"
				}
				fmt.Fprintf(w, "%s\t%s\t%s\n", r.Name, state, r.Detail)
			}
			return w.Flush()
		},
	})
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: `  train version`,
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			commit := train.Commit()
			if commit != "" {
				commit = " " + commit
			}
			_, err := fmt.Fprintf(a.out, "train %s%s %s %s/%s\n", train.Version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
