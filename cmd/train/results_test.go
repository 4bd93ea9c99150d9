package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"partials/audio"
	"partials/model"
	"partials/train"
)

func TestRunResumeReproduce(t *testing.T) {
	t.Chdir(t.TempDir())
	o := call(append([]string{"run", "quickstart"}, tiny...)...)
	dir := filepath.Join("runs", "quickstart")
	if o.code != exitOK || !strings.HasPrefix(o.out, dir+": 4 steps\nbest weights at step ") ||
		!strings.HasSuffix(o.out, "report: "+filepath.Join(dir, "report.html")+"\n") {
		t.Errorf("exit code %d\n%s%s", o.code, o.out, o.err)
	}
	if !strings.Contains(o.err, "step 4: validation esr ") {
		t.Errorf("progress:\n%s", o.err)
	}
	if out := good(t, "resume", "quickstart", "steps=6"); !strings.HasPrefix(out, dir+": 6 steps\n") {
		t.Errorf("resume: %s", out)
	}
	if out := good(t, "reproduce", dir, "--threads", "1"); !strings.HasPrefix(out, dir+": the same bits: ") {
		t.Errorf("reproduce: %s", out)
	}

	// One digit of one metric is changed.
	path := filepath.Join(dir, "metrics.jsonl")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	changed := strings.Replace(lines[1], `"loss":`, `"loss":1`, 1)
	if changed == lines[1] {
		t.Fatalf("no loss in %s", lines[1])
	}
	lines[1] = changed
	writeFile(t, path, strings.Join(lines, ""))
	o = call("reproduce", "quickstart")
	if o.code != exitDiffers || !strings.Contains(o.out, "not the same bits, from step 2 on: loss was 1") {
		t.Errorf("reproduce of a changed run: exit code %d\n%s%s", o.code, o.out, o.err)
	}
}

// Quiet commands say nothing on standard error where nothing is wrong.
func TestQuiet(t *testing.T) {
	run := aRun(t)
	t.Chdir(t.TempDir())
	aSound(t, "in.wav")
	for _, args := range [][]string{
		append([]string{"run", "quickstart", "--quiet"}, tiny...),
		{"reproduce", run, "-q"},
		{"evaluate", run},
		{"validate", "quickstart"},
		{"render", run, "in.wav", "out.wav"},
		{"inspect", "in.wav"},
		{"recipes"},
		{"fields"},
		{"list", "--runs-dir", filepath.Dir(run)},
		{"verify", run},
		{"compare", run, run, "-o", "curves"},
		{"clean", "--runs-dir", filepath.Dir(run)},
		{"devices"},
		{"version"},
		{"completion", "bash"},
	} {
		if o := call(args...); o.code != exitOK || o.err != "" || o.out == "" {
			t.Errorf("train %s: exit code %d\nstandard error: %s", strings.Join(args, " "), o.code, o.err)
		}
	}
}

// keys returns the fields of a JSON object, sorted.
func keys(object any) []string {
	m, _ := object.(map[string]any)
	return slices.Sorted(maps.Keys(m))
}

// The fields of --json are those of the help, no more and no fewer.
func TestJSONFields(t *testing.T) {
	run := aRun(t)
	t.Chdir(t.TempDir())
	aSound(t, "in.wav")
	parse := func(args ...string) any {
		t.Helper()
		var v any
		if err := json.Unmarshal([]byte(good(t, append(args, "--json")...)), &v); err != nil {
			t.Fatalf("train %s: %v", strings.Join(args, " "), err)
		}
		return v
	}
	first := func(v any) any { return v.([]any)[0] }
	evaluation := parse("evaluate", run)
	for _, c := range []struct {
		command string
		object  any
		fields  string // as the help lists them
	}{
		{"inspect", parse("inspect", "in.wav"), "file, format, rate_hz, channels, frames, peak, rms, warnings"},
		{"list", first(parse("list", "--runs-dir", filepath.Dir(run))), "name, dir, status, step, steps, model, metric, best, best_step, started, seconds, real_time, arena_bytes, memory_bytes"},
		{"devices", first(parse("devices")), "name, available, detail"},
		{"recipes", first(parse("recipes")), "name, about, model, data"},
		{"evaluate", evaluation, "mean, excerpts, real_time_factor"},
		{"evaluate", first(evaluation.(map[string]any)["excerpts"]), "name, seconds, values"},
	} {
		want := strings.Split(c.fields, ", ")
		slices.Sort(want)
		if got := keys(c.object); !slices.Equal(got, want) {
			t.Errorf("%s --json has %q, want %q", c.command, got, want)
		}
		if c.command != "evaluate" && !strings.Contains(good(t, c.command, "--help"), c.fields) {
			t.Errorf("the help of %s does not list %s", c.command, c.fields)
		}
	}
	if !strings.Contains(good(t, "evaluate", "--help"), "mean {metric: value}, before {metric: value}, excerpts [{name,\nseconds, tags, values, before}], groups [{name, value, excerpts, mean, before}],\nreal_time_factor.") {
		t.Error("the help of evaluate does not list its fields")
	}
	if got := parse("list", "--runs-dir", "nosuch"); len(got.([]any)) != 0 {
		t.Errorf("list of no folder: %v", got)
	}
}

