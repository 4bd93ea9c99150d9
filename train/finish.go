package train

import (
	"context"
	"fmt"
	"time"
)

// redrawEvery is how often a run draws its pictures anew while it goes on.
const redrawEvery = 20 * time.Second

// finish measures the best weights, draws everything, and completes the
// manifest.
func (s *session) finish(ctx context.Context, dir Dir, man *manifest, hashes *hashing, j *journal) (*Result, error) {
	if err := j.flush(true); err != nil {
		return nil, err
	}
	files, err := hashes.wait()
	if err != nil {
		return nil, err
	}
	man.Data = files
	early := s.prog.Step < s.recipe.Steps
	man.Status = "finished"
	if early {
		man.Status = "stopped early"
	}
	man.Ended = time.Now().Format(time.RFC3339)
	if err := man.save(dir); err != nil {
		return nil, err
	}
	res := &Result{Dir: dir, Steps: s.prog.Step, Early: early, Best: float64(s.prog.Best), BestStep: s.prog.BestStep}
	if s.prog.BestStep > 0 {
		if err := loadWeights(s.dev, s.params, dir.path(bestFile), true); err != nil {
			return nil, err
		}
	} else if !s.average.Absent() {
		s.dev.Copy(s.params.Values(), s.average)
	}
	sound := s.newSound()
	if res.Valid, err = s.evaluate(ctx, sound); err != nil {
		return nil, err
	}
	if err := s.draw(dir, man, sound, res.Valid); err != nil {
		return nil, fmt.Errorf("drawing the run: %w", err)
	}
	return res, nil
}

// newSound is where evaluate puts the excerpt that the run keeps.
func (s *session) newSound() *excerptSound {
	return &excerptSound{limit: samples(s.recipe.Save.Audio, s.data.Rate())}
}
