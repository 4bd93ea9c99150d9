package train

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"partials/configs"
	"partials/datasets"
	"partials/internal/config"
	"partials/loss"
	"partials/metric"
	"partials/model"
	"partials/optim"
)

// Recipe is everything that decides a run: its struct is the YAML. Equal
// recipes on the same binary and device give the same bits.
type Recipe struct {
	Name   string `yaml:"name" doc:"name of the run's folder"`
	About  string `yaml:"about" doc:"one line about what the recipe is for"`
	Seed   uint64 `yaml:"seed" doc:"decides all random numbers"`
	Device string `yaml:"device" doc:"auto, cpu, cuda, or ref (float64, slow, for checks)"`

	Steps   int `yaml:"steps" doc:"updates to make"`
	Epochs  int `yaml:"epochs" doc:"passes over all examples, less those that fill no batch, in place of steps; schedule, validate.every and save.every then count epochs; 0 for steps"`
	Batch   int `yaml:"batch" doc:"examples in an update"`
	Segment int `yaml:"segment" doc:"output samples of an example"`

	Data    config.Section[datasets.Config] `yaml:"data" doc:"what is learnt from: pair, folder or mix"`
	Model   config.Section[model.Config]    `yaml:"model" doc:"what learns it"`
	Init    string                          `yaml:"init" doc:"run folder, .safetensors or .nam file that the weights start from; a recipe without a model takes that of a .nam file; empty for random weights"`
	Loss    config.List[loss.Config]        `yaml:"loss" doc:"terms of the loss, summed by weight"`
	Balance loss.Balance                    `yaml:"balance" doc:"EnCodec's balance of the terms"`

	Optim    config.Section[optim.Config]         `yaml:"optim" doc:"how gradients change the weights"`
	Schedule config.Section[optim.ScheduleConfig] `yaml:"schedule" doc:"the learning rate over the steps"`
	Clip     Clip                                 `yaml:"clip" doc:"limits on the gradients"`
	EMA      float64                              `yaml:"ema" doc:"decay of the moving average of the weights, which validation and the best checkpoint then use; 0 for none"`

	Validation Validation `yaml:"validate" doc:"when and how the run measures itself"`
	Save       Save       `yaml:"save" doc:"what is written while the run goes on"`
	Log        Log        `yaml:"log" doc:"what the run tells other programs while it goes on"`
	Metadata   Metadata   `yaml:"metadata" doc:"what an exported model says about itself"`
}

// Clip limits gradients before an update.
type Clip struct {
	Norm  float64 `yaml:"norm" doc:"largest L2 norm of all gradients together; 0 for no limit"`
	Value float64 `yaml:"value" doc:"largest magnitude of a single gradient; 0 for no limit"`
}

// lossMetric is how Validation.Metric calls the recipe's own loss.
const lossMetric = "loss"

// Validation says when and how a run measures itself.
type Validation struct {
	Every    int           `yaml:"every" doc:"steps between validations; 0 for only one at the end"`
	Metric   string        `yaml:"metric" doc:"what the best checkpoint is chosen by: loss, or a metric's name"`
	Patience int           `yaml:"patience" doc:"validations without improvement before the run stops early; 0 for never"`
	Gain     float64       `yaml:"gain" doc:"smallest relative improvement that counts for patience"`
	Skip     config.Length `yaml:"skip" doc:"how much at the start of each excerpt is played but not measured, as for clips cut out of a longer recording"`
}

// Save says what a run leaves on disk while it goes on.
type Save struct {
	Every int     `yaml:"every" doc:"steps between checkpoints; 0 for only at validations and the end"`
	Audio float64 `yaml:"audio" doc:"seconds of the first validation excerpt kept as WAV files"`
}

// Kinds are what a program of your own adds to the kinds that recipes know, by
// name: each value is a struct with its defaults, as in the tables of the
// packages.
type Kinds struct {
	Datasets   map[string]datasets.Config
	Models     map[string]model.Config
	Losses     map[string]loss.Config
	Optimizers map[string]optim.Config
	Schedules  map[string]optim.ScheduleConfig
}

