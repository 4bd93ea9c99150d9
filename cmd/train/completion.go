package main

import (
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"partials/train"
)

// shells are those that train can complete its commands in.
var shells = map[string]func(*cobra.Command, io.Writer) error{
	"bash":       func(c *cobra.Command, w io.Writer) error { return c.GenBashCompletionV2(w, true) },
	"fish":       func(c *cobra.Command, w io.Writer) error { return c.GenFishCompletion(w, true) },
	"powershell": (*cobra.Command).GenPowerShellCompletionWithDesc,
	"zsh":        (*cobra.Command).GenZshCompletion,
}

func (a *app) completionCommand() *cobra.Command {
	names := slices.Sorted(maps.Keys(shells))
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print what makes the Tab key complete train's commands",
		Long: `Print the script that makes the Tab key complete commands, flags, recipes and
runs in a shell: ` + strings.Join(names, ", ") + `.
Put the line for your shell into its start file.`,
		Example: `  source <(train completion bash)
  source <(train completion zsh)
  train completion fish | source
  train completion powershell | Out-String | Invoke-Expression`,
		ValidArgs: names,
		RunE: func(c *cobra.Command, args []string) error {
			script, ok := shells[args[0]]
			if !ok {
				return usage("there is no completion for %q, only for %s", args[0], strings.Join(names, ", "))
			}
			return script(c.Root(), a.out)
		},
	}
}

// complete completes the values of a flag.
func complete(c *cobra.Command, flag string, values []string) {
	err := c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // the command has no such flag
	}
}

// completeRecipe completes the first argument with the names of recipes, or a
// file.
func completeRecipe(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return train.Recipes(), cobra.ShellCompDirectiveDefault
}

// completeRun completes the first argument with the names of runs.
func (a *app) completeRun(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return a.completeRuns(c, args, word)
}

// completeRuns completes every argument with the names of runs.
func (a *app) completeRuns(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	dirs, err := train.ListDirs(a.runsDir)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, d := range dirs {
		names = append(names, d.Name())
	}
	return names, cobra.ShellCompDirectiveDefault
}
