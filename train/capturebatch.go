package train

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"partials/capture"
)

// BatchResult is a line of a batch: a pair and what came of it.
type BatchResult struct {
	Name   string `json:"name"`
	Input  string `json:"input"`
	Output string `json:"output"`
	Arch   string `json:"arch"`
	// Settings is all else that decides the model, as text.
	Settings string   `json:"settings"`
	Status   string   `json:"status"` // done, stopped, failed
	ESR      *Number  `json:"esr"`    // null where none was measured
	Seconds  float64  `json:"seconds"`
	Model    string   `json:"model"` // the .nam file
	Run      string   `json:"run"`   // the run's folder
	Warnings []string `json:"warnings"`
	Error    string   `json:"error"`
	// Recordings are sizes and times of change of input and output.
	Recordings string `json:"recordings"`
}

// The statuses of a BatchResult.
const (
	batchDone    = "done"
	batchStopped = "stopped"
	batchFailed  = "failed"
)

// Batch is many captures of one kind.
type Batch struct {
	Pairs  []BatchPair
	Folder string // where the models, batch.json and batch.csv go
	Check  capture.Options
	CaptureOptions
	// Tell is called when a pair begins (nil result) and when it has ended.
	Tell func(i int, p BatchPair, r *BatchResult)
}

// The files of a batch's folder.
const (
	batchJSON = "batch.json"
	batchCSV  = "batch.csv"
)

// Run captures all pairs, one after another. A pair that fails is written down
// and passed over; what was done before, with these settings and from these
// recordings, is not done again, and a run that was stopped goes on. When ctx is
// done the pair at work is exported as it is, and the rest is left for the next
// time.
func (b Batch) Run(ctx context.Context, o Options) ([]BatchResult, error) {
	before, err := readBatch(filepath.Join(b.Folder, batchJSON))
	if err != nil {
		return nil, err
	}
	all := before
	for i, p := range b.Pairs {
		if ctx.Err() != nil {
			break
		}
		r := BatchResult{Name: p.Name, Input: p.Input, Output: p.Output, Arch: b.Arch, Settings: b.settings(),
			Model: filepath.Join(b.Folder, p.Name+".nam"), Warnings: []string{}, Recordings: stamp(p.Input) + " " + stamp(p.Output)}
		k := slices.IndexFunc(all, func(x BatchResult) bool { return x.Name == p.Name })
		var was *BatchResult
		if k >= 0 && all[k].same(r) {
			was = &all[k]
			if was.Status == batchDone && existing(was.Model) != "" {
				b.Tell(i, p, was)
				continue
			}
		}
		b.Tell(i, p, nil)
		begin := time.Now()
		b.one(ctx, p, was, &r, o)
		r.Seconds = time.Since(begin).Seconds()
		if was != nil && was.Status == batchStopped && r.Run == was.Run {
			r.Seconds += was.Seconds
		}
		if k >= 0 {
			all[k] = r
		} else {
			all = append(all, r)
		}
		if err := b.save(all); err != nil {
			return nil, err
		}
		b.Tell(i, p, &r)
	}
	results := []BatchResult{}
	for _, p := range b.Pairs {
		if k := slices.IndexFunc(all, func(x BatchResult) bool { return x.Name == p.Name }); k >= 0 {
			results = append(results, all[k])
		}
	}
	return results, ctx.Err()
}

// one captures a pair and writes down what came of it.
func (b Batch) one(ctx context.Context, p BatchPair, was, r *BatchResult, o Options) {
	c, err := b.capture(ctx, p, was, r, o)
	if err != nil {
		r.Status, r.Error = batchFailed, err.Error()
		return
	}
	r.Run, r.Status = string(c.Run), batchDone
	if c.Stopped {
		r.Status = batchStopped
	}
	if !math.IsNaN(c.ESR) {
		r.ESR = number(c.ESR)
	}
}

func (b Batch) capture(ctx context.Context, p BatchPair, was, r *BatchResult, o Options) (*Captured, error) {
	if p.Error != "" {
		return nil, errors.New(p.Error)
	}
	report, err := CheckPair(p.Input, p.Output, b.Check)
	if err != nil {
		return nil, err
	}
	for _, f := range report.Findings {
		if f.Severity == capture.Error {
			return nil, errors.New(f.Text)
		}
		r.Warnings = append(r.Warnings, f.Text)
	}
	co := b.CaptureOptions
	co.Output = r.Model
	if was != nil && was.Status == batchStopped && existing(filepath.Join(was.Run, configFile)) != "" {
		c := &Captured{Run: Dir(was.Run)}
		_, err := Resume(ctx, c.Run, nil, o)
		var stop *Interrupted
		if c.Stopped = errors.As(err, &stop); err != nil && !c.Stopped && !errors.Is(err, ErrComplete) {
			return nil, err
		}
		return c, c.export(co, o)
	}
	return Capture(ctx, report, co, o)
}

// settings is all that decides a model besides the recordings and the
// architecture.
func (b Batch) settings() string {
	delay := "measured"
	if b.Check.Delay != nil {
		delay = strconv.Itoa(*b.Check.Delay)
	}
	return fmt.Sprintf("rate %d, channel %q, delay %s, %q", b.Rate, b.Check.Channel, delay, b.Overrides)
}

// same says whether an earlier result is of the same recordings and settings.
func (r BatchResult) same(as BatchResult) bool {
	return r.Input == as.Input && r.Output == as.Output && r.Arch == as.Arch && r.Settings == as.Settings && r.Recordings == as.Recordings
}

// stamp is the size and time of change of a file.
func stamp(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return "missing"
	}
	return fmt.Sprintf("%d@%s", info.Size(), info.ModTime().UTC().Format(time.RFC3339Nano))
}

// readBatch reads the results of an earlier time, none where there was none.
func readBatch(path string) ([]BatchResult, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading what was done before: %w", err)
	}
	var all []BatchResult
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, fmt.Errorf("reading what was done before: %s: %w; take another folder, or delete that file to begin anew", path, err)
	}
	return all, nil
}

// save writes the results as JSON and as CSV.
func (b Batch) save(all []BatchResult) error {
	data, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	var table bytes.Buffer
	w := csv.NewWriter(&table)
	rows := [][]string{{"name", "status", "esr", "verdict", "seconds", "arch", "model", "run", "input", "output", "error"}}
	for _, r := range all {
		esr, verdict := "", ""
		if r.ESR != nil {
			esr, verdict = fmt.Sprintf("%.6g", float64(*r.ESR)), Verdict(float64(*r.ESR))
		}
		rows = append(rows, []string{r.Name, r.Status, esr, verdict, fmt.Sprintf("%.1f", r.Seconds), r.Arch, r.Model, r.Run, r.Input, r.Output, r.Error})
	}
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	for name, text := range map[string][]byte{batchJSON: append(data, '\n'), batchCSV: table.Bytes()} {
		if err := writeAtomically(filepath.Join(b.Folder, name), text); err != nil {
			return fmt.Errorf("writing the results: %w", err)
		}
	}
	return nil
}
