package train

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"partials/formats/tfevents/tfeventstest"
	"partials/internal/mlflow/mlflowtest"
)

// stopAndGoOn makes a run of a recipe that is stopped after step 5 and goes on
// to the end.
func stopAndGoOn(t *testing.T, r Recipe, o Options) Dir {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stopped := o
	stopped.Display = stopper{5, cancel}
	_, err := Start(ctx, r, stopped)
	var stop *Interrupted
	if !errors.As(err, &stop) {
		t.Fatal(err)
	}
	if _, err := Resume(t.Context(), stop.Dir, nil, o); err != nil {
		t.Fatal(err)
	}
	return stop.Dir
}

// TensorBoard sees a run that was stopped and went on as one run.
func TestTensorBoard(t *testing.T) {
	tfeventstest.Python(t)
	o := optionsOf(t)
	dir := stopAndGoOn(t, recipeOf(t, "log.tensorboard=true", "log.every=2", "save.audio=0.01"), o)
	seen := tfeventstest.Read(t, string(dir))
	steps := func(list [][2]float64) (s []int) {
		for _, p := range list {
			s = append(s, int(p[0]))
		}
		return s
	}
	for tag, want := range map[string][]int{
		"train/loss": {1, 2, 4, 6, 8}, "train/loss/esr": {1, 2, 4, 6, 8}, "train/lr": {1, 2, 4, 6, 8}, "train/grad_norm": {1, 2, 4, 6, 8},
		"valid/esr": {3, 6, 9}, "valid/loss": {3, 6, 9},
	} {
		if got := steps(seen.Scalars[tag]); !slices.Equal(got, want) {
			t.Errorf("%s is there at steps %v, want %v", tag, got, want)
		}
	}
	records, err := ReadMetrics(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := seen.Scalars["train/loss"][4][1], float64(float32(*records[slices.IndexFunc(records, func(r Record) bool { return r.Step == 8 })].Loss)); got != want {
		t.Errorf("the loss at step 8 is %v, want %v", got, want)
	}
	if len(seen.Scalars["best/esr"]) != 1 || len(seen.Scalars["system/real_time"]) == 0 {
		t.Errorf("scalars: %v", seen.Scalars)
	}
	for _, group := range []string{"weights/", "gradients/"} {
		list := seen.Histograms[group+"layers.1.conv.weight"]
		if len(list) != 3 || list[0] != [3]float64{3, 48, 48} { // 4 x 4 x 3 numbers at each validation
			t.Errorf("%s: %v", group, list)
		}
	}
	for _, name := range []string{"spectrogram", "waveform", "loss"} {
		if list := seen.Images["pictures/"+name]; len(list) == 0 || list[0][3] != "89504e47" {
			t.Errorf("picture %s: %v", name, list)
		}
	}
	for _, name := range []string{"input", "target", "output"} {
		if list := seen.Audio["sounds/"+name]; len(list) == 0 || list[0][1] != 44100.0 || list[0][3] != "RIFF" {
			t.Errorf("sound %s: %v", name, list)
		}
	}
	if list := seen.Texts["recipe"]; len(list) == 0 || !strings.Contains(list[0][1].(string), "kind: tcn") {
		t.Errorf("texts: %v", seen.Texts)
	}
	if h := seen.HParams; h.Values["model.channels"] != 4.0 || h.Values["loss[0].kind"] != "esr" || h.Status != 1 || !slices.Contains(h.Metrics, "valid/esr") {
		t.Errorf("settings: %+v", h)
	}
}

// What other programs are told changes nothing of a run; nobody is told of a
// run that is only reproduced.
func TestLogbooksChangeNothing(t *testing.T) {
	server := mlflowtest.New(t)
	o := optionsOf(t)
	plain := undisturbed(t, recipeOf(t), o)
	told := undisturbed(t, recipeOf(t, "log.tensorboard=true", "log.mlflow="+server.URL), o)
	sameRun(t, "with logbooks", plain, told)
	rep, err := Reproduce(t.Context(), told, o)
	if err != nil || !rep.Same {
		t.Errorf("%+v, %v", rep, err)
	}
	if n := len(server.Runs()); n != 1 {
		t.Errorf("the server knows %d runs", n)
	}
	if files, _ := filepath.Glob(filepath.Join(string(plain), "events.*")); len(files) != 0 {
		t.Errorf("nobody asked for %v", files)
	}
}

// waking is a Display that brings a server back after a step, once it was asked
// in vain.
type waking struct {
	stopper
	server *mlflowtest.Server
	after  int
}

func (d waking) Step(step int, loss float64) {
	if step == d.after {
		for d.server.Refused() == 0 {
			time.Sleep(time.Millisecond)
		}
		d.server.Down(false)
	}
	d.stopper.Step(step, loss)
}

// A server that is away at first gets everything when it is back, and a run that
// goes on is the same run there.
func TestMLflow(t *testing.T) {
	server := mlflowtest.New(t)
	server.Down(true)
	o := optionsOf(t)
	var said strings.Builder
	o.Log = slog.New(slog.NewTextHandler(&said, nil))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o.Display = waking{stopper{5, cancel}, server, 4}
	_, err := Start(ctx, recipeOf(t, "log.mlflow="+server.URL, "log.every=1", "log.experiment=amps"), o)
	var stop *Interrupted
	if !errors.As(err, &stop) {
		t.Fatal(err)
	}
	if !strings.Contains(said.String(), "the MLflow server does not take the run's log") || !strings.Contains(said.String(), "503") {
		t.Errorf("the log says\n%s", said.String())
	}
	runs := server.Runs()
	if len(runs) != 1 || runs[0].Status != "KILLED" {
		t.Fatalf("the server knows %d runs, %+v", len(runs), runs)
	}
	o.Display = nil
	if _, err := Resume(t.Context(), stop.Dir, nil, o); err != nil {
		t.Fatal(err)
	}
	if runs = server.Runs(); len(runs) != 1 {
		t.Fatalf("the server knows %d runs", len(runs))
	}
	r := runs[0]
	if r.Name != "tiny" || r.Experiment != "amps" || r.Status != "FINISHED" || !r.Ended {
		t.Errorf("%s in %s is %s", r.Name, r.Experiment, r.Status)
	}
	if r.Params["model.channels"] != "4" || r.Params["loss.0.kind"] != "esr" {
		t.Errorf("parameters: %v", r.Params)
	}
	for name, want := range map[string][]int{"train/loss": {1, 2, 3, 4, 5, 6, 7, 8, 9}, "valid/esr": {3, 6, 9}, "best/esr": {9}} {
		var steps []int
		for _, p := range r.Metrics[name] {
			steps = append(steps, p.Step)
		}
		if !slices.Equal(steps, want) {
			t.Errorf("%s is there at steps %v, want %v", name, steps, want)
		}
	}
}

func TestLogRefuses(t *testing.T) {
	for override, want := range map[string]string{
		"log.every=0":                      "log.every is 0; it must be at least 1",
		"log.mlflow=localhost":             `mlflow: "localhost" is no address of a server`,
		"log.mlflow=http://me:secret@host": "set MLFLOW_TRACKING_USERNAME",
	} {
		_, err := Options{}.parseRecipe("tiny.yaml", []byte(tiny), []string{override})
		wantError(t, err, want)
	}
}
