package train

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// touched is a Display that does something after a step.
type touched struct {
	Display
	after int
	do    func()
}

func (d touched) Step(step int, _ float64) {
	if step == d.after {
		d.do()
	}
}

// A file that changes while a run reads it stops the run, and no checkpoint is
// made after.
func TestDataChangesDuringRun(t *testing.T) {
	for what, change := range map[string]func(path string){
		"written over": func(path string) { saveWAV(t, filepath.Dir(path), filepath.Base(path), 8000, noise(9001, 2)) },
		"same length": func(path string) {
			flipLastByte(t, path)
			os.Chtimes(path, time.Time{}, time.Now().Add(time.Second)) // clocks of files may be coarse
		},
		"gone": func(path string) { os.Remove(path) },
	} {
		t.Run(what, func(t *testing.T) {
			o := optionsOf(t)
			path := saveWAV(t, t.TempDir(), "x.wav", 8000, noise(9000, 1))
			o.Display = touched{stopper{}, 4, func() { change(path) }}
			r := recipeOf(t, "data.input="+path, "data.target="+path, "data.validation.start=0.5s", "steps=50")
			_, err := Start(context.Background(), r, o)
			if what == "gone" {
				wantError(t, err, "the run's data: ", path)
			} else {
				wantError(t, err, path+" changed while the run was reading it; put the old file back and resume, or start a new run")
			}
			dir := Dir(filepath.Join(o.RunsDir, "tiny"))
			if p, err := readProgress(dir.path(lastFile)); err != nil || p.Step != 3 {
				t.Errorf("the checkpoint is of step %d, %v", p.Step, err)
			}
			// The hashes of the first three steps' data are in the manifest, so that
			// the run does not go on with the other file.
			if what == "gone" {
				return
			}
			o.Display = nil
			_, err = Resume(context.Background(), dir, nil, o)
			wantError(t, err, path+" is not the file that the run was made with")
		})
	}
}

func TestHashCache(t *testing.T) {
	cacheDir := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cacheDir)
	file := filepath.Join(t.TempDir(), "x")
	write(t, file, "one")
	hash := func(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }
	check := func(what, want string) {
		t.Helper()
		c := openHashCache()
		got, err := c.hash(file, never)
		if err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", what, got, err, want)
		}
		c.save()
	}
	check("no cache", hash("one"))
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	// Size and time are those of the cache: the file is not read again.
	write(t, file, "two")
	if err := os.Chtimes(file, time.Time{}, info.ModTime()); err != nil {
		t.Fatal(err)
	}
	check("cached", hash("one"))
	if err := os.Chtimes(file, time.Time{}, info.ModTime().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	check("another time", hash("two"))
	write(t, file, "three")
	if err := os.Chtimes(file, time.Time{}, info.ModTime().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	check("another size", hash("three"))
	cache := filepath.Join(cacheDir, "partials", "hashes.json")
	for _, text := range []string{"", "null", "[]", "{", `{"x": 3}`, strings.Repeat("x", 99)} {
		write(t, cache, text)
		check("a broken cache: "+text, hash("three"))
		if got := read(t, cache); !strings.Contains(got, hash("three")) {
			t.Errorf("the broken cache %q became %q", text, got)
		}
	}
	t.Setenv("XDG_CACHE_HOME", file) // not a folder
	check("a cache that cannot be", hash("three"))
	if _, err := openHashCache().hash(file, func() bool { return true }); err == nil {
		t.Error("a hash that was stopped is given")
	}
}

// A run that ends soon does not wait for hashes; what there is goes into the
// manifest.
func TestHashingStops(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	var files []string
	dir := t.TempDir()
	for i := range 50 {
		path := filepath.Join(dir, fmt.Sprint(i))
		write(t, path, strings.Repeat("x", 100+i))
		files = append(files, path)
	}
	m := &manifest{Data: []dataFile{{"elsewhere", "1"}}}
	h := m.startHashing(files)
	h.stop()
	got := h.merge(m.Data)
	if len(got) > 51 || got[0] != m.Data[0] || h.check() != nil {
		t.Errorf("%d files, %v", len(got), h.check())
	}
	for i, f := range got[1:] {
		if f.Path != files[i] || len(f.SHA256) != 64 {
			t.Errorf("%+v", f)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	h = m.startHashing(files)
	if all, err := h.wait(ctx); err != nil || len(all) != 50 {
		t.Errorf("%d, %v", len(all), err)
	}
	cancel()
	h = &hashing{done: make(chan struct{})}
	if _, err := h.wait(ctx); err == nil {
		t.Error("wait does not stop")
	}
}
