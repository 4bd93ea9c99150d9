package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"partials/capture"
	"partials/train"
)

// captureFlags are what the user says of a capture.
type captureFlags struct {
	train.CaptureOptions
	check     capture.Options
	epochs    int
	delay     int
	checkOnly bool
	batch     string
}

func (a *app) captureCommand() *cobra.Command {
	f := &captureFlags{}
	c := a.stoppable("finishing the step, then exporting the best model so far; a second Ctrl-C stops at once", &cobra.Command{
		Use:   "capture [INPUT] [OUTPUT] [key=value ...]",
		Short: "Make a model of an amplifier or pedal from two recordings",
		Long: `Make a model of an amplifier or pedal from two recordings: what was played into
it (INPUT) and what came out (OUTPUT). The pair is checked first: is it one, how
late is the output, is anything wrong? Then the model is trained, the best by
validation ESR is kept, and written as a .nam file that hosts play. Ctrl-C ends
the training early with the best so far.

INPUT may be any sound. The file that train signal writes and the standard reamp
files of Neural Amp Modeler are recognised, with their clicks and their parts
for training and validation.

With --batch FOLDER many are captured one after another: every recording of the
folder as an output of INPUT; or, without INPUT, pairs by name: NAME-input.wav
and NAME-output.wav (or in, di, dry and out, wet, amp, target), files of the
same names in two folders in and out, or one input.wav for all. A pair that
fails is passed over. The models and a table, batch.json and batch.csv, go to
the folder that -o names. Called again it skips what is done.

Any value of the recipe can be changed by key=value, as in optim.lr=2e-3 or
metadata.gear_type=amp.

With --check --json: input, output, rate_hz, frames, channel, signal, latency
{samples, exact, by}, inverted, drift_ppm, explained, noise_dbfs, snr_db, train,
validation, findings [{check, severity, text, from_s, to_s}].`,
		Example: `  train capture reamp.wav amp.wav -o my_amp.nam
  train capture di.wav pedal.wav -o pedal.nam --arch a2 --epochs 200
  train capture di.wav pedal.wav --check
  train capture reamp.wav --batch recordings/ -o models/`,
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("delay") {
				f.check.Delay = &f.delay
			}
			files, err := f.split(args)
			if err != nil {
				return err
			}
			if f.batch != "" {
				return a.captureBatch(c.Context(), f, files)
			}
			return a.captureOne(c.Context(), f, files)
		},
	})
	flags := c.Flags()
	flags.StringVarP(&f.Output, "output", "o", "", "the .nam file to write, or the folder of a batch; named after OUTPUT if not given")
	flags.StringVar(&f.Arch, "arch", "a1-standard", "architecture: "+strings.Join(train.CaptureArchs(), ", "))
	flags.IntVar(&f.epochs, "epochs", 0, "passes over the recording; those of the architecture's recipe if not given")
	flags.IntVar(&f.Rate, "rate", 0, "resample both recordings to this rate in Hz")
	flags.StringVar(&f.check.Channel, "channel", "", "of stereo files: left, right or mix")
	flags.IntVar(&f.delay, "delay", 0, "samples by which the output is late, in place of what is measured")
	flags.StringSliceVar(&f.check.Ignore, "ignore", nil, "checks that do not stop the capture, by name; all for all")
	flags.BoolVar(&f.checkOnly, "check", false, "check the pair and train nothing")
	flags.StringVar(&f.batch, "batch", "", "folder of recordings to capture one after another")
	complete(c, "arch", train.CaptureArchs())
	complete(c, "channel", []string{"left", "right", "mix"})
	complete(c, "ignore", append([]string{"all"}, capture.Checks()...))
	return a.jsonFlag(c)
}

// split tells files from values of the recipe, and checks the flags.
func (f *captureFlags) split(args []string) (files []string, err error) {
	for _, arg := range args {
		if _, err := os.Stat(arg); err != nil && strings.Contains(arg, "=") {
			f.Overrides = append(f.Overrides, arg)
		} else {
			files = append(files, arg)
		}
	}
	if f.epochs < 0 {
		return nil, usage("--epochs is %d; it must be at least 1", f.epochs)
	}
	if f.epochs > 0 {
		f.Overrides = append(f.Overrides, fmt.Sprintf("epochs=%d", f.epochs))
	}
	if !slices.Contains(train.CaptureArchs(), f.Arch) {
		return nil, usage("--arch is %q; it must be one of %s", f.Arch, strings.Join(train.CaptureArchs(), ", "))
	}
	if f.Rate < 0 {
		return nil, usage("--rate is %d; it must be a rate in Hz", f.Rate)
	}
	f.check.Rate = f.Rate
	return files, nil
}

func (a *app) captureOne(ctx context.Context, f *captureFlags, files []string) error {
	if len(files) != 2 {
		return usage("a capture needs two recordings, what went in and what came out; there are %d files\nsee train capture --help", len(files))
	}
	if a.json && !f.checkOnly {
		return usage("--json belongs to --check and --batch")
	}
	if f.Output == "" {
		f.Output = strings.TrimSuffix(filepath.Base(files[1]), filepath.Ext(files[1])) + ".nam"
	}
	if err := checkExport(f.Output, ".nam"); err != nil {
		return err
	}
	report, err := train.CheckPair(files[0], files[1], f.check)
	if err != nil {
		return usageError{err}
	}
	if f.checkOnly {
		return a.showChecks(report)
	}
	a.tellChecks(report)
	if report.Failed() {
		return errUnfitPair
	}
	res, err := train.Capture(ctx, report, f.CaptureOptions, a.options())
	if err != nil {
		return err
	}
	return a.captured(res)
}

