package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"partials/audio"
)

// In a pipe with sox the program gives what it gives of a file.
func TestRenderInAPipeWithSox(t *testing.T) {
	sox, err := exec.LookPath("sox")
	if err != nil {
		if os.Getenv("PARTIALS_STRICT") != "" {
			t.Fatal("sox is missing")
		}
		t.Skip("sox is missing")
	}
	runDir := aRun(t)
	train := program(t)
	t.Chdir(t.TempDir())
	aSound(t, "in.wav")
	good(t, "render", runDir, "in.wav", "want.wav", "--format", "float32")
	want, _, err := audio.ReadFile("want.wav")
	if err != nil {
		t.Fatal(err)
	}
	for name, commands := range map[string][][]string{
		"wav": {{sox, "in.wav", "-t", "wav", "-"}, {train, "render", runDir, "-", "--format", "float32"}, {sox, "-t", "wav", "-", "-e", "float", "-b", "32", "wav.wav"}},
		"raw": {{sox, "in.wav", "-t", "f32", "-"}, {train, "render", runDir, "-", "--raw", "float32", "--rate", "44100", "--channels", "2"},
			{sox, "-t", "f32", "-r", "44100", "-c", "2", "-", "raw.wav"}},
	} {
		said := pipeline(t, commands)
		got, _, err := audio.ReadFile(name + ".wav")
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Channels) != 2 || got.Frames() != want.Frames() {
			t.Fatalf("%s: %d channels of %d frames, want %d", name, len(got.Channels), got.Frames(), want.Frames())
		}
		for c := range want.Channels {
			for i, v := range want.Channels[c] {
				if d := got.Channels[c][i] - v; d > 1e-7 || d < -1e-7 {
					t.Fatalf("%s: sample %d of channel %d is %v, want %v", name, i, c, got.Channels[c][i], v)
				}
			}
		}
		if !strings.Contains(said, "standard output: 0.1 s, 2 channels, 44100 Hz") {
			t.Errorf("%s: it says %q", name, said)
		}
	}
}

// pipeline runs commands, each into the next, and returns what the second said.
func pipeline(t *testing.T, commands [][]string) string {
	t.Helper()
	var said bytes.Buffer
	var running []*exec.Cmd
	for i, c := range commands {
		cmd := exec.Command(c[0], c[1:]...)
		cmd.Stderr = os.Stderr
		if i == 1 {
			cmd.Stderr = &said
		}
		if i > 0 {
			in, err := running[i-1].StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			cmd.Stdin = in
		}
		running = append(running, cmd)
	}
	for _, cmd := range running {
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
	}
	for i := len(running) - 1; i >= 0; i-- {
		if err := running[i].Wait(); err != nil {
			t.Fatalf("%s: %v\n%s", filepath.Base(running[i].Path), err, said.String())
		}
	}
	return said.String()
}

func TestRenderLive(t *testing.T) {
	runDir := aRun(t)
	t.Chdir(t.TempDir())
	aSound(t, "in.wav")
	out := good(t, "render", runDir, "in.wav", "--live", "--block", "441")
	for _, want := range []string{"live, in blocks of 441 samples (10 ms): real-time factor ", "the worst ", " of 10 late; algorithmic latency "} {
		if !strings.Contains(out, want) {
			t.Errorf("%q lacks %q", out, want)
		}
	}
	if files, err := os.ReadDir("."); err != nil || len(files) != 1 {
		t.Errorf("%d files, want the input alone", len(files))
	}
	for want, args := range map[string][]string{
		"there is no output":        {"render", runDir, "in.wav"},
		"--raw is \"mp3\"":          {"render", runDir, "-", "--raw", "mp3", "--rate", "8000"},
		"--raw needs --rate":        {"render", runDir, "-", "--raw", "pcm16"},
		"--rate and --channels are": {"render", runDir, "in.wav", "out.wav", "--rate", "8000"},
		"--block is -1":             {"render", runDir, "in.wav", "--live", "--block", "-1"},
		"does not change the model": {"render", runDir, "in.wav", "out.wav", "steps=3"},
		"unknown key \"nosuch\"":    {"render", runDir, "in.wav", "out.wav", "model.nosuch=3"},
	} {
		if o := call(args...); o.code == exitOK || !strings.Contains(o.err, want) {
			t.Errorf("train %s: exit code %d, %q lacks %q", strings.Join(args[2:], " "), o.code, o.err, want)
		}
	}
}
