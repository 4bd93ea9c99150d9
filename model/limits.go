package model

import (
	"fmt"

	"partials/internal/config"
)

// Bounds that keep a mistyped recipe from asking for the machine's memory.
const (
	maxChannels = 1 << 12
	maxKernel   = 1 << 12
	maxLayers   = 1 << 8
	maxContext  = 1 << 24 // samples: 6 minutes at 48 kHz
)

// within is nil where lo <= v <= hi.
func within(name string, v, lo, hi int) error {
	if v < lo || v > hi {
		return config.Field(name, v, fmt.Sprintf("from %d to %d", lo, hi))
	}
	return nil
}

// dilationsError is nil where every dilation is possible.
func dilationsError(name string, dilations []int) error {
	if len(dilations) > maxLayers {
		return tooMany(name, len(dilations))
	}
	for i, d := range dilations {
		if err := within(fmt.Sprintf("%s[%d]", name, i), d, 1, maxContext); err != nil {
			return err
		}
	}
	return nil
}

// groupsError is nil where the channels can be shared out to groups.
func groupsError(name string, groups int, channels ...int) error {
	for _, n := range channels {
		if groups < 0 || groups > 1 && n%groups != 0 {
			return config.Field(name, groups, fmt.Sprintf("a divisor of %d channels", n))
		}
	}
	return nil
}

// tooMany says that a list of n is too long.
func tooMany(name string, n int) error {
	return fmt.Errorf("%s has %d entries; at most %d are possible", name, n, maxLayers)
}

// contextError is nil where a segment can carry n samples of context.
func contextError(n int) error {
	if n > maxContext {
		return fmt.Errorf("an output sample needs the %d samples before it, at most %d are possible: use fewer layers, smaller dilations or a shorter kernel", n, maxContext)
	}
	return nil
}
