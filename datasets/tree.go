package datasets

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"partials/datasets/embedded"
	"partials/internal/config"
)

// Tree is a folder of sounds, some of them set aside for validation.
type Tree struct {
	Root       string   `yaml:"root" doc:"folder, or embedded:speech, embedded:noise, embedded:notes"`
	Glob       []string `yaml:"glob" doc:"which of its files: patterns of paths below root, ** for any folders, upper and lower case alike"`
	Validation float64  `yaml:"validation" doc:"share set aside for validation"`
	Split      string   `yaml:"split" doc:"what is set aside: files (chosen by a hash of their names, at least one of several: adding files moves none) or middles (the middle of every file, where there are few)"`
}

// Ways to set sounds aside for validation.
const (
	splitFiles   = "files"
	splitMiddles = "middles"
)

// Shorthand implements config.Shorthand.
func (t Tree) Shorthand() string { return "root" }

// Validate implements config.Validator.
func (t Tree) Validate() error {
	var errs []error
	if len(t.Glob) == 0 {
		errs = append(errs, config.Field("glob", t.Glob, "at least one pattern such as **/*.wav"))
	}
	for i, g := range t.Glob {
		if _, err := path.Match(g, ""); err != nil {
			errs = append(errs, config.Field(fmt.Sprintf("glob[%d]", i), g, "a pattern such as **/*.wav, with every [ closed"))
		}
	}
	if !(t.Validation >= 0 && t.Validation <= 1) {
		errs = append(errs, config.Field("validation", t.Validation, "0 to 1"))
	}
	if t.Split == splitMiddles && t.Validation == 1 {
		errs = append(errs, config.Field("validation", t.Validation, "below 1 where split is middles"))
	}
	return errors.Join(append(errs, config.OneOf("split", t.Split, splitFiles, splitMiddles))...)
}

func (t Tree) absolute(dir string) Tree {
	t.Root = absolute(dir, t.Root)
	return t
}

// leaf is a file of a tree.
type leaf struct {
	name string // below the root, with slashes
	path string
	hash float64 // of the name, evenly in [0, 1)
}

// leaves finds the files of a tree, in alphabetical order. Names that begin
// with a dot are left out: systems hide their own files under them.
func (t Tree) leaves() ([]leaf, error) {
	inner, inside := strings.CutPrefix(t.Root, EmbeddedPrefix)
	full := func(name string) string { return filepath.Join(t.Root, filepath.FromSlash(name)) }
	var info fs.FileInfo
	var err error
	if inside {
		full = func(name string) string { return EmbeddedPrefix + path.Join(inner, name) }
		info, err = fs.Stat(embedded.FS, path.Clean(inner))
	} else {
		info, err = os.Stat(t.Root)
	}
	switch inner := (*fs.PathError)(nil); {
	case errors.Is(err, fs.ErrNotExist) && inside, errors.Is(err, fs.ErrInvalid):
		return nil, fmt.Errorf("root: there is no folder %s; inside the program are embedded:speech, embedded:noise and embedded:notes", t.Root)
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("root: there is no folder %s", t.Root)
	case errors.As(err, &inner):
		return nil, fmt.Errorf("root: %s: %w", t.Root, inner.Err)
	case err != nil:
		return nil, fmt.Errorf("root: %s: %w", t.Root, err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("root: %s is a file; name the folder that it is in, and the file in glob", t.Root)
	}
	fsys := os.DirFS(t.Root)
	if inside {
		if fsys, err = fs.Sub(embedded.FS, path.Clean(inner)); err != nil {
			return nil, fmt.Errorf("root: %w", err)
		}
	}
	var found []leaf
	err = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(d.Name(), ".") && d.IsDir():
			return fs.SkipDir
		case d.IsDir() || strings.HasPrefix(d.Name(), ".") || !t.matches(name):
			return nil
		}
		found = append(found, leaf{name, full(name), hashOf(name)})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", t.Root, err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("root: no file below %s matches %s", t.Root, strings.Join(t.Glob, " or "))
	}
	return found, nil
}

func (t Tree) matches(name string) bool {
	parts := strings.Split(strings.ToLower(name), "/")
	return slices.ContainsFunc(t.Glob, func(g string) bool {
		return matchParts(strings.Split(strings.ToLower(g), "/"), parts)
	})
}

// matchParts is path.Match folder by folder, where ** stands for any number of
// them.
func matchParts(pattern, name []string) bool {
	for len(pattern) > 0 && pattern[0] != "**" {
		if len(name) == 0 {
			return false
		}
		if ok, err := path.Match(pattern[0], name[0]); err != nil || !ok {
			return false
		}
		pattern, name = pattern[1:], name[1:]
	}
	if len(pattern) == 0 {
		return len(name) == 0
	}
	for len(pattern) > 1 && pattern[1] == "**" {
		pattern = pattern[1:] // two in a row are one: the search below stays quick
	}
	for i := range len(name) + 1 {
		if matchParts(pattern[1:], name[i:]) {
			return true
		}
	}
	return false
}

