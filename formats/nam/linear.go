package nam

import (
	"errors"
	"slices"
)

// Linear is the config of an impulse response. Its weights begin with the tap
// of the newest sample, and end with the bias where there is one.
type Linear struct {
	Taps int
	Bias bool
}

// Architecture implements Network.
func (l *Linear) Architecture() string { return "Linear" }

// Channels implements Network.
func (l *Linear) Channels() (in, out int) { return 1, 1 }

type linearJSON struct {
	Taps    *int  `json:"receptive_field"`
	Bias    *bool `json:"bias"`
	Inputs  *int  `json:"in_channels,omitempty"`
	Outputs *int  `json:"out_channels,omitempty"`
}

func decodeLinear(data []byte) (*Linear, error) {
	var raw linearJSON
	if err := unmarshal(data, &raw); err != nil {
		return nil, err
	}
	if err := have(map[string]bool{"receptive_field": raw.Taps != nil, "bias": raw.Bias != nil}); err != nil {
		return nil, err
	}
	if or(raw.Inputs, 1) != 1 || or(raw.Outputs, 1) != 1 {
		return nil, errors.New("a Linear model of several channels cannot be played; one of one channel can")
	}
	return &Linear{Taps: *raw.Taps, Bias: *raw.Bias}, nil
}

func (l *Linear) check() error { return within("receptive_field", l.Taps, 1, maxContext) }

// parts implements Network.
func (l *Linear) parts() []part {
	all := []part{{"impulse_response", l.Taps}}
	if l.Bias {
		all = append(all, part{"bias", 1})
	}
	return all
}

func (l *Linear) encode(string) any { return linearJSON{Taps: &l.Taps, Bias: &l.Bias} }

// player implements Network.
func (l *Linear) player(w *weights) *player {
	c := &convolution{in: 1, out: 1, kernel: l.Taps, dilation: 1, groups: 1, weight: w.take(l.Taps), past: newSignal(1, l.Taps-1)}
	slices.Reverse(c.weight) // a convolution's last tap meets the newest sample
	if l.Bias {
		c.bias = w.take(1)
	}
	return &player{run: c.run}
}
