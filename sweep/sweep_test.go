package sweep

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"partials/train"
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "partials-sweep-test-*")
	if err != nil {
		panic(err)
	}
	os.Setenv("XDG_CACHE_HOME", dir) // hashes are cached there
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		os.RemoveAll(dir)
		os.Exit(code)
	}))
}

const tiny = `
steps: 8
batch: 2
segment: 256
data:
  kind: pair
  input: embedded:amp/input.wav
  target: embedded:amp/output.wav
  validation: {start: 1s, stop: 1.02s}
model: {kind: tcn, channels: 2, layers: 2}
loss: [{kind: mse}]
validate: {every: 2, metric: esr}
save: {audio: 0}
`

// planOf is a sweep of the tiny recipe.
func planOf(t *testing.T, settings ...string) Plan {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tiny.yaml")
	if err := os.WriteFile(path, []byte(tiny), 0o644); err != nil {
		t.Fatal(err)
	}
	axes, fixed, err := ParseAxes(settings)
	if err != nil {
		t.Fatal(err)
	}
	return Plan{Recipe: path, Fixed: fixed, Axes: axes}
}

func optionsOf(t *testing.T) Options {
	return Options{Train: train.Options{RunsDir: t.TempDir(), Threads: 1}, Name: "s", Jobs: 2, Only: -1}
}

