package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"partials/audio"
	"partials/capture"
)

func (a *app) signalCommand() *cobra.Command {
	s := capture.TestSignal{Rate: 48000, Seconds: 190, Seed: 1, Peak: -1}
	var format string
	c := &cobra.Command{
		Use:   "signal OUT.wav",
		Short: "Write a test signal to play through an amplifier or pedal",
		Long: `Write a test signal to play through an amplifier or pedal and to record: what
train capture needs as its input. It holds clicks to measure the latency by,
sweeps, a ladder of levels, noise, and playing from soft to hard; the last part
is for validation and was played once before at the start, which shows whether
the device sounds the same twice. train capture knows it by its clicks, and
where its parts are.

The same options give the same file. The playing is of computed strings.`,
		Example: `  train signal reamp.wav
  train signal reamp.wav --rate 44100 --seconds 120`,
		RunE: func(_ *cobra.Command, args []string) error {
			out := args[0]
			f, ok := formats[format]
			if !ok {
				return usage("--format is %q; it must be pcm16, pcm24 or float32", format)
			}
			if err := s.Validate(); err != nil {
				return usageError{err}
			}
			if err := checkOutput("", out); err != nil {
				return err
			}
			x, err := s.Samples()
			if err != nil {
				return err
			}
			if _, err := audio.WriteFile(out, &audio.Audio{Rate: s.Rate, Channels: [][]float32{x}}, f); err != nil {
				return err
			}
			fmt.Fprintf(a.out, "%s: %.4g s, mono, %d Hz, %s, peak %.3g dBFS\n", out, s.Seconds, s.Rate, f, s.Peak)
			return nil
		},
	}
	c.Flags().IntVar(&s.Rate, "rate", s.Rate, "sampling rate in Hz, that of the recording")
	c.Flags().Float64Var(&s.Seconds, "seconds", s.Seconds, "length, from 20")
	c.Flags().Float64Var(&s.Peak, "peak", s.Peak, "highest level in dBFS")
	c.Flags().Uint64Var(&s.Seed, "seed", s.Seed, "decides what is played")
	c.Flags().StringVar(&format, "format", "pcm24", "samples: pcm16, pcm24 or float32")
	return c
}
