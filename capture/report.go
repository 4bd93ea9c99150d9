package capture

import (
	"fmt"
	"slices"
	"strings"
)

// Report is what Check found.
type Report struct {
	Input  string `json:"input"`
	Output string `json:"output"`
	Rate   int    `json:"rate_hz"`
	// Frames is the length of the input in samples.
	Frames int `json:"frames"`
	// Channel is the channel that a file of several was reduced to: mono (no
	// file has several), left, right or mix.
	Channel string `json:"channel"`
	// Signal is the test signal that the input is; "" for any other sound.
	Signal string `json:"signal"`

	Latency  Latency `json:"latency"`
	Inverted bool    `json:"inverted"`
	// DriftPPM is by how many millionths the output's clock runs slower than
	// the input's: its latency grows by as much. 0 where it was not measurable.
	DriftPPM float64 `json:"drift_ppm"`
	// Explained is the share of the output's energy that a causal linear filter
	// makes of the input: 1 for a cable, less for distortion, 0 for no pair.
	Explained float64 `json:"explained"`
	// NoiseDB and SNR are the output's noise where the input is silent, in dBFS
	// and in dB below the output's level; null where the input is never silent.
	NoiseDB *float64 `json:"noise_dbfs"`
	SNR     *float64 `json:"snr_db"`

	// Train and Validation are what to train and to validate on, as samples of
	// the input: from, to. Both are empty for sounds that are no known signal.
	Train      [2]int `json:"train"`
	Validation [2]int `json:"validation"`

	Findings []Finding `json:"findings"`
}

// Latency is how late the output is, in samples.
type Latency struct {
	// Samples is what to train with: the output may still be late by a sample,
	// but never early, which no causal model could learn.
	Samples int `json:"samples"`
	// Exact is the estimate to a fraction of a sample, of the strongest part of
	// the response.
	Exact float64 `json:"exact"`
	// By says how it was found: blips, correlation, given, or "" for not.
	By string `json:"by"`
}

// Severity says whether a run may go on.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Finding is one thing that is wrong.
type Finding struct {
	Check    string   `json:"check"` // the name by which it is ignored
	Severity Severity `json:"severity"`
	Text     string   `json:"text"`
	// From and To are where, in seconds of the input; both 0 for everywhere.
	From float64 `json:"from_s"`
	To   float64 `json:"to_s"`
}

// Checks are the names of all checks.
func Checks() []string {
	return []string{"channels", "clipping", "dc", "drift", "dropouts", "file", "finite", "hum", "jumps", "latency", "length",
		"level", "memory", "noise", "pair", "polarity", "rate", "repeat", "signal", "silence", "speed", "swapped"}
}

// Failed says whether there is an error among the findings.
func (r *Report) Failed() bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Severity == Error })
}

// Facts are what was measured, a line each.
func (r *Report) Facts() []string {
	var facts []string
	add := func(format string, values ...any) { facts = append(facts, fmt.Sprintf(format, values...)) }
	signal := r.Signal
	if signal == "" {
		signal = "no known test signal"
	}
	add("input: %s, %.4g s at %d Hz", signal, r.seconds(r.Frames), r.Rate)
	switch r.Latency.By {
	case "":
	case "given":
		add("latency: %d samples (%.4g ms), as given", r.Latency.Samples, 1000*r.seconds(r.Latency.Samples))
	default:
		add("latency: %d samples (%.4g ms) by %s; the strongest part of the response is %.2f samples late",
			r.Latency.Samples, 1000*r.seconds(r.Latency.Samples), r.Latency.By, r.Latency.Exact)
	}
	if r.Latency.By != "" {
		polarity := "kept"
		if r.Inverted {
			polarity = "inverted"
		}
		add("polarity: %s; a linear filter explains %.1f%% of the output", polarity, 100*r.Explained)
	}
	if r.SNR != nil {
		add("noise: %.0f dBFS where the input is silent, %.0f dB below the output", *r.NoiseDB, *r.SNR)
	}
	if r.Validation[1] > 0 {
		add("training on %s to %s, validation on %s to %s", r.at(r.Train[0]), r.at(r.Train[1]), r.at(r.Validation[0]), r.at(r.Validation[1]))
	}
	return facts
}

func (r *Report) seconds(samples int) float64 { return float64(samples) / float64(max(r.Rate, 1)) }

// at says where a sample is, in a sentence.
func (r *Report) at(sample int) string { return fmt.Sprintf("%.3f s", r.seconds(sample)) }

// unknownChecks reports names that no check has.
func unknownChecks(names []string) error {
	for _, name := range names {
		if !slices.Contains(Checks(), name) {
			return fmt.Errorf("there is no check called %q; there are %s", name, strings.Join(Checks(), ", "))
		}
	}
	return nil
}
