package train

import (
	"context"
	"errors"
	"fmt"
	"time"

	"partials/datasets"
)

// finish measures the best weights, draws everything, and completes the
// manifest, last of all: a run that is stopped before is resumed here.
func (r *run) finish(ctx context.Context) (*Result, error) {
	res, err := r.measureBest(ctx)
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil, &Interrupted{Dir: r.dir, Step: r.prog.Step}
	}
	return res, err
}

func (r *run) measureBest(ctx context.Context) (*Result, error) {
	files, err := r.hashes.wait(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.hashes.unchanged(); err != nil {
		return nil, err
	}
	if r.prog.BestStep > 0 {
		if err := loadWeights(r.dev, r.params, r.dir.path(bestFile)); err != nil {
			return nil, err
		}
	} else if !r.average.Absent() {
		r.dev.Copy(r.params.Values(), r.average)
	}
	res := &Result{Dir: r.dir, Steps: r.prog.Step, Early: r.prog.Step < r.length.steps,
		Best: float64(r.prog.Best), BestStep: r.prog.BestStep}
	sound := r.newSound()
	if res.Valid, err = r.evaluate(ctx, sound); err != nil {
		return nil, err
	}
	if res.Valid != nil {
		if err := r.journal.best(res.Valid.Mean); err != nil {
			return nil, err
		}
	}
	r.man.Data = files
	r.man.Status = "finished"
	if res.Early {
		r.man.Status = "stopped early"
	}
	r.man.Ended = time.Now().Format(time.RFC3339)
	if r.aliasing, err = r.measureAliasing(ctx); err != nil {
		return nil, err
	}
	if err := r.draw(sound, res.Valid); err != nil {
		return nil, fmt.Errorf("drawing the run: %w", err)
	}
	if res.Costs, err = r.dir.costs(); err != nil {
		return nil, err
	}
	if r.man.Files, err = r.dir.made(); err != nil {
		return nil, err
	}
	return res, r.man.save(r.dir)
}

// newSound is where evaluate puts the excerpt that the run keeps.
func (s *session) newSound() *excerptSound {
	return &excerptSound{limit: samples(s.recipe.Save.Audio, s.data.Rate()), gain: float32(1 / datasets.TargetGain(s.data))}
}
