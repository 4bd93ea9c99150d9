package main

import (
	"fmt"
	"os"
	"strings"

	"partials/bench/workload"
)

// memorySteps is how often a workload runs before its memory is read.
const memorySteps = 5

// memoryName is a match's row of memory.
func (m match) memoryName(c contender) string {
	return "f. peak memory of " + strings.ToLower(m.title[:1]) + m.title[1:] + ", against " + c.name
}

// memory compares the most memory that fresh processes take for the losses and
// the training steps. The peer's is that of its leanest setting.
func (e *environment) memory(threads int) error {
	for _, m := range matches() {
		if !strings.Contains("cde", m.workload[:1]) || !e.wants("f/memory/"+m.workload) {
			continue
		}
		c := m.peers[0]
		ours, err := e.highWater(m, threads, func() (*worker, error) { return startWorker(nil, e.self, "worker") })
		if err != nil {
			return fmt.Errorf("memory of %s: %w", m.workload, err)
		}
		var least float64
		var leanest string
		for _, s := range e.settings(c.program) {
			n, err := e.highWater(m, threads, func() (*worker, error) { return e.start(c.program, s, threads) })
			if err != nil {
				return fmt.Errorf("memory of %s: %w", m.workload, err)
			}
			if leanest == "" || n < least {
				least, leanest = n, s.name
			}
		}
		const mib = 1 << 20
		r := newRow(m.memoryName(c), threads, ours/mib, least/mib, "MiB")
		r.Target, r.PeerVersion, r.Setting = 4, e.version(c), leanest
		fmt.Fprintf(os.Stderr, "    %s\n", r)
		if err := e.results.merge(r); err != nil {
			return err
		}
	}
	return nil
}

// highWater is the most bytes that a fresh process has in memory for a match.
func (e *environment) highWater(m match, threads int, start func() (*worker, error)) (float64, error) {
	w, err := workload.Get(m.workload)
	if err != nil {
		return 0, err
	}
	file, err := e.export(w)
	if err != nil {
		return 0, err
	}
	p, err := start()
	if err != nil {
		return 0, err
	}
	defer p.stop()
	if _, err := p.ask("open %s", openLine(w, threads, file)); err != nil {
		return 0, err
	}
	if _, err := p.run(memorySteps); err != nil {
		return 0, err
	}
	return p.memory()
}
