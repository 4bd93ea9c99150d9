package train

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"

	"partials/autograd"
	"partials/datasets"
	"partials/device"
	"partials/loss"
	"partials/metric"
	"partials/model"
	"partials/optim"
	"partials/tensor"
)

// session is a recipe made real on a device: its data, model, loss and
// optimizer, and how far the run is.
type session struct {
	recipe Recipe
	log    *slog.Logger

	dev      device.Device
	tape     *autograd.Tape
	data     datasets.Dataset
	params   *autograd.Params
	model    model.Model
	loss     *loss.Sum
	optim    optim.Optimizer
	schedule optim.Schedule
	average  tensor.Tensor // the moving average of all weights, absent without
	square   tensor.Tensor // one number: the squared gradient norm

	prog progress
}

// newSession builds everything that a recipe names, on dev, which it does not
// own. Its errors are the user's to mend.
func newSession(r Recipe, dev device.Device, log *slog.Logger) (s *session, err error) {
	s = &session{recipe: r, log: log, dev: dev, tape: autograd.NewTape(dev, 0)}
	s.prog.Best, s.prog.Bar = Number(math.NaN()), Number(math.NaN())
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.data, err = r.Data.Value.Open(datasets.Env{Seed: r.Seed, Log: log}); err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	in, out := s.data.Channels()
	if s.model, s.params, err = model.Build(r.Model.Value, dev, model.Env{
		Rate: s.data.Rate(), Inputs: in, Outputs: out, Seed: r.Seed,
	}); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	if err := s.loadInit(); err != nil {
		return nil, fmt.Errorf("init: %w", err)
	}
	facts := s.model.Facts()
	if err := s.data.Cut(datasets.Cut{Segment: r.Segment, Context: facts.Context, Latency: facts.Latency}); err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	if s.loss, err = loss.New(r.Loss, loss.Env{
		Rate: s.data.Rate(), Channels: facts.Outputs, Samples: r.Segment, Seed: r.Seed,
	}); err != nil {
		return nil, fmt.Errorf("loss: %w", err)
	}
	s.optim = r.Optim.Value.Build(dev, s.params)
	if s.schedule, err = r.Schedule.Value.Build(r.Optim.Value.Rate(), r.Steps); err != nil {
		return nil, fmt.Errorf("schedule: %w", err)
	}
	all := tensor.Of(s.params.Len())
	if r.EMA > 0 {
		s.average = tensor.New(all, dev.Alloc(all.Len()))
		dev.Copy(s.average, s.params.Values())
	}
	s.square = tensor.New(tensor.Of(1), dev.Alloc(1))
	return s, nil
}

func (s *session) close() error {
	if s.data == nil {
		return nil
	}
	return s.data.Close()
}

// loadInit starts from the weights that the recipe names.
func (s *session) loadInit() error {
	path := s.recipe.Init
	if path == "" {
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = Dir(path).weights()
	}
	return loadWeights(s.dev, s.params, path, true)
}

// measure holds what a step computed.
type measure struct {
	loss     float64
	terms    []float64 // in the order of loss.Terms
	lr       float64
	gradNorm float64
}

// forward runs the model and the loss on a batch.
func (s *session) forward(step int, b *datasets.Batch) *autograd.Var {
	x := s.tape.Put(b.InputShape, b.Input)
	y := s.model.Forward(model.Whole(s.tape), x)
	return s.loss.Apply(s.tape, step, y, s.tape.Put(b.TargetShape, b.Target))
}

// dryRun runs one batch forward and backward and forgets it, so that a recipe
// whose parts do not fit is refused before step 0.
func (s *session) dryRun(b *datasets.Batch) error {
	err := autograd.Catch(func() {
		s.tape.Reset()
		l := s.forward(0, b)
		if err := s.tape.Backward(l); err != nil {
			panic(&autograd.Fault{Op: "train", Cause: err})
		}
	})
	s.params.ZeroGrad()
	s.tape.Reset()
	if err != nil {
		return fmt.Errorf("the recipe's parts do not fit together (batch %d, segment %d, model %s): %w",
			s.recipe.Batch, s.recipe.Segment, s.recipe.Model.Kind, plain(err))
	}
	return nil
}

// plain turns a Fault into the sentence that a user needs.
func plain(err error) error {
	var oom *tensor.OutOfMemory
	if errors.As(err, &oom) {
		return fmt.Errorf("%w; a smaller batch or segment needs less", oom)
	}
	return err
}

// NotFinite is the error of a step whose loss or gradient is NaN or infinite.
// The weights were not touched.
type NotFinite struct {
	Step  int // the update that was not made, counted from 1
	What  string
	Value float64
	Terms string   // the loss's terms and their values
	Files []string // of the batch
	Last  string   // the last good checkpoint, or empty
}

func (e *NotFinite) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the %s is %v at step %d (%s); the weights were not changed. The batch came from %s.",
		e.What, e.Value, e.Step, e.Terms, strings.Join(e.Files, ", "))
	if e.Last == "" {
		b.WriteString(" There is no checkpoint yet.")
	} else {
		fmt.Fprintf(&b, " The last good checkpoint is %s.", e.Last)
	}
	b.WriteString(" A lower learning rate (optim.lr), clipping (clip.norm=1) or a check of those files usually helps.")
	return b.String()
}

// finite refuses a step whose loss or gradient norm is no number.
func (s *session) finite(b *datasets.Batch, m measure) error {
	e := &NotFinite{Step: s.prog.Step + 1, Files: b.Files}
	switch {
	case !isFinite(m.loss):
		e.What, e.Value = "loss", m.loss
	case !isFinite(m.gradNorm):
		e.What, e.Value = "gradient's norm", m.gradNorm
	default:
		return nil
	}
	var terms []string
	for i, name := range s.loss.Terms() {
		terms = append(terms, fmt.Sprintf("%s %.6g", name, m.terms[i]))
	}
	e.Terms = strings.Join(terms, ", ")
	return e
}

func isFinite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// update clips the gradients and makes one step of the optimizer.
func (s *session) update(m measure) {
	grads := s.params.Grads()
	norm := m.gradNorm
	if limit := s.recipe.Clip.Value; limit > 0 {
		s.dev.Clamp(grads, limit)
		norm = optim.Norm(s.dev, grads, s.square)
	}
	if limit := s.recipe.Clip.Norm; limit > 0 {
		optim.ClipNorm(s.dev, grads, norm, limit)
	}
	s.optim.Step(m.lr, s.prog.Step)
	switch {
	case s.average.Absent():
	case s.prog.Step == 0: // the average begins with the first update, as PyTorch's
		s.dev.Copy(s.average, s.params.Values())
	default:
		s.dev.Blend(s.average, s.params.Values(), 1-s.recipe.EMA)
	}
}

// withAverage runs f with the averaged weights in place of the trained ones,
// where the recipe keeps an average.
func (s *session) withAverage(f func() error) error {
	if s.average.Absent() {
		return f()
	}
	values := s.params.Values()
	trained := make([]float64, values.Len()) // exact for either precision
	s.dev.Read64(trained, values)
	s.dev.Copy(values, s.average)
	defer s.dev.Write64(values, trained)
	return f()
}

// better says whether validation value a is better than b by the recipe's
// metric.
func (s *session) better(a, b float64) bool {
	if m, ok := metric.Get(s.recipe.Validation.Metric); ok {
		return m.Better(a, b)
	}
	return metric.Metric{}.Better(a, b) // the loss: lower is better
}

// absolute makes a path of a recipe independent of the working directory.
func absolute(path string) string {
	if path == "" {
		return ""
	}
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
