package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"partials/audio"
	"partials/device/devices"
	"partials/train"
)

// formats are the sample formats that render reads and writes.
var formats = map[string]audio.Format{"pcm16": audio.PCM16, "pcm24": audio.PCM24, "float32": audio.Float32}

// renderFlags are the flags of render.
type renderFlags struct {
	format, raw    string
	rate, channels int
	size           float64
	train.RenderOptions
}

func (a *app) renderCommand() *cobra.Command {
	var f renderFlags
	c := a.stoppable(finishes, &cobra.Command{
		Use:   "render MODEL IN [OUT.wav] [key=value ...]",
		Short: "Play a sound file, or a pipe, through the model of a run, or of a .nam file",
		Long: `Play a sound file (WAV or FLAC) through a run's best weights, or through a .nam
file of anybody's, in blocks, so that its length does not matter. A file of another rate is resampled there and back;
a stereo file goes through a mono model channel by channel. The model's latency
is taken out: the output begins and ends with the input.

IN may be -, standard input, and OUT - is standard output, which is also meant
where IN is - and OUT is left out: WAV, of a length that need not be known, or
with --raw samples without a header (--rate and --channels then say what they
are). What is said about it goes to standard error then.

--live plays the sound in blocks of --block samples, as a host does, and measures
how long they take; OUT may be left out.

key=value changes what of the model has no weights: model.post_filter=0.02.`,
		Example: `  train render quickstart di.wav amp.wav
  train render quickstart di.wav amp.wav --format float32
  train render plexi.nam di.wav amp.wav
  train render a2.nam di.wav amp.wav --size 0
  train render knobs di.wav amp.wav --controls gain=0.7,tone=0.3
  sox noisy.flac -t wav - | train render denoise - | sox -t wav - clean.ogg
  ffmpeg -i in.mp4 -f s16le -ar 16000 -ac 1 - | train render denoise - --raw pcm16 --rate 16000 | aplay -f S16_LE -r 16000
  train render denoise noisy.wav --live --block 256`,
		ValidArgsFunction: a.completeRun,
		RunE: func(c *cobra.Command, args []string) error {
			in, out, err := f.read(c, args)
			if err != nil {
				return err
			}
			model := args[0]
			if !train.IsModelFile(model) {
				dir, err := a.openRun(model)
				if err != nil {
					return err
				}
				model = string(dir)
			}
			res, err := train.Render(c.Context(), model, in, out, f.RenderOptions, a.calm())
			if err != nil {
				return err
			}
			a.warn(model, res.Notes)
			a.rendered(in, out, res)
			return nil
		},
	})
	c.Flags().StringVar(&f.format, "format", "pcm24", "samples of the output: pcm16, pcm24 or float32")
	controlsFlag(c, &f.Controls)
	c.Flags().Float64Var(&f.size, "size", 1, "which of a model's several sizes, from 0 to 1; the largest if not given")
	c.Flags().StringVar(&f.Device, "device", "", "device to run on: "+strings.Join(devices.Names(), ", ")+"; the run's own if not given")
	c.Flags().StringVar(&f.raw, "raw", "", "in and out are samples without a header: pcm16, pcm24 or float32, little-endian")
	c.Flags().IntVar(&f.rate, "rate", 0, "rate in Hz of --raw")
	c.Flags().IntVar(&f.channels, "channels", 1, "channels of --raw, interleaved")
	c.Flags().BoolVar(&f.Live, "live", false, "measure the real-time factor and the worst block")
	c.Flags().IntVar(&f.Block, "block", 0, "frames of the input to play at once; 0 for many, 256 with --live")
	complete(c, "format", slices.Sorted(maps.Keys(formats)))
	complete(c, "raw", slices.Sorted(maps.Keys(formats)))
	complete(c, "device", devices.Names())
	return c
}

