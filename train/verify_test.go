package train

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// bad are the paths, relative to the run's folder where they lie in it, of the
// files that are not what they were, with their states.
func bad(t *testing.T, dir Dir) []string {
	t.Helper()
	files, complete, err := Verify(context.Background(), dir)
	if err != nil || !complete {
		t.Fatalf("complete %v, error %v", complete, err)
	}
	var list []string
	for _, f := range files {
		if !f.OK() {
			list = append(list, strings.TrimPrefix(f.Path, string(dir)+string(filepath.Separator))+" "+f.State)
		}
	}
	return list
}

// finished is a whole run with its pictures.
func finished(t *testing.T, r Recipe, o Options) Dir {
	t.Helper()
	res, err := Start(context.Background(), r, o)
	if err != nil {
		t.Fatal(err)
	}
	return res.Dir
}

// Every file that a run read or made is checked; the log may go on.
func TestVerify(t *testing.T) {
	alone(t)
	data := t.TempDir()
	x := make([]float32, 12000)
	for i := range x {
		x[i] = float32(i%97)/97 - 0.5
	}
	input, target := saveWAV(t, data, "in.wav", 44100, x), saveWAV(t, data, "out.wav", 44100, x)
	r, o := recipeOf(t, "data.input="+input, "data.target="+target, "data.validation.start=0.2s", "data.validation.stop=0.25s"), optionsOf(t)
	dir := finished(t, r, o)
	if list := bad(t, dir); len(list) != 0 {
		t.Errorf("an untouched run has %q", list)
	}
	for _, name := range []string{logFile, timingFile, lockFile} {
		if err := os.WriteFile(dir.path(name), []byte("more\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if list := bad(t, dir); len(list) != 0 {
		t.Errorf("after more logs: %q", list)
	}
	for _, path := range []string{input, dir.path(bestFile), dir.path(metricsFile)} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text[len(text)/2] ^= 1
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(dir.path(plotsDir + "/loss.png")); err != nil {
		t.Fatal(err)
	}
	want := []string{input + " changed", filepath.FromSlash(bestFile) + " changed", metricsFile + " changed", filepath.FromSlash(plotsDir+"/loss.png") + " missing"}
	if list := bad(t, dir); strings.Join(list, ", ") != strings.Join(want, ", ") {
		t.Errorf("found %q, want %q", list, want)
	}
}

// A manifest cannot send Verify out of the run's folder.
func TestVerifyStaysInside(t *testing.T) {
	dir := finished(t, recipeOf(t, "steps=1", "save.audio=0"), optionsOf(t))
	man, err := readManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	man.Files = append(man.Files, dataFile{"../../etc/passwd", "0"})
	if err := man.save(dir); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Verify(context.Background(), dir); err == nil || !strings.Contains(err.Error(), "outside of the run's folder") {
		t.Errorf("got %v", err)
	}
}

// The manifest alone suffices to make the run again and to see another one.
func TestReproduceManifest(t *testing.T) {
	dir, o := finished(t, recipeOf(t, "steps=4"), optionsOf(t)), optionsOf(t)
	man, err := readManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	alone := Dir(t.TempDir())
	if err := man.save(alone); err != nil {
		t.Fatal(err)
	}
	rep, err := ReproduceManifest(context.Background(), alone.path(manifestFile), o)
	if err != nil || !rep.Same || rep.Step != 4 {
		t.Errorf("got %+v, %v", rep, err)
	}
	man.Segments[0].Recipe = strings.Replace(man.Segments[0].Recipe, "seed: 3", "seed: 4", 1)
	if err := man.save(alone); err != nil {
		t.Fatal(err)
	}
	rep, err = ReproduceManifest(context.Background(), alone.path(manifestFile), o)
	if err != nil || rep.Same || rep.What == "" {
		t.Errorf("another seed: %+v, %v", rep, err)
	}
	man.Files = nil
	if err := man.save(alone); err != nil {
		t.Fatal(err)
	}
	if _, err = ReproduceManifest(context.Background(), alone.path(manifestFile), o); err == nil || !strings.Contains(err.Error(), "did not finish") {
		t.Errorf("an unfinished run: %v", err)
	}
}
