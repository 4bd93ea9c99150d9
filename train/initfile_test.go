package train

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"partials/audio"
	"partials/formats/nam"
)

// nano is a run of a small model, exported.
func nano(t *testing.T, o Options, more ...string) (dir Dir, file string) {
	t.Helper()
	dir = undisturbed(t, recipeOf(t, append([]string{"model={kind: wavenet, preset: nano}", "steps=2"}, more...)...), o)
	res, err := Export(dir, nil, ExportOptions{Format: "nam"}, o)
	if err != nil {
		t.Fatal(err)
	}
	return dir, res.Path
}

// A run that starts from a file sounds, before its first step, as the file does,
// at whatever level it learns; the file's model stands in for a missing one.
func TestInitFromFile(t *testing.T) {
	alone(t)
	o := optionsOf(t)
	_, file := nano(t, o)
	f, err := nam.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	x := nam.Probe(44100)[:4096]
	want := make([]float32, len(x))
	nam.NewReader(f).Process([][]float32{want}, [][]float32{x})
	for name, overrides := range map[string][]string{
		"taken":      nil,
		"given":      {"model={kind: wavenet, preset: nano}"},
		"scaled":     {"model={kind: wavenet, preset: nano, head_scale: 0.5}"},
		"normalised": {"data.target_level=-30"},
	} {
		text := strings.Replace(tiny, "model: {kind: tcn, channels: 4, layers: 3, activation: tanh}\n", "", 1)
		recipe := filepath.Join(t.TempDir(), "r.yaml")
		if err := os.WriteFile(recipe, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		r, err := o.LoadRecipe(recipe, append(overrides, "init="+file, "steps=1", "optim.lr=1e-30")...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		p, err := Load(string(undisturbed(t, r, o)), "", o)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.play(p.net, x)
		if err != nil {
			t.Fatal(err)
		}
		if e, err := held(got, want, 1e-9); err != nil {
			t.Errorf("%s: an ESR of %v", name, e)
		}
		p.Close()
	}
	for _, c := range []struct{ overrides, want string }{
		{"model={kind: wavenet, preset: feather}", "layers[0].channels is 4 in the file and 8 in the recipe"},
		{"model={kind: wavenet, preset: a2_lite}", "in the file"},
		{"model={kind: lstm}", "the file's model is a wavenet, and the recipe's a lstm"},
		{"model={kind: packed}", "the recipe packs 2 models"},
	} {
		if _, err := Check(recipeOf(t, c.overrides, "init="+file), o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; it should say %q", c.overrides, err, c.want)
		}
	}
}

// A .nam file plays through the command as in its reader, at another rate too.
func TestRenderFile(t *testing.T) {
	alone(t)
	o := optionsOf(t)
	_, file := nano(t, o)
	f, err := nam.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	x := nam.Probe(44100)[:8000]
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.wav"), filepath.Join(dir, "out.wav")
	if _, err := audio.WriteFile(in, &audio.Audio{Rate: 44100, Channels: [][]float32{x}}, audio.Float32); err != nil {
		t.Fatal(err)
	}
	res, err := Render(t.Context(), file, in, out, RenderOptions{Format: audio.Float32}, o)
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := audio.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]float32, len(x))
	nam.NewReader(f).Process([][]float32{want}, [][]float32{x})
	for i, v := range want {
		if math.Abs(float64(got.Channels[0][i]-v)) > 1e-5 {
			t.Fatalf("sample %d is %v, in the reader %v", i, got.Channels[0][i], v)
		}
	}
	if res.Rate != 44100 || res.ModelRate != 44100 || len(res.Notes) > 0 {
		t.Errorf("%+v", res)
	}
	size := 0.5
	for _, c := range []struct {
		ro   RenderOptions
		want string
	}{
		{RenderOptions{Size: &size}, "one size only"},
		{RenderOptions{Controls: map[string]float64{"gain": 1}}, "no control called gain"},
	} {
		if _, err := Render(t.Context(), file, in, out, c.ro, o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v; it should say %q", c.ro, err, c.want)
		}
	}
}
