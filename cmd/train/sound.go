package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"partials/audio"
	"partials/train"
)

func (a *app) renderCommand() *cobra.Command {
	var format, device string
	c := &cobra.Command{
		Use:   "render RUN IN OUT.wav",
		Short: "Play a sound file through a run's model",
		Long: `Play a sound file (WAV or FLAC) through a run's best weights, in blocks, so that
its length does not matter. A file of another rate is resampled there and back;
a stereo file goes through a mono model channel by channel. The model's latency
is taken out: the output begins and ends with the input.`,
		Example: `  train render quickstart di.wav amp.wav
  train render quickstart di.wav amp.wav --format float32`,
		Args: cobra.ExactArgs(3),
		RunE: func(c *cobra.Command, args []string) error {
			f, ok := formats[format]
			if !ok {
				return usageError{fmt.Errorf("--format is %q; it must be pcm16, pcm24 or float32", format)}
			}
			dir, err := train.OpenDir(args[0], a.runsDir)
			if err != nil {
				return err
			}
			res, err := train.Render(c.Context(), dir, args[1], args[2], f, device, a.calm())
			if err != nil {
				return err
			}
			a.warn(args[1], res.Warnings)
			if res.Clipped > 0 {
				fmt.Fprintf(a.err, "warning: %s: %d samples were above full scale and are clipped; --format float32 keeps them\n", args[2], res.Clipped)
			}
			seconds := float64(res.Frames) / float64(res.Rate)
			fmt.Fprintf(a.out, "%s: %.3g s, %d channels, %d Hz, in %.3g s (%.3g x real time)\n",
				args[2], seconds, res.Channels, res.Rate, res.Took.Seconds(), seconds/res.Took.Seconds())
			return nil
		},
	}
	c.Flags().StringVar(&format, "format", "pcm24", "samples of the output: pcm16, pcm24 or float32")
	c.Flags().StringVar(&device, "device", "", "device to run on; the run's own if not given")
	return c
}

var formats = map[string]audio.Format{"pcm16": audio.PCM16, "pcm24": audio.PCM24, "float32": audio.Float32}

func (a *app) warn(file string, warnings []string) {
	for _, w := range warnings {
		fmt.Fprintf(a.err, "warning: %s: %s\n", file, w)
	}
}

func (a *app) inspectCommand() *cobra.Command {
	var picture string
	c := a.jsonFlag(&cobra.Command{
		Use:   "inspect FILE.wav",
		Short: "Show a sound file's format, levels and spectrogram",
		Long: `Show a sound file's format and levels, and draw its spectrogram beside it in the
working directory (or where --picture says; --picture= draws none).

With --json: file, format, rate_hz, channels, frames, peak, rms, warnings.`,
		Example: `  train inspect di.wav
  train inspect di.wav --json --picture=`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			ins, err := train.Inspect(args[0])
			if err != nil {
				return err
			}
			if !c.Flags().Changed("picture") && !a.json {
				base := filepath.Base(args[0])
				picture = strings.TrimSuffix(base, filepath.Ext(base)) + "-spectrogram"
			}
			picture = strings.TrimSuffix(picture, ".png")
			if picture != "" {
				if err := train.DrawSpectrogram(args[0], filepath.Base(args[0]), picture); err != nil {
					return err
				}
			}
			if a.json {
				return a.printJSON(ins)
			}
			fmt.Fprintf(a.out, "%s: %s, %d Hz, %d channels, %d frames (%.3f s)\n", args[0], ins.Format, ins.Rate, ins.Channels, ins.Frames, ins.Seconds())
			for i, l := range ins.Levels {
				fmt.Fprintf(a.out, "  channel %d: peak %.2f dBFS, RMS %.2f dBFS, DC %.2g, %d samples at full scale in %d runs, %d not finite\n",
					i+1, l.PeakDB(), l.RMSDB(), l.DC(), l.Clipped, l.ClippedRuns, l.NonFinite)
			}
			a.warn(args[0], ins.Warnings)
			if picture != "" {
				fmt.Fprintf(a.out, "spectrogram: %s.png\n", picture)
			}
			return nil
		},
	})
	c.Flags().StringVar(&picture, "picture", "", "where the spectrogram goes, a .png path")
	return c
}
