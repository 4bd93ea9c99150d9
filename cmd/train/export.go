package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"partials/train"
)

func (a *app) exportCommand() *cobra.Command {
	var o train.ExportOptions
	formats := train.ExportFormats()
	names := slices.Sorted(maps.Keys(formats))
	about := ""
	for _, name := range names {
		about += fmt.Sprintf("  %-12s %s (%s)\n", name, formats[name].About, formats[name].Ending)
	}
	c := &cobra.Command{
		Use:   "export RUN [key=value ...]",
		Short: "Write a run's model as a file that other programs play",
		Long: `Write a run's best weights, or its metrics, as a file of another world. A model
is read back and played before it is called done: it must sound as the model
does. docs/formats.md says what is in the files. The formats:

` + about + `
A model with knobs becomes one at a setting of them, --controls; in aidax and onnx
it keeps them where none are given.

What the file says about itself comes from the recipe's metadata section and can
be changed by key=value, as in metadata.name=Plexi metadata.tone_type=crunch.`,
		Example: `  train export my_amp
  train export my_amp -o plexi.nam metadata.name=Plexi metadata.gear_type=amp
  train export my_amp --nam-version 0.7.0
  train export my_amp --controls gain=0.7
  train export denoise --format onnx              # block by block, state in and out
  train export denoise --format onnx --whole      # a whole file at once
  train export denoise --format safetensors       # weights for PyTorch
  train export denoise --format csv -o metrics.csv`,
		ValidArgsFunction: a.completeRun,
		RunE: func(c *cobra.Command, args []string) error {
			if _, ok := formats[o.Format]; !ok {
				return usage("--format is %q; it must be one of %s", o.Format, strings.Join(names, ", "))
			}
			dir, err := a.openRun(args[0])
			if err != nil {
				return err
			}
			if err := fitsFormat(c, o.Format); err != nil {
				return err
			}
			if o.Whole && o.Block != 0 {
				return usage("--whole takes a signal of any length; leave out --block")
			}
			if err := checkExport(o.Path, formats[o.Format].Ending); err != nil {
				return err
			}
			res, err := train.Export(dir, args[1:], o, a.calm())
			if err != nil {
				return err
			}
			fmt.Fprintf(a.out, "%s: %d bytes\n", res.Path, res.Bytes)
			for _, n := range res.Notes {
				fmt.Fprintf(a.out, "  %s\n", n)
			}
			return nil
		},
	}
	c.Flags().StringVar(&o.Format, "format", "nam", "kind of the file: "+strings.Join(names, ", "))
	controlsFlag(c, &o.Controls)
	c.Flags().StringVarP(&o.Path, "output", "o", "", "where it goes; RUN/export if not given")
	c.Flags().StringVar(&o.NAMVersion, "nam-version", "", "version of a .nam file: 0.5.4 or 0.7.0; the oldest that can hold the model if not given")
	c.Flags().BoolVar(&o.Whole, "whole", false, "an ONNX graph of a whole file in place of one of blocks")
	c.Flags().IntVar(&o.Block, "block", 0, "samples that an ONNX graph takes at once; 0 for any multiple of the model's block")
	complete(c, "format", names)
	complete(c, "nam-version", []string{"0.5.4", "0.7.0"})
	return c
}

// fitsFormat refuses flags of other formats.
func fitsFormat(c *cobra.Command, format string) error {
	for flag, of := range map[string][]string{
		"nam-version": {"nam"}, "whole": {"onnx"}, "block": {"onnx"}, "controls": {"aidax", "nam", "onnx", "wav"},
	} {
		if c.Flags().Changed(flag) && !slices.Contains(of, format) {
			return usage("--%s is for --format %s", flag, strings.Join(of, ", "))
		}
	}
	return nil
}

// checkExport refuses a path that no file should be written to, before the work
// is done for it.
func checkExport(path, ending string) error {
	if path == "" {
		return nil
	}
	if !strings.EqualFold(filepath.Ext(path), ending) {
		return usage("the output is %s; a file of this format is called something%s", path, ending)
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return usage("the output is %s, but there is no folder %s; make it first", path, filepath.Dir(path))
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return usage("the output %s is a folder; give the name of a file", path)
	}
	return nil
}
