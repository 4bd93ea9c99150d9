// Package metric is numbers about two signals, a prediction and its target,
// without gradients: what validation reports and best checkpoints are chosen
// by.
//
// A Meter takes one channel in blocks of any size, in order, and remembers a
// bounded amount, so that an hour of sound is measured as easily as a second.
// Samples are float32, full scale 1; ratios are in dB where Metric.Unit says so.
//
// Names lists the metrics, Get finds one, Metric.New makes a Meter.
package metric

import (
	"maps"
	"slices"
)

// Metric is a kind of measurement.
type Metric struct {
	Name  string // as recipes and metrics.jsonl call it
	Title string // as plots and reports call it
	Unit  string // "", "dB"
	// HigherIsBetter says which way is better.
	HigherIsBetter bool
	New            func() Meter
}

// Label is the title with the unit, for an axis.
func (m Metric) Label() string {
	if m.Unit == "" {
		return m.Title
	}
	return m.Title + " (" + m.Unit + ")"
}

// Better says whether a is better than b. Anything is better than NaN.
func (m Metric) Better(a, b float64) bool {
	switch {
	case a != a:
		return false
	case b != b:
		return true
	case m.HigherIsBetter:
		return a > b
	}
	return a < b
}

// Meter measures one channel.
type Meter interface {
	// Add takes the next samples of both signals, equally many.
	Add(pred, target []float32)
	// Value is the measurement of all samples so far. It is NaN where it is
	// not defined: no samples, a silent target.
	Value() float64
}

// Names lists the metrics in alphabetical order.
func Names() []string { return slices.Sorted(maps.Keys(table)) }

// Get returns the metric of that name.
func Get(name string) (Metric, bool) {
	m, ok := table[name]
	m.Name = name
	return m, ok
}

var table = map[string]Metric{
	"esr":    {Title: "ESR", New: func() Meter { return new(esr) }},
	"mse":    {Title: "MSE", New: func() Meter { return new(mse) }},
	"mae":    {Title: "MAE", New: func() Meter { return new(mae) }},
	"peak":   {Title: "Peak error", New: func() Meter { return new(peak) }},
	"snr":    {Title: "SNR", Unit: "dB", HigherIsBetter: true, New: func() Meter { return new(snr) }},
	"si_sdr": {Title: "SI-SDR", Unit: "dB", HigherIsBetter: true, New: func() Meter { return new(siSDR) }},
	"lsd":    {Title: "Log-spectral distance", Unit: "dB", New: func() Meter { return newLSD() }},
}
