// Package tfeventstest reads event files by the real TensorBoard.
package tfeventstest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"partials/internal/impl/impltest"
)

// Contents are what TensorBoard reads in a folder: for every tag the events in
// their order, each a step and what is of interest of its value.
type Contents struct {
	Scalars    map[string][][2]float64 // step, value
	Histograms map[string][][3]float64 // step, how many numbers, the sum over the bins
	Images     map[string][][]any      // step, width, height, first four bytes in hex
	Audio      map[string][][]any      // step, rate, samples, first four bytes
	Texts      map[string][][]any      // step, text
	HParams    struct {
		Values  map[string]any // numbers or texts
		Infos   map[string]int // types
		Metrics []string
		Status  int // 0 while the run goes on, 1 for success, 2 for failure
	}
}

//go:embed read.py
var script string

// Python is the interpreter that PARTIALS_PYTHON names, which has tensorboard.
// Without it the test is skipped, or fails where tests are strict.
func Python(t *testing.T) string {
	t.Helper()
	path := os.Getenv("PARTIALS_PYTHON")
	if path == "" || exec.Command(path, "-c", "import tensorboard").Run() != nil {
		if os.Getenv(impltest.Strict) == "1" {
			t.Fatalf("PARTIALS_PYTHON is %q, which has no tensorboard, and %s=1 wants it", path, impltest.Strict)
		}
		t.Skip("needs PARTIALS_PYTHON to be a python with tensorboard")
	}
	return path
}

// Read is what TensorBoard reads in a folder.
func Read(t *testing.T, dir string) (c Contents) {
	t.Helper()
	cmd := exec.Command(Python(t), "-c", script, dir)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.Bytes())
	}
	if err := json.Unmarshal(out, &c); err != nil {
		t.Fatal(err)
	}
	return c
}
