package train

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"partials/internal/config"
)

// ErrComplete is the error of a resume that has nothing to do.
var ErrComplete = errors.New("the run is complete")

// Resume goes on with a run from its last checkpoint, bit for bit as if it had
// never stopped, on the device it began on. Overrides ("steps=20000") change
// the recipe from here on and are recorded as a new segment of the run.
func Resume(ctx context.Context, dir Dir, overrides []string, o Options) (*Result, error) {
	return profiled(ctx, o, func() (*run, error) { return resumeRun(dir, overrides, o) })
}

// resumeRun brings a run back to its last checkpoint. The caller closes it.
func resumeRun(dir Dir, overrides []string, o Options) (_ *run, err error) {
	held, err := dir.lock()
	if err != nil {
		return nil, err
	}
	defer held.releaseAfter(&err)
	man, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	r, err := o.parseRecipe(dir.path(manifestFile), []byte(man.lastSegment().Recipe), overrides)
	if err != nil {
		return nil, err
	}
	s, err := openSession(r, o)
	if err != nil {
		return nil, err
	}
	defer s.closeAfter(&err)
	if err := s.comeBack(dir, man.Init); err != nil {
		return nil, err
	}
	more := s.length.longer(r, s.prog.Step)
	if s.length.steps < s.prog.Step {
		return nil, fmt.Errorf("the recipe ends at step %d, but the run is at step %d already; give it more, as in: train resume %s %s", s.length.steps, s.prog.Step, dir, more)
	}
	if man.Ended != "" && (s.prog.Step >= s.length.steps || s.stale()) {
		if s.stale() {
			more += " validate.patience=0"
		}
		return nil, fmt.Errorf("%w: it %s at step %d; to go on give it more, as in: train resume %s %s",
			ErrComplete, man.Status, s.prog.Step, dir, more)
	}
	if err := dir.sweep(); err != nil {
		return nil, err
	}
	for _, name := range []string{metricsFile, timingFile} {
		if err := cutLines(dir.path(name), s.prog.place); err != nil {
			return nil, fmt.Errorf("cutting %s back to step %d: %w", name, s.prog.Step, err)
		}
	}
	for _, note := range man.differences() {
		s.log.Warn("the bits may not be those of a run that was never stopped", "because", note)
	}
	resolved, err := config.Marshal(s.recipe)
	if err != nil {
		return nil, err
	}
	if len(overrides) > 0 {
		man.Segments = append(man.Segments, segment{From: s.prog.place, Recipe: string(resolved)})
		s.log.Info("the recipe changes", "from_step", s.prog.Step, "by", strings.Join(overrides, " "))
	}
	man.Status, man.Ended, man.Files, man.EpochSteps = "running", "", nil, s.epochSteps()
	if err := man.save(dir); err != nil {
		return nil, err
	}
	if err := writeAtomically(dir.path(configFile), resolved); err != nil {
		return nil, fmt.Errorf("writing the run's recipe: %w", err)
	}
	return s.begin(dir, held, man, o)
}

// comeBack brings the session to the last checkpoint of the run in dir, or to
// step 0 where there is none yet. from is the file that the run's first
// weights came from, or nil.
func (s *session) comeBack(dir Dir, from *dataFile) error {
	if err := s.prepare(); err != nil {
		return err
	}
	if last := dir.path(lastFile); existing(last) != "" {
		return s.restore(last)
	}
	_, err := s.loadInit(from)
	return err
}
