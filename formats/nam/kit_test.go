package nam_test

import (
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"partials/datasets"
	"partials/device/ref"
	"partials/formats/nam"
	"partials/model"
)

// excerpt is n samples of a real guitar, from sample at on.
func excerpt(t testing.TB, at int64, n int) []float32 {
	t.Helper()
	r, err := datasets.OpenAudio("embedded:amp/input.wav")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	x := make([]float32, n)
	if got, err := r.ReadAt([][]float32{x}, at); err != nil || got != n {
		t.Fatalf("%d samples: %v", got, err)
	}
	return x
}

// engine is the folder of npm's @opendaw/nam-wasm, the hosts' own engine. Under
// PARTIALS_STRICT a test that lacks it fails.
func engine(t testing.TB) string {
	t.Helper()
	const variable = "PARTIALS_NAM_WASM"
	folder := os.Getenv(variable)
	missing := ""
	if folder == "" {
		missing = variable + " does not name the folder of npm's @opendaw/nam-wasm"
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

// inHost plays x through files in the hosts' engine. The result of a file that it
// refuses is nil.
func inHost(t testing.TB, x []float32, rate int, files ...*nam.File) [][]float32 {
	t.Helper()
	folder, dir := engine(t), t.TempDir()
	input := filepath.Join(dir, "input.f32")
	raw := make([]byte, 0, 4*len(x))
	for _, v := range x {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	write(t, input, raw)
	args := []string{"testdata/host.mjs", folder, strconv.Itoa(rate), input}
	for i, f := range files {
		data, err := f.Encode()
		if err != nil {
			t.Fatal(err)
		}
		model := filepath.Join(dir, strconv.Itoa(i)+".nam")
		write(t, model, data)
		args = append(args, model, filepath.Join(dir, strconv.Itoa(i)+".f32"))
	}
	if out, err := exec.Command("node", args...).CombinedOutput(); err != nil {
		t.Fatalf("node: %v\n%s", err, out)
	}
	results := make([][]float32, len(files))
	for i := range files {
		raw, err := os.ReadFile(filepath.Join(dir, strconv.Itoa(i)+".f32"))
		if err != nil {
			continue
		}
		for at := 0; at+4 <= len(raw); at += 4 {
			results[i] = append(results[i], math.Float32frombits(binary.LittleEndian.Uint32(raw[at:])))
		}
	}
	return results
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// read plays x through a Reader, in blocks of odd sizes.
func read(f *nam.File, x []float32) []float32 {
	r := nam.NewReader(f)
	y := make([]float32, len(x))
	for at, n := 0, 1; at < len(x); at, n = at+n, n*3+1 {
		n = min(n, len(x)-at)
		r.Process([][]float32{y[at : at+n]}, [][]float32{x[at : at+n]})
	}
	return y
}

// esr is the energy of the error over that of the target.
func esr(got, want []float32) float64 {
	var e, s float64
	for i, w := range want {
		d := float64(got[i]) - float64(w)
		e += d * d
		s += float64(w) * float64(w)
	}
	return e / s
}

// trained is a model with its first weights, as an export gets it.
func trained(t testing.TB, c model.Config) nam.Trained { return conditioned(t, c, 0) }

// conditioned is trained with knobs.
func conditioned(t testing.TB, c model.Config, knobs int) nam.Trained {
	t.Helper()
	dev := ref.New()
	t.Cleanup(func() { dev.Close() })
	_, params, err := model.Build(c, dev, model.Env{Rate: 48000, Inputs: 1, Outputs: 1, Controls: knobs, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	w := nam.Weights{}
	for _, p := range params.All() {
		v := make([]float64, p.Shape.Len())
		dev.Read64(v, p.Var().Tensor)
		w[p.Name] = v
	}
	for _, b := range params.Buffers() {
		for i := range b.Value.Len() { // as if it had followed something
			w[b.Name] = append(w[b.Name], 0.5+float64(i)/10)
		}
	}
	return nam.Trained{Config: c, Inputs: 1, Outputs: 1, Weights: w, Gain: 1}
}

// file is a model as a file of the version given.
func file(t testing.TB, m nam.Trained, version string) *nam.File {
	t.Helper()
	f, err := nam.FromModel(m, version)
	if err != nil {
		t.Fatal(err)
	}
	f.SampleRate = 48000
	return f
}
