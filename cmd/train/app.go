package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"partials/train"
)

// app is what all commands share.
type app struct {
	out, err io.Writer
	runsDir  string
	threads  int
	json     bool
	quiet    bool
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "train",
		Short: "Train small audio models through a differentiable STFT",
		Long: `train reads a YAML recipe, loads WAV files, trains a small model through a
differentiable STFT, draws the curves, and leaves a run that anyone can repeat
bit for bit.

Exit codes: 0 done; 1 failed; 2 a wrong command line or recipe;
3 reproduce found other bits; 130 stopped by Ctrl-C, with the run saved.`,
		Example: `  train run quickstart                      # a model of an amp in about a minute
  train run my.yaml optim.lr=1e-3 steps=500 # a recipe of your own, two values changed
  train render runs/quickstart in.wav out.wav`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; see %s --help", err, c.CommandPath())}
	})
	root.PersistentFlags().StringVar(&a.runsDir, "runs-dir", "runs", "folder of all runs")
	root.PersistentFlags().IntVar(&a.threads, "threads", 0, "threads of the CPU; 0 for one a core (changes no result)")
	root.PersistentFlags().BoolVarP(&a.quiet, "quiet", "q", false, "print results and errors only")
	root.AddCommand(a.runCommand(), a.resumeCommand(), a.reproduceCommand(), a.evaluateCommand(), a.renderCommand(),
		a.inspectCommand(), a.validateCommand(), a.recipesCommand(), a.listCommand(), a.devicesCommand(), a.versionCommand())
	for _, c := range root.Commands() {
		args := c.Args
		if args == nil {
			continue
		}
		c.Args = func(c *cobra.Command, given []string) error {
			if err := args(c, given); err != nil {
				return usageError{fmt.Errorf("%w\nusage: %s\nsee %s --help", err, c.UseLine(), c.CommandPath())}
			}
			return nil
		}
	}
	return root
}

// options are those of a command that trains: with a progress bar on a
// terminal, plain lines elsewhere. The log goes to standard error.
func (a *app) options() train.Options {
	o := train.Options{RunsDir: a.runsDir, Threads: a.threads}
	w := a.err
	switch f, ok := a.err.(*os.File); {
	case a.quiet:
		o.Log = slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
		return o
	case ok && term.IsTerminal(int(f.Fd())):
		bar := train.NewBar(f)
		o.Display, w = bar, bar
	default:
		o.Display = train.NewLines(a.err)
	}
	o.Log = slog.New(newConsole(w))
	return o
}

// calm are the options of a command that does not train: warnings only.
func (a *app) calm() train.Options {
	return train.Options{RunsDir: a.runsDir, Threads: a.threads,
		Log: slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: slog.LevelWarn}))}
}

// jsonFlag gives a command --json.
func (a *app) jsonFlag(c *cobra.Command) *cobra.Command {
	c.Flags().BoolVar(&a.json, "json", false, "print JSON, with stable fields")
	return c
}

func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
