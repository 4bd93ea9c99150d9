package train

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

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
		" The first to make such a number was ", "its output is ", " The last good checkpoint is "+dir.path(lastFile)+".", "optim.lr")
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

// With DetectAnomaly a run stops at the operation, and gives the same bits where
// nothing is wrong.
func TestDetectAnomaly(t *testing.T) {
	o := optionsOf(t)
	whole := undisturbed(t, recipeOf(t, "steps=3"), o)
	o.DetectAnomaly = true
	watched := undisturbed(t, recipeOf(t, "steps=3"), o)
	sameRun(t, "watched", whole, watched)
	_, err := Start(context.Background(), recipeOf(t, "optim.kind=sgd", "optim.lr=1e30"), o)
	var bad *NotFinite
	if !errors.As(err, &bad) || bad.What != "output" {
		t.Fatal(err)
	}
	wantError(t, err, "the output is ", " at step 2; the weights were not changed", "The first to make such a number was ", "(applied at ")
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
