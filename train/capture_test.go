package train

import (
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"partials/audio"
	"partials/capture"
	"partials/formats/nam"
	"partials/internal/config"
)

// quickly makes a capture of the smallest kind.
var quickly = []string{"epochs=2", "segment=4096", "batch=8", "data.holdout=0.05", "save.audio=0.1"}

func pairOf(t *testing.T) *capture.Report {
	t.Helper()
	r, err := CheckPair("embedded:amp/input.wav", "embedded:amp/output.wav", capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCapture(t *testing.T) {
	o := optionsOf(t)
	out := filepath.Join(t.TempDir(), "my amp's.nam")
	c, err := Capture(context.Background(), pairOf(t), CaptureOptions{Arch: "a1-nano", Output: out, Overrides: quickly}, o)
	if err != nil {
		t.Fatal(err)
	}
	if c.Stopped || c.Run.Name() != "my amp's" || !(c.ESR > 0 && c.ESR < 2) {
		t.Errorf("%+v", c)
	}
	f, err := nam.Read(out)
	if err != nil {
		t.Fatal(err)
	}
	if esr := f.Metadata.Training.ValidationESR; esr == nil || *esr != c.ESR {
		t.Errorf("the file says an ESR of %v, the capture %g", esr, c.ESR)
	}
	man, err := readManifest(c.Run)
	if err != nil {
		t.Fatal(err)
	}
	if man.Pair == nil || man.Pair.Latency.By != "correlation" {
		t.Errorf("the manifest says of the pair: %+v", man.Pair)
	}
	if page := read(t, c.Run.Report()); !strings.Contains(page, "by correlation") {
		t.Error("the report says nothing of the latency")
	}
}

// Ctrl-C keeps the best so far and exports it; a stop at once exports nothing.
func TestCaptureStopped(t *testing.T) {
	o := optionsOf(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	o.Display = stopper{after: -4, cancel: cancel}
	out := filepath.Join(t.TempDir(), "stopped.nam")
	c, err := Capture(ctx, pairOf(t), CaptureOptions{Arch: "a1-nano", Output: out, Overrides: quickly}, o)
	if err != nil {
		t.Fatal(err)
	}
	if !c.Stopped || c.Export == nil || math.IsNaN(c.ESR) {
		t.Errorf("%+v", c)
	}
	if _, err := nam.Read(out); err != nil {
		t.Error(err)
	}
	gone, stop := context.WithCancel(context.Background())
	stop()
	o.Display = nil
	out = filepath.Join(t.TempDir(), "nothing.nam")
	if c, err = Capture(gone, pairOf(t), CaptureOptions{Arch: "a1-nano", Output: out, Overrides: quickly}, o); err != nil || c.Export != nil || existing(out) != "" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestCaptureRecipe(t *testing.T) {
	p := &capture.Report{Input: "/a/it's.wav", Output: "/b/out.wav", Rate: 48000, Frames: 190 * 48000, Channel: "left",
		Latency: capture.Latency{Samples: 77}, Train: [2]int{480000, 8688000}, Validation: [2]int{8688000, 9120000}}
	r, err := Options{}.captureRecipe(p, CaptureOptions{Arch: "a1-standard", Output: "x/y.nam", Overrides: []string{"epochs=7"}})
	if err != nil {
		t.Fatal(err)
	}
	want(t, r.Name, "y")
	want(t, r.Epochs, 7)
	want(t, r.Segment, 8192)
	want(t, r.Batch, 16)
	text := marshalled(t, r)
	for _, line := range []string{"it's.wav", "delay: 77", "channels: left", "start: '480000'", "stop: '9120000'", "allow_clipping: true"} {
		if !strings.Contains(text, line) {
			t.Errorf("the recipe lacks %q:\n%s", line, text)
		}
	}
	// A short sound has smaller windows, and 2 s are kept to validate on.
	p.Frames, p.Train, p.Validation = 10*48000, [2]int{}, [2]int{}
	if r, err = (Options{}).captureRecipe(p, CaptureOptions{Arch: "a2", Output: "y.nam", Rate: 44100}); err != nil {
		t.Fatal(err)
	}
	want(t, r.Segment, 4096)
	text = marshalled(t, r)
	for _, line := range []string{"holdout: 0.2", "rate: 44100", "short: pad"} {
		if !strings.Contains(text, line) {
			t.Errorf("the recipe lacks %q:\n%s", line, text)
		}
	}
	if _, err := (Options{}).captureRecipe(p, CaptureOptions{Arch: "a3"}); err == nil || !strings.Contains(err.Error(), "a1-standard") {
		t.Errorf("%v", err)
	}
}

func want[T comparable](t *testing.T, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// wav writes a part of the amplifier's sound.
func wav(t *testing.T, path, name string, scale float32) {
	t.Helper()
	s, err := readSound("embedded:amp/" + name)
	if err != nil {
		t.Fatal(err)
	}
	x := slices.Clone(s.Channels[0][:2*44100])
	for i := range x {
		x[i] *= scale
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := audio.WriteFile(path, &audio.Audio{Rate: 44100, Channels: [][]float32{x}}, audio.PCM24); err != nil {
		t.Fatal(err)
	}
}

// A batch goes on past a bad pair, skips what is done, and writes a table.
func TestBatch(t *testing.T) {
	dir := t.TempDir()
	wav(t, filepath.Join(dir, "a-input.wav"), "input.wav", 1)
	wav(t, filepath.Join(dir, "a-output.wav"), "output.wav", 1)
	wav(t, filepath.Join(dir, "b-input.wav"), "input.wav", 1)
	wav(t, filepath.Join(dir, "b-output.wav"), "output.wav", 0) // silent
	wav(t, filepath.Join(dir, "c-output.wav"), "output.wav", 1) // alone
	pairs, err := FindBatchPairs(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	var told []string
	b := Batch{Pairs: pairs, Folder: folder, CaptureOptions: CaptureOptions{Arch: "a1-nano", Overrides: []string{"epochs=1", "save.audio=0"}},
		Tell: func(_ int, p BatchPair, r *BatchResult) {
			if r == nil {
				told = append(told, p.Name)
			}
		}}
	o := optionsOf(t)
	results, err := b.Run(context.Background(), o)
	if err != nil || len(results) != 3 {
		t.Fatalf("%v, %v", results, err)
	}
	want(t, results[0].Status, batchDone)
	want(t, results[1].Status, batchFailed)
	want(t, results[2].Status, batchFailed)
	if results[0].ESR == nil || !strings.Contains(results[1].Error, "silent") || !strings.Contains(results[2].Error, "c-input.wav") {
		t.Errorf("%+v", results)
	}
	if _, err := nam.Read(filepath.Join(folder, "a.nam")); err != nil {
		t.Error(err)
	}
	table := strings.Split(read(t, filepath.Join(folder, batchCSV)), "\n")
	if len(table) != 5 || !strings.HasPrefix(table[0], "name,status,esr") || !strings.HasPrefix(table[1], "a,done,") {
		t.Errorf("%q", table)
	}
	var saved []BatchResult
	if err := json.Unmarshal([]byte(read(t, filepath.Join(folder, batchJSON))), &saved); err != nil || len(saved) != 3 {
		t.Errorf("%v, %v", saved, err)
	}
	// Again: only what failed is tried.
	told = nil
	if _, err := b.Run(context.Background(), o); err != nil || !slices.Equal(told, []string{"b", "c"}) {
		t.Errorf("the second time %v were begun, %v", told, err)
	}
	// Other settings make another model.
	told = nil
	b.Pairs, b.Overrides = pairs[:1], append(b.Overrides, "seed=9")
	if _, err := b.Run(context.Background(), o); err != nil || !slices.Equal(told, []string{"a"}) {
		t.Errorf("with another seed %v were begun, %v", told, err)
	}
	// One that was stopped goes on in its run.
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b.Overrides = append(b.Overrides, "epochs=3", "seed=10")
	o.Display = stopper{after: 2, cancel: cancel}
	results, err = b.Run(ctx, o)
	if err == nil || len(results) != 1 || results[0].Status != batchStopped {
		t.Fatalf("%+v, %v", results, err)
	}
	run := results[0].Run
	o.Display = nil
	results, err = b.Run(context.Background(), o)
	if err != nil || results[0].Status != batchDone || results[0].Run != run {
		t.Errorf("%+v, %v", results, err)
	}
}

func TestBatchPairs(t *testing.T) {
	list := func(files ...string) string {
		dir := t.TempDir()
		for _, f := range files {
			path := filepath.Join(dir, filepath.FromSlash(f))
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			write(t, path, "")
		}
		return dir
	}
	names := func(pairs []BatchPair) (all []string) {
		for _, p := range pairs {
			all = append(all, p.Name+": "+filepath.Base(p.Input)+" "+filepath.Base(p.Output))
		}
		return all
	}
	for _, c := range []struct {
		files []string
		want  []string
	}{
		{[]string{"plexi-input.wav", "plexi-output.wav", "ts_in.WAV", "ts_out.wav", "notes.txt"}, []string{"plexi: plexi-input.wav plexi-output.wav", "ts: ts_in.WAV ts_out.wav"}},
		{[]string{"in/a.wav", "in/b.flac", "out/a.wav", "out/b.wav", "out/c.wav"}, []string{"a: a.wav a.wav", "b: b.flac b.wav", "c: . c.wav"}},
		{[]string{"DI.wav", "clean.wav", "crunch.wav"}, []string{"clean: DI.wav clean.wav", "crunch: DI.wav crunch.wav"}},
	} {
		pairs, err := FindBatchPairs(list(c.files...), "")
		if err != nil || !slices.Equal(names(pairs), c.want) {
			t.Errorf("%v: %v, %v", c.files, names(pairs), err)
		}
	}
	dir := list("one.wav", "two.wav")
	pairs, err := FindBatchPairs(dir, filepath.Join(dir, "two.wav"))
	if err != nil || !slices.Equal(names(pairs), []string{"one: two.wav one.wav"}) {
		t.Errorf("%v, %v", names(pairs), err)
	}
	if _, err := FindBatchPairs(dir, ""); err == nil || !strings.Contains(err.Error(), "NAME-input.wav") {
		t.Errorf("%v", err)
	}
	if _, err := FindBatchPairs(filepath.Join(dir, "none"), ""); err == nil {
		t.Error("a folder that is not there")
	}
}

// What is played before it counts is not measured.
func TestValidateSkip(t *testing.T) {
	o := optionsOf(t)
	dir := undisturbed(t, recipeOf(t, "steps=1", "validate.every=1"), o)
	measure := func(overrides ...string) *Evaluation {
		e, err := Evaluate(context.Background(), dir, overrides, o)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	// Of 1 s to 1.05 s all but the first 20 ms are 1.02 s to 1.05 s.
	a := measure("validate.skip=882").Mean["esr"]
	b := measure("data.validation={start: 45863, stop: 1.05s}").Mean["esr"]
	c := measure("data.validation={start: 44982, stop: 1.05s}").Mean["esr"]
	if math.Abs(float64(a-c)) > 1e-6*float64(c) || a == b {
		t.Errorf("ESR %g with the first 882 samples skipped, %g without them", a, c)
	}
	if _, err := Evaluate(context.Background(), dir, []string{"validate.skip=1s"}, o); err == nil || !strings.Contains(err.Error(), "validate.skip") {
		t.Errorf("%v", err)
	}
}

func marshalled(t *testing.T, r Recipe) string {
	t.Helper()
	b, err := config.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A target that is late is told of, and one that is not, or whose delay is
// known, is not.
func TestWarnLate(t *testing.T) {
	dir := t.TempDir()
	wav(t, filepath.Join(dir, "in.wav"), "input.wav", 1)
	s, err := readSound("embedded:amp/output.wav")
	if err != nil {
		t.Fatal(err)
	}
	late := append(make([]float32, 498), s.Channels[0][:2*44100-498]...)
	if _, err := audio.WriteFile(filepath.Join(dir, "out.wav"), &audio.Audio{Rate: 44100, Channels: [][]float32{late}}, audio.PCM24); err != nil {
		t.Fatal(err)
	}
	told := func(overrides ...string) string {
		var log strings.Builder
		o := Options{Threads: 1, Log: slog.New(slog.NewTextHandler(&log, nil))}
		set := []string{"data.input=" + filepath.Join(dir, "in.wav"), "data.target=" + filepath.Join(dir, "out.wav")}
		if _, err := Check(recipeOf(t, append(set, overrides...)...), o); err != nil {
			t.Fatal(err)
		}
		return log.String()
	}
	if got := told(); !strings.Contains(got, "seems to be late") || !strings.Contains(got, "samples=50") {
		t.Error(got)
	}
	if got := told("data.delay=498"); strings.Contains(got, "seems to be") {
		t.Error(got)
	}
	if got := told("data.delay=900"); !strings.Contains(got, "seems to be early") {
		t.Error(got)
	}
	if got := told("data.input=embedded:amp/input.wav", "data.target=embedded:amp/output.wav"); strings.Contains(got, "seems to be") {
		t.Error(got)
	}
}
