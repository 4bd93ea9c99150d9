package train

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"

	"partials/autograd"
	"partials/datasets"
	"partials/device"
	"partials/device/devices"
	"partials/formats/nam"
	"partials/loss"
	"partials/metric"
	"partials/model"
	"partials/optim"
	"partials/tensor"
)

// session is a recipe made real on a device: its data, model and loss, what it
// takes to train them, and how far the training is.
type session struct {
	recipe Recipe // its device is the one in use, never auto
	log    *slog.Logger
	detect bool    // look at every number of every step
	share  float64 // of the steps to make now; 0 for all

	dev     device.Device
	tape    *autograd.Tape
	data    datasets.Dataset
	params  *autograd.Params
	model   model.Model
	members []*member // one, or those of a packed model
	terms   []float64

	// Made by prepare.
	length   length
	optim    optim.Optimizer
	schedule optim.Schedule
	average  tensor.Tensor // the moving average of all weights, absent without
	square   tensor.Tensor // one number: the squared gradient norm

	dry  *dryPass // of a new run, until its first step
	prog progress
}

// openSession opens the recipe's device and data and builds its model and
// loss: enough to evaluate. Its errors are the user's to mend. The caller
// closes the session.
func openSession(r Recipe, o Options) (_ *session, err error) {
	dev, note, err := devices.Open(r.Device, devices.Options{Threads: o.Threads, Log: o.log()})
	if err != nil {
		return nil, fmt.Errorf("device: %w", err)
	}
	o.log().Info(note)
	r.Device = dev.Name()
	s := &session{recipe: r, log: o.log(), dev: dev, tape: autograd.NewTape(dev, memoryLimit()), detect: o.DetectAnomaly, share: o.Share}
	s.tape.DetectAnomaly(s.detect)
	defer s.closeAfter(&err)
	s.prog.Metric = r.Validation.Metric
	s.prog.Best, s.prog.Bar = Number(math.NaN()), Number(math.NaN())
	return s, s.build()
}

func (s *session) build() (err error) {
	r := s.recipe
	if s.data, err = r.Data.Value.Open(datasets.Env{Seed: r.Seed, Log: s.log}); err != nil {
		return fmt.Errorf("data: %w", err)
	}
	in, out := s.data.Channels()
	if s.model, s.params, err = model.Build(r.Model.Value, s.dev, model.Env{
		Rate: s.data.Rate(), Inputs: in, Outputs: out, Controls: len(datasets.Controls(s.data)), Seed: r.Seed,
	}); err != nil {
		return fmt.Errorf("model: %w", err)
	}
	if err := s.newMembers(loss.Env{Rate: s.data.Rate(), Channels: out, Samples: r.Segment, Seed: r.Seed, Balance: r.Balance}); err != nil {
		return fmt.Errorf("loss: %w", err)
	}
	return nil
}

// prepare makes ready to train: from the model's first weights, at step 0.
func (s *session) prepare() (err error) {
	if err := s.data.Cut(s.cut()); err != nil {
		return fmt.Errorf("data: %w", err)
	}
	if s.length, err = lengthOf(s.recipe, s.data.Len()); err != nil {
		return err
	}
	s.optim = s.recipe.Optim.Value.Build(s.dev, s.params)
	if s.schedule, err = s.recipe.Schedule.Value.Build(s.recipe.Optim.Value.Rate(), s.length.steps/s.length.unit); err != nil {
		return fmt.Errorf("schedule: %w", err)
	}
	if s.length.unit > 1 {
		s.schedule = optim.PerEpoch(s.schedule, s.length.unit)
	}
	if len(s.data.Excerpts()) == 0 {
		if len(s.schedule.State()) > 0 {
			return fmt.Errorf("schedule: %s waits for validation, and the data sets nothing aside for it", s.recipe.Schedule.Kind)
		}
		if s.recipe.Validation.Patience > 0 {
			return fmt.Errorf("validate.patience is %d, and the data sets nothing aside for validation; set it to 0", s.recipe.Validation.Patience)
		}
	}
	if s.recipe.EMA > 0 {
		all := s.params.Values().Shape
		s.average = tensor.New(all, s.dev.Alloc(all.Len()))
		s.dev.Copy(s.average, s.params.Values())
	}
	s.square = tensor.New(tensor.Of(1), s.dev.Alloc(1))
	return nil
}

// cut is how examples are cut for the model.
func (s *session) cut() datasets.Cut {
	facts := s.model.Facts()
	return datasets.Cut{Segment: s.recipe.Segment, Context: facts.Context, Latency: facts.Latency}
}

func (s *session) newLoader(first, last int) *datasets.Loader {
	return datasets.NewLoader(s.data, datasets.LoaderOptions{
		Batch: s.recipe.Batch, Seed: s.recipe.Seed, First: first, Last: last, Cut: s.cut(), Epoch: s.epochSteps(),
	})
}

// epochSteps is the number of updates in an epoch where the recipe counts
// epochs, else 0.
func (s *session) epochSteps() int {
	if s.recipe.Epochs == 0 {
		return 0
	}
	return s.length.unit
}

func (s *session) close() error {
	var err error
	if s.data != nil {
		err = s.data.Close()
	}
	return errors.Join(err, s.dev.Close())
}

// closeAfter closes the session where what it was opened for came to nothing.
func (s *session) closeAfter(err *error) {
	if *err != nil {
		*err = errors.Join(*err, s.close())
	}
}

// loadInit starts from the weights that the recipe names, and returns their
// file, or nil. A run that began before must find the file that it began with.
func (s *session) loadInit(then *dataFile) (*dataFile, error) {
	path := s.recipe.Init
	if path == "" {
		return nil, nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		if path, err = Dir(path).weights(); err != nil {
			return nil, fmt.Errorf("init: %w", err)
		}
	}
	sum, err := hashFile(path, never)
	if err != nil {
		return nil, fmt.Errorf("init: %w", err)
	}
	if then != nil && then.SHA256 != sum {
		return nil, fmt.Errorf("init: %w", otherFile(path, then.SHA256, sum))
	}
	if err := s.initFrom(path); err != nil {
		return nil, fmt.Errorf("init: %w", err)
	}
	if !s.average.Absent() {
		s.dev.Copy(s.average, s.params.Values())
	}
	return &dataFile{Path: path, SHA256: sum}, nil
}

// initFrom sets the weights to those of a file.
func (s *session) initFrom(path string) error {
	if !IsModelFile(path) {
		return loadWeights(s.dev, s.params, path)
	}
	f, err := nam.Read(path)
	if err != nil {
		return err
	}
	if rate := int(f.SampleRate); rate != 0 && rate != s.data.Rate() {
		s.log.Warn("the file's model is of another rate than the data", "file_hz", rate, "data_hz", s.data.Rate())
	}
	_, outputs := s.data.Channels()
	w, err := fileWeights(f, s.recipe.Model.Value, outputs, datasets.TargetGain(s.data))
	if err == nil {
		err = setWeights(s.dev, s.params, w)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
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

// validationMetric is what a recipe chooses the best weights by. The loss has
// no entry among the metrics; lower is better, as for most of them.
func validationMetric(r Recipe) metric.Metric {
	if m, ok := metric.Get(r.Validation.Metric); ok {
		return m
	}
	return metric.Metric{Name: lossMetric, Title: "Loss"}
}
