package nam

import "fmt"

// Bounds that keep a damaged file from asking for the machine's memory.
const (
	maxChannels = 1 << 12
	maxLayers   = 1 << 10
	maxKernel   = 1 << 16
	maxDilation = 1 << 24
	maxContext  = 1 << 24 // samples that one sample depends on
	maxHistory  = 1 << 25 // past numbers that a model keeps: 256 MiB of float64
)

// within is nil where lo <= v <= hi.
func within(name string, v, lo, hi int) error {
	if v < lo || v > hi {
		return fmt.Errorf("%s is %d; it must be from %d to %d", name, v, lo, hi)
	}
	return nil
}

// divides is nil where the channels can be shared out to groups.
func divides(name string, groups int, channels ...int) error {
	for _, c := range channels {
		if groups < 1 || c%groups != 0 {
			return fmt.Errorf("%s is %d, which does not divide %d channels", name, groups, c)
		}
	}
	return nil
}

// history adds up what a network's convolutions remember and refuses too much.
type history struct{ convolutions, samples, numbers int }

func (h *history) add(channels, kernel, dilation int) error {
	h.convolutions++
	h.samples += (kernel - 1) * dilation
	h.numbers += (kernel - 1) * dilation * channels
	switch {
	case h.convolutions > maxLayers:
		return fmt.Errorf("there are more than %d layers", maxLayers)
	case h.samples > maxContext:
		return fmt.Errorf("a sample would depend on more than %d before it", maxContext)
	case h.numbers > maxHistory:
		return fmt.Errorf("its layers would remember more than %d numbers", maxHistory)
	}
	return nil
}
