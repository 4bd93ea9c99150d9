package train

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image/png"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"partials/audio"
	"partials/internal/config"
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
	if res.Dir != Dir(filepath.Join(o.RunsDir, "tiny")) || res.Steps != 6 || res.Early || res.BestStep != 3 || float64(res.Valid["esr"]) != res.Best {
		t.Errorf("%+v", res)
	}
	var plots []string
	for _, name := range []string{"loss", "lr", "gradient", "validation", "spectrogram", "waveform", "envelope"} {
		plots = append(plots, "plots/"+name+".png", "plots/"+name+".svg")
	}
	want := append(plots, configFile, manifestFile, metricsFile, timingFile, logFile, reportFile, lastFile, bestFile,
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
	for _, line := range []string{"step 3: validation esr ", "step 6: validation esr ", "step 6/6: loss ", " x real time, 0s left\n"} {
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
	if last := timing[len(timing)-1]; last["step"] != 6.0 || last["arena_bytes"].(float64) <= 0 || last["real_time"].(float64) <= 0 {
		t.Errorf("timing.jsonl: %v", timing)
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

// Without validation data the last weights are the best ones there are.
func TestNoValidationData(t *testing.T) {
	o := optionsOf(t)
	res, err := Start(context.Background(), recipeOf(t, "data.validation=null", "data.holdout=0", "steps=3", "ema=0.5"), o)
	if err != nil {
		t.Fatal(err)
	}
	if res.Valid != nil || res.BestStep != 0 || !math.IsNaN(res.Best) || existing(res.Dir.path(bestFile)) != "" {
		t.Errorf("%+v", res)
	}
	if existing(res.Dir.path("plots/loss.png")) == "" || existing(res.Dir.path("plots/spectrogram.png")) != "" {
		t.Error("the curves are missing, or there is a picture of nothing")
	}
	if path, err := res.Dir.weights(); err != nil || path != res.Dir.path(lastFile) {
		t.Errorf("the weights are %s, %v", path, err)
	}
	for _, c := range [][2]string{
		{"schedule=plateau", "schedule: plateau waits for validation, and the data sets nothing aside for it"},
		{"validate.patience=3", "validate.patience is 3, and the data sets nothing aside for validation; set it to 0"},
	} {
		_, err = Start(context.Background(), recipeOf(t, "data.validation=null", "data.holdout=0", c[0]), o)
		wantError(t, err, c[1])
	}
}

// Where validation is not asked for on the way, it comes once, at the end.
func TestValidateOnlyAtTheEnd(t *testing.T) {
	records, err := ReadMetrics(undisturbed(t, recipeOf(t, "validate.every=0", "steps=4"), optionsOf(t)))
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range records {
		if (r.Valid != nil) != (i == 4) {
			t.Errorf("record %d: %+v", i, r)
		}
	}
	if len(records) != 5 {
		t.Errorf("%d records", len(records))
	}
}

// A learning rate that makes everything infinite stops the run with a sentence,
// and leaves weights and checkpoint as they were.
func TestNotFinite(t *testing.T) {
	o := optionsOf(t)
	r := recipeOf(t, "optim.kind=sgd", "optim.lr=1e30", "save.every=1", "validate.every=0")
	_, err := Start(context.Background(), r, o)
	var bad *NotFinite
	if !errors.As(err, &bad) || bad.Step < 2 {
		t.Fatal(err)
	}
	dir := Dir(filepath.Join(o.RunsDir, "tiny"))
	wantError(t, err, "at step 2 (esr ", "mrstft ", "; the weights were not changed. The batch came from embedded:amp/input.wav, embedded:amp/output.wav.",
		" The last good checkpoint is "+dir.path(lastFile)+".", "optim.lr")
	p, err := readProgress(dir.path(lastFile))
	if err != nil || p.Step != bad.Step-1 {
		t.Errorf("the checkpoint is of step %d, %v", p.Step, err)
	}
	man, err := readManifest(dir)
	if err != nil || man.Status != "failed" {
		t.Errorf("%+v, %v", man, err)
	}
	// The update was not made: neither to the weights nor to the optimizer.
	run, err := resumeRun(dir, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	defer run.close()
	if err := run.step(); !errors.As(err, &bad) {
		t.Fatal(err)
	}
	again := filepath.Join(t.TempDir(), "again")
	if err := run.save(again); err != nil {
		t.Fatal(err)
	}
	if read(t, again) != read(t, dir.path(lastFile)) {
		t.Error("a refused step changed the state")
	}
}

// A file with a sample that is no number is named, with the place.
func TestDataNotFinite(t *testing.T) {
	o := optionsOf(t)
	x := noise(9000, 1)
	x[1234] = float32(math.NaN())
	path := saveWAV(t, t.TempDir(), "bad.wav", 8000, x)
	_, err := Start(context.Background(), recipeOf(t, "data.input="+path, "data.target="+path, "data.validation.start=0.5s"), o)
	wantError(t, err, path, "sample 1234", "NaN")
	if runs, _ := os.ReadDir(o.RunsDir); len(runs) != 0 {
		t.Errorf("a run was made: %v", runs)
	}
}

// A recipe whose parts do not fit is refused before anything is written, and so
// is what cannot be opened.
func TestRefusedBeforeStepZero(t *testing.T) {
	o := optionsOf(t)
	for _, c := range [][]string{ // parts of the error, then the override
		{"data: ", "no/such.wav", "data.input=no/such.wav"},
		{"device: unknown device", "device=gpu"},
		{"model: ", "model.dilations=[10000000, 10000000]"},
		{"loss: item 0 (stft): ", "loss=[{kind: stft, n_fft: 2048}]"},
		{"schedule: ", "schedule={kind: plateau, min_lr: 10}"},
		{"data: ", "needs 600014 (segment 600000", "segment=600000"},
		{"init: ", "no/such.safetensors", "init=no/such.safetensors"},
	} {
		r, err := Options{}.parseRecipe("tiny.yaml", []byte(tiny), c[len(c)-1:])
		if err == nil {
			_, err = Start(context.Background(), r, o)
		}
		if err == nil {
			t.Fatalf("%v: no error", c)
		}
		for _, part := range c[:len(c)-1] {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%v: %v", c, err)
			}
		}
		if _, err := Check(r, o); err == nil {
			t.Errorf("%v: Check finds nothing", c)
		}
		if runs, _ := os.ReadDir(o.RunsDir); len(runs) != 0 {
			t.Fatalf("%v: a run was made: %v", c, runs)
		}
	}
}

// Check says what a recipe is, and leaves nothing behind.
func TestCheck(t *testing.T) {
	o := optionsOf(t)
	c, err := Check(recipeOf(t, "device=auto"), o)
	if err != nil {
		t.Fatal(err)
	}
	if c.Rate != 44100 || c.Excerpts != 1 || c.Examples < 10 || c.Parameters != 129 || c.Facts.ReceptiveField != 15 || !strings.Contains(c.Recipe, "device: cpu\n") {
		t.Errorf("%+v", c)
	}
	if runs, _ := os.ReadDir(o.RunsDir); len(runs) != 0 {
		t.Errorf("it left %v", runs)
	}
}

// judged lets a session judge validation values, one every step, and returns
// where it found the best and where patience ran out, 0 for never.
func judged(t *testing.T, values []float64, overrides ...string) (best, stop int) {
	t.Helper()
	s, err := openSession(recipeOf(t, overrides...), Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if err := s.prepare(); err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		s.prog.Step++
		s.judge(v)
		if s.stale() && stop == 0 {
			stop = s.prog.Step
		}
	}
	return s.prog.BestStep, stop
}

func TestBestAndPatience(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		overrides  string
		values     []float64
		best, stop int
	}{
		{"validate.metric=esr", []float64{3, 2, 2, 2.5}, 2, 0},
		{"validate.metric=loss", []float64{3, 2, 2, -2.5}, 4, 0},
		{"validate.metric=si_sdr", []float64{-3, 2, 2, 1}, 2, 0},
		{"validate.metric=snr", []float64{-inf, -3, inf, inf}, 3, 0},
		{"validate.metric=esr", []float64{nan, nan}, 0, 0},
		{"validate.metric=esr", []float64{nan, 5, nan, 6}, 2, 0},
		{"validate.patience=2", []float64{3, 3, 2, 2, 2, 1}, 6, 5},
		{"validate.patience=2", []float64{nan, nan, nan}, 0, 2},
		{"validate.patience=2", []float64{inf, 5, 4, 3}, 4, 0},
		{"validate.patience=2 validate.metric=snr", []float64{-inf, -5, -4, -3}, 4, 0},
		// Improvements of less than a tenth count for the best, not for patience;
		// small ones add up.
		{"validate.patience=2 validate.gain=0.1", []float64{100, 95, 91, 80}, 4, 3},
		{"validate.patience=2 validate.gain=0.1", []float64{100, 95, 90, 85, 81, 70}, 6, 0},
		{"validate.patience=2 validate.gain=0.1 validate.metric=si_sdr", []float64{-10, -9.5, -9, -8.5, -8.2, -8}, 6, 5},
	} {
		if best, stop := judged(t, c.values, strings.Fields(c.overrides)...); best != c.best || stop != c.stop {
			t.Errorf("%s, %v: best at %d, stopped at %d, want %d and %d", c.overrides, c.values, best, stop, c.best, c.stop)
		}
	}
}

// A plateau schedule hears of a metric where higher is better turned round.
func TestPlateauHearsTheMetric(t *testing.T) {
	for _, c := range []struct {
		metric string
		drops  bool
	}{{"esr", true}, {"si_sdr", false}} {
		s, err := openSession(recipeOf(t, "schedule={kind: plateau, patience: 0, factor: 0.5}", "validate.metric="+c.metric), Options{Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.prepare(); err != nil {
			t.Fatal(err)
		}
		for _, v := range []float64{1, 2, 3} {
			s.judge(v)
		}
		if got := s.schedule.LR(0) < s.recipe.Optim.Value.Rate(); got != c.drops {
			t.Errorf("%s rises: the rate drops: %v", c.metric, got)
		}
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}
}

// A steady step allocates nothing.
func TestStepAllocatesNothing(t *testing.T) {
	s, err := openSession(recipeOf(t, "clip.norm=1", "clip.value=1", "ema=0.9", "schedule=cosine", "segment=1024"), Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if err := s.prepare(); err != nil {
		t.Fatal(err)
	}
	loader := s.newLoader(0, 1)
	defer loader.Close()
	batch, err := loader.Batch(0)
	if err != nil {
		t.Fatal(err)
	}
	var watch stopwatch
	watch.start()
	step := func() {
		if _, err := s.learn(batch, &watch); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		step()
	}
	before := s.prog.Step
	if n := testing.AllocsPerRun(20, step); n != 0 {
		t.Errorf("a step allocates %v times", n)
	}
	if s.prog.Step != before+21 {
		t.Errorf("%d steps were made", s.prog.Step-before)
	}
}

// Validation with averaged weights leaves the trained ones as they are.
func TestAverageLeavesWeights(t *testing.T) {
	o := optionsOf(t)
	weights := func(every string) string {
		f, err := readTensors(undisturbed(t, recipeOf(t, "steps=3", "ema=0.9", "validate.every="+every), o).path(lastFile))
		if err != nil {
			t.Fatal(err)
		}
		return string(f.Tensors["head.weight"].Data) + string(f.Tensors["ema.head.weight"].Data)
	}
	if weights("1") != weights("3") {
		t.Error("validations on the way change the weights")
	}
}

// The average begins with the weights after the first update, as PyTorch's
// AveragedModel, and moves by 1-ema of the way.
func TestAverage(t *testing.T) {
	s := prepared(t, "ema=0.75", "device=ref")
	loader := s.newLoader(0, 1)
	defer loader.Close()
	batch, err := loader.Batch(0)
	if err != nil {
		t.Fatal(err)
	}
	var want []float64
	var watch stopwatch
	for step := range 3 {
		if _, err := s.learn(batch, &watch); err != nil {
			t.Fatal(err)
		}
		n := s.params.Len()
		got, values := make([]float64, n), make([]float64, n)
		s.dev.Read64(got, s.average)
		s.dev.Read64(values, s.params.Values())
		if step == 0 {
			want = slices.Clone(values)
		}
		for i := range want {
			want[i] += 0.25 * (values[i] - want[i])
			if math.Abs(got[i]-want[i]) > 1e-14 {
				t.Fatalf("step %d, weight %d: %v, want %v", step, i, got[i], want[i])
			}
		}
	}
}

// Gradients are clipped by value first, then by the norm that is left.
func TestClip(t *testing.T) {
	for _, c := range []struct {
		value, norm string
		check       func(largest, norm float64) bool
	}{
		{"0", "0", func(largest, norm float64) bool { return largest > 0.01 && norm > 0.05 }},
		{"0.01", "0", func(largest, norm float64) bool { return largest == 0.01 && norm > 0.05 }},
		{"0", "0.05", func(largest, norm float64) bool { return math.Abs(norm-0.05) < 1e-5 }},
		{"0.0001", "0.05", func(largest, norm float64) bool { return largest == 0.0001 && norm < 0.05 }},
	} {
		s := prepared(t, "device=ref", "clip.value="+c.value, "clip.norm="+c.norm)
		loader := s.newLoader(0, 1)
		batch, err := loader.Batch(0)
		if err != nil {
			t.Fatal(err)
		}
		var watch stopwatch
		m, err := s.learn(batch, &watch)
		if err != nil {
			t.Fatal(err)
		}
		g := make([]float64, s.params.Len())
		s.dev.Read64(g, s.params.Grads())
		largest, squares := 0.0, 0.0
		for _, x := range g {
			largest = max(largest, math.Abs(x))
			squares += x * x
		}
		if !c.check(largest, math.Sqrt(squares)) || m.gradNorm < 0.05 {
			t.Errorf("clip.value %s, clip.norm %s: the largest is %v, the norm %v, and was %v", c.value, c.norm, largest, math.Sqrt(squares), m.gradNorm)
		}
		loader.Close()
	}
}

func TestRecipeErrors(t *testing.T) {
	for _, c := range [][2]string{
		{`name=""`, "name is "},
		{"name=a/b", "a plain folder name"},
		{"name=..", "a plain folder name"},
		{"name=x.", "a plain folder name"},
		{"steps=0", "steps is 0; it must be at least 1"},
		{"batch=0", "batch is 0; it must be at least 1"},
		{"segment=-1", "segment is -1; it must be at least 1"},
		{"loss=[]", "loss is "},
		{"ema=1", "ema is 1; it must be at least 0 and below 1"},
		{"clip.norm=-1", "clip.norm is -1; it must be at least 0"},
		{"clip.value=.nan", "clip.value"},
		{"save.audio=-1", "save.audio is -1; it must be at least 0"},
		{"save.every=-1", "save.every is -1; it must be at least 0"},
		{"validate.gain=.nan", "validate.gain"},
		{"validate.metric=sdr", `validate.metric is "sdr"; it must be loss or one of esr, `},
		{"validate.every=-1", "validate.every is -1; it must be at least 0"},
		{"validate.patience=-1", "validate.patience is -1; it must be at least 0"},
		{"schedule=plateau validate.every=0", "validate.every is 0; it must be at least 1 where schedule is plateau or validate.patience is set"},
		{"validate.patience=1 validate.every=0", "validate.every is 0; it must be at least 1 where"},
		{"optim.lrr=1", "lrr"},
	} {
		_, err := Options{}.parseRecipe("tiny.yaml", []byte(tiny), strings.Fields(c[0]))
		if err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%s: %v", c[0], err)
		}
		if _, ok := err.(config.Errors); !ok {
			t.Errorf("%s: the error is a %T", c[0], err)
		}
	}
	_, err := Options{}.LoadRecipe("quickstar")
	wantError(t, err, `no recipe is called "quickstar"; there are `, "quickstart", "(or give the path of a .yaml file)")
	_, err = Options{}.LoadRecipe("no/such.yaml")
	wantError(t, err, "reading the recipe: ", "no/such.yaml")
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

// Kinds of a program of its own train, go on and reproduce as the module's do.
func TestOwnKinds(t *testing.T) {
	o := optionsOf(t)
	o.Kinds = kinds
	r, err := o.parseRecipe("tiny.yaml", []byte(tiny), []string{"model={kind: delay, lag: 3}", "steps=2"})
	if err != nil {
		t.Fatal(err)
	}
	dir := undisturbed(t, r, o)
	if err := goOn(context.Background(), dir, o, "steps=3"); err != nil {
		t.Fatal(err)
	}
	if rep := reproduce(t, dir, o); !rep.Same || rep.Step != 3 {
		t.Errorf("%+v", rep)
	}
	_, err = Resume(context.Background(), dir, nil, Options{})
	wantError(t, err, `unknown kind "delay"`)
}
