package train

import (
	"context"
	"os"
	"strings"
	"testing"

	"partials/internal/config"
)

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

func TestRecipeErrors(t *testing.T) {
	for _, c := range [][2]string{
		{`name=""`, "name is "},
		{"name=a/b", "a plain folder name"},
		{"name=..", "a plain folder name"},
		{"name=x.", "a plain folder name"},
		{"steps=0", "steps is 0; it must be at least 1"},
		{"batch=0", "batch is 0; it must be from 1 to 16384"},
		{"batch=16384 segment=16777216", "batch is 16384; it must be at most 4 with a segment of 16777216 samples"},
		{"segment=-1", "segment is -1; it must be from 1 to 16777216"},
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
