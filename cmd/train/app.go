package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"partials/internal/impl"
	"partials/train"
)

// app is what all commands share.
type app struct {
	out     *results
	err     *screen
	runsDir string
	threads int
	json    bool
	quiet   bool
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "train",
		Short: "Train small audio models through a differentiable STFT",
		Long: `train reads a YAML recipe, loads WAV files, trains a small model through a
differentiable STFT, draws the curves, and leaves a run that anyone can repeat
bit for bit.

Results go to standard output, everything else to standard error.
Exit codes:
  0    done
  1    the work could not be done
  2    the command line or the recipe is wrong
  3    reproduce found other bits
  130  stopped by Ctrl-C; a run that was training is saved`,
		Example: `  train run quickstart                      # a model of an amp in about a minute
  train run my.yaml optim.lr=1e-3 steps=500 # a recipe of your own, two values changed
  train render quickstart in.wav out.wav    # play a sound through the model`,
		Version:           version(),
		SilenceUsage:      true,
		SilenceErrors:     true,
		Args:              cobra.ArbitraryArgs, // RunE judges them
		PersistentPreRunE: func(*cobra.Command, []string) error { return a.check() },
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			return unknownCommand(c, args[0])
		},
		SuggestionsMinimumDistance: 2,
		CompletionOptions:          cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetFlagErrorFunc(flagError)
	root.PersistentFlags().StringVar(&a.runsDir, "runs-dir", "runs", "folder of all runs")
	root.PersistentFlags().IntVar(&a.threads, "threads", 0, "threads of the CPU; 0 for one a core (changes no result)")
	root.PersistentFlags().BoolVarP(&a.quiet, "quiet", "q", false, "print results, warnings and errors only")
	root.SetHelpCommand(helpCommand())
	root.AddCommand(
		a.captureCommand(),
		a.runCommand(),
		a.resumeCommand(),
		a.sweepCommand(),
		a.reproduceCommand(),
		a.verifyCommand(),
		a.evaluateCommand(),
		a.renderCommand(),
		a.exportCommand(),
		a.inspectCommand(),
		a.validateCommand(), a.examplesCommand(),
		a.recipesCommand(),
		a.fieldsCommand(),
		a.listCommand(),
		a.compareCommand(),
		a.cleanCommand(),
		a.devicesCommand(),
		a.signalCommand(), a.versionCommand(),
		a.completionCommand(),
	)
	for _, c := range root.Commands() {
		c.Args = fitsUsage
	}
	return root
}

// check refuses what no command can work with.
func (a *app) check() error {
	if err := impl.Err(); err != nil {
		return usageError{err}
	}
	const most = 1024
	if a.threads < 0 || a.threads > most {
		return usage("--threads is %d; it must be from 0 (one a core) to %d", a.threads, most)
	}
	if a.runsDir == "" {
		return usage("--runs-dir is empty; it must be a folder")
	}
	if info, err := os.Stat(a.runsDir); err == nil && !info.IsDir() {
		return usage("--runs-dir is %s, which is a file; it must be a folder", a.runsDir)
	}
	return nil
}

// fitsUsage holds the arguments of a command against its usage line: a name in
// brackets may be left out, and dots stand for any number.
func fitsUsage(c *cobra.Command, args []string) error {
	_, line, _ := strings.Cut(c.Use, " ")
	needed, optional, _ := strings.Cut(line, "[")
	names := strings.Fields(needed)
	most := len(names) + len(strings.Fields(optional))
	var what string
	switch {
	case len(args) < len(names):
		what = "missing " + strings.Join(names[len(args):], " and ")
	case len(args) > most && !strings.Contains(optional, "..."):
		what = fmt.Sprintf("%q is too much", args[most])
	default:
		return nil
	}
	return usage("%s\nusage: %s\nsee %s --help", what, c.UseLine(), c.CommandPath())
}

func unknownCommand(root *cobra.Command, name string) error {
	hint := ""
	if near := root.SuggestionsFor(name); len(near) > 0 {
		hint = "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return usage("there is no command %q%s\nsee train --help", name, hint)
}

func flagError(c *cobra.Command, err error) error {
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) && invalid.GetFlag().Value.Type() == "int" {
		err = fmt.Errorf("--%s is %q; it must be a whole number", invalid.GetFlag().Name, invalid.GetValue())
	}
	return usage("%w\nsee %s --help", err, c.CommandPath())
}

func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Show the help of a command",
		Example: `  train help run`,
		Args:    fitsUsage,
		RunE: func(c *cobra.Command, args []string) error {
			about, rest, err := c.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return unknownCommand(c.Root(), rest[0])
			}
			about.InitDefaultHelpFlag()
			about.InitDefaultVersionFlag()
			return about.Help()
		},
	}
}

// options are those of a command that trains: with a progress bar on a
// terminal, plain lines elsewhere.
func (a *app) options() train.Options {
	o := a.calm()
	if a.quiet {
		return o
	}
	if f := a.err.terminal(); f != nil {
		bar := train.NewBar(f)
		a.err.under(bar)
		o.Display = bar
	} else {
		o.Display = train.NewLines(a.err)
	}
	o.Log = slog.New(newConsole(a.err, slog.LevelInfo))
	return o
}

// calm are the options of a command that does not train: warnings only.
func (a *app) calm() train.Options {
	return train.Options{RunsDir: a.runsDir, Threads: a.threads, Log: slog.New(newConsole(a.err, slog.LevelWarn))}
}

// openRun finds the run that a user names.
func (a *app) openRun(name string) (train.Dir, error) {
	dir, err := train.OpenDir(name, a.runsDir)
	if err != nil {
		return "", usage("%w; train list shows the runs", err)
	}
	return dir, nil
}

// jsonFlag gives a command --json.
func (a *app) jsonFlag(c *cobra.Command) *cobra.Command {
	c.Flags().BoolVar(&a.json, "json", false, "print JSON, with stable fields")
	return c
}
