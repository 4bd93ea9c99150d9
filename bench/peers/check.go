package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"partials/bench/workload"
)

// tolerance is how far a result may be from the peer's, over its largest
// value. Both compute in float32 and sum in different orders.
const tolerance = 2e-3

// check holds what Partials computes against the peers, by one Run of every
// workload from the same signals and weights.
func check(o options) (err error) {
	dir, err := os.MkdirTemp("", "peers")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	bad := 0
	for _, w := range workload.All() {
		if !o.wants(w.Name) {
			continue
		}
		file := filepath.Join(dir, "workload")
		if err := export(w.Name, 0, 0, file); err != nil {
			return fmt.Errorf("%s: %w", w.Name, err)
		}
		cmd := exec.Command(o.python, "python/worker.py", "check", file)
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("%s: %w", w.Name, err)
		}
		var r struct {
			Value, Error float64
			Worst        string
			Results      int
		}
		if err := json.Unmarshal(bytes.TrimSpace(out), &r); err != nil {
			return fmt.Errorf("%s: %w", w.Name, err)
		}
		verdict := "ok"
		if !(r.Error <= tolerance) {
			verdict = "DIFFERENT"
			bad++
		}
		fmt.Printf("%-20s %-10s value within %.1e, %d results within %.1e (%s)\n", w.Name, verdict, r.Value, r.Results, r.Error, r.Worst)
	}
	if bad > 0 {
		return fmt.Errorf("%d workloads compute something else than the peer", bad)
	}
	return nil
}
