package train

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"partials/internal/config"
)

// ErrComplete is the error of a resume that has nothing to do.
var ErrComplete = errors.New("the run is complete")

// Resume goes on with a run from its last checkpoint, bit for bit as if it had
// never stopped, on the device it began on. Overrides ("steps=20000") change
// the recipe from here on and are recorded as a new segment of the run.
func Resume(ctx context.Context, dir Dir, overrides []string, o Options) (*Result, error) {
	man, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	if len(man.Segments) == 0 {
		return nil, fmt.Errorf("%s has no recipe in it", dir.path(manifestFile))
	}
	text := man.Segments[len(man.Segments)-1].Recipe
	r, err := o.parseRecipe(dir.path(configFile), []byte(text), overrides)
	if err != nil {
		return nil, err
	}
	dev, err := open(&r, o)
	if err != nil {
		return nil, err
	}
	defer dev.Close()
	s, err := newSession(r, dev, o.log())
	if err != nil {
		return nil, err
	}
	defer s.close()
	if _, err := os.Stat(dir.path(lastFile)); err == nil {
		if err := s.restore(dir.path(lastFile)); err != nil {
			return nil, err
		}
	}
	if man.Ended != "" && (s.prog.Step >= r.Steps || s.stale()) {
		return nil, fmt.Errorf("%w: it %s at step %d; to go on give it more, as in: train resume %s steps=%d validate.patience=0",
			ErrComplete, man.Status, s.prog.Step, dir, max(2*s.prog.Step, r.Steps))
	}
	for _, name := range []string{metricsFile, timingFile} {
		if err := cutLines(dir.path(name), s.prog.Step); err != nil {
			return nil, fmt.Errorf("cutting %s back to step %d: %w", name, s.prog.Step, err)
		}
	}
	if len(overrides) > 0 {
		resolved, err := config.Marshal(r)
		if err != nil {
			return nil, err
		}
		if err := writeAtomically(dir.path(configFile), resolved); err != nil {
			return nil, err
		}
		man.Segments = append(man.Segments, Segment{From: s.prog.Step, Recipe: string(resolved)})
		o.log().Info("the recipe changes", "from_step", s.prog.Step, "by", strings.Join(overrides, " "))
	}
	man.Status, man.Ended = "running", ""
	if err := man.save(dir); err != nil {
		return nil, err
	}
	loader := s.newLoader(s.prog.Step)
	defer loader.Close()
	return s.run(ctx, dir, man, loader, o, r.Steps)
}
