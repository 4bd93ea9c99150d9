package nam_test

import (
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
