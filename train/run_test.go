package train

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"image/png"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"partials/audio"
)

// A finished run leaves everything that docs/design.md lists, whole.
func TestRunFolder(t *testing.T) {
	o := optionsOf(t)
	var console bytes.Buffer
	o.Log = slog.New(slog.NewTextHandler(&console, nil))
	var shown bytes.Buffer
	o.Display = NewLines(&shown)
	r := recipeOf(t, "about=what it is for & more", "save.audio=0.04", "steps=6", "optim.lr=0.3")
	res, err := Start(context.Background(), r, o)
	if err != nil {
		t.Fatal(err)
	}
	if res.Dir != Dir(filepath.Join(o.RunsDir, "tiny")) || res.Steps != 6 || res.Early || res.BestStep != 3 || float64(res.Valid.Mean["esr"]) != res.Best {
		t.Errorf("%+v", res)
	}
	var plots []string
	for _, name := range []string{"loss", "lr", "gradient", "validation", "spectrogram", "waveform", "waveform-worst", "envelope", "esr-by-level", "esr-by-band", "aliasing"} {
		plots = append(plots, "plots/"+name+".png", "plots/"+name+".svg")
	}
	want := append(plots, configFile, manifestFile, metricsFile, timingFile, logFile, lockFile, reportFile, lastFile, bestFile,
		"audio/input.wav", "audio/target.wav", "audio/output.wav")
	var got []string
	for _, pattern := range []string{"*", "*/*"} {
		paths, err := filepath.Glob(res.Dir.path(pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range paths {
			if info, err := os.Stat(p); err != nil || info.IsDir() {
				continue
			}
			name, _ := filepath.Rel(string(res.Dir), p)
			got = append(got, filepath.ToSlash(name))
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the folder has\n%v\nwant\n%v", got, want)
	}
	for _, name := range plots {
		data := read(t, res.Dir.path(name))
		if strings.HasSuffix(name, ".svg") {
			if !strings.Contains(data, "<svg") || !strings.HasSuffix(strings.TrimSpace(data), "</svg>") {
				t.Errorf("%s is no SVG", name)
			}
		} else if img, err := png.Decode(strings.NewReader(data)); err != nil || img.Bounds().Dx() < 1000 {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"input", "target", "output"} {
		a, _, err := audio.ReadFile(res.Dir.path("audio/" + name + ".wav"))
		if err != nil || a.Rate != 44100 || a.Frames() != 1764 { // 0.04 s
			t.Errorf("%s.wav: %v, %+v", name, err, a)
		}
	}
	page := read(t, res.Dir.Report())
	for _, part := range []string{"what it is for &amp; more", "finished", "tcn", "Receptive field", "15 samples", "6 of 6", "Best ESR",
		"train reproduce " + string(res.Dir), "kernel_size: 3", "Validation of the best weights", "data:audio/wav;base64,", "data:image/png;base64,"} {
		if !strings.Contains(page, part) {
			t.Errorf("report.html lacks %q", part)
		}
	}
	man, err := readManifest(res.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if man.Status != "finished" || man.Ended == "" || man.Device != "cpu" || man.Rate != 44100 || man.Inputs != 1 || man.Outputs != 1 ||
		man.Parameters == 0 || man.ReceptiveField != 15 || man.Version != "dev" || man.Kernels == "" || man.lastSegment().Recipe != read(t, res.Dir.path(configFile)) {
		t.Errorf("%+v", man)
	}
	if len(man.Data) != 2 || man.Data[0].Path != "embedded:amp/input.wav" || len(man.Data[0].SHA256) != 64 || man.Data[0] == man.Data[1] {
		t.Errorf("data: %+v", man.Data)
	}
	for _, line := range []string{"step 3: validation esr ", "step 6: validation esr ", "step 1/6: loss ", "step 6/6: loss "} {
		if strings.Count(shown.String(), line) != 1 {
			t.Errorf("shown:\n%s\nwant once %q", &shown, line)
		}
	}
	// What is logged for people is in the folder too, line by line.
	if !strings.Contains(console.String(), "msg=training from_step=0 to_step=6") {
		t.Errorf("logged:\n%s", &console)
	}
	if events := jsonLines(t, res.Dir.path(logFile)); len(events) != 1 || events[0]["msg"] != "training" || events[0]["to_step"] != 6.0 {
		t.Errorf("log.jsonl: %v", events)
	}
	timing := jsonLines(t, res.Dir.path(timingFile))
	if last := timing[len(timing)-1]; last["step"] != 6.0 || last["arena_bytes"].(float64) <= 0 || last["real_time"].(float64) <= 0 || last["write_s"].(float64) <= 0 {
		t.Errorf("timing.jsonl: %v", timing)
	} else if peak, ok := last["memory_bytes"].(float64); runtime.GOOS == "linux" && !(ok && peak >= last["arena_bytes"].(float64)) {
		t.Errorf("memory_bytes: %v", last)
	}
	if c := res.Costs; !(c.RealTime > 0 && c.Seconds > 0 && c.Arena > 0) {
		t.Errorf("costs: %+v", c)
	}
	if n := len(jsonLines(t, res.Dir.path(metricsFile))); n != 8 {
		t.Errorf("metrics.jsonl has %d lines, want 6 steps and 2 validations", n)
	}
	sum, err := Summarise(res.Dir, o)
	if err != nil {
		t.Fatal(err)
	}
	if sum.Name != "tiny" || sum.Status != "finished" || sum.Step != 6 || sum.Steps != 6 || sum.Model != "tcn" || sum.Metric != "esr" ||
		float64(*sum.Best) != res.Best || sum.BestStep != res.BestStep {
		t.Errorf("%+v", sum)
	}
}

func jsonLines(t *testing.T, path string) (values []map[string]any) {
	t.Helper()
	scan := bufio.NewScanner(strings.NewReader(read(t, path)))
	for scan.Scan() {
		var v map[string]any
		if err := json.Unmarshal(scan.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		values = append(values, v)
	}
	return values
}

// A second run of a name gets another folder; nothing is written over.
func TestNewDir(t *testing.T) {
	runs := filepath.Join(t.TempDir(), "a", "b")
	for _, want := range []string{"x", "x-2", "x-3"} {
		d, err := newDir(runs, "x")
		if err != nil || d.Name() != want || existing(d.path("checkpoints")) == "" {
			t.Errorf("%s, %v; want %s", d, err, want)
		}
	}
	dirs, err := ListDirs(runs)
	if err != nil || len(dirs) != 0 { // no recipe in them yet
		t.Errorf("%v, %v", dirs, err)
	}
	write(t, filepath.Join(runs, "x-2", configFile), "")
	for _, path := range []string{"x-2", filepath.Join(runs, "x-2")} {
		if d, err := OpenDir(path, runs); err != nil || d != Dir(filepath.Join(runs, "x-2")) {
			t.Errorf("%s: %s, %v", path, d, err)
		}
	}
	if dirs, err := ListDirs(runs); err != nil || len(dirs) != 1 {
		t.Errorf("%v, %v", dirs, err)
	}
	if dirs, err := ListDirs(filepath.Join(runs, "none")); err != nil || dirs != nil {
		t.Errorf("%v, %v", dirs, err)
	}
	write(t, filepath.Join(runs, "file"), "")
	_, err = newDir(filepath.Join(runs, "file"), "x")
	wantError(t, err, "making the folder of all runs: ", "file")
}

// A share of a run is a run that was stopped there, and goes on as one.
func TestShare(t *testing.T) {
	r, o := recipeOf(t, "steps=10", "validate.every=4", "save.audio=0"), optionsOf(t)
	whole := undisturbed(t, r, o)
	part := o
	part.Share = 0.35
	run, err := startRun(r, part)
	if err != nil {
		t.Fatal(err)
	}
	run.blind = true
	_, err = run.complete(context.Background())
	wantStopped(t, err, 4) // the first step at or past it, with the validation that is due there
	dir := run.dir
	part.Share = 0.3 // is behind already: nothing more is trained
	wantStopped(t, goOn(context.Background(), dir, part), 4)
	if err := goOn(context.Background(), dir, o); err != nil {
		t.Fatal(err)
	}
	sameRun(t, "in shares", whole, dir)
}
