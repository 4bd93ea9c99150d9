package train

import (
	"math"
	"path/filepath"
	"testing"

	"partials/audio"
	"partials/formats/onnx"
	"partials/formats/onnx/onnxtest"
)

// denoiser is a run of a small mask net and a 16-bit file of its rate.
func denoiser(t *testing.T, o Options) (dir Dir, in string) {
	t.Helper()
	dir = undisturbed(t, recipeOf(t, "model={kind: mask, n_fft: 64, hop: 16, hidden_size: 8, layers: 2, burn_in: 8}", "steps=3"), o)
	in = filepath.Join(t.TempDir(), "in.wav")
	if _, err := audio.WriteFile(in, &audio.Audio{Rate: 44100, Channels: [][]float32{noise(5003, 1)}}, audio.PCM16); err != nil {
		t.Fatal(err)
	}
	return dir, in
}

func TestExportONNX(t *testing.T) {
	o := optionsOf(t)
	dir, _ := denoiser(t, o)
	for _, c := range []struct {
		o      ExportOptions
		name   string
		states int
	}{
		{ExportOptions{Format: "onnx"}, "tiny.onnx", 4},
		{ExportOptions{Format: "onnx", Block: 32}, "tiny.onnx", 4},
		{ExportOptions{Format: "onnx", Whole: true}, "tiny.whole.onnx", 0},
	} {
		res, err := Export(dir, nil, c.o, o)
		if err != nil {
			t.Fatal(err)
		}
		if want := dir.path("export/" + c.name); res.Path != want {
			t.Errorf("it went to %s, not %s", res.Path, want)
		}
		m, err := onnx.Decode([]byte(read(t, res.Path)))
		if err != nil {
			t.Fatal(err)
		}
		if got := len(m.Graph.Inputs) - 1; got != c.states {
			t.Errorf("%s has %d states, want %d", c.name, got, c.states)
		}
		if d := m.Graph.Inputs[0].Dims; d[2].N != c.o.Block {
			t.Errorf("%s takes %v", c.name, d)
		}
		if m.Metadata["sample_rate"] != "44100" || m.Metadata["latency"] != "48" || m.Metadata["block"] != "16" {
			t.Errorf("%s says %v", c.name, m.Metadata)
		}
	}
	_, err := Export(dir, nil, ExportOptions{Format: "onnx", Block: 20}, o)
	wantError(t, err, "cannot be exported as onnx: a block of 20 samples; the model takes multiples of 16, up to 65536")
}

// The examples make of a file, block by block, what Render makes of it.
func TestExamplesEqualRender(t *testing.T) {
	o := optionsOf(t)
	dir, in := denoiser(t, o)
	res, err := Export(dir, nil, ExportOptions{Format: "onnx"}, o)
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	rendered := filepath.Join(out, "render.wav")
	if _, err := Render(t.Context(), string(dir), in, rendered, RenderOptions{Format: audio.Float32}, o); err != nil {
		t.Fatal(err)
	}
	want, _, err := audio.ReadFile(rendered)
	if err != nil {
		t.Fatal(err)
	}
	for name, run := range map[string]func(t *testing.T, path string){
		"node, a hop at a time": func(t *testing.T, path string) {
			onnxtest.Node(t, "../examples/onnx/stream.js", res.Path, in, path, "16", "48")
		},
		"node, in blocks": func(t *testing.T, path string) {
			onnxtest.Node(t, "../examples/onnx/stream.js", res.Path, in, path, "128", "48")
		},
		"python": func(t *testing.T, path string) { onnxtest.Python(t, "../examples/onnx/stream.py", res.Path, in, path) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(out, name+".wav")
			run(t, path)
			got, _, err := audio.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			x, y := got.Channels[0], want.Channels[0]
			if len(x) != len(y) {
				t.Fatalf("%d samples, want %d", len(x), len(y))
			}
			worst, peak := 0.0, 0.0
			for i := range y {
				worst = max(worst, math.Abs(float64(x[i]-y[i])))
				peak = max(peak, math.Abs(float64(y[i])))
			}
			if worst > 1e-4 || peak < 0.01 {
				t.Errorf("it is off by %.2g of full scale at a peak of %.2g", worst, peak)
			}
		})
	}
}