// read reads the command line and judges it.
func (f *renderFlags) read(c *cobra.Command, args []string) (in, out string, err error) {
	in = args[1]
	rest := args[2:]
	if len(rest) > 0 && !strings.Contains(rest[0], "=") {
		out, rest = rest[0], rest[1:]
	} else if in == "-" && !f.Live {
		out = "-"
	}
	f.Overrides = rest
	f.Stdin, f.Stdout = c.InOrStdin(), c.OutOrStdout()
	if c.Flags().Changed("size") {
		f.Size = &f.size
	}
	if f.Live && f.Block == 0 {
		f.Block = 256
	}
	if err := f.samples(c); err != nil {
		return in, out, err
	}
	const most = 1 << 20
	if f.Block < 0 || f.Block > most {
		return in, out, usage("--block is %d; it must be from 0 to %d", f.Block, most)
	}
	if f.Device != "" && !slices.Contains(devices.Names(), f.Device) {
		return in, out, usage("--device is %q; it must be one of %s", f.Device, strings.Join(devices.Names(), ", "))
	}
	switch {
	case out == "" && !f.Live:
		return in, out, usage("there is no output; name a file that ends in .wav, or - for standard output")
	case out != "" && out != "-":
		err = checkOutput(in, out)
	}
	return in, out, err
}

// samples reads the flags of sample formats.
func (f *renderFlags) samples(c *cobra.Command) error {
	var ok bool
	if f.Format, ok = formats[f.format]; !ok {
		return usage("--format is %q; it must be pcm16, pcm24 or float32", f.format)
	}
	if f.raw == "" {
		if f.rate != 0 || c.Flags().Changed("channels") {
			return usage("--rate and --channels are for --raw; a WAV says them itself")
		}
		return nil
	}
	format, ok := formats[f.raw]
	if !ok {
		return usage("--raw is %q; it must be pcm16, pcm24 or float32", f.raw)
	}
	if f.rate < 1 || f.channels < 1 {
		return usage("--raw needs --rate, in Hz, and --channels of at least 1; they are %d and %d", f.rate, f.channels)
	}
	f.Raw = &train.RawSamples{Rate: f.rate, Channels: f.channels, Format: format}
	if !c.Flags().Changed("format") {
		f.Format = format
	}
	return nil
}

// rendered tells what was done. Where the sound went to standard output the
// words go to standard error.
func (a *app) rendered(in, out string, res *train.Rendering) {
	var to io.Writer = a.out
	if out == "-" {
		to, out = a.err, "standard output"
		if a.quiet {
			to = io.Discard
		}
	}
	a.warn(in, res.Warnings)
	if res.Clipped > 0 {
		a.warn(out, []string{count(res.Clipped, "sample") + " above full scale clipped; --format float32 keeps them"})
	}
	seconds := float64(res.Frames) / float64(res.Rate)
	resampled := ""
	if res.Rate != res.ModelRate {
		resampled = fmt.Sprintf(", resampled %d -> %d Hz and back", res.Rate, res.ModelRate)
	}
	latency := ""
	if res.Latency > 0 {
		latency = fmt.Sprintf(", latency of %.3g ms taken out", 1000*float64(res.Latency)/float64(res.ModelRate))
	}
	if out != "" {
		fmt.Fprintf(to, "%s: %.3g s, %s, %d Hz%s%s, in %.3g s (%.3g x real time)\n",
			out, seconds, count(res.Channels, "channel"), res.Rate, resampled, latency, res.Took.Seconds(), seconds/res.Took.Seconds())
	}
	if l := res.Live; l != nil {
		fmt.Fprintf(to, "live, in blocks of %d samples (%.3g ms): real-time factor %.3g; a block takes %.3g ms in the mean, 99 of 100 less than %.3g ms, the worst %.3g ms; %d of %d late; algorithmic latency %.3g ms\n",
			l.Block, ms(l.Deadline), l.RealTime, ms(l.Mean), ms(l.Most), ms(l.Worst), l.Late, l.Blocks, 1000*float64(res.Latency)/float64(res.ModelRate))
	}
}

func ms(d time.Duration) float64 { return 1000 * d.Seconds() }

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
