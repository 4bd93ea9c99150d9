package datasets

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"partials/audio"
	"partials/internal/config"
)

// listFile is the list of a written mix, beside its sounds.
const listFile = "list.json"

// Written is the list of a mix that was written: enough to read it again, and
// to tell by SHA-256 whether two runs were measured on the same.
type Written struct {
	Rate     int              `json:"rate_hz"`
	Excerpts []WrittenExcerpt `json:"excerpts"`
}

// WrittenExcerpt is an excerpt of a written mix. Input and Target are files
// beside the list, float WAV.
type WrittenExcerpt struct {
	Name   string      `json:"name"`
	Tags   []Tag       `json:"tags,omitempty"`
	Input  WrittenFile `json:"input"`
	Target WrittenFile `json:"target"`
}

// WrittenFile is a file of a written mix.
type WrittenFile struct {
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
}

// WriteExcerpts writes the validation excerpts of a dataset into a folder of
// parent that is named by what they are, "mix-" and the beginning of a SHA-256,
// and returns its path. Where the folder is there already the same mix is in
// it, and nothing is written.
func WriteExcerpts(parent string, d Dataset) (dir string, err error) {
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return "", err
	}
	aside, err := os.MkdirTemp(parent, ".partials-mix-*")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(aside)) }()
	list := Written{Rate: d.Rate()}
	for i, x := range d.Excerpts() {
		e, err := writeExcerpt(aside, i, d, x)
		if err != nil {
			return "", fmt.Errorf("%s: %w", x.Name(), err)
		}
		list.Excerpts = append(list.Excerpts, e)
	}
	text, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(aside, listFile), append(text, '\n'), 0o666); err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	dir = filepath.Join(parent, "mix-"+hex.EncodeToString(sum[:6]))
	if _, err := os.Stat(filepath.Join(dir, listFile)); err == nil {
		return dir, nil
	}
	if err := os.Chmod(aside, 0o777); err != nil { // MkdirTemp gives 0700
		return "", err
	}
	return dir, os.Rename(aside, dir)
}

// writeExcerpt writes the sounds of excerpt i.
func writeExcerpt(dir string, i int, d Dataset, x Excerpt) (WrittenExcerpt, error) {
	e := WrittenExcerpt{Name: x.Name(), Tags: TagsOf(x)}
	in, target := d.Channels()
	input, output := planes(nil, in, x.Frames()), planes(nil, target, x.Frames())
	if err := x.Read(input, output, 0); err != nil {
		return e, err
	}
	for _, s := range []struct {
		to   *WrittenFile
		what string
		x    [][]float32
	}{{&e.Input, "input", input}, {&e.Target, "target", output}} {
		s.to.File = fmt.Sprintf("%03d_%s.wav", i, s.what)
		file := filepath.Join(dir, s.to.File)
		if _, err := audio.WriteFile(file, &audio.Audio{Rate: d.Rate(), Channels: s.x}, audio.Float32); err != nil {
			return e, err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return e, err
		}
		sum := sha256.Sum256(data)
		s.to.SHA256 = hex.EncodeToString(sum[:])
	}
	return e, nil
}

// written reads the excerpts of a written mix, or pairs of clean and noisy
// recordings as VoiceBank-DEMAND's test set has them, in folders.
func (d *mix) written(dir string) ([]Excerpt, error) {
	text, err := os.ReadFile(filepath.Join(dir, listFile))
	if errors.Is(err, fs.ErrNotExist) {
		return d.testSet(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("validation_mix: %w", err)
	}
	var list Written
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("validation_mix: %s: %w", filepath.Join(dir, listFile), err)
	}
	var pairs []writtenPair
	for i, e := range list.Excerpts {
		if !filepath.IsLocal(e.Input.File) || !filepath.IsLocal(e.Target.File) {
			return nil, fmt.Errorf("validation_mix: %s: excerpt %d names a file outside of the folder", filepath.Join(dir, listFile), i)
		}
		pairs = append(pairs, writtenPair{e.Name, e.Tags, filepath.Join(dir, e.Input.File), filepath.Join(dir, e.Target.File)})
	}
	return d.openPairs(pairs, 0)
}

