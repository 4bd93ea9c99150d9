// Package namtest plays .nam files in the hosts' own engine, npm's
// @opendaw/nam-wasm, for tests that hold this module against it.
package namtest

import (
	_ "embed"
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"partials/formats/nam"
)

// Variable names the folder of the engine's package.
const Variable = "PARTIALS_NAM_WASM"

//go:embed host.mjs
var host []byte

// engine is the folder of the engine. Under PARTIALS_STRICT a test that lacks it
// fails, elsewhere it is skipped.
func engine(t testing.TB) string {
	t.Helper()
	folder := os.Getenv(Variable)
	missing := ""
	if folder == "" {
		missing = Variable + " does not name the folder of npm's @opendaw/nam-wasm 1.2.0"
	} else if _, err := exec.LookPath("node"); err != nil {
		missing = "there is no node"
	}
	switch {
	case missing == "":
	case os.Getenv("PARTIALS_STRICT") != "":
		t.Fatal(missing)
	default:
		t.Skip(missing)
	}
	return folder
}

// Need skips, or fails, a test that has no engine.
func Need(t testing.TB) {
	t.Helper()
	engine(t)
}

// Play plays one channel at a rate through the files at some paths. The result
// of a file that the engine refuses is nil.
func Play(t testing.TB, x []float32, rate int, paths ...string) [][]float32 {
	t.Helper()
	folder, dir := engine(t), t.TempDir()
	script, input := filepath.Join(dir, "host.mjs"), filepath.Join(dir, "input.f32")
	raw := make([]byte, 0, 4*len(x))
	for _, v := range x {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	args := []string{script, folder, strconv.Itoa(rate), input}
	for i, path := range paths {
		args = append(args, path, filepath.Join(dir, strconv.Itoa(i)+".f32"))
	}
	for path, data := range map[string][]byte{script: host, input: raw} {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("node", args...).CombinedOutput(); err != nil {
		t.Fatalf("node: %v\n%s", err, out)
	}
	results := make([][]float32, len(paths))
	for i := range paths {
		raw, err := os.ReadFile(filepath.Join(dir, strconv.Itoa(i)+".f32"))
		if err != nil {
			continue // refused
		}
		for at := 0; at+4 <= len(raw); at += 4 {
			results[i] = append(results[i], math.Float32frombits(binary.LittleEndian.Uint32(raw[at:])))
		}
	}
	return results
}

// Gate is the most that a file may differ in the engine, as an ESR: its tanh and
// sigmoid are approximations.
func Gate(f *nam.File) float64 {
	switch n := f.Net.(type) {
	case *nam.LSTM:
		return 5e-3
	case *nam.WaveNet:
		if n.Arrays[0].Layers[0].Activation.Type == "Tanh" {
			return 1e-4
		}
	case *nam.ConvNet:
		if n.Activation.Type == "Tanh" {
			return 1e-4
		}
	case *nam.Container:
		return Gate(n.At(1))
	}
	return 1e-10
}

// ESR is the energy of the error over that of the target.
func ESR(got, want []float32) float64 {
	var e, s float64
	for i, w := range want {
		d := float64(got[i]) - float64(w)
		e += d * d
		s += float64(w) * float64(w)
	}
	return e / s
}