// with is a table and more kinds.
func with[T any](table func() config.Kinds[T], more map[string]T) func() config.Kinds[T] {
	return func() config.Kinds[T] {
		all := table()
		maps.Copy(all, more)
		return all
	}
}

// defaultSteps is what a recipe that says nothing of its length makes.
const defaultSteps = 1000

// defaults is the recipe that a file's keys change.
func (k Kinds) defaults() Recipe {
	return Recipe{
		Device:     "auto",
		Steps:      defaultSteps,
		Batch:      8,
		Segment:    8192,
		Data:       config.Of(with(datasets.Kinds, k.Datasets), "pair"),
		Model:      config.Of(with(model.Kinds, k.Models), "tcn"),
		Loss:       config.ListOf(with(loss.Kinds, k.Losses), "mrstft", "esr"),
		Optim:      config.Of(with(optim.Kinds, k.Optimizers), "adam"),
		Schedule:   config.Of(with(optim.Schedules, k.Schedules), "constant"),
		Balance:    loss.Balance{EMA: 0.999, PerItem: true},
		Validation: Validation{Every: 200, Metric: lossMetric},
		Save:       Save{Audio: 10},
		Log:        Log{Experiment: "partials", Every: 10},
	}
}

// Bounds that keep a mistyped recipe from asking for the machine's memory.
const (
	maxEpochs  = 1 << 20
	maxBatch   = 1 << 14
	maxSegment = 1 << 24 // samples: 6 minutes at 48 kHz
	maxSamples = 1 << 26 // of a batch, a channel: 256 MiB
)

// Validate reports values that no run can have.
func (r Recipe) Validate() error {
	var errs []error
	check := func(ok bool, field string, value any, bound string) {
		if !ok {
			errs = append(errs, config.Field(field, value, bound))
		}
	}
	check(folderName(r.Name), "name", r.Name, "a plain folder name: up to 200 letters, without / \\ : * ? \" < > | and control characters, with no dot or space at its ends")
	check(r.Steps >= 1, "steps", r.Steps, "at least 1")
	check(r.Epochs >= 0 && r.Epochs <= maxEpochs, "epochs", r.Epochs, fmt.Sprintf("from 0 to %d", maxEpochs))
	if r.Epochs > 0 {
		check(r.Steps == defaultSteps, "steps", r.Steps, "left out where epochs is given")
		check(r.Validation.Every <= r.Epochs, "validate.every", r.Validation.Every, fmt.Sprintf("at most epochs (%d), which it counts", r.Epochs))
	}
	check(r.Batch >= 1 && r.Batch <= maxBatch, "batch", r.Batch, fmt.Sprintf("from 1 to %d", maxBatch))
	check(r.Segment >= 1 && r.Segment <= maxSegment, "segment", r.Segment, fmt.Sprintf("from 1 to %d", maxSegment))
	if r.Batch >= 1 && r.Batch <= maxBatch && r.Segment <= maxSegment {
		check(r.Batch*r.Segment <= maxSamples, "batch", r.Batch, fmt.Sprintf("at most %d with a segment of %d samples", maxSamples/max(r.Segment, 1), r.Segment))
	}
	check(len(r.Loss.Items) > 0, "loss", []string{}, "a list of at least one term")
	check(r.EMA >= 0 && r.EMA < 1, "ema", r.EMA, "at least 0 and below 1")
	// Both count validations.
	watches := r.Schedule.Kind == "plateau" || r.Validation.Patience > 0
	check(r.Validation.Every > 0 || !watches, "validate.every", r.Validation.Every, "at least 1 where schedule is plateau or validate.patience is set")
	return errors.Join(errs...)
}

