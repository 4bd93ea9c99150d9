package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"partials/audio"
	"partials/train"
)

// stream builds the example into dir.
func stream(t *testing.T, dir string) (program string) {
	t.Helper()
	program = filepath.Join(dir, "stream.exe")
	if msg, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	return program
}

// Anything but one argument is answered with the usage.
func TestUsage(t *testing.T) {
	program := stream(t, t.TempDir())
	for _, args := range [][]string{nil, {"runs/a", "runs/b"}} {
		var stdout, stderr strings.Builder
		cmd := exec.Command(program, args...)
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		var failed *exec.ExitError
		if err := cmd.Run(); !errors.As(err, &failed) || failed.ExitCode() != 2 {
			t.Errorf("stream %q: %v, want exit code 2", args, err)
		}
		if stdout.Len() > 0 || !strings.HasPrefix(stderr.String(), "usage: stream RUN") {
			t.Errorf("stream %q prints %q and %q", args, stdout.String(), stderr.String())
		}
	}
}

// What the example streams is what `train render` makes of the same sound, to
// its last sample: its length is no multiple of the block.
func TestStreamsAsRenderDoes(t *testing.T) {
	dir := t.TempDir()
	o := train.Options{RunsDir: dir}
	r, err := o.LoadRecipe("quickstart", "steps=2", "batch=1", "segment=2048", "model.layers=4", "validate.every=0", "save.audio=0")
	if err != nil {
		t.Fatal(err)
	}
	res, err := train.Start(context.Background(), r, o)
	if err != nil {
		t.Fatal(err)
	}

	x := make([]float32, 5*256+97)
	for i := range x {
		x[i] = float32(0.5 * math.Sin(0.05*float64(i)))
	}
	in, out := filepath.Join(dir, "in.wav"), filepath.Join(dir, "out.wav")
	if _, err := audio.WriteFile(in, &audio.Audio{Rate: 44100, Channels: [][]float32{x}}, audio.Float32); err != nil {
		t.Fatal(err)
	}
	if _, err := train.Render(context.Background(), string(res.Dir), in, out, train.RenderOptions{Format: audio.Float32, Device: "cpu"}, o); err != nil {
		t.Fatal(err)
	}
	want, _, err := audio.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}

	var raw bytes.Buffer
	if err := binary.Write(&raw, binary.LittleEndian, x); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(stream(t, dir), string(res.Dir))
	cmd.Stdin, cmd.Stderr = &raw, os.Stderr
	streamed, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float32, len(streamed)/4)
	if err := binary.Read(bytes.NewReader(streamed), binary.LittleEndian, got); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(x) {
		t.Fatalf("%d samples went in, %d came out", len(x), len(got))
	}
	for i, y := range want.Channels[0] {
		if got[i] != y {
			t.Fatalf("sample %d is %v, render made %v", i, got[i], y)
		}
	}
}
