package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Every mistake is answered on standard error, with a sentence that says what
// is wrong, and the exit code of its kind; standard output stays empty.
func TestWrongInput(t *testing.T) {
	run := aRun(t)
	t.Chdir(t.TempDir())
	aSound(t, "good.wav")
	writeFile(t, "empty.wav", "")
	writeFile(t, "garbage.wav", "RIFX this is no sound at all, but long enough to be looked at twice")
	writeFile(t, "syntax.yaml", "model: [\n")
	writeFile(t, "broken.nam", `{"version":"0.5.4","architecture":"Linear","config":{"receptive_field":3,"bias":false},"weights":[1]}`)
	writeFile(t, "filter.nam", `{"version":"0.5.4","architecture":"Linear","config":{"receptive_field":1,"bias":false},"weights":[1]}`)
	writeFile(t, "wrong.yaml", "steps: -1\nbatch: x\nmodel:\n  kind: tcm\nbotch: 1\n")
	if err := os.MkdirAll("folder/x.wav", 0o777); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		err  []string // parts of what is said
	}{
		{"runn", 2, []string{`no command "runn"; did you mean run?`, "train --help"}},
		{"inspekt good.wav", 2, []string{"did you mean inspect?"}},
		{"xyz", 2, []string{`no command "xyz"`, "train --help"}},
		{"help runn", 2, []string{"did you mean run?"}},
		{"help run quickstart", 2, []string{`"quickstart" is too much`}},
		{"--nosuch", 2, []string{"unknown flag: --nosuch", "train --help"}},
		{"run quickstart --nosuch", 2, []string{"unknown flag: --nosuch", "train run --help"}},
		{"run -x", 2, []string{"unknown shorthand flag: 'x'", "train run --help"}},
		{"run quickstart --runs-dir", 2, []string{"flag needs an argument: --runs-dir"}},
		{"list --threads -1", 2, []string{"--threads is -1; it must be from 0"}},
		{"list --threads 100000", 2, []string{"--threads is 100000"}},
		{"list --threads two", 2, []string{`--threads is "two"; it must be a whole number`}},
		{"list --threads 1.5", 2, []string{`--threads is "1.5"; it must be a whole number`}},
		{"list --runs-dir=", 2, []string{"--runs-dir is empty"}},
		{"list --runs-dir good.wav", 2, []string{"--runs-dir is good.wav, which is a file"}},
		{"run quickstart --runs-dir good.wav", 2, []string{"--runs-dir is good.wav, which is a file"}},
		{"list --json=perhaps", 2, []string{"invalid argument", "perhaps"}},

		{"run", 2, []string{"missing RECIPE", "usage: train run RECIPE [key=value ...]"}},
		{"validate", 2, []string{"missing RECIPE"}},
		{"resume", 2, []string{"missing RUN"}},
		{"reproduce", 2, []string{"missing RUN"}},
		{"evaluate", 2, []string{"missing RUN"}},
		{"render", 2, []string{"missing MODEL and IN", "usage: train render MODEL IN [OUT.wav]"}},
		{"render quickstart good.wav", 2, []string{"there is no output; name a file that ends in .wav"}},
		{"inspect", 2, []string{"missing FILE"}},
		{"completion", 2, []string{"missing SHELL"}},
		{"inspect good.wav good.wav", 2, []string{`"good.wav" is too much`}},
		{"reproduce " + run + " steps=3", 2, []string{`"steps=3" is too much`}},
		{"recipes quickstart more", 2, []string{`"more" is too much`}},
		{"fields model tcn", 2, []string{`"tcn" is too much`}},
		{"list more", 2, []string{`"more" is too much`}},
		{"devices more", 2, []string{`"more" is too much`}},
		{"version more", 2, []string{`"more" is too much`}},
		{"completion tcsh", 2, []string{`no completion for "tcsh", only for bash, fish, powershell, zsh`}},

		{"run nosuch", 2, []string{`no recipe is called "nosuch"`, "quickstart"}},
		{"run nosuch.yaml", 2, []string{"nosuch.yaml"}},
		{"run folder", 2, []string{"folder"}},
		{"run good.wav", 2, []string{"good.wav:1:", "UTF-8"}},
		{"run syntax.yaml", 2, []string{"syntax.yaml:2:1: "}},
		{"run wrong.yaml", 2, []string{
			`wrong.yaml:2:8: batch is "x"; it must be a whole number`,
			`wrong.yaml:4:9: model: unknown kind "tcm"; did you mean tcn?`,
			`wrong.yaml:5:1: unknown key "botch"; did you mean batch?`,
		}},
		{"validate wrong.yaml", 2, []string{"wrong.yaml:2:8: batch"}},
		{"run quickstart steps", 2, []string{`override "steps": write it as path=value`}},
		{"run quickstart stepz=1", 2, []string{`unknown key "stepz"; did you mean steps?`}},
		{"run quickstart steps=0", 2, []string{`steps is 0; it must be at least 1`}},
		{"run quickstart model.kind=ltsm", 2, []string{`unknown kind "ltsm"; did you mean lstm?`}},
		{"validate quickstart segment=300", 2, []string{"segment", "n_fft"}},
		{"validate quickstart data.input=nosuch.wav", 2, []string{"nosuch.wav"}},
		{"validate quickstart data.input=garbage.wav", 2, []string{"garbage.wav"}},
		{"recipes nosuch", 2, []string{`no recipe "nosuch"`, "quickstart"}},
		{"fields models", 2, []string{`no section "models"`, "model"}},
		{"fields model.tcm", 2, []string{`model has no kind "tcm"`, "tcn"}},

		{"resume nosuch", 2, []string{"nosuch is not a run", "train list"}},
		{"reproduce folder", 2, []string{"folder is not a run"}},
		{"evaluate good.wav", 2, []string{"good.wav is not a run"}},
		{"render nosuch good.wav out.wav", 2, []string{"nosuch is not a run"}},
		{"resume " + run, 1, []string{"complete", "steps=8"}},
		{"resume " + run + " stepz=1", 2, []string{`unknown key "stepz"`}},
		{"evaluate " + run + " data.inputs=x", 2, []string{`unknown key "inputs"`}},
		{"evaluate " + run + " data.input=nosuch.wav", 1, []string{"nosuch.wav"}},

		{"render " + run + " nosuch.wav out.wav", 1, []string{"nosuch.wav"}},
		{"render " + run + " garbage.wav out.wav", 1, []string{"garbage.wav", "not a sound file"}},
		{"render " + run + " empty.wav out.wav", 1, []string{"empty.wav", "empty"}},
		{"render " + run + " folder out.wav", 1, []string{"folder", "sound file"}},
		{"render " + run + " good.wav nosuch/out.wav", 2, []string{"nosuch/out.wav, but there is no folder nosuch"}},
		{"render " + run + " good.wav good.wav/out.wav", 2, []string{"there is no folder good.wav"}},
		{"render " + run + " good.wav folder/x.wav", 2, []string{"folder/x.wav is a folder"}},
		{"render " + run + " good.wav ./good.wav", 2, []string{"./good.wav is the input itself"}},
		{"render " + run + " good.wav out.mp3", 2, []string{"out.mp3", "must end in .wav"}},
		{"render " + run + " good.wav " + os.DevNull, 2, []string{"must end in .wav"}},
		{"render " + run + " good.wav out.wav --format mp3", 2, []string{`--format is "mp3"; it must be pcm16, pcm24 or float32`}},
		{"render " + run + " good.wav out.wav --device gpu", 2, []string{`--device is "gpu"; it must be one of auto, cuda, cpu, ref`}},
		{"render nosuch.nam good.wav out.wav", 1, []string{"nosuch.nam"}},
		{"render broken.nam good.wav out.wav", 1, []string{"broken.nam: its config asks for 3 weights, and it has 1"}},
		{"render garbage.wav good.wav out.wav", 2, []string{"garbage.wav is not a run"}},
		{"render filter.nam good.wav out.wav --size 0", 1, []string{"one size only"}},
		{"render filter.nam good.wav out.wav --size big", 2, []string{`--size`, `"big"`}},
		{"render filter.nam good.wav out.wav --controls gain", 2, []string{`"gain" is not of the form name=number`}},
		{"render filter.nam good.wav out.wav --controls gain=1", 1, []string{"no control called gain; it has none"}},
		{"run quickstart init=nosuch.nam", 2, []string{"nosuch.nam"}},
		{"run quickstart init=broken.nam", 2, []string{"broken.nam: its config asks for 3 weights"}},
		{"run quickstart init=filter.nam", 2, []string{"filter.nam", "the file's model is a fir, and the recipe's a tcn"}},

		{"export", 2, []string{"missing RUN"}},
		{"export nosuch", 2, []string{"nosuch is not a run"}},
		{"export " + run + " --format vst", 2, []string{`--format is "vst"; it must be one of aidax, csv, nam`}},
		{"export " + run + " --whole", 2, []string{"--whole is for --format onnx"}},
		{"export " + run + " --format onnx --whole --block 64", 2, []string{"--whole takes a signal of any length; leave out --block"}},
		{"export " + run + " --format onnx --block -1", 1, []string{"a block of -1 samples; the model takes multiples of 1, up to 65536"}},
		{"export " + run + " --format onnx --controls gain=1", 1, []string{"no control called gain; it has none"}},
		{"export " + run + " --format csv --controls gain=1", 2, []string{"--controls is for --format aidax, nam, onnx, wav"}},
		{"run quickstart --mlflow localhost", 2, []string{`log: mlflow: "localhost" is no address of a server`}},
		{"export " + run, 1, []string{"cannot be exported as nam", "this kind of model", "wavenet"}},
		{"export " + run + " --format aidax", 1, []string{"lstm and gru only"}},
		{"export " + run + " --format wav", 1, []string{"only a filter"}},
		{"export " + run + " -o out.wav", 2, []string{"a file of this format is called something.nam"}},
		{"export " + run + " -o nosuch/out.nam", 2, []string{"there is no folder nosuch"}},
		{"export " + run + " metadata.gear_type=ukulele", 2, []string{`metadata.gear_type is "ukulele"; it must be amp`}},
		{"export " + run + " --controls gain=0.5", 1, []string{"no control called gain"}},
		{"inspect nosuch.wav", 1, []string{"nosuch.wav"}},
		{"inspect folder", 1, []string{"folder", "sound file"}},
		{"inspect garbage.wav", 1, []string{"garbage.wav", "not a sound file"}},
		{"inspect empty.wav --json", 1, []string{"empty.wav", "empty"}},
	} {
		t.Run(c.args, func(t *testing.T) {
			o := call(strings.Fields(c.args)...)
			if o.code != c.code {
				t.Errorf("exit code %d, want %d", o.code, c.code)
			}
			if o.out != "" {
				t.Errorf("on standard output: %q", o.out)
			}
			for _, want := range c.err {
				if !strings.Contains(o.err, want) {
					t.Errorf("%q is missing in: %s", want, o.err)
				}
			}
			if strings.Contains(o.err, "Flags:") {
				t.Errorf("the whole help is printed:\n%s", o.err)
			}
		})
	}
	if _, err := os.Stat("runs"); err == nil {
		t.Error("a run was begun")
	}
	if _, err := os.Stat("out.wav"); err == nil {
		t.Error("a sound was written")
	}
}

