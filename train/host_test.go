package train

import (
	"path/filepath"
	"testing"

	"partials/audio"
	"partials/datasets"
	"partials/formats/nam"
	"partials/formats/nam/namtest"
)

// Every architecture, trained a little and exported, plays a real excerpt in the
// hosts' own engine as the run plays it, and as the file does here.
func TestExportsPlayInHosts(t *testing.T) {
	alone(t)
	namtest.Need(t)
	o := optionsOf(t)
	const rate, n = 44100, 11025
	r, err := datasets.OpenAudio("embedded:amp/input.wav")
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, n)
	if _, err := r.ReadAt([][]float32{x}, rate); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	in := filepath.Join(folder, "in.wav")
	if _, err := audio.WriteFile(in, &audio.Audio{Rate: rate, Channels: [][]float32{x}}, audio.Float32); err != nil {
		t.Fatal(err)
	}
	var names, runs, files []string
	for _, model := range []string{
		"{kind: wavenet, preset: standard}", "{kind: wavenet, preset: lite}", "{kind: wavenet, preset: feather}", "{kind: wavenet, preset: nano}",
		"{kind: wavenet, preset: a2_full}", "{kind: wavenet, preset: a2_lite}", "packed",
		"{kind: lstm, preset: standard}", "{kind: lstm, preset: lite, learn_start: true, burn_in: 512}", "{kind: lstm, preset: nano}",
		"convnet", "{kind: convnet, channels: 8, batch_norm: false, activation: leaky_relu}", "{kind: fir, taps: 200}", "{kind: fir, taps: 900, bias: true}",
	} {
		dir := undisturbed(t, recipeOf(t, "model="+model, "steps=2", "validate.every=0", "data.target_level=-18"), o)
		res, err := Export(dir, nil, ExportOptions{Format: "nam"}, o)
		if err != nil {
			t.Fatalf("%s: %v", model, err)
		}
		names, runs, files = append(names, model), append(runs, string(dir)), append(files, res.Path)
	}
	for i, want := range namtest.Play(t, x, rate, files...) {
		if want == nil {
			t.Errorf("%s: the engine refuses it", names[i])
			continue
		}
		f, err := nam.Read(files[i])
		if err != nil {
			t.Fatal(err)
		}
		most := namtest.Gate(f)
		for _, model := range []string{runs[i], files[i]} {
			out := filepath.Join(folder, "out.wav")
			if _, err := Render(t.Context(), model, in, out, RenderOptions{Format: audio.Float32}, o); err != nil {
				t.Fatal(err)
			}
			got, _, err := audio.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			if e := namtest.ESR(got.Channels[0], want); !(e <= most) {
				t.Errorf("%s: %s differs from the engine by an ESR of %.2g, at most %.2g is allowed", names[i], filepath.Base(model), e, most)
			}
		}
	}
}
