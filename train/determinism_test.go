package train

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// variants are recipes that between them have everything that a step, a
// validation and a checkpoint can hold.
var variants = map[string][]string{
	"tcn":     {},
	"ema":     {"ema=0.9", "clip.norm=0.5", "clip.value=0.1", "validate.metric=si_sdr", "balance.norm=1", "balance.ema=0.5"},
	"plateau": {"schedule=plateau", "schedule.patience=0", "optim.kind=sgd", "optim.momentum=0.9", "optim.lr=0.1", "validate.every=1"},
	"early":   {"steps=40", "validate.every=2", "validate.patience=2", "validate.gain=0.2"},
	"lstm":    {"model.kind=lstm", "model.hidden_size=4", "model.burn_in=300", "model.detach_every=100", "optim.kind=rmsprop", "schedule=cosine"},
	"random":  {`loss=[{kind: random_stft, min_n_fft: 32, max_n_fft: 128}]`, "save.every=2", "validate.metric=loss"},
	"mix": {"data={kind: mix, clean: {root: embedded:speech, validation: 0.5}, noise: {root: embedded:noise}, rate: 8000, excerpts: 1, excerpt: 0.1s," +
		"noises: [1, 2], made_noise: 0.4, speed: [0.8, 1.2], noise_speed: [0.9, 1.1], clean_effects: [room, equalizer], noise_effects: [equalizer], augment: [clipping, band_limit]}",
		"data.augment[1].high=[2000, 3000]", "model={kind: mask, n_fft: 64, hop: 32, window: sqrt hann, type: complex, network: conv_gru, hidden_size: 4, layers: 1, burn_in: 3}", "optim.kind=adamw"},
	"folder": {"data={kind: folder, root: embedded:notes, validation: 0.3, rate: 8000, excerpts: 2, excerpt: 0.1s, degrade: [{kind: noise}], augment: [{kind: gain}]}",
		"model={kind: mask, n_fft: 64, hop: 16, hidden_size: 4, layers: 1, burn_in: 3}", "optim.kind=radam"},
	"ref":     {"device=ref", "steps=4"},
	"convnet": {"model={kind: convnet, channels: 4, dilations: [1, 2], activation: tanh}", "ema=0.9"},
	"packed":  {packedModel, "validate.every=1", "optim.lr=0.05"},
	"knobs": {"model={kind: wavenet, layers: [{channels: 3, kernel_size: 2, dilations: [1, 4], gating: gated}]}", "data.input=[]", "data.target=[]",
		"data.pairs=[{input: 'embedded:amp/input.wav', target: 'embedded:amp/output.wav', controls: {drive: 1}}," +
			"{input: 'embedded:amp/input.wav', target: 'embedded:amp/input.wav', delay: 3, controls: {drive: 0}}]", "data.target_level=-20"},
}

// The bits of a run do not depend on the number of threads.
func TestThreads(t *testing.T) {
	for name, overrides := range variants {
		t.Run(name, func(t *testing.T) {
			r := recipeOf(t, append([]string{"steps=4", "validate.every=2"}, overrides...)...)
			o := optionsOf(t)
			want := undisturbed(t, r, o)
			for _, o.Threads = range []int{1, 2, 3, 7} {
				sameRun(t, fmt.Sprintf("%d threads", o.Threads), want, undisturbed(t, r, o))
			}
		})
	}
}

// Another seed gives another run, or TestThreads would show nothing.
func TestSeed(t *testing.T) {
	o := optionsOf(t)
	a, b := undisturbed(t, recipeOf(t, "steps=1"), o), undisturbed(t, recipeOf(t, "steps=1", "seed=4"), o)
	if read(t, a.path(metricsFile)) == read(t, b.path(metricsFile)) || read(t, a.path(lastFile)) == read(t, b.path(lastFile)) {
		t.Error("seeds 3 and 4 give the same run")
	}
}

// A run that is stopped after any step and resumed has the bits of one that
// never was.
func TestStopAndResume(t *testing.T) {
	for name, overrides := range variants {
		t.Run(name, func(t *testing.T) {
			r, o := recipeOf(t, overrides...), optionsOf(t)
			want := undisturbed(t, r, o)
			last, err := readProgress(want.path(lastFile))
			if err != nil {
				t.Fatal(err)
			}
			if name == "early" && last.Step >= r.Steps {
				t.Fatalf("patience never ran out in %d steps", r.Steps)
			}
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			dir, err := trainOnly(ctx, r, o)
			wantStopped(t, err, 0)
			for _, step := range []int{1, 2, 3, last.Step - 1, last.Step} {
				ctx, cancel := context.WithCancel(context.Background())
				o := o
				o.Display = stopper{step, cancel}
				o.Threads = step%3 + 1
				now, err := readProgress(dir.path(lastFile))
				if err != nil {
					t.Fatal(err)
				}
				if now.Step >= step { // the steps before were the last ones
					continue
				}
				wantStopped(t, goOn(ctx, dir, o), step)
			}
			if err := goOn(context.Background(), dir, o); err != nil {
				t.Fatal(err)
			}
			sameRun(t, "stopped and resumed", want, dir)
		})
	}
}

func wantStopped(t *testing.T, err error, step int) {
	t.Helper()
	var stop *Interrupted
	if !errors.As(err, &stop) || stop.Step != step {
		t.Fatalf("%v; want to be stopped after step %d", err, step)
	}
}

