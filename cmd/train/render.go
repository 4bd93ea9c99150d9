package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"partials/audio"
	"partials/device/devices"
	"partials/train"
)

// formats are the sample formats that render writes.
var formats = map[string]audio.Format{"pcm16": audio.PCM16, "pcm24": audio.PCM24, "float32": audio.Float32}

func (a *app) renderCommand() *cobra.Command {
	var format string
	var size float64
	var o train.RenderOptions
	c := a.stoppable(finishes, &cobra.Command{
		Use:   "render MODEL IN OUT.wav",
		Short: "Play a sound file through the model of a run, or of a .nam file",
		Long: `Play a sound file (WAV or FLAC) through a run's best weights, or through a .nam
file of anybody's, in blocks, so that its length does not matter. A file of another rate is resampled there and back;
a stereo file goes through a mono model channel by channel. The model's latency
is taken out: the output begins and ends with the input.`,
		Example: `  train render quickstart di.wav amp.wav
  train render quickstart di.wav amp.wav --format float32
  train render plexi.nam di.wav amp.wav
  train render a2.nam di.wav amp.wav --size 0
  train render knobs di.wav amp.wav --controls gain=0.7,tone=0.3`,
		ValidArgsFunction: a.completeRun,
		RunE: func(c *cobra.Command, args []string) error {
			in, out := args[1], args[2]
			f, ok := formats[format]
			if !ok {
				return usage("--format is %q; it must be pcm16, pcm24 or float32", format)
			}
			o.Format = f
			if o.Device != "" && !slices.Contains(devices.Names(), o.Device) {
				return usage("--device is %q; it must be one of %s", o.Device, strings.Join(devices.Names(), ", "))
			}
			model := args[0]
			if !train.IsModelFile(model) {
				dir, err := a.openRun(model)
				if err != nil {
					return err
				}
				model = string(dir)
			}
			if c.Flags().Changed("size") {
				o.Size = &size
			}
			if err := checkOutput(in, out); err != nil {
				return err
			}
			res, err := train.Render(c.Context(), model, in, out, o, a.calm())
			if err != nil {
				return err
			}
			a.warn(model, res.Notes)
			a.warn(in, res.Warnings)
			if res.Clipped > 0 {
				a.warn(out, []string{count(res.Clipped, "sample") + " above full scale clipped; --format float32 keeps them"})
			}
			seconds := float64(res.Frames) / float64(res.Rate)
			resampled := ""
			if res.Rate != res.ModelRate {
				resampled = fmt.Sprintf(", resampled %d -> %d Hz and back", res.Rate, res.ModelRate)
			}
			fmt.Fprintf(a.out, "%s: %.3g s, %s, %d Hz%s, in %.3g s (%.3g x real time)\n",
				out, seconds, count(res.Channels, "channel"), res.Rate, resampled, res.Took.Seconds(), seconds/res.Took.Seconds())
			return nil
		},
	})
	c.Flags().StringVar(&format, "format", "pcm24", "samples of the output: pcm16, pcm24 or float32")
	controlsFlag(c, &o.Controls)
	c.Flags().Float64Var(&size, "size", 1, "which of a model's several sizes, from 0 to 1; the largest if not given")
	c.Flags().StringVar(&o.Device, "device", "", "device to run on: "+strings.Join(devices.Names(), ", ")+"; the run's own if not given")
	complete(c, "format", slices.Sorted(maps.Keys(formats)))
	complete(c, "device", devices.Names())
	return c
}

// checkOutput refuses a path that no sound should be written to, before the
// work is done for it.
func checkOutput(in, out string) error {
	if !strings.EqualFold(filepath.Ext(out), ".wav") {
		return usage("the output is %s; it is written as WAV, so its name must end in .wav", out)
	}
	if info, err := os.Stat(filepath.Dir(out)); err != nil || !info.IsDir() {
		return usage("the output is %s, but there is no folder %s; make it first", out, filepath.Dir(out))
	}
	info, err := os.Stat(out)
	if err != nil {
		return nil
	}
	if info.IsDir() {
		return usage("the output %s is a folder; give the name of a file", out)
	}
	if source, err := os.Stat(in); err == nil && os.SameFile(source, info) {
		return usage("the output %s is the input itself; give another name", out)
	}
	return nil
}