func open(t *testing.T, p Plan, o Options) *Sweep {
	t.Helper()
	s, err := Open(p, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func run(t *testing.T, p Plan, o Options) []Result {
	t.Helper()
	results, err := open(t, p, o).Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// weights are those of a trial, by its index.
func weights(t *testing.T, results []Result, trial int) string {
	t.Helper()
	i := slices.IndexFunc(results, func(r Result) bool { return r.Trial == trial })
	data, err := os.ReadFile(filepath.Join(results[i].Dir, "checkpoints", "last.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// A sweep that is stopped after every trial and gone on with gives the bits of
// one that never was, however many trials run at once and whoever runs them.
func TestSweepGoesOn(t *testing.T) {
	p := planOf(t, "optim.lr=1e-4,1e-3,1e-2", "model.channels=2,3", "steps=4")
	whole := run(t, p, optionsOf(t))
	for i := 1; i < len(whole); i++ {
		if whole[i-1].best() > whole[i].best() {
			t.Errorf("the best do not come first: %+v", whole)
		}
	}
	o := optionsOf(t)
	o.Jobs = 1
	for left := len(whole); left > 0; left-- {
		ctx, cancel := context.WithCancel(context.Background())
		done := 0
		o.Told = func(Result) {
			if done++; done > len(whole)-left { // those before are done already
				cancel()
			}
		}
		_, err := open(t, p, o).Run(ctx)
		var stopped *Stopped
		if left > 1 && !errors.As(err, &stopped) {
			t.Fatal(err)
		}
		cancel()
	}
	o.Told = nil
	stopped := run(t, p, o)

	// One process a trial, as on a cluster.
	o = optionsOf(t)
	for i := range whole {
		o.Only = i
		run(t, p, o)
	}
	o.Only = -1
	spread := run(t, p, o)
	for i := range whole {
		if weights(t, whole, i) != weights(t, stopped, i) || weights(t, whole, i) != weights(t, spread, i) {
			t.Errorf("trial %d differs", i)
		}
	}
}

// With halving the worse half stops, and the best has the bits of a training
// that went through.
func TestHalving(t *testing.T) {
	p := planOf(t, "optim.lr=1e-6,1e-5,1e-4,1e-2")
	whole := run(t, p, optionsOf(t))
	p.Halving = 2
	o := optionsOf(t)
	results := run(t, p, o)
	steps := map[int]int{}
	for _, r := range results {
		steps[r.Step]++
	}
	if steps[8] != 1 || steps[4] != 1 || steps[2] != 2 || results[0].Status != "finished" || results[3].Status != "stopped" {
		t.Errorf("%+v", results)
	}
	if best := results[0].Trial; weights(t, results, best) != weights(t, whole, best) {
		t.Error("halving changed the bits of the best")
	}
	if again := run(t, p, o); again[0].Trial != results[0].Trial || again[1].Step != results[1].Step {
		t.Errorf("run again: %+v", again)
	}
	p.Fixed = []string{"validate.every=4"}
	if _, err := Open(p, optionsOf(t)); err == nil || !strings.Contains(err.Error(), "before the first validation") {
		t.Errorf("validated too late: %v", err)
	}
}

// A trial that fails is told, and the others go on. Its row stands last.
func TestFailedTrial(t *testing.T) {
	p := planOf(t, "optim.lr=1e-3,1e30", "optim.kind=sgd", "steps=6")
	s := open(t, p, optionsOf(t))
	results, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if r := results[0]; r.Status != "finished" || r.Error != "" || r.Step != 6 {
		t.Errorf("%+v", r)
	}
	if r := results[1]; r.Status != "failed" || !strings.Contains(r.Error, "the weights were not changed") {
		t.Errorf("%+v", r)
	}
	pictures, err := s.Save(results)
	if err != nil || len(pictures) < 3 {
		t.Errorf("drew %v, %v", pictures, err)
	}
	text, err := os.ReadFile(filepath.Join(s.Dir(), "results.csv"))
	if err != nil || !strings.HasPrefix(string(text), "trial,optim.lr,metric,best,step,seconds,status\n0,1e-3,esr,") {
		t.Errorf("results.csv: %v\n%s", err, text)
	}
}

// A folder holds one sweep, and what cannot be trained is said before it is made.
func TestOpenRefuses(t *testing.T) {
	o := optionsOf(t)
	if _, err := Open(planOf(t, "optim.lr=1e-3,x"), o); err == nil || !strings.Contains(err.Error(), `optim.lr is "x"`) {
		t.Errorf("a value that is no number: %v", err)
	}
	if _, err := Open(planOf(t, "optim.speed=1,2"), o); err == nil || !strings.Contains(err.Error(), "speed") {
		t.Errorf("a key that is none: %v", err)
	}
	if list, _ := os.ReadDir(o.Train.RunsDir); len(list) != 0 {
		t.Errorf("something was made: %v", list)
	}
	p := planOf(t, "optim.lr=1e-3,1e-4")
	open(t, p, o)
	open(t, p, o)
	p.Axes[0].Values = append(p.Axes[0].Values, "1e-5")
	if _, err := Open(p, o); err == nil || !strings.Contains(err.Error(), "holds another sweep") {
		t.Errorf("another sweep in the same folder: %v", err)
	}
	o.Only = 7
	if _, err := Open(p, o); err == nil || !strings.Contains(err.Error(), "there are 3, from 0 on") {
		t.Errorf("a trial that is none: %v", err)
	}
}

// The manifests are what the programs take: the words of a command line come
// through a shell, and names as DNS has them.
func TestCluster(t *testing.T) {
	c := Cluster{Program: []string{"train", "sweep", "my.yaml", "about=it's a, b", "optim.lr=log(1, 2)"}, Name: "Amp_Sweep 1",
		Trials: 12, AtOnce: 4, CPUs: 2, Image: "img:1", Claim: "data"}
	slurm := c.Slurm()
	for _, want := range []string{"#SBATCH --array=0-11%4\n", "#SBATCH --job-name=amp-sweep-1\n",
		`exec train sweep my.yaml 'about=it'\''s a, b' 'optim.lr=log(1, 2)' --threads 2 --trial "$SLURM_ARRAY_TASK_ID"`} {
		if !strings.Contains(slurm, want) {
			t.Errorf("no %q in\n%s", want, slurm)
		}
	}
	kubernetes := c.Kubernetes()
	for _, want := range []string{"completions: 12\n", "parallelism: 4\n", "completionMode: Indexed\n", "name: amp-sweep-1\n",
		"- 'about=it''s a, b'\n", "- '$(JOB_COMPLETION_INDEX)'\n", "claimName: 'data'\n"} {
		if !strings.Contains(kubernetes, want) {
			t.Errorf("no %q in\n%s", want, kubernetes)
		}
	}
}
