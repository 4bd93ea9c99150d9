package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"

	"partials/internal/impl"
)

// Reproduction says how a run and its repetition compare.
type Reproduction struct {
	Same    bool
	Step    int      // of the first difference; the last step where they are the same
	What    string   // the first difference in words
	Records int      // lines of metrics compared
	Notes   []string // why bits could differ: another version, kernel choice or device
}

// Reproduce runs a run again, in a temporary folder, and compares every metric
// and the final weights, bit for bit. A run that is not complete is compared
// up to its last checkpoint.
func Reproduce(ctx context.Context, dir Dir, o Options) (*Reproduction, error) {
	man, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	last, err := readProgress(dir.path(lastFile))
	if err != nil {
		return nil, err
	}
	if err := man.checkData(); err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp("", "partials-reproduce-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	again, err := man.replay(ctx, tmp, last.Step, o)
	if err != nil {
		return nil, err
	}
	rep := &Reproduction{Notes: man.differences()}
	return rep, rep.compare(dir, again, last.Step)
}

// replay makes the run's segments again, up to a step.
func (m *manifest) replay(ctx context.Context, runsDir string, last int, o Options) (Dir, error) {
	o.RunsDir = runsDir
	var dir Dir
	for i, seg := range m.Segments {
		until := last
		if i+1 < len(m.Segments) {
			until = m.Segments[i+1].From
		}
		r, err := o.parseRecipe(configFile, []byte(seg.Recipe), nil)
		if err != nil {
			return "", err
		}
		d, err := replaySegment(ctx, dir, r, until, o)
		var stop *Interrupted
		if errors.As(err, &stop) && ctx.Err() == nil {
			err = nil
		}
		if err != nil {
			return "", err
		}
		dir = d
	}
	return dir, nil
}

// replaySegment trains r up to a step: a new run where dir is empty, else from
// where the run in dir is.
func replaySegment(ctx context.Context, dir Dir, r Recipe, until int, o Options) (Dir, error) {
	dev, err := open(&r, o)
	if err != nil {
		return "", err
	}
	defer dev.Close()
	s, err := newSession(r, dev, o.log())
	if err != nil {
		return "", err
	}
	defer s.close()
	if dir == "" {
		if dir, err = newDir(o.RunsDir, r.Name); err != nil {
			return "", err
		}
	} else if err := s.restore(dir.path(lastFile)); err != nil {
		return "", err
	}
	man := newManifest(dev, s, o.Threads)
	man.Segments = []Segment{{}}
	loader := s.newLoader(s.prog.Step)
	defer loader.Close()
	_, err = s.run(ctx, dir, man, loader, o, until)
	return dir, err
}

// compare finds the first difference of two runs.
func (r *Reproduction) compare(a, b Dir, step int) error {
	was, err := ReadMetrics(a)
	if err != nil {
		return err
	}
	is, err := ReadMetrics(b)
	if err != nil {
		return err
	}
	for i, w := range was {
		if w.Step > step {
			break
		}
		r.Records++
		if i >= len(is) {
			r.Step, r.What = w.Step, "the repetition has no such record"
			return nil
		}
		if what := difference(w, is[i]); what != "" {
			r.Step, r.What = w.Step, what
			return nil
		}
	}
	r.Step = step
	wasBytes, err := os.ReadFile(a.path(lastFile))
	if err != nil {
		return err
	}
	isBytes, err := os.ReadFile(b.path(lastFile))
	if err != nil {
		return err
	}
	if !bytes.Equal(wasBytes, isBytes) {
		r.What = "all metrics are the same, but the final weights or the optimizer's state are not"
		return nil
	}
	r.Same = true
	return nil
}

// differences lists what of the program or machine is not as it was.
func (m *manifest) differences() (notes []string) {
	for _, x := range []struct{ what, was, is string }{
		{"version", m.Version, Version},
		{"commit", m.Commit, Commit()},
		{"Go", m.Go, runtime.Version()},
		{"system", m.System, runtime.GOOS + "/" + runtime.GOARCH},
		{"kernels", m.Kernels, impl.Describe()},
	} {
		if x.was != x.is {
			notes = append(notes, fmt.Sprintf("%s: the run had %q, this program has %q", x.what, x.was, x.is))
		}
	}
	return notes
}

// checkData compares the data's hashes with those in the manifest.
func (m *manifest) checkData() error {
	cache := openHashCache()
	defer cache.save()
	for _, f := range m.Data {
		sum, err := cache.hash(f.Path, func() bool { return false })
		if err != nil {
			return fmt.Errorf("the run's data: %w", err)
		}
		if sum != f.SHA256 {
			return fmt.Errorf("%s is not the file that the run was made with (SHA-256 %.12s..., then %.12s...)", f.Path, sum, f.SHA256)
		}
	}
	return nil
}

// difference puts the first difference of two records into words.
func difference(a, b Record) string {
	if a.Step != b.Step {
		return fmt.Sprintf("a record of step %d stands where step %d was", b.Step, a.Step)
	}
	for _, x := range []struct {
		name     string
		was, now *Number
	}{{"loss", a.Loss, b.Loss}, {"lr", a.LR, b.LR}, {"grad_norm", a.GradNorm, b.GradNorm}} {
		if what := differ(x.name, x.was, x.now); what != "" {
			return what
		}
	}
	for _, x := range []struct {
		prefix   string
		was, now map[string]Number
	}{{"term ", a.Terms, b.Terms}, {"validation ", a.Valid, b.Valid}} {
		if len(x.was) != len(x.now) {
			return fmt.Sprintf("%sentries: %d were %d", x.prefix, len(x.now), len(x.was))
		}
		for _, name := range sortedNames(x.was) {
			was, now := x.was[name], x.now[name]
			if what := differ(x.prefix+name, &was, &now); what != "" {
				return what
			}
		}
	}
	return ""
}

// differ compares two numbers bit for bit; one NaN is as good as another.
func differ(name string, was, now *Number) string {
	switch {
	case was == nil && now == nil:
		return ""
	case was == nil || now == nil:
		return name + " is only in one of them"
	case *was == *now || *was != *was && *now != *now:
		return ""
	}
	return fmt.Sprintf("%s was %v, is now %v (by %.3g)", name, float64(*was), float64(*now), float64(*now-*was))
}
