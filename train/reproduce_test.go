package train

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"partials/tensor"
)

func reproduce(t *testing.T, dir Dir, o Options) *Reproduction {
	t.Helper()
	rep, err := Reproduce(context.Background(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// A run that was extended, stopped on the way and changed in its learning rate
// reproduces as it went, each stretch under its own recipe.
func TestExtendAndReproduce(t *testing.T) {
	r, o := recipeOf(t, "steps=5", "validate.every=2", "schedule=cosine"), optionsOf(t)
	dir := undisturbed(t, r, o)
	ctx, cancel := context.WithCancel(context.Background())
	stopped := o
	stopped.Display = stopper{7, cancel}
	wantStopped(t, goOn(ctx, dir, stopped, "steps=9"), 7)
	left := 2
	err := goOn(countdown{context.Background(), &left}, dir, o, "optim.lr=1e-3", "validate.metric=snr") // stops in the validation after step 8
	wantStopped(t, err, 8)
	if err := goOn(context.Background(), dir, o, "steps=10", "validate.every=8"); err != nil {
		t.Fatal(err)
	}
	man, err := readManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	var from []place
	for _, s := range man.Segments {
		from = append(from, s.From)
	}
	if want := []place{{0, 0}, {5, 5}, {7, 6}, {8, 6}}; !equalPlaces(from, want) {
		t.Errorf("the segments begin at %v, want %v", from, want)
	}
	r, err = o.recipeOf(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Steps != 10 || r.Validation.Metric != "snr" {
		t.Errorf("config.yaml has %d steps and chooses by %s", r.Steps, r.Validation.Metric)
	}
	records, err := ReadMetrics(dir)
	if err != nil {
		t.Fatal(err)
	}
	steps, valid := 0, []int{}
	for _, rec := range records {
		if rec.Loss != nil {
			if steps++; rec.Step != steps {
				t.Errorf("step %d is called %d", steps, rec.Step)
			}
		} else {
			valid = append(valid, rec.Step)
		}
	}
	if got := []int{2, 4, 5, 6, 8, 10}; steps != 10 || !equalInts(valid, got) {
		t.Errorf("%d steps, validated at %v, want 10 and %v", steps, valid, got)
	}
	o.Threads = 2
	if rep := reproduce(t, dir, o); !rep.Same || rep.Step != 10 || rep.Records != 16 {
		t.Errorf("%+v", rep)
	}
}

func equalPlaces(a, b []place) bool { return jsonOf(a) == jsonOf(b) }
func equalInts(a, b []int) bool     { return jsonOf(a) == jsonOf(b) }

func jsonOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// A run that was stopped or killed reproduces up to its checkpoint.
func TestReproduceIncomplete(t *testing.T) {
	r, o := recipeOf(t, "steps=7"), optionsOf(t)
	whole := undisturbed(t, r, o)
	ctx, cancel := context.WithCancel(context.Background())
	stopped := o
	stopped.Display = stopper{5, cancel}
	dir, err := trainOnly(ctx, r, stopped)
	wantStopped(t, err, 5)
	if rep := reproduce(t, dir, o); !rep.Same || rep.Step != 5 || rep.Records != 6 {
		t.Errorf("stopped: %+v", rep)
	}
	write(t, dir.path(metricsFile), read(t, whole.path(metricsFile))+`{"step`)
	if rep := reproduce(t, dir, o); !rep.Same || rep.Step != 5 || rep.Records != 6 {
		t.Errorf("killed: %+v", rep)
	}
}

// Whatever is not as it was is found, and named.
func TestReproduceFindsChanges(t *testing.T) {
	alone(t)
	o := optionsOf(t)
	dir := undisturbed(t, recipeOf(t, "steps=4", "validate.every=2"), o)
	if rep := reproduce(t, dir, o); !rep.Same || len(rep.Notes) != 0 {
		t.Fatalf("%+v", rep)
	}
	records, err := ReadMetrics(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what   string
		change func(dir Dir)
		step   int
		want   string
	}{
		{"a loss", func(dir Dir) { editRecord(t, dir, records, 1, func(r *Record) { *r.Loss = 0.5 }) }, 2, "loss was 0.5, is now "},
		{"a term", func(dir Dir) {
			editRecord(t, dir, records, 3, func(r *Record) { r.Terms = map[string]Number{"esr": 1, "mrstft": r.Terms["mrstft"]} })
		}, 3, "term esr was 1, is now "},
		{"a name", func(dir Dir) {
			editRecord(t, dir, records, 3, func(r *Record) { r.Terms = map[string]Number{"esr": r.Terms["esr"], "x": 1} })
		}, 3, "term x is only in one of them"},
		{"a validation", func(dir Dir) {
			editRecord(t, dir, records, 2, func(r *Record) { r.Valid = map[string]Number{} })
		}, 2, "validation entries: "},
		{"a line less", func(dir Dir) {
			lines := strings.SplitAfter(read(t, dir.path(metricsFile)), "\n")
			write(t, dir.path(metricsFile), strings.Join(append(lines[:1:1], lines[2:]...), ""))
		}, 2, "loss is only in one of them"},
		{"the last line gone", func(dir Dir) {
			lines := strings.SplitAfter(read(t, dir.path(metricsFile)), "\n")
			write(t, dir.path(metricsFile), strings.Join(lines[:len(lines)-2], ""))
		}, 4, "the run has no such record"},
		{"a line more", func(dir Dir) {
			write(t, dir.path(metricsFile), read(t, dir.path(metricsFile))+"{\"step\":4,\"loss\":1}\n")
		}, 4, "the repetition has no such record"},
		{"a weight", func(dir Dir) { flipLastByte(t, dir.path(lastFile)) }, 4, "the final weights or the optimizer's state are not"},
		{"a best weight", func(dir Dir) { flipLastByte(t, dir.path(bestFile)) }, 4, "the best weights are not"},
		{"the best weights gone bad", func(dir Dir) { write(t, dir.path(bestFile), "") }, 4, "the best weights are not"},
		{"the seed", func(dir Dir) {
			write(t, dir.path(manifestFile), strings.ReplaceAll(read(t, dir.path(manifestFile)), `seed: 3\n`, `seed: 4\n`))
		}, 1, "loss was "},
	} {
		changed := copyRun(t, dir)
		c.change(changed)
		rep := reproduce(t, changed, o)
		if rep.Same || rep.Step != c.step || !strings.Contains(rep.What, c.want) {
			t.Errorf("%s: %+v", c.what, rep)
		}
	}
	edited := copyRun(t, dir)
	write(t, edited.path(manifestFile), strings.Replace(read(t, edited.path(manifestFile)), `"version": "dev"`, `"version": "old"`, 1))
	if rep := reproduce(t, edited, o); !rep.Same || len(rep.Notes) != 1 || rep.Notes[0] != `version: the run had "old", this program has "dev"` {
		t.Errorf("%+v", rep)
	}
}

func editRecord(t *testing.T, dir Dir, records []Record, i int, edit func(r *Record)) {
	t.Helper()
	text := ""
	for k, r := range records {
		if k == i {
			if r.Loss != nil {
				r.Loss = number(float64(*r.Loss))
			}
			edit(&r)
		}
		text += jsonOf(r) + "\n"
	}
	write(t, dir.path(metricsFile), text)
}

func flipLastByte(t *testing.T, path string) {
	t.Helper()
	b := []byte(read(t, path))
	b[len(b)-1] ^= 1
	write(t, path, string(b))
}

// Data or first weights that are not those of the run are named before
// anything is run again.
func TestOtherData(t *testing.T) {
	alone(t)
	o := optionsOf(t)
	dir := t.TempDir()
	in := saveWAV(t, dir, "in.wav", 8000, noise(9000, 1))
	out := saveWAV(t, dir, "out.wav", 8000, noise(9000, 2))
	from := undisturbed(t, recipeOf(t, "steps=1"), o)
	r := recipeOf(t, "steps=2", "validate.every=1", "data.input="+in, "data.target="+out, "data.validation.start=0.5s", "init="+string(from))
	res, err := Start(context.Background(), r, o)
	if err != nil {
		t.Fatal(err)
	}
	saveWAV(t, dir, "in.wav", 8000, noise(9000, 3))
	_, err = Reproduce(context.Background(), res.Dir, o)
	wantError(t, err, in+" is not the file that the run was made with (SHA-256 ")
	_, err = Resume(context.Background(), res.Dir, []string{"steps=3"}, o)
	wantError(t, err, in+" is not the file that the run was made with (SHA-256 ", "put the old one back, or start a new run")
	saveWAV(t, dir, "in.wav", 8000, noise(9000, 1))
	if rep := reproduce(t, res.Dir, o); rep.Step < 2 || !rep.Same {
		t.Errorf("the old file is back: %+v", rep)
	}
	if err := os.Rename(in, in+".away"); err != nil {
		t.Fatal(err)
	}
	_, err = Reproduce(context.Background(), res.Dir, o)
	wantError(t, err, "the run's data: ", in, "no such file")
	if err := os.Rename(in+".away", in); err != nil {
		t.Fatal(err)
	}
	flipLastByte(t, from.path(bestFile))
	_, err = Reproduce(context.Background(), res.Dir, o)
	wantError(t, err, "init: "+from.path(bestFile)+" is not the file that the run was made with")
}

// The weights of another run are where a run with init starts.
func TestInit(t *testing.T) {
	o := optionsOf(t)
	from := undisturbed(t, recipeOf(t, "steps=2"), o)
	r := recipeOf(t, "steps=1", "optim.kind=sgd", "optim.lr=1e-30", "init="+string(from))
	to := undisturbed(t, r, o)
	a, err := readTensors(from.path(bestFile))
	if err != nil {
		t.Fatal(err)
	}
	b, err := readTensors(to.path(lastFile))
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range b.Tensors {
		if string(x.Data) != string(a.Tensors[name].Data) {
			t.Errorf("%s is not what it was in %s", name, from)
		}
	}
	// Stopped before its first step the run has those weights, averaged or not.
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir, err := trainOnly(ctx, recipeOf(t, "ema=0.5", "init="+string(from)), o)
	wantStopped(t, err, 0)
	s := prepared(t)
	if err := loadWeights(s.dev, s.params, dir.path(lastFile)); err != nil {
		t.Fatal(err)
	}
	s.eachTensor(func(name string, x tensor.Tensor) {
		if !strings.HasPrefix(name, statePrefix) && string(readTensor(s.dev, x).Data) != string(a.Tensors[name].Data) {
			t.Errorf("%s is not what it was in %s", name, from)
		}
	})
	// The run goes on when those weights are gone: it has its own.
	if err := os.RemoveAll(string(from)); err != nil {
		t.Fatal(err)
	}
	if err := goOn(context.Background(), to, o, "steps=2"); err != nil {
		t.Error(err)
	}
	_, err = trainOnly(context.Background(), r, o)
	wantError(t, err, "init: ", string(from))
}

// What is no run is told so, and a complete run too.
func TestNoRun(t *testing.T) {
	alone(t)
	o, ctx := optionsOf(t), context.Background()
	empty := Dir(t.TempDir())
	_, err := OpenDir(string(empty), o.RunsDir)
	wantError(t, err, string(empty)+" is not a run: there is no "+filepath.Join(string(empty), "config.yaml"))
	for what, f := range map[string]func(d Dir) error{
		"resume":    func(d Dir) error { _, err := Resume(ctx, d, nil, o); return err },
		"reproduce": func(d Dir) error { _, err := Reproduce(ctx, d, o); return err },
		"evaluate":  func(d Dir) error { _, err := Evaluate(ctx, d, nil, o); return err },
		"load":      func(d Dir) error { _, err := Load(string(d), "", o); return err },
		"summarise": func(d Dir) error { _, err := Summarise(d, o); return err },
	} {
		t.Run(what, func(t *testing.T) {
			wantError(t, f(empty), "manifest", string(empty))
			broken := Dir(t.TempDir())
			for _, text := range []string{"", "{", "{}", "[1]", `{"segments": 3}`} {
				write(t, broken.path(manifestFile), text)
				wantError(t, f(broken), "manifest")
			}
		})
	}
	complete := undisturbed(t, recipeOf(t, "steps=1"), o)
	if _, err := Resume(ctx, complete, nil, o); err != nil { // it lacks its pictures
		t.Fatal(err)
	}
	_, err = Resume(ctx, complete, nil, o)
	if !errors.Is(err, ErrComplete) {
		t.Errorf("%v is not ErrComplete", err)
	}
	wantError(t, err, "the run is complete: it finished at step 1; to go on give it more, as in: train resume "+string(complete)+" steps=2")
	if err := os.RemoveAll(complete.path("checkpoints")); err != nil {
		t.Fatal(err)
	}
	_, err = Reproduce(ctx, complete, o)
	wantError(t, err, "has no checkpoint yet")
	_, err = Evaluate(ctx, complete, nil, o)
	wantError(t, err, "has no weights yet")
	_, err = Load(string(complete), "", o)
	wantError(t, err, "has no weights yet")
}
