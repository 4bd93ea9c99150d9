package main

import (
	"fmt"
	"strings"

	"partials/bench/workload"
)

// match is a workload that Partials and one or more others are timed on, each
// from a process of its own, in turn.
type match struct {
	workload string // of package workload
	title    string
	peers    []contender
}

// contender is another program in a match.
type contender struct {
	program program
	name    string                 // what the row's workload ends with
	least   map[int]float64        // the target: least ratio of speeds, by thread count
	only    func(threads int) bool // nil for any
}

// program is how a peer is started.
type program int

const (
	torch program = iota
	fftw
)

// matches are the workloads a to e. The targets are the project's own.
func matches() []match {
	both := func(x float64) map[int]float64 { return map[int]float64{1: x, 2: x} }
	against := func(name string, least map[int]float64) []contender {
		return []contender{{program: torch, name: name, least: least}}
	}
	var list []match
	for _, w := range workload.All() {
		m := match{workload: w.Name, title: w.Name[:1] + ". " + w.Title}
		switch kind := w.Kind(); {
		case w.Name[0] == 'a':
			lanes := strings.HasSuffix(kind, "_lanes")
			m.peers = []contender{{program: fftw, name: "FFTW", least: map[int]float64{1: 1.8}}}
			if !lanes {
				m.peers = append(m.peers, contender{program: torch, name: "torch"})
			}
			if lanes {
				m.peers[0].only = func(threads int) bool { return threads == 1 }
			}
		case kind == "stft":
			m.peers = against("torch", nil)
		case w.Name[0] == 'b':
			m.peers = against("torch", both(8))
		case w.Name[0] == 'c':
			m.peers = against("auraloss", both(10))
		case kind == "lstm":
			m.peers = against("NAM", both(3))
		case w.Name[0] == 'd':
			m.peers = against("NAM", both(5))
		default:
			m.peers = against("torch", both(4))
		}
		list = append(list, m)
	}
	return list
}

// row is the name of a match against one peer in the results.
func (m match) row(c contender) string { return fmt.Sprintf("%s, against %s", m.title, c.name) }

// setting is an environment that a peer may be faster in.
type setting struct {
	name string
	env  []string
}

// settings are those that a peer is tried in.
func (e *environment) settings(p program) []setting {
	if p == fftw {
		return []setting{{name: "MEASURE"}}
	}
	tuned := []string{"MALLOC_MMAP_MAX_=0", "MALLOC_TRIM_THRESHOLD_=34359738368", "MALLOC_TOP_PAD_=67108864"}
	list := []setting{{name: "malloc as it comes"}, {"malloc tuned", tuned}}
	if strings.Contains(strings.ToLower(e.versions["blas"]), "openblas") {
		list = append(list, setting{"malloc tuned, OpenBLAS on one thread", append(tuned, "OPENBLAS_NUM_THREADS=1")})
	}
	return list
}

// start starts a peer in a setting.
func (e *environment) start(p program, s setting, threads int) (*worker, error) {
	if p == fftw {
		return startWorker(nil, e.fftw)
	}
	env := append([]string{
		fmt.Sprintf("OMP_NUM_THREADS=%d", threads), fmt.Sprintf("MKL_NUM_THREADS=%d", threads),
	}, s.env...)
	if !strings.Contains(strings.Join(env, " "), "OPENBLAS_NUM_THREADS") {
		env = append(env, fmt.Sprintf("OPENBLAS_NUM_THREADS=%d", threads))
	}
	return startWorker(env, e.python, "python/worker.py", "serve")
}

// version names what a contender runs.
func (e *environment) version(c contender) string {
	t := "torch " + e.versions["torch"]
	switch c.name {
	case "FFTW":
		return e.fftwVersion
	case "auraloss":
		return "auraloss " + e.versions["auraloss"] + ", " + t
	case "NAM":
		return "neural-amp-modeler " + e.versions["neural-amp-modeler"] + ", " + t
	}
	return t
}