// countdown is a context that is done after its Err was asked so often.
type countdown struct {
	context.Context
	left *int
}

func (c countdown) Err() error {
	if *c.left--; *c.left < 0 {
		return context.Canceled
	}
	return nil
}

// A run can be stopped wherever it looks at its context: between steps, and in
// the middle of a validation.
func TestStopAnywhere(t *testing.T) {
	alone(t)
	r := recipeOf(t, "steps=4", "validate.every=2", "data.validation.stop=2s") // three blocks
	o := optionsOf(t)
	want := undisturbed(t, r, o)
	pending := 0
	for n := 0; ; n++ {
		left := n
		dir, err := trainOnly(countdown{context.Background(), &left}, r, o)
		if err == nil {
			break
		}
		var stop *Interrupted
		if !errors.As(err, &stop) {
			t.Fatal(err)
		}
		p, err := readProgress(dir.path(lastFile))
		if err != nil {
			t.Fatal(err)
		}
		if p.Step != stop.Step {
			t.Errorf("look %d: stopped after step %d, saved after %d", n, stop.Step, p.Step)
		}
		if p.Step == 4 && p.Validated == 2 {
			pending++
		}
		if err := goOn(context.Background(), dir, o); err != nil {
			t.Fatal(err)
		}
		sameRun(t, fmt.Sprintf("stopped at look %d, after step %d", n, p.Step), want, dir)
	}
	if pending < 3 {
		t.Errorf("stopped %d times in the last validation, which looks three times", pending)
	}
}

// A kill leaves metrics beyond the checkpoint, the last line half written,
// perhaps garbage behind it, and best weights that the checkpoint knows or not.
func TestResumeAfterKill(t *testing.T) {
	alone(t)
	r, o := recipeOf(t, "steps=8", "save.every=2", "optim.lr=0.3"), optionsOf(t)
	want := undisturbed(t, r, o)
	if p, err := readProgress(want.path(lastFile)); err != nil || p.BestStep != 3 {
		t.Fatalf("%+v, %v: the first validation must be the best, or the test shows little", p, err)
	}
	whole := read(t, want.path(metricsFile))
	for _, step := range []int{1, 2, 3, -3, 4, 5, 6, -6, 7, 8} {
		ctx, cancel := context.WithCancel(context.Background())
		o.Display = stopper{step, cancel}
		dir, err := trainOnly(ctx, r, o)
		wantStopped(t, err, max(step, -step))
		o.Display = nil
		for i, text := range []string{
			whole,
			whole[:len(whole)-7],
			read(t, dir.path(metricsFile)) + `{"step":`,
			read(t, dir.path(metricsFile)) + "\x00\x00\x00\n\x00",
		} {
			killed := copyRun(t, dir)
			write(t, killed.path(metricsFile), text)
			os.Remove(killed.path(bestFile))
			if p, err := readProgress(dir.path(lastFile)); err != nil || p.BestStep != p.Step {
				write(t, killed.path(bestFile), read(t, want.path(bestFile))) // of steps not made yet
			}
			if err := goOn(context.Background(), killed, o); err != nil {
				t.Fatal(err)
			}
			sameRun(t, fmt.Sprintf("killed after step %d (if negative, validated), case %d", step, i), want, killed)
		}
	}
}

// A run that was killed before its first checkpoint begins again.
func TestResumeWithoutCheckpoint(t *testing.T) {
	r, o := recipeOf(t, "steps=3"), optionsOf(t)
	want := undisturbed(t, r, o)
	killed := copyRun(t, want)
	os.RemoveAll(killed.path("checkpoints"))
	if err := os.Mkdir(killed.path("checkpoints"), 0o777); err != nil {
		t.Fatal(err)
	}
	halves := []string{".partials-1", "checkpoints/.partials-2", "plots/.tmp-loss.png-3", "audio/.output.wav.4.tmp"}
	for _, name := range halves {
		write(t, killed.path(name), "half")
	}
	if err := goOn(context.Background(), killed, o); err != nil {
		t.Fatal(err)
	}
	sameRun(t, "begun again", want, killed)
	for _, name := range halves {
		if existing(killed.path(name)) != "" {
			t.Errorf("%s is still there", name)
		}
	}
}

// The recipe that a run leaves repeats it, from any working directory.
func TestOwnRecipeRepeats(t *testing.T) {
	o := optionsOf(t)
	here := t.TempDir()
	t.Chdir(here)
	saveWAV(t, here, "in.wav", 8000, noise(9000, 1))
	saveWAV(t, here, "out.wav", 8000, noise(9000, 1))
	write(t, "mine.yaml", tiny)
	r, err := o.LoadRecipe("mine.yaml", "data.input=in.wav", "data.target=out.wav", "steps=3", "name=mine")
	if err != nil {
		t.Fatal(err)
	}
	a := undisturbed(t, r, o)
	t.Chdir(t.TempDir())
	if r, err = o.LoadRecipe(a.path(configFile)); err != nil {
		t.Fatal(err)
	}
	b := undisturbed(t, r, o)
	sameRun(t, "its own recipe", a, b)
	if read(t, a.path(configFile)) != read(t, b.path(configFile)) {
		t.Error("the recipe of the repetition is another")
	}
	if filepath.Base(string(a)) != "mine" || filepath.Base(string(b)) != "mine-2" {
		t.Errorf("the runs are %s and %s", a, b)
	}
}
