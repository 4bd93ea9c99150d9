package nam

import (
	"encoding/json"
	"fmt"
	"math"
)

// Activation is an elementwise function as files spell it.
type Activation struct {
	Type   string    // "Tanh", "LeakyReLU", ...
	Slopes []float32 // below 0: one of a LeakyReLU, one or one a channel of a PReLU
	Hard   HardTanh  // of a LeakyHardtanh
}

// HardTanh are the numbers of a LeakyHardtanh: x between Min and Max, and lines of
// the two slopes outside.
type HardTanh struct{ Min, Max, MinSlope, MaxSlope float32 }

// activations are the functions that the hosts' engine knows: f(x) with the
// slope of x's channel.
var activations = map[string]func(x, slope float64) float64{
	"Tanh":     func(x, _ float64) float64 { return math.Tanh(x) },
	"Hardtanh": func(x, _ float64) float64 { return min(max(x, -1), 1) },
	"Fasttanh": func(x, _ float64) float64 {
		a, x2 := math.Abs(x), x*x
		return x * (2.45550750702956 + 2.45550750702956*a + (0.893229853513558+0.821226666969744*a)*x2) /
			(2.44506634652299 + (2.44506634652299+x2)*math.Abs(x+0.814642734961073*x*a))
	},
	"ReLU":          func(x, _ float64) float64 { return max(x, 0) },
	"LeakyReLU":     leaky,
	"PReLU":         leaky,
	"Sigmoid":       func(x, _ float64) float64 { return sigmoid(x) },
	"SiLU":          func(x, _ float64) float64 { return x * sigmoid(x) },
	"Hardswish":     func(x, _ float64) float64 { return x * min(max(x+3, 0), 6) / 6 },
	"LeakyHardtanh": nil, // of Activation.Hard
	"Softsign":      func(x, _ float64) float64 { return x / (1 + math.Abs(x)) },
}

func leaky(x, slope float64) float64 {
	if x > 0 {
		return x
	}
	return slope * x
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// apply is the function of a number of channel c.
func (a *Activation) apply(x float64, c int) float64 {
	if a.Type == "LeakyHardtanh" {
		lo, hi := float64(a.Hard.Min), float64(a.Hard.Max)
		switch {
		case x < lo:
			return (x-lo)*float64(a.Hard.MinSlope) + lo
		case x > hi:
			return (x-hi)*float64(a.Hard.MaxSlope) + hi
		}
		return x
	}
	slope := 0.0
	if len(a.Slopes) > 0 {
		slope = float64(a.Slopes[c%len(a.Slopes)])
	}
	return activations[a.Type](x, slope)
}

// UnmarshalJSON reads "Tanh" or {"type": "LeakyReLU", "negative_slope": 0.01}.
func (a *Activation) UnmarshalJSON(data []byte) error {
	raw := struct {
		Type     string    `json:"type"`
		Slope    *float32  `json:"negative_slope"`
		Slopes   []float32 `json:"negative_slopes"`
		Min      float32   `json:"min_val"`
		Max      float32   `json:"max_val"`
		MinSlope float32   `json:"min_slope"`
		MaxSlope float32   `json:"max_slope"`
	}{Min: -1, Max: 1, MinSlope: 0.01, MaxSlope: 0.01}
	if json.Unmarshal(data, &raw.Type) != nil {
		if err := unmarshal(data, &raw); err != nil {
			return fmt.Errorf("activation: %w", err)
		}
	}
	if raw.Type == "LeakyHardTanh" { // both spellings are about
		raw.Type = "LeakyHardtanh"
	}
	if _, ok := activations[raw.Type]; !ok {
		return fmt.Errorf("the activation %.40q is not known", raw.Type)
	}
	*a = Activation{Type: raw.Type}
	switch raw.Type {
	case "PReLU", "LeakyReLU":
		switch {
		case raw.Slope != nil:
			a.Slopes = []float32{*raw.Slope}
		case raw.Type == "PReLU" && raw.Slopes != nil:
			if len(raw.Slopes) == 0 {
				return fmt.Errorf("the activation PReLU has no slopes")
			}
			a.Slopes = raw.Slopes
		default:
			a.Slopes = []float32{0.01}
		}
	case "LeakyHardtanh":
		a.Hard = HardTanh{raw.Min, raw.Max, raw.MinSlope, raw.MaxSlope}
		if raw.Min > raw.Max {
			return fmt.Errorf("the activation LeakyHardtanh has min_val %v above max_val %v", raw.Min, raw.Max)
		}
	}
	return nil
}

// MarshalJSON writes the name alone where that says all.
func (a Activation) MarshalJSON() ([]byte, error) {
	switch a.Type {
	case "LeakyReLU":
		return json.Marshal(struct {
			Type  string  `json:"type"`
			Slope float32 `json:"negative_slope"`
		}{a.Type, a.Slopes[0]})
	case "PReLU":
		return json.Marshal(struct {
			Type   string    `json:"type"`
			Slopes []float32 `json:"negative_slopes"`
		}{a.Type, a.Slopes})
	case "LeakyHardtanh":
		return json.Marshal(struct {
			Type     string  `json:"type"`
			Min      float32 `json:"min_val"`
			Max      float32 `json:"max_val"`
			MinSlope float32 `json:"min_slope"`
			MaxSlope float32 `json:"max_slope"`
		}{a.Type, a.Hard.Min, a.Hard.Max, a.Hard.MinSlope, a.Hard.MaxSlope})
	}
	return json.Marshal(a.Type)
}

// check reports slopes that do not fit the channels.
func (a *Activation) check(channels int) error {
	if n := len(a.Slopes); n > 1 && n != channels {
		return fmt.Errorf("the activation PReLU has %d slopes for %d channels", n, channels)
	}
	return nil
}
