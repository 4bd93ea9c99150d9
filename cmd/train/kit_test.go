package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"partials/audio"
)

// tiny makes quickstart a run of a second.
var tiny = []string{"steps=4", "batch=1", "segment=2048", "model.layers=2", "model.channels=4", "validate.every=2", "save.audio=0.1"}

// shared is a folder for the whole package, with a run in it.
var shared string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "train-test-*")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		shared = dir
		return m.Run()
	}())
}

// outcome is what a command left.
type outcome struct {
	code     int
	out, err string
}

// call runs the program inside this process.
func call(args ...string) outcome {
	var out, err bytes.Buffer
	code := run(context.Background(), args, &out, &err)
	return outcome{code, out.String(), err.String()}
}

// good runs a command that must succeed and returns its results.
func good(t *testing.T, args ...string) string {
	t.Helper()
	o := call(args...)
	if o.code != exitOK {
		t.Fatalf("train %s: exit code %d\n%s", strings.Join(args, " "), o.code, o.err)
	}
	return o.out
}

var trained = sync.OnceValue(func() outcome {
	return call(append([]string{"run", "quickstart", "--runs-dir", filepath.Join(shared, "runs")}, tiny...)...)
})

// aRun returns the folder of a run that tests share and must not change.
func aRun(t *testing.T) string {
	t.Helper()
	if o := trained(); o.code != exitOK {
		t.Fatalf("train run: exit code %d\n%s", o.code, o.err)
	}
	return filepath.Join(shared, "runs", "quickstart")
}

var built = sync.OnceValues(func() (string, error) {
	path := filepath.Join(shared, "train.exe")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, out)
	}
	return path, err
})

// program returns the built program.
func program(t *testing.T) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// aSound writes a stereo file of 0.1 s with a sine of peak 0.5 in both
// channels.
func aSound(t *testing.T, path string) {
	t.Helper()
	x := make([]float32, 4410)
	for i := range x {
		x[i] = float32(0.5 * math.Sin(2*math.Pi*float64(i)/40))
	}
	if _, err := audio.WriteFile(path, &audio.Audio{Rate: 44100, Channels: [][]float32{x, x}}, audio.PCM16); err != nil {
		t.Fatal(err)
	}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
