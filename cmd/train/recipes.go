package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"partials/configs"
	"partials/train"
)

func (a *app) recipesCommand() *cobra.Command {
	return a.jsonFlag(&cobra.Command{
		Use:   "recipes [NAME]",
		Short: "List the recipes in this program, or print one",
		Long: `List the recipes in this program, or print the text of one: a start for your own.

With --json: [{name, about, model, data}].`,
		Example: `  train recipes
  train recipes quickstart > my.yaml`,
		ValidArgsFunction: completeRecipe,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				text, ok := configs.Get(args[0])
				if !ok {
					return usage("there is no recipe %q in this program, only %s", args[0], strings.Join(train.Recipes(), ", "))
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
			list := []row{}
			rows := [][]string{{"RECIPE", "MODEL", "DATA", "ABOUT"}}
			for _, name := range train.Recipes() {
				r, err := a.calm().LoadRecipe(name)
				if err != nil {
					return err
				}
				list = append(list, row{name, r.About, r.Model.Kind, r.Data.Kind})
				rows = append(rows, []string{name, r.Model.Kind, r.Data.Kind, r.About})
			}
			if a.json {
				return a.printJSON(list)
			}
			return a.table(rows)
		},
	})
}

func (a *app) fieldsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "fields [SECTION[.KIND]]",
		Short: "Print every key of a recipe with its meaning and default",
		Long: `Print every key of a recipe as YAML, with its default and a comment that says
what it means. Without an argument that is a whole recipe; with the name of a
section all kinds of it, and with a kind that kind alone.

The sections that come in kinds are ` + strings.Join(train.Sections(), ", ") + `.`,
		Example: `  train fields
  train fields loss
  train fields model.tcn`,
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return a.calm().FieldPaths(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := a.calm().Fields(strings.Join(args, ""))
			if err != nil {
				return usageError{err}
			}
			fmt.Fprint(a.out, text)
			return nil
		},
	}
}