func TestInspect(t *testing.T) {
	t.Chdir(t.TempDir())
	aSound(t, "in.wav")
	var got train.Inspection
	if err := json.Unmarshal([]byte(good(t, "inspect", "in.wav", "--json")), &got); err != nil {
		t.Fatal(err)
	}
	if got.File != "in.wav" || got.Rate != 44100 || got.Channels != 2 || got.Frames != 4410 || got.Warnings == nil ||
		got.Peak < 0.4999 || got.Peak > 0.5001 || got.RMS < 0.3534 || got.RMS > 0.3537 {
		t.Errorf("%+v", got)
	}
	exists := func(path string, want bool) {
		t.Helper()
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
	exists("in-spectrogram.png", false)
	out := good(t, "inspect", "in.wav")
	for _, want := range []string{"in.wav: WAV PCM 16-bit, 44100 Hz, 2 channels, 4410 frames (0.100 s)\n", "channel 2: peak -6.02 dBFS", "spectrogram: in-spectrogram.png"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in %s", want, out)
		}
	}
	exists("in-spectrogram.png", true)
	good(t, "inspect", "in.wav", "--picture", "other.png")
	exists("other.png", true)
	if out := good(t, "inspect", "in.wav", "--picture", "none"); strings.Contains(out, "spectrogram") {
		t.Error(out)
	}
	exists("none.png", false)
}

// Files of one name in two folders get two pictures.
func TestPictureOf(t *testing.T) {
	for file, want := range map[string]string{
		"klon.wav":             "klon-spectrogram",
		"./klon.wav":           "klon-spectrogram",
		"../klon.wav":          "klon-spectrogram",
		"/klon.wav":            "klon-spectrogram",
		"in/klon.wav":          "in-klon-spectrogram",
		"./out/klon.wav":       "out-klon-spectrogram",
		"../out/klon.1.flac":   "out-klon.1-spectrogram",
		"/sounds/in//klon.wav": "in-klon-spectrogram",
	} {
		if got := pictureOf(filepath.FromSlash(file)); got != want {
			t.Errorf("%s is drawn into %s, want %s", file, got, want)
		}
	}
	t.Chdir(t.TempDir())
	for _, folder := range []string{"in", "out"} {
		if err := os.Mkdir(folder, 0o777); err != nil {
			t.Fatal(err)
		}
		aSound(t, filepath.Join(folder, "klon.wav"))
		out := good(t, "inspect", filepath.Join(folder, "klon.wav"))
		if want := "spectrogram: " + folder + "-klon-spectrogram.png and .svg\n"; !strings.Contains(out, want) {
			t.Errorf("%q is missing in %s", want, out)
		}
		if _, err := os.Stat(folder + "-klon-spectrogram.png"); err != nil {
			t.Error(err)
		}
	}
}

func TestRender(t *testing.T) {
	run := aRun(t)
	t.Chdir(t.TempDir())
	aSound(t, "in.wav")
	for name, want := range map[string]string{"pcm16": "WAV PCM 16-bit", "pcm24": "WAV PCM 24-bit", "float32": "WAV float 32-bit"} {
		out := good(t, "render", run, "in.wav", name+".wav", "--format", name)
		if !strings.HasPrefix(out, name+".wav: 0.1 s, 2 channels, 44100 Hz, in ") {
			t.Error(out)
		}
		a, info, err := audio.ReadFile(name + ".wav")
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Channels) != 2 || a.Frames() != 4410 || a.Rate != 44100 || info.Format != want {
			t.Errorf("%s: %d channels, %d frames, %d Hz, %s", name, len(a.Channels), a.Frames(), a.Rate, info.Format)
		}
	}
}

// An exported model plays as the run does.
func TestExport(t *testing.T) {
	t.Chdir(t.TempDir())
	aSound(t, "in.wav")
	good(t, "run", "amp-wavenet", "name=amp", "steps=2", "batch=1", "segment=2048", "validate.every=2", "save.audio=0.1")
	out := good(t, "export", "amp", "-o", "plexi.nam", "metadata.name=Plexi")
	if !strings.HasPrefix(out, "plexi.nam: ") || !strings.Contains(out, "WaveNet 0.5.4, 842 weights, 44100 Hz; read back and played, it differs") {
		t.Error(out)
	}
	good(t, "render", "amp", "in.wav", "run.wav")
	good(t, "render", "plexi.nam", "in.wav", "file.wav")
	a, err := os.ReadFile("run.wav")
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile("file.wav")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Error("the file sounds otherwise than the run")
	}
	out = good(t, "export", "amp")
	if want := filepath.Join("runs", "amp", "export", "amp.nam"); !strings.HasPrefix(out, want+": ") {
		t.Errorf("%q does not begin with %s", out, want)
	}
}

