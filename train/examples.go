package train

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"partials/audio"
	"partials/datasets"
)

// WriteExamples writes the first count training examples of a recipe below a
// folder, as training sees them, in its order: 000000_input.wav and
// 000000_target.wav, float. An input begins with the model's context, and a
// target is late by its latency. Where the recipe's validation excerpts are
// mixed it writes them too, into a folder beside the examples, and returns its
// path.
func WriteExamples(ctx context.Context, r Recipe, dir string, count int, o Options) (mix string, err error) {
	s, err := openSession(r, o)
	if err != nil {
		return "", &Unfit{err}
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.data.Cut(s.cut()); err != nil {
		return "", &Unfit{fmt.Errorf("data: %w", err)}
	}
	if err := os.MkdirAll(filepath.Clean(dir), 0o777); err != nil {
		return "", err
	}
	if datasets.IsMixed(s.data) {
		if mix, err = datasets.WriteExcerpts(dir, s.data); err != nil {
			return "", fmt.Errorf("writing the validation mix: %w", err)
		}
	}
	batch := s.recipe.Batch
	steps := (count + batch - 1) / batch
	loader := s.newLoader(0, steps)
	defer loader.Close()
	for step := range steps {
		if err := ctx.Err(); err != nil {
			return mix, err
		}
		b, err := loader.Batch(step)
		if err != nil {
			return mix, err
		}
		for k := range min(batch, count-step*batch) {
			name := filepath.Join(dir, fmt.Sprintf("%06d_", step*batch+k))
			in, target := b.InputShape, b.TargetShape
			if err := writeRow(name+"input.wav", s.data.Rate(), b.Input, k, in.Dim(1), in.Dim(2)); err != nil {
				return mix, err
			}
			if err := writeRow(name+"target.wav", s.data.Rate(), b.Target, k, target.Dim(1), target.Dim(2)); err != nil {
				return mix, err
			}
		}
	}
	return mix, nil
}

// writeRow writes item k of x (B, channels, n).
func writeRow(path string, rate int, x []float32, k, channels, n int) error {
	a := &audio.Audio{Rate: rate}
	for c := range channels {
		at := (k*channels + c) * n
		a.Channels = append(a.Channels, x[at:at+n])
	}
	_, err := audio.WriteFile(path, a, audio.Float32)
	return err
}