// testSet finds pairs of noisy and clean recordings.
func (d *mix) testSet(dir string) ([]Excerpt, error) {
	folders, err := foldersOf(dir)
	if err != nil {
		return nil, fmt.Errorf("validation_mix: %w", err)
	}
	clean, noisy := begins(folders, "clean_test"), begins(folders, "noisy_test")
	if len(clean) == 0 || len(noisy) == 0 {
		clean, noisy = begins(folders, "clean"), begins(folders, "noisy")
	}
	if len(clean) != 1 || len(noisy) != 1 {
		return nil, fmt.Errorf("validation_mix: %s holds neither a %s that a run wrote nor one folder clean... and one noisy...", dir, listFile)
	}
	tree := Tree{Root: filepath.Join(dir, noisy[0]), Glob: anySound, Split: splitFiles}
	leaves, err := tree.leaves()
	if err != nil {
		return nil, fmt.Errorf("validation_mix: %w", err)
	}
	slices.SortStableFunc(leaves, func(a, b leaf) int { return cmp.Compare(a.hash, b.hash) })
	var pairs []writtenPair
	for _, f := range leaves[:min(len(leaves), d.cfg.Excerpts)] {
		pairs = append(pairs, writtenPair{path.Base(f.name), nil, f.path, filepath.Join(dir, clean[0], filepath.FromSlash(f.name))})
	}
	return d.openPairs(pairs, d.cfg.Excerpt.Samples(d.lib.rate))
}

// writtenPair is an excerpt in two files.
type writtenPair struct {
	name          string
	tags          []Tag
	input, target string
}

// openPairs opens excerpts; limit is how much of each is used, 0 for all.
func (d *mix) openPairs(pairs []writtenPair, limit int) ([]Excerpt, error) {
	reading := d.lib.reading
	reading.Rate = d.lib.rate
	d.test = newLibrary(reading, d.lib.log)
	var out []Excerpt
	for _, p := range pairs {
		input, err := d.test.add(p.input)
		if err != nil {
			return nil, fmt.Errorf("validation_mix: %w", err)
		}
		target, err := d.test.add(p.target)
		if err != nil {
			return nil, fmt.Errorf("validation_mix: %w", err)
		}
		out = append(out, &twoFiles{name: p.name, tags: p.tags, input: input, target: target, limit: limit})
	}
	if len(out) == 0 {
		return nil, config.Field("validation_mix", d.cfg.ValidationMix, "a folder with at least one excerpt")
	}
	if err := d.test.settle(); err != nil {
		return nil, fmt.Errorf("validation_mix: %w", err)
	}
	channels, _ := d.Channels()
	for _, x := range out {
		p := x.(*twoFiles)
		if p.input.frames != p.target.frames || p.input.channels != channels || p.target.channels != channels {
			return nil, fmt.Errorf("validation_mix: %s and %s do not fit: %d and %d samples of %d and %d channels, where the data has %d",
				p.input.path, p.target.path, p.input.frames, p.target.frames, p.input.channels, p.target.channels, channels)
		}
	}
	return out, nil
}

// twoFiles is an excerpt of two files.
type twoFiles struct {
	name          string
	tags          []Tag
	input, target *recording
	limit         int
}

func (x *twoFiles) Name() string { return x.name }

func (x *twoFiles) Tags() []Tag { return x.tags }

func (x *twoFiles) Frames() int {
	if x.limit > 0 {
		return min(x.limit, x.input.frames)
	}
	return x.input.frames
}

func (x *twoFiles) Read(in, target [][]float32, at int) error {
	if err := x.input.read(in, at); err != nil {
		return err
	}
	return x.target.read(target, at)
}
