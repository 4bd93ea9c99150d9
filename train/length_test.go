package train

import (
	"context"
	"strings"
	"testing"
)

// epochs is the tiny recipe in epochs: 21 windows, five at a time.
func epochs(t *testing.T, more ...string) Recipe {
	return recipeOf(t, append([]string{"steps=1000", "epochs=3", "batch=5", "data.crop=grid", "data.train={start: 0, stop: 11264}", "segment=512",
		"schedule={kind: exponential, gamma: 0.5}", "validate.every=2", "optim.lr=1e-3"}, more...)...)
}

// A run of epochs validates and lowers its learning rate by epochs, each of all
// windows that fill a batch, and goes on to more.
func TestEpochs(t *testing.T) {
	alone(t)
	o := optionsOf(t)
	first, err := Start(context.Background(), epochs(t), o)
	if err != nil {
		t.Fatal(err)
	}
	dir := first.Dir
	man, err := readManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	const unit = 4 // 21 windows of 512 fit before 11264 behind the context
	if man.EpochSteps != unit {
		t.Fatalf("an epoch has %d steps, want %d", man.EpochSteps, unit)
	}
	records, err := ReadMetrics(dir)
	if err != nil {
		t.Fatal(err)
	}
	steps, valid := 0, []int{}
	for _, r := range records {
		if r.LR != nil {
			steps++
			if want := 1e-3 / float64(int(1)<<((r.Step-1)/unit)); float64(*r.LR) != want {
				t.Errorf("step %d: the learning rate is %v, want %v", r.Step, *r.LR, want)
			}
		}
		if r.Valid != nil {
			valid = append(valid, r.Step)
		}
	}
	if steps != 3*unit || len(valid) != 2 || valid[0] != 2*unit || valid[1] != 3*unit {
		t.Errorf("%d steps, validated at %v", steps, valid)
	}
	if s, err := Summarise(dir, o); err != nil || s.Steps != 3*unit {
		t.Errorf("the summary says %d steps (%v)", s.Steps, err)
	}
	if _, err := Resume(context.Background(), dir, nil, o); err == nil || !strings.Contains(err.Error(), "epochs=6") {
		t.Errorf("resuming says %v", err)
	}
	if _, err := Resume(context.Background(), dir, []string{"steps=50"}, o); err == nil || !strings.Contains(err.Error(), "left out where epochs is given") {
		t.Errorf("resuming to more steps says %v", err)
	}
	res, err := Resume(context.Background(), dir, []string{"epochs=4"}, o)
	if err != nil || res.Steps != 4*unit {
		t.Errorf("resumed to 4 epochs: %+v, %v", res, err)
	}
	if _, err := Check(epochs(t, "batch=40"), o); err == nil || !strings.Contains(err.Error(), "only 21 examples") {
		t.Errorf("a batch larger than an epoch: %v", err)
	}
}
