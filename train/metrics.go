package train

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
)

// Record is a line of metrics.jsonl: what a step or a validation measured. It
// holds nothing that depends on the clock, so that two runs compare byte by
// byte.
type Record struct {
	// Step is the number of updates made: 1 after the first.
	Step int `json:"step"`
	// Loss and Terms are of the step's batch, before the update.
	Loss     *Number           `json:"loss,omitempty"`
	Terms    map[string]Number `json:"terms,omitempty"`
	LR       *Number           `json:"lr,omitempty"`
	GradNorm *Number           `json:"grad_norm,omitempty"`
	// Valid are the validation metrics after the step.
	Valid map[string]Number `json:"valid,omitempty"`
}

// Number is a float64 whose JSON form keeps every bit; NaN and infinities,
// which JSON lacks, are strings.
type Number float64

// MarshalJSON implements json.Marshaler.
func (x Number) MarshalJSON() ([]byte, error) {
	v := float64(x)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return json.Marshal(fmt.Sprint(v))
	}
	return json.Marshal(v)
}

// UnmarshalJSON implements json.Unmarshaler.
func (x *Number) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case `"NaN"`:
		*x = Number(math.NaN())
	case `"+Inf"`:
		*x = Number(math.Inf(1))
	case `"-Inf"`:
		*x = Number(math.Inf(-1))
	default:
		return json.Unmarshal(b, (*float64)(x))
	}
	return nil
}

func number(v float64) *Number {
	x := Number(v)
	return &x
}

// Timing is a line of timing.jsonl: how long the steps since the last line
// took.
type Timing struct {
	Step     int     `json:"step"`
	Time     string  `json:"time"`      // RFC 3339
	Steps    int     `json:"steps"`     // that this line covers
	Load     float64 `json:"load_s"`    // seconds waiting for data
	Forward  float64 `json:"forward_s"` // model and loss
	Backward float64 `json:"backward_s"`
	Update   float64 `json:"update_s"`
	Write    float64 `json:"write_s"` // metrics, checkpoints and pictures
	Validate float64 `json:"validate_s"`
	// RealTime is seconds of sound trained on for each second of clock.
	RealTime float64 `json:"real_time"`
	// Arena is the most bytes that a step held, so far.
	Arena int64 `json:"arena_bytes"`
	// Memory is the most bytes that the whole process has had in memory, so
	// far; absent where the system does not say.
	Memory int64 `json:"memory_bytes,omitempty"`
}

// lines appends JSON values to a file, one a line.
type lines struct {
	f *os.File
	w *bufio.Writer
}

func openLines(path string) (*lines, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	return &lines{f: f, w: bufio.NewWriter(f)}, nil
}

func (l *lines) add(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = l.w.Write(append(b, '\n'))
	return err
}

// flush brings what was added to the file, and with sync to the disk.
func (l *lines) flush(sync bool) error {
	if err := l.w.Flush(); err != nil || !sync {
		return err
	}
	return l.f.Sync()
}

func (l *lines) close() error { return errors.Join(l.w.Flush(), l.f.Close()) }

// ReadMetrics reads a run's metrics. A last line that a kill cut short is left
// out.
func ReadMetrics(d Dir) ([]Record, error) {
	var records []Record
	err := readLines(d.path(metricsFile), func(line []byte) error {
		var r Record
		if err := json.Unmarshal(line, &r); err != nil {
			return err
		}
		records = append(records, r)
		return nil
	})
	return records, err
}

// ReadTimings reads a run's timings, as ReadMetrics its metrics.
func ReadTimings(d Dir) ([]Timing, error) {
	var timings []Timing
	err := readLines(d.path(timingFile), func(line []byte) error {
		var t Timing
		if err := json.Unmarshal(line, &t); err != nil {
			return err
		}
		timings = append(timings, t)
		return nil
	})
	return timings, err
}

// readLines calls f for each whole line of the file at path. A missing file
// has none.
func readLines(path string, f func(line []byte) error) error {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	r := bufio.NewReader(file)
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		if err == io.EOF {
			return nil // what follows the last newline was being written
		}
		if err != nil {
			return err
		}
		if err := f(line); err != nil {
			return fmt.Errorf("%s, line %d: %w", path, n, err)
		}
	}
}

// covers says whether a record was written on the way to a place.
func (at place) covers(r Record) bool {
	return r.Step <= at.Step && (r.Valid == nil || r.Step <= at.Validated)
}

// cutLines cuts a .jsonl file off behind the last line that a place covers.
// What follows may be anything: a machine that loses power leaves garbage.
func cutLines(path string, at place) error {
	size, reached := int64(0), 0
	err := readLines(path, func(line []byte) error {
		var r Record
		if err := json.Unmarshal(line, &r); err != nil && reached < at.Step {
			return err
		} else if err != nil || !at.covers(r) {
			return errBehind
		}
		size, reached = size+int64(len(line)), r.Step
		return nil
	})
	if err != nil && !errors.Is(err, errBehind) {
		return err
	}
	if err := os.Truncate(path, size); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// errBehind ends cutLines at the first line that goes.
var errBehind = errors.New("behind the checkpoint")

// sortedNames are the keys of a set of numbers in alphabetical order.
func sortedNames(m map[string]Number) []string { return slices.Sorted(maps.Keys(m)) }