// A file of another rate than the model's is told to have been resampled.
func TestRenderResamples(t *testing.T) {
	run := aRun(t)
	t.Chdir(t.TempDir())
	x := make([]float32, 4800)
	if _, err := audio.WriteFile("in.wav", &audio.Audio{Rate: 48000, Channels: [][]float32{x}}, audio.PCM16); err != nil {
		t.Fatal(err)
	}
	out := good(t, "render", run, "in.wav", "out.wav")
	if want := "out.wav: 0.1 s, 1 channel, 48000 Hz, resampled 48000 -> 44100 Hz and back, in "; !strings.HasPrefix(out, want) {
		t.Errorf("%q does not begin with %q", out, want)
	}
}

// What validate prints is a recipe with all defaults, which can be run.
func TestValidatePrintsARecipe(t *testing.T) {
	t.Chdir(t.TempDir())
	out := good(t, "validate", "quickstart", "model.kind=lstm", "segment=2048")
	if !strings.Contains(out, "\n# good: ") || !strings.Contains(out, "an unbounded receptive field") {
		t.Errorf("no verdict:\n%s", out)
	}
	writeFile(t, "resolved.yaml", out)
	if again := good(t, "validate", "resolved.yaml"); again != out {
		t.Errorf("the resolved recipe resolves to another:\n%s\nwas\n%s", again, out)
	}
}

func TestRecipes(t *testing.T) {
	t.Chdir(t.TempDir())
	if out := good(t, "recipes"); !strings.Contains(out, "\nquickstart ") {
		t.Error(out)
	}
	writeFile(t, "my.yaml", good(t, "recipes", "quickstart"))
	good(t, "validate", "my.yaml")
}

// What fields prints are recipes' keys with comments: a recipe takes it as it
// stands.
func TestFields(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, path := range []string{"model.tcn", "loss.mrstft", "optim.adam", "schedule.cosine", "loss.pre_emphasis"} {
		out := good(t, "fields", path)
		section, kind, _ := strings.Cut(path, ".")
		if !strings.HasPrefix(out, section+":\n") || !strings.Contains(out, "kind: "+kind+" ") {
			t.Errorf("fields %s:\n%s", path, out)
		}
		recipe := "data: {kind: pair, input: 'embedded:amp/input.wav', target: 'embedded:amp/output.wav'}\n" + out
		writeFile(t, "recipe.yaml", recipe)
		good(t, "validate", "recipe.yaml", "segment=8192", "batch=1")
	}
	if out := good(t, "fields", "model.tcn"); !strings.Contains(out, "  channels: 16 # ") {
		t.Errorf("no default with its meaning:\n%s", out)
	}
	if out := good(t, "fields", "model"); strings.Count(out, "model:\n") != len(model.Kinds()) || strings.Count(out, "---\n") != len(model.Kinds())-1 {
		t.Errorf("fields model:\n%s", out)
	}
	if out := good(t, "fields"); !strings.Contains(out, "\nsteps: 1000 # ") || !strings.Contains(out, "\nmodel: # ") {
		t.Errorf("fields:\n%s", out)
	}
}

func TestListOfNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	if o := call("list"); o.code != exitOK || o.out != "" || !strings.Contains(o.err, "there are no runs in runs") {
		t.Errorf("exit code %d\n%s%s", o.code, o.out, o.err)
	}
	// A folder that is half a run is told of, the others are listed.
	if err := os.MkdirAll("runs/half", 0o777); err != nil {
		t.Fatal(err)
	}
	writeFile(t, "runs/half/config.yaml", "")
	if o := call("list"); o.code != exitOK || !strings.Contains(o.err, "warning: "+filepath.Join("runs", "half")+": ") {
		t.Errorf("exit code %d\n%s%s", o.code, o.out, o.err)
	}
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestResultsThatCannotBeWritten(t *testing.T) {
	for _, command := range []string{"version", "devices", "recipes", "fields", "help"} {
		var err strings.Builder
		code := run(context.Background(), []string{command}, full{}, &err)
		if want := "train: writing the results: no space left on device\n"; code != exitFailed || err.String() != want {
			t.Errorf("train %s: exit code %d: %q", command, code, err.String())
		}
	}
}