// errUnfitPair ends a capture whose findings have been told.
var errUnfitPair = usage("the recordings cannot be captured as they are; --ignore NAME goes on in spite of a check")

// showChecks prints a report as the result.
func (a *app) showChecks(r *capture.Report) error {
	if a.json {
		if err := a.printJSON(r); err != nil {
			return err
		}
	} else {
		for _, line := range r.Facts() {
			fmt.Fprintln(a.out, line)
		}
		for _, f := range r.Findings {
			fmt.Fprintf(a.out, "%s (%s): %s\n", f.Severity, f.Check, f.Text)
		}
	}
	if r.Failed() {
		return errUnfitPair
	}
	return nil
}

// tellChecks prints a report on the way to a model.
func (a *app) tellChecks(r *capture.Report) {
	if !a.quiet {
		for _, line := range r.Facts() {
			fmt.Fprintln(a.err, line)
		}
	}
	for _, f := range r.Findings {
		fmt.Fprintf(a.err, "%s (%s): %s\n", f.Severity, f.Check, f.Text)
	}
}

// captured tells what came of a pair.
func (a *app) captured(c *train.Captured) error {
	if c.Export == nil {
		fmt.Fprintf(a.err, "stopped before anything was learnt; go on with: train resume %s\n", shellWord(string(c.Run)))
		return context.Canceled
	}
	fmt.Fprintf(a.out, "ESR %.4g: %s\n", c.ESR, train.Verdict(c.ESR))
	fmt.Fprintf(a.out, "model: %s\n", c.Export.Path)
	for _, n := range c.Export.Notes {
		fmt.Fprintf(a.out, "  %s\n", n)
	}
	fmt.Fprintf(a.out, "report: %s\n", c.Run.Report())
	if c.Stopped {
		run := shellWord(string(c.Run))
		fmt.Fprintf(a.err, "stopped early; this is the best so far. Go on with: train resume %s, then: train export %s -o %s\n", run, run, shellWord(c.Export.Path))
		return context.Canceled
	}
	return nil
}

func (a *app) captureBatch(ctx context.Context, f *captureFlags, files []string) error {
	if len(files) > 1 {
		return usage("a batch takes one input at most, and finds the recordings in its folder; there are %d files", len(files))
	}
	if f.checkOnly {
		return usage("--check is for one pair, --batch for many")
	}
	input := ""
	if len(files) == 1 {
		input = files[0]
		if _, err := os.Stat(input); err != nil {
			return usage("the input: %w", err)
		}
	}
	pairs, err := train.FindBatchPairs(f.batch, input)
	if err != nil {
		return usageError{err}
	}
	folder := f.Output
	if folder == "" {
		folder = filepath.Join(f.batch, "models")
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return fmt.Errorf("making the folder of the models: %w", err)
	}
	b := train.Batch{Pairs: pairs, Folder: folder, Check: f.check, CaptureOptions: f.CaptureOptions,
		Tell: func(i int, p train.BatchPair, r *train.BatchResult) { a.tellBatch(i, len(pairs), p, r) }}
	results, err := b.Run(ctx, a.options())
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return errors.Join(err, a.batchTable(results, len(pairs), folder))
}

// tellBatch tells how a batch goes on.
func (a *app) tellBatch(i, all int, p train.BatchPair, r *train.BatchResult) {
	switch {
	case r == nil:
		fmt.Fprintf(a.err, "[%d/%d] %s\n", i+1, all, p.Name)
	case r.Error != "":
		fmt.Fprintf(a.err, "[%d/%d] %s failed: %s\n", i+1, all, p.Name, r.Error)
	case r.ESR != nil:
		for _, w := range r.Warnings {
			fmt.Fprintf(a.err, "warning: %s: %s\n", p.Name, w)
		}
		fmt.Fprintf(a.err, "[%d/%d] %s: ESR %.4g\n", i+1, all, p.Name, float64(*r.ESR))
	}
}

// batchTable prints the results, and fails where a pair did.
func (a *app) batchTable(results []train.BatchResult, all int, folder string) error {
	if a.json {
		if err := a.printJSON(results); err != nil {
			return err
		}
	} else {
		rows := [][]string{{"name", "status", "ESR", "time", ""}}
		for _, r := range results {
			esr, note := "-", r.Error
			if r.ESR != nil {
				esr, note = fmt.Sprintf("%.4g", float64(*r.ESR)), train.Verdict(float64(*r.ESR))
			}
			rows = append(rows, []string{r.Name, r.Status, esr, (time.Duration(r.Seconds * float64(time.Second))).Round(time.Second).String(), note})
		}
		if err := a.table(rows); err != nil {
			return err
		}
		fmt.Fprintf(a.out, "models and the table (batch.json, batch.csv): %s\n", folder)
	}
	failed := 0
	for _, r := range results {
		if r.Error != "" {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d could not be captured", failed, all)
	}
	return nil
}