// hashOf maps a name evenly into [0, 1): the first 53 bits of its SHA-256.
func hashOf(name string) float64 {
	h := sha256.Sum256([]byte(name))
	return math.Ldexp(float64(binary.BigEndian.Uint64(h[:8])>>11), -53)
}

// grove is the recordings of a tree.
type grove struct {
	train, valid []*recording // in alphabetical order; by rising hash
}

// all are the recordings of both.
func (g *grove) all() []*recording { return slices.Concat(g.train, g.valid) }

// soundChecks is how many files are listened to in search of one that is not
// silent.
const soundChecks = 16

// silence lists the silent ones of the first files of a grove, and says how
// many were listened to, up to a sound in each. It is called once the library
// has settled.
func (g *grove) silence() (silent []string, heard int, err error) {
	found := errors.New("a sound")
	files := g.train[:min(len(g.train), soundChecks)]
	for _, r := range files {
		err := r.eachBlock(0, r.frames, func(x [][]float32, _ int) error {
			for _, c := range x {
				for _, v := range c {
					if v > silentNoise || v < -silentNoise {
						return found
					}
				}
			}
			return nil
		})
		switch err {
		case nil:
			silent = append(silent, r.path)
		case found:
		default:
			return nil, 0, err
		}
	}
	return silent, len(files), nil
}

// warnOfSilence says where files are silent.
func (g *grove) warnOfSilence(log *slog.Logger, root string) error {
	silent, heard, err := g.silence()
	switch {
	case err != nil:
		return err
	case len(silent) == heard:
		log.Warn("the files are silent; is it the right folder?", "root", root, "listened_to", heard)
	case len(silent) > 0:
		log.Warn("files are silent", "files", listed(silent), "listened_to", heard)
	}
	return nil
}

// heldShare is the hash below which files are set aside: at least one of several
// is, where any are to be.
func (t Tree) heldShare(leaves []leaf) float64 {
	if t.Split == splitMiddles || t.Validation == 0 {
		return 0
	}
	lowest := 1.0
	for _, f := range leaves {
		lowest = min(lowest, f.hash)
	}
	if lowest >= t.Validation && len(leaves) > 1 {
		return math.Nextafter(lowest, 1)
	}
	return t.Validation
}

// plant adds the files of a tree to a library. field says whose tree it is.
func (l *library) plant(t Tree, field string) (*grove, error) {
	leaves, err := t.leaves()
	if err != nil {
		return nil, fmt.Errorf("%s%w", field, err)
	}
	g := &grove{}
	share := t.heldShare(leaves)
	var held []leaf
	var bad []error
	for _, f := range leaves {
		r, err := l.add(f.path)
		switch {
		case err != nil:
			bad = append(bad, err)
		case f.hash < share:
			held = append(held, f)
		default:
			g.train = append(g.train, r)
		}
	}
	if len(bad) > 0 {
		return nil, fmt.Errorf("%sroot: %d of %d files below %s cannot be read; mend or move them, or leave them out by glob:\n%w",
			field, len(bad), len(leaves), t.Root, errors.Join(bad[:min(len(bad), 5)]...))
	}
	slices.SortStableFunc(held, func(a, b leaf) int {
		switch {
		case a.hash < b.hash:
			return -1
		case a.hash > b.hash:
			return 1
		}
		return 0
	})
	for _, f := range held {
		g.valid = append(g.valid, l.byPath[f.path])
	}
	if len(g.train) == 0 {
		return nil, fmt.Errorf("%svalidation: all %d files below %s are set aside for validation; lower it from %v", field, len(leaves), t.Root, t.Validation)
	}
	return g, nil
}

// splitMiddles sets the middles of all recordings aside where the tree says so.
// It is called once the library has settled.
func (g *grove) splitMiddles(t Tree) {
	if t.Split != splitMiddles || t.Validation == 0 {
		return
	}
	whole := g.train
	g.train, g.valid = nil, nil
	for _, r := range whole {
		n := int(t.Validation * float64(r.frames))
		from := (r.frames - n) / 2
		for _, part := range [][2]int{{0, from}, {from + n, r.frames}} {
			if part[0] < part[1] {
				g.train = append(g.train, r.stretch(part[0], part[1]))
			}
		}
		if n > 0 {
			g.valid = append(g.valid, r.stretch(from, from+n))
		}
	}
}
