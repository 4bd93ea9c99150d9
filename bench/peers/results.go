package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// row is a comparison. Ratio is how many times as fast, or as small, Partials
// is: above 1 it wins.
type row struct {
	Workload    string  `json:"workload"`
	Threads     int     `json:"threads"`
	Partials    float64 `json:"partials"`
	Peer        float64 `json:"peer"`
	Unit        string  `json:"unit"`
	Ratio       float64 `json:"ratio"`
	Target      float64 `json:"target"` // least ratio; 0 for none
	PeerVersion string  `json:"peer_version"`

	Setting string  `json:"setting,omitempty"` // the peer's best
	Samples int     `json:"samples,omitempty"`
	Noisy   int     `json:"noisy,omitempty"`   // samples that others disturbed, among them
	GFLOPS  float64 `json:"gflops,omitempty"`  // Partials'
	Ceiling float64 `json:"ceiling,omitempty"` // share of what the cores' multiply-adds could do
	Date    string  `json:"date"`
	Machine string  `json:"machine"`
}

// newRow compares two numbers of which the smaller is the better.
func newRow(name string, threads int, ours, peer float64, unit string) row {
	return row{Workload: name, Threads: threads, Partials: round(ours), Peer: round(peer), Unit: unit, Ratio: round(peer / ours),
		Date: time.Now().UTC().Format(time.DateOnly), Machine: machineName()}
}

// timeRow compares two times in seconds.
func timeRow(name string, threads int, ours, peer float64) row {
	switch {
	case ours < 1e-3:
		return newRow(name, threads, ours*1e6, peer*1e6, "us")
	case ours < 1:
		return newRow(name, threads, ours*1e3, peer*1e3, "ms")
	}
	return newRow(name, threads, ours, peer, "s")
}

// round keeps four digits.
func round(x float64) float64 {
	var y float64
	if _, err := fmt.Sscan(fmt.Sprintf("%.4g", x), &y); err != nil {
		return x
	}
	return y
}

func (r row) String() string {
	s := fmt.Sprintf("%s: %.4g %s, peer %.4g %s, %.2fx", r.Workload, r.Partials, r.Unit, r.Peer, r.Unit, r.Ratio)
	if r.Target > 0 {
		s += fmt.Sprintf(" (target %g)", r.Target)
	}
	if r.Setting != "" {
		s += ", " + r.Setting
	}
	if r.Noisy > 0 {
		s += fmt.Sprintf(", %d of %d samples noisy", r.Noisy, r.Samples)
	}
	return s
}

// machineName is the processor and how many of it there are.
func machineName() string {
	name := runtime.GOARCH
	if data, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(data)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				name = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d cores", name, runtime.NumCPU())
}

// results are the rows of a file.
type results struct {
	path string
	rows []row
}

func loadResults(path string) (*results, error) {
	r := &results{path: path}
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &r.rows); err != nil {
		return nil, fmt.Errorf("%s: %w; remove it to begin anew", path, err)
	}
	return r, nil
}

// merge puts rows in the place of older ones of the same comparison and saves
// the file.
func (r *results) merge(rows ...row) error {
	for _, n := range rows {
		same := func(o row) bool { return o.Workload == n.Workload && o.Threads == n.Threads }
		if i := slices.IndexFunc(r.rows, same); i >= 0 {
			r.rows[i] = n
		} else {
			r.rows = append(r.rows, n)
		}
	}
	slices.SortStableFunc(r.rows, func(a, b row) int {
		if c := place(a.Workload) - place(b.Workload); c != 0 {
			return c
		}
		return a.Threads - b.Threads
	})
	var b strings.Builder
	b.WriteString("[\n")
	for i, n := range r.rows {
		line, err := json.Marshal(n)
		if err != nil {
			return err
		}
		b.Write(line)
		if i+1 < len(r.rows) {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
	}
	b.WriteString("]\n")
	return os.WriteFile(r.path, []byte(b.String()), 0o644)
}

// order lists the names of all rows.
var order = func() []string {
	var names, memory []string
	for _, m := range matches() {
		for _, c := range m.peers {
			names, memory = append(names, m.row(c)), append(memory, m.memoryName(c))
		}
	}
	return append(names, memory...)
}()

// place is where a row stands.
func place(name string) int {
	if i := slices.Index(order, name); i >= 0 {
		return i
	}
	return len(order)
}

// printResults prints the rows as a Markdown table, and what they were measured
// against.
func printResults(o options) error {
	r, err := loadResults(o.results)
	if err != nil {
		return err
	}
	fmt.Println("| workload | threads | Partials | peer | ratio | target | of the FMA ceiling |\n|---|--:|--:|--:|--:|--:|--:|")
	var versions, settings, machines []string
	note := func(list *[]string, s string) {
		if s != "" && !slices.Contains(*list, s) {
			*list = append(*list, s)
		}
	}
	for _, n := range r.rows {
		target, ceiling := "", ""
		if n.Target > 0 {
			target = fmt.Sprintf("%.3gx", n.Target)
			if n.Ratio < n.Target {
				target += " (missed)"
			}
		}
		if n.Ceiling > 0 {
			ceiling = fmt.Sprintf("%.0f%%", 100*n.Ceiling)
		}
		fmt.Printf("| %s | %d | %.3g %s | %.3g %s | **%.3gx** | %s | %s |\n",
			n.Workload, n.Threads, n.Partials, n.Unit, n.Peer, n.Unit, n.Ratio, target, ceiling)
		note(&versions, n.PeerVersion)
		note(&settings, n.Setting)
		note(&machines, n.Machine+", "+n.Date)
	}
	fmt.Printf("\nMeasured on %s; %s; each peer in its best setting (%s).\n",
		strings.Join(machines, " and "), strings.Join(versions, "; "), strings.Join(settings, ", "))
	return nil
}
