package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"partials/train"
)

// noPicture is the value of --picture for none.
const noPicture = "none"

func (a *app) inspectCommand() *cobra.Command {
	var picture string
	c := a.jsonFlag(&cobra.Command{
		Use:   "inspect FILE",
		Short: "Show a sound file's format, levels and spectrogram",
		Long: `Show the format and levels of a sound file (WAV or FLAC), and draw its
spectrogram into the working directory, named after the file and the last folder
of its path: a.wav gives a-spectrogram.png and .svg, in/a.wav gives
in-a-spectrogram.png and .svg. --picture names another place.

With --json: file, format, rate_hz, channels, frames, peak, rms, warnings. Levels
are of all channels together and linear: full scale is 1. A picture is drawn
only where --picture asks for one.`,
		Example: `  train inspect di.wav
  train inspect di.wav --picture none
  train inspect di.wav --json`,
		RunE: func(c *cobra.Command, args []string) error {
			file := args[0]
			ins, err := train.Inspect(file)
			if err != nil {
				return err
			}
			if a.json {
				err = a.printJSON(ins)
			} else {
				a.printInspection(ins)
			}
			if err != nil {
				return err
			}
			if !c.Flags().Changed("picture") && !a.json {
				picture = pictureOf(file)
			}
			picture = strings.TrimSuffix(picture, ".png")
			if picture == "" || picture == noPicture {
				return nil
			}
			if err := train.DrawSpectrogram(file, filepath.Base(file), picture); err != nil {
				return fmt.Errorf("drawing the spectrogram (--picture says where): %w", err)
			}
			if !a.json {
				fmt.Fprintf(a.out, "spectrogram: %s.png and .svg\n", picture)
			}
			return nil
		},
	})
	c.Flags().StringVar(&picture, "picture", "", `where the spectrogram goes, a .png path; "`+noPicture+`" for no picture`)
	return c
}

// pictureOf is where the spectrogram of a file goes, less the extension. The
// folder is in it, as the input and the output of a device often have one name
// in two folders.
func pictureOf(file string) string {
	name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)) + "-spectrogram"
	switch folder := filepath.Base(filepath.Dir(file)); folder {
	case ".", "..", string(filepath.Separator):
		return name
	default:
		return folder + "-" + name
	}
}

func (a *app) printInspection(ins *train.Inspection) {
	fmt.Fprintf(a.out, "%s: %s, %d Hz, %s, %s (%.3f s)\n", ins.File, ins.Format, ins.Rate,
		count(ins.Channels, "channel"), count(ins.Frames, "frame"), ins.Seconds())
	for i, l := range ins.Levels {
		fmt.Fprintf(a.out, "  channel %d: peak %.2f dBFS, RMS %.2f dBFS, DC %.2g, %s at full scale in %s, %d not finite\n",
			i+1, l.PeakDB(), l.RMSDB(), l.DC(), count(l.Clipped, "sample"), count(l.ClippedRuns, "run"), l.NonFinite)
	}
	a.warn(ins.File, ins.Warnings)
}
