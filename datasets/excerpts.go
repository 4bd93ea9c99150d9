package datasets

import (
	"errors"
	"path/filepath"
	"sync"

	"partials/internal/config"
)

// Selection says which validation files are listened to, and how long: a run
// validates often, a corpus may be hours.
type Selection struct {
	Excerpts int           `yaml:"excerpts" doc:"how many validation files are used, those of the lowest hashes"`
	Excerpt  config.Length `yaml:"excerpt" doc:"how much of each, from its start"`
}

// Validate implements config.Validator.
func (s Selection) Validate() error {
	var errs []error
	if s.Excerpts < 0 {
		errs = append(errs, config.Field("excerpts", s.Excerpts, "at least 0"))
	}
	if s.Excerpt.Samples(maxRate) <= 0 {
		errs = append(errs, config.Field("excerpt", s.Excerpt, "a length above 0"))
	}
	return errors.Join(errs...)
}

// booth makes validation excerpts that are computed, and holds one at a time.
type booth struct {
	mu         sync.Mutex
	inside     *madeExcerpt
	in, target [][]float32
}

// madeExcerpt is the start of a validation file after some processing.
type madeExcerpt struct {
	booth  *booth
	file   *recording
	frames int
	recipeOfExcerpt
}

// recipeOfExcerpt is how an excerpt is made of its file.
type recipeOfExcerpt struct {
	tags []Tag
	// make turns target, which holds the file's sound, into a target and its
	// input.
	make func(in, target [][]float32) error
}

// list is the excerpts of a selection; excerpt k is made by recipe(k).
func (s Selection) list(valid []*recording, recipe func(k int) recipeOfExcerpt) []Excerpt {
	b := &booth{}
	var out []Excerpt
	for k, r := range valid[:min(len(valid), s.Excerpts)] {
		out = append(out, &madeExcerpt{booth: b, file: r, frames: min(r.frames, s.Excerpt.Samples(r.lib.rate)), recipeOfExcerpt: recipe(k)})
	}
	return out
}

func (x *madeExcerpt) Name() string { return filepath.Base(x.file.path) }

func (x *madeExcerpt) Frames() int { return x.frames }

func (x *madeExcerpt) Tags() []Tag { return x.tags }

func (x *madeExcerpt) Read(in, target [][]float32, at int) error {
	b := x.booth
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.inside != x {
		b.inside = nil
		b.in, b.target = planes(b.in, x.file.channels, x.frames), planes(b.target, x.file.channels, x.frames)
		if err := x.file.read(b.target, 0); err != nil {
			return err
		}
		if err := x.make(b.in, b.target); err != nil {
			return err
		}
		b.inside = x
	}
	from, before := min(max(at, 0), x.frames), max(-at, 0)
	for c, y := range in {
		copyBehind(y, before, b.in[c][from:])
	}
	for c, y := range target {
		copyBehind(y, before, b.target[c][from:])
	}
	return nil
}

// copyBehind fills dst with n zeros, then x, then zeros.
func copyBehind(dst []float32, n int, x []float32) {
	n = min(n, len(dst))
	clear(dst[:n])
	clear(dst[n+copy(dst[n:], x):])
}
