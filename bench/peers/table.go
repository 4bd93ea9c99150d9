package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"partials/bench/workload"
)

// environment is what a run of measurements works with.
type environment struct {
	options
	dir         string // for files of this run
	self        string // this program
	versions    map[string]string
	fftwVersion string
	ceilings    ceilings
	results     *results
}

// ceilings are what the machine can do at most.
type ceilings struct {
	FMA   float64 `json:"fma"`   // GFLOP/s of one core
	Copy1 float64 `json:"copy1"` // GB/s read plus written by one thread
	Copy2 float64 `json:"copy2"` // and by two
}

func newEnvironment(o options) (*environment, error) {
	e := &environment{options: o}
	var err error
	if e.self, err = os.Executable(); err != nil {
		return nil, err
	}
	if e.dir, err = os.MkdirTemp("", "peers"); err != nil {
		return nil, err
	}
	if e.results, err = loadResults(o.results); err != nil {
		return nil, err
	}
	if err := output(&e.versions, o.python, "python/worker.py", "versions"); err != nil {
		return nil, err
	}
	if err := output(&e.ceilings, o.ceiling); err != nil {
		return nil, err
	}
	w, err := startWorker(nil, o.fftw)
	if err != nil {
		return nil, err
	}
	defer w.stop()
	e.fftwVersion, err = w.ask("version")
	return e, err
}

func (e *environment) close() error { return os.RemoveAll(e.dir) }

// output decodes the JSON that a program prints.
func output(to any, program string, args ...string) error {
	cmd := exec.Command(program, args...)
	cmd.Env, cmd.Stderr = cleanEnvironment(), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s %s: %w", program, strings.Join(args, " "), err)
	}
	return json.Unmarshal(bytes.TrimSpace(out), to)
}

// table measures what was asked for, merges it into the results and prints them.
func table(o options) (err error) {
	e, err := newEnvironment(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	for _, threads := range o.threads {
		if err := e.play(threads); err != nil {
			return err
		}
		if err := e.memory(threads); err != nil {
			return err
		}
	}
	return printResults(o)
}

// play plays the matches of one thread count. Workloads of one letter share
// their processes.
func (e *environment) play(threads int) error {
	workers := map[string]*worker{}
	stop := func() {
		for key, w := range workers {
			w.stop()
			delete(workers, key)
		}
	}
	defer stop()
	letter := byte(0)
	for _, m := range matches() {
		if !e.wants(m.workload) {
			continue
		}
		if m.workload[0] != letter {
			stop()
			letter = m.workload[0]
		}
		if err := e.match(m, threads, workers); err != nil {
			return fmt.Errorf("%s: %w", m.workload, err)
		}
	}
	return nil
}

// match plays one match and merges its rows into the results.
func (e *environment) match(m match, threads int, workers map[string]*worker) error {
	w, err := workload.Get(m.workload)
	if err != nil {
		return err
	}
	file, err := e.export(w)
	if err != nil {
		return err
	}
	line := openLine(w, threads, file)
	open := func(key, setting string, start func() (*worker, error)) (*side, error) {
		if workers[key] == nil {
			started, err := start()
			if err != nil {
				return nil, err
			}
			workers[key] = started
		}
		s := &side{worker: workers[key], setting: setting}
		return s, s.open(line)
	}
	fmt.Fprintf(os.Stderr, "%s, threads %d\n", w.Name, threads)
	ours, err := open("partials", "", func() (*worker, error) { return startWorker(nil, e.self, "worker") })
	if err != nil {
		return err
	}
	sides := []*side{ours}
	var playing []contender
	for _, c := range m.peers {
		if c.only != nil && !c.only(threads) {
			continue
		}
		var tries []*side
		for _, s := range e.settings(c.program) {
			t, err := open(fmt.Sprint(c.program, s.name), s.name, func() (*worker, error) { return e.start(c.program, s, threads) })
			if err != nil {
				return err
			}
			tries = append(tries, t)
		}
		b, err := best(tries)
		if err != nil {
			return err
		}
		sides, playing = append(sides, b), append(playing, c)
	}
	if len(playing) == 0 {
		return nil
	}
	if err := alternate(e.samples, sides...); err != nil {
		return err
	}
	flops, err := flopsOf(w)
	if err != nil {
		return err
	}
	for i, c := range playing {
		peer := sides[i+1]
		r := timeRow(m.row(c), threads, ours.median(e.samples), peer.median(e.samples))
		r.Target, r.PeerVersion, r.Setting = c.least[threads], e.version(c), peer.setting
		r.Samples, r.Noisy = e.samples, max(0, e.samples-min(len(ours.times), len(peer.times)))
		r.GFLOPS = flops / ours.median(e.samples) * 1e-9
		r.Ceiling = r.GFLOPS / (float64(threads) * e.ceilings.FMA)
		fmt.Fprintf(os.Stderr, "    %s\n", r)
		if err := e.results.merge(r); err != nil {
			return err
		}
	}
	return nil
}

// export writes what peers need to run a workload.
func (e *environment) export(w workload.Workload) (file string, err error) {
	file = filepath.Join(e.dir, "workload")
	if out, err := exec.Command(e.self, "export", w.Name, file).CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return file, nil
}

// openLine is what the protocol's open says.
func openLine(w workload.Workload, threads int, file string) string {
	return fmt.Sprintf("%s %d %d %d %s", w.Name, w.Batch, w.Length, threads, file)
}

// flopsOf is the number of operations of a Run.
func flopsOf(w workload.Workload) (float64, error) {
	j, err := w.Open(1)
	if err != nil {
		return 0, err
	}
	return j.FLOPs(), j.Close()
}
