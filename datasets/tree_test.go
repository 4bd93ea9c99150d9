package datasets

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		glob, name string
		want       bool
	}{
		{"*.wav", "a.wav", true},
		{"*.wav", "x/a.wav", false},
		{"**/*.wav", "a.wav", true},
		{"**/*.wav", "x/y/a.wav", true},
		{"**/*.wav", "x/y/A.WAV", true},
		{"**/*.wav", "x/y/a.flac", false},
		{"x/**/a.wav", "x/a.wav", true},
		{"x/**/a.wav", "y/a.wav", false},
		{"x/**/z/*.wav", "x/1/2/z/a.wav", true},
		{"x/**", "x/1/a.wav", true},
		{"x/**", "y/1/a.wav", false},
		{"**/**/**/a.wav", "a.wav", true},
		{"?[0-9].wav", "k7.wav", true},
		{"?[0-9].wav", "kk.wav", false},
		{"**", "a.wav", true},
		{"a", "", false},
	} {
		if got := (Tree{Glob: []string{"nothing", c.glob}}).matches(c.name); got != c.want {
			t.Errorf("%s of %s is %v", c.glob, c.name, got)
		}
	}
	// Many ** must not take long.
	if (Tree{Glob: []string{strings.Repeat("**/", 40) + "b"}}).matches(strings.Repeat("a/", 40) + "a") {
		t.Error("matched")
	}
}

// The split is a function of each name alone.
func TestAddingFilesMovesNone(t *testing.T) {
	dir := t.TempDir()
	for k := range 200 {
		save(t, dir, fmt.Sprintf("s%d/f%03d.wav", k%7, k), 1000, []float32{1})
	}
	split := func(share float64) map[string]bool {
		l := newLibrary(Reading{Channels: channelsMono}, nil)
		g, err := l.plant(Tree{Root: dir, Glob: []string{"**/*.wav"}, Validation: share}, "")
		if err != nil {
			t.Fatal(err)
		}
		held := map[string]bool{}
		for _, r := range g.valid {
			held[r.path] = true
		}
		for _, r := range g.train {
			held[r.path] = false
		}
		return held
	}
	count := func(held map[string]bool) (n int) {
		for _, h := range held {
			if h {
				n++
			}
		}
		return n
	}
	before := split(0.2)
	if n := count(before); len(before) != 200 || n < 25 || n > 55 { // 40 +- 2.7 deviations
		t.Errorf("%d of %d files are held out at 0.2", n, len(before))
	}
	for k := range 100 {
		save(t, dir, fmt.Sprintf("new/%d.wav", k), 1000, []float32{1})
	}
	for path, held := range split(0.2) {
		if was, ok := before[path]; ok && was != held {
			t.Errorf("%s moved", path)
		}
	}
	// A larger share only adds.
	for path, held := range split(0.1) {
		if held && !split(0.2)[path] {
			t.Errorf("%s is held out at 0.1 and not at 0.2", path)
		}
	}
}

// The root's own place does not matter, so that a corpus may be moved.
func TestSplitDependsOnNamesBelowTheRoot(t *testing.T) {
	var names [2][]string
	for k := range names {
		dir := t.TempDir()
		for i := range 40 {
			save(t, dir, fmt.Sprintf("x/%d.wav", i), 1000, []float32{1})
		}
		leaves, err := Tree{Root: dir, Glob: []string{"**/*.wav"}}.leaves()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range leaves {
			names[k] = append(names[k], fmt.Sprint(f.name, f.hash))
		}
	}
	if len(names[0]) != 40 || !slices.Equal(names[0], names[1]) {
		t.Errorf("%q\n%q", names[0], names[1])
	}
}

func TestTreeOfEmbeddedSounds(t *testing.T) {
	leaves, err := Tree{Root: "embedded:notes", Glob: []string{"*bell*", "tabla_na.wav"}}.leaves()
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, f := range leaves {
		paths = append(paths, f.path)
	}
	if want := []string{"embedded:notes/elec_bell.wav", "embedded:notes/perc_bell.wav", "embedded:notes/tabla_na.wav"}; !slices.Equal(paths, want) {
		t.Errorf("got %q, want %q", paths, want)
	}
}

func TestTreeMistakes(t *testing.T) {
	dir := t.TempDir()
	file := save(t, dir, "a/a.wav", 1000, white(100, 0.1, 1))
	save(t, dir, "a/.hidden.wav", 1000, white(100, 0.1, 1))
	save(t, dir, "a/.cache/b.wav", 1000, white(100, 0.1, 1))
	save(t, dir, "rates/a.wav", 1000, white(100, 0.1, 1))
	save(t, dir, "rates/b.wav", 2000, white(100, 0.1, 1))
	save(t, dir, "rates/c.wav", 3000, white(100, 0.1, 1))
	save(t, dir, "channels/a.wav", 1000, white(100, 0.1, 1))
	save(t, dir, "channels/b.wav", 1000, white(100, 0.1, 1), white(100, 0.1, 1))
	for k := range 8 {
		save(t, dir, fmt.Sprintf("bad/%d.wav", k), 1000, white(100, 0.1, 1))
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("bad/%d.txt.wav", k)), []byte("text"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		yaml string
		want []string
	}{
		{"root: " + dir + "/none", []string{"root: there is no folder " + dir + "/none"}},
		{"root: " + file, []string{"root", "is a file", "glob"}},
		{"root: " + dir + "/a\nglob: ['*.flac', '*.aif']", []string{"no file below", "*.flac or *.aif"}},
		{"root: embedded:songs", []string{"embedded:songs", "embedded:speech"}},
		{"root: " + dir + "/a\nvalidation: 1", []string{"all 1 files", "set aside", "validation: ", "lower it from 1"}},
		{"root: " + dir + "/rates", []string{"differ in rate", "rates/a.wav has 1000 Hz", "b.wav (2000 Hz)", "c.wav (3000 Hz)", "set rate"}},
		{"root: " + dir + "/channels\nchannels: all", []string{"differ in channels", "b.wav (2)"}},
		{"root: " + dir + "/channels\nchannels: mono", []string{"1 of 2 files", "b.wav", "channels: mix"}},
		{"root: " + dir + "/bad", []string{"root: 8 of 16 files", "0.txt.wav", "not a sound file", "leave them out by glob"}},
	} {
		_, err := load(t, "kind: folder\n"+c.yaml).Open(Env{})
		wantError(t, err, c.want...)
	}
	for _, yaml := range []string{"/rates\nrate: 1500", "/channels", "/a"} {
		open(t, "kind: folder\nvalidation: 0\nroot: "+dir+yaml)
	}
	// Where a share is asked for and no hash lies below it, one file is set aside:
	// but not the only one.
	for yaml, want := range map[string]int{"/a": 0, "/channels": 1} {
		if d, _ := open(t, "kind: folder\nvalidation: 1e-9\nroot: "+dir+yaml); len(d.Excerpts()) != want {
			t.Errorf("%s: %d excerpts, want %d", yaml, len(d.Excerpts()), want)
		}
	}
}
