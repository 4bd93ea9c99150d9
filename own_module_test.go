package partials_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestOwnModule builds examples/own, a module of its own with a model, a loss
// and a Function that this one does not know, and trains it. Nothing is
// downloaded: what this module needs is all that it needs.
func TestOwnModule(t *testing.T) {
	module, err := filepath.Abs("examples/own")
	if err != nil {
		t.Fatal(err)
	}
	recipe := filepath.Join(module, "own.yaml")
	work := t.TempDir()
	program := filepath.Join(work, "own.exe")
	in := func(dir string, ok bool, name string, args ...string) string {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOWORK=off", "GOPROXY=off")
		out, err := cmd.CombinedOutput()
		if (err == nil) != ok {
			t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	in(module, true, "go", "build", "-o", program, ".")
	in(module, true, "go", "vet", ".")
	in(module, true, "go", "test", ".")

	own := func(ok bool, args ...string) string { t.Helper(); return in(work, ok, program, args...) }
	wants := func(out, want string) {
		t.Helper()
		if !strings.Contains(out, want) {
			t.Errorf("got %q, want %q in it", out, want)
		}
	}
	run := filepath.Join("runs", "own")
	wants(own(true, "run", recipe, "steps=3", "batch=2", "model.order=4"), "\n"+run+": 3 steps\n  esr ")
	metrics, err := os.ReadFile(filepath.Join(work, run, "metrics.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	wants(string(metrics), `"level":`) // the loss of its own is logged as a term
	wants(own(true, "resume", run, "steps=5"), run+": 5 steps")
	for _, name := range []string{run, "own"} { // by folder and by name
		wants(own(true, "reproduce", name), run+": the same bits")
	}
	wants(own(true, "resume", "own", "steps=7"), run+": 7 steps")
	wants(own(false, "reproduce", "nosuch"), "nosuch is not a run")

	// What its Validate methods say stands where the value stands.
	wants(own(false, "run", recipe, "model.order=0"), "model: order is 0; it must be from 1 to 15")
	wants(own(false, "run", recipe, "loss[1].floor=-1"), "loss[1]: floor is -1; it must be above 0")
	wants(own(false, "run", recipe, "loss[1].weight=-1"), "loss[1].weight is -1; it must be at least 0")
	wants(own(false, "run", recipe, "model.kind=waveshape"), "did you mean waveshaper?")
}
