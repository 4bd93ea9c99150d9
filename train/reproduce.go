package train

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Reproduction says how a run and its repetition compare.
type Reproduction struct {
	Same    bool
	Step    int      // of the first difference, 0 where only hashes were compared; the last step where they are the same
	What    string   // the first difference in words
	Records int      // lines of metrics compared
	Notes   []string // why bits could differ: another version, kernel choice or device
}

// Reproduce runs a run again, in a temporary folder, and compares every metric
// and the final and the best weights, bit for bit. A run that is not complete
// is compared up to its last checkpoint.
func Reproduce(ctx context.Context, dir Dir, o Options) (*Reproduction, error) {
	defer o.end()
	man, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	if existing(dir.path(lastFile)) == "" {
		return nil, fmt.Errorf("%s has no checkpoint yet, so that there is nothing to compare; go on with: train resume %s", dir, dir)
	}
	last, err := readProgress(dir.path(lastFile))
	if err != nil {
		return nil, err
	}
	if err := man.checkData(ctx); err != nil {
		return nil, err
	}
	return man.repeat(ctx, last.place, o, func(rep *Reproduction, again Dir) error {
		return rep.compare(dir, again, last)
	})
}

// ReproduceManifest is Reproduce from the manifest of a finished run alone,
// without the rest of its folder: it compares by the hashes in the manifest,
// and cannot say from which step on the runs differ.
func ReproduceManifest(ctx context.Context, path string, o Options) (*Reproduction, error) {
	defer o.end()
	man, err := readManifestFile(path)
	if err != nil {
		return nil, err
	}
	if len(man.Files) == 0 {
		return nil, fmt.Errorf("%s is the manifest of a run that did not finish: it has no hashes to compare with", path)
	}
	if err := man.checkData(ctx); err != nil {
		return nil, err
	}
	return man.repeat(ctx, theEnd, o, man.compareHashes)
}

// repeat makes the run again in a temporary folder, up to a place, and compares.
func (m *manifest) repeat(ctx context.Context, last place, o Options, compare func(*Reproduction, Dir) error) (_ *Reproduction, err error) {
	tmp, err := os.MkdirTemp("", "partials-reproduce-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	o.RunsDir = tmp
	again, err := m.replay(ctx, last, o)
	if ctx.Err() != nil {
		return nil, ctx.Err() // not an Interrupted: nobody can go on with a temporary run
	}
	if err != nil {
		return nil, err
	}
	rep := &Reproduction{Notes: m.differences()}
	return rep, compare(rep, again)
}

// replay makes the run's segments again, up to a place.
func (m *manifest) replay(ctx context.Context, last place, o Options) (Dir, error) {
	var dir Dir
	for i, seg := range m.Segments {
		until := last
		if i+1 < len(m.Segments) {
			until = m.Segments[i+1].From
		}
		run, err := m.beginSegment(dir, seg, o)
		if err != nil {
			return "", err
		}
		run.blind, dir = true, run.dir
		if err := errors.Join(run.train(ctx, until), run.close()); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// beginSegment makes ready to train by a segment's recipe: a new run where dir
// is empty, else from where the run in dir is. The caller closes it.
func (m *manifest) beginSegment(dir Dir, seg segment, o Options) (_ *run, err error) {
	r, err := o.parseRecipe(manifestFile, []byte(seg.Recipe), nil)
	if err != nil {
		return nil, err
	}
	s, err := openSession(r, o)
	if err != nil {
		return nil, err
	}
	defer s.closeAfter(&err)
	if dir == "" {
		if dir, err = newDir(o.RunsDir, r.Name); err != nil {
			return nil, err
		}
	}
	if err := s.comeBack(dir, m.Init); err != nil {
		return nil, err
	}
	again := newManifest(s, o.Threads)
	again.Segments = []segment{seg}
	return s.begin(dir, nil, again, o)
}
