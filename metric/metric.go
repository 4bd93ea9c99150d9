// Package metric is numbers about two signals, a prediction and its target,
// without gradients: what validation reports and best checkpoints are chosen
// by.
//
// A Meter takes one channel in blocks of any size, in order, and remembers a
// bounded amount, so that an hour of sound is measured as easily as a second;
// only STOI and ESTOI keep the sound, at 10 kHz.
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
	// New makes a meter of signals of a rate in Hz.
	New func(rate int) Meter
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

// plain is New of a meter that needs no rate.
func plain[T any, M interface {
	*T
	Meter
}](int) Meter {
	return M(new(T))
}

var table = map[string]Metric{
	"esr":     {Title: "ESR", New: plain[esr]},
	"mse":     {Title: "MSE", New: plain[mse]},
	"mae":     {Title: "MAE", New: plain[mae]},
	"peak":    {Title: "Peak error", New: plain[peak]},
	"snr":     {Title: "SNR", Unit: "dB", HigherIsBetter: true, New: plain[snr]},
	"seg_snr": {Title: "Segmental SNR", Unit: "dB", HigherIsBetter: true, New: newSegmentalSNR},
	"si_sdr":  {Title: "SI-SDR", Unit: "dB", HigherIsBetter: true, New: plain[siSDR]},
	"lsd":     {Title: "Log-spectral distance", Unit: "dB", New: func(int) Meter { return newLSD() }},
	"stoi":    {Title: "STOI", HigherIsBetter: true, New: newIntelligibility(false)},
	"estoi":   {Title: "ESTOI", HigherIsBetter: true, New: newIntelligibility(true)},
}