func TestUnreadableFile(t *testing.T) {
	if os.Getuid() <= 0 {
		t.Skip("root, and Windows, can read every file")
	}
	t.Chdir(t.TempDir())
	aSound(t, "locked.wav")
	if err := os.Chmod("locked.wav", 0); err != nil {
		t.Fatal(err)
	}
	o := call("inspect", "locked.wav")
	if o.code != exitFailed || !strings.Contains(o.err, "locked.wav: permission denied") {
		t.Errorf("exit code %d: %s", o.code, o.err)
	}
}

// The picture is refused after the levels are told.
func TestPictureInAMissingFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	aSound(t, "good.wav")
	o := call("inspect", "good.wav", "--picture", "nosuch/x.png")
	if o.code != exitFailed || !strings.Contains(o.out, "2 channels") || !strings.Contains(o.err, "--picture") {
		t.Errorf("exit code %d\n%s%s", o.code, o.out, o.err)
	}
}

func TestUnknownKernels(t *testing.T) {
	cmd := exec.Command(program(t), "list")
	cmd.Env = append(os.Environ(), "PARTIALS_KERNELS=nonsense")
	out, _ := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != exitUsage || !strings.Contains(string(out), "PARTIALS_KERNELS=nonsense: unknown kernels") {
		t.Errorf("exit code %d: %s", cmd.ProcessState.ExitCode(), out)
	}
}