// folderName says whether name can be a folder's on any system.
func folderName(name string) bool {
	return name != "" && len(name) <= 200 && strings.Trim(name, ". ") == name &&
		!strings.ContainsAny(name, `/\:*?"<>|`) && strings.IndexFunc(name, unicode.IsControl) < 0
}

// Validate implements config.Validator.
func (c Clip) Validate() error {
	return errors.Join(notNegative("norm", c.Norm), notNegative("value", c.Value))
}

// Validate implements config.Validator.
func (v Validation) Validate() error {
	errs := []error{notNegative("every", v.Every), notNegative("patience", v.Patience), notNegative("gain", v.Gain)}
	if v.Skip.Negative() {
		errs = append(errs, config.Field("skip", v.Skip, "at least 0"))
	}
	if _, ok := metric.Get(v.Metric); !ok && v.Metric != lossMetric {
		errs = append(errs, config.Field("metric", v.Metric, "loss or one of "+strings.Join(metric.Names(), ", ")))
	}
	return errors.Join(errs...)
}

// Validate implements config.Validator.
func (s Save) Validate() error {
	return errors.Join(notNegative("every", s.Every), notNegative("audio", s.Audio))
}

func notNegative[T int | float64](field string, x T) error {
	if x >= 0 { // NaN is not
		return nil
	}
	return config.Field(field, x, "at least 0")
}

// LoadRecipe reads the recipe called name: a file's path, or the name of a
// recipe inside the program. Overrides are "key=value" with dotted keys.
// Relative paths begin at the working directory.
func (o Options) LoadRecipe(name string, overrides ...string) (Recipe, error) {
	data, file, err := findRecipe(name)
	if err != nil {
		return Recipe{}, err
	}
	r, err := o.parseRecipe(file, data, overrides)
	if err != nil {
		return Recipe{}, err
	}
	wd, err := os.Getwd()
	if err != nil {
		return Recipe{}, err
	}
	r.Data.Value = r.Data.Value.Absolute(wd)
	if r.Init != "" && !filepath.IsAbs(r.Init) {
		r.Init = filepath.Join(wd, r.Init)
	}
	if !IsModelFile(r.Init) {
		return r, nil
	}
	if given, err := says("model", file, data, overrides); err != nil || given {
		return r, err
	}
	if r.Model, err = modelOf(r.Init); err != nil {
		return r, fmt.Errorf("init: %w", err)
	}
	return r, nil
}

// Resolve returns the YAML of the recipe called name with every default written
// out.
func (o Options) Resolve(name string, overrides []string) (string, error) {
	r, err := o.LoadRecipe(name, overrides...)
	if err != nil {
		return "", err
	}
	text, err := config.Marshal(r)
	return string(text), err
}

func (o Options) parseRecipe(file string, data []byte, overrides []string) (Recipe, error) {
	r := o.Kinds.defaults()
	r.Name = strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	err := config.Load(&r, file, data, overrides)
	return r, err
}

// recipeOf reads the recipe that a run is at.
func (o Options) recipeOf(d Dir, overrides []string) (Recipe, error) {
	data, err := os.ReadFile(d.path(configFile))
	if err != nil {
		return Recipe{}, fmt.Errorf("reading the run's recipe: %w", err)
	}
	return o.parseRecipe(d.path(configFile), data, overrides)
}

// Recipes lists the names of the recipes inside the program.
func Recipes() []string { return configs.Names() }

// findRecipe returns the text of a recipe and the name of its file.
func findRecipe(name string) (data []byte, file string, err error) {
	if data, ok := configs.Get(name); ok {
		return data, name + ".yaml", nil
	}
	data, err = os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) && filepath.Ext(name) == "" && !strings.ContainsAny(name, `/\`) {
		return nil, "", fmt.Errorf("no recipe is called %q; there are %s (or give the path of a .yaml file)",
			name, strings.Join(configs.Names(), ", "))
	}
	if err != nil {
		return nil, "", fmt.Errorf("reading the recipe: %w", err)
	}
	return data, name, nil
}
