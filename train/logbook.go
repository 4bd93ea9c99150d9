package train

import (
	"errors"
	"fmt"

	"partials/internal/config"
	"partials/internal/mlflow"
)

// Log says what a run tells other programs while it goes on, beside its own
// files. It changes nothing of the run.
type Log struct {
	TensorBoard bool   `yaml:"tensorboard" doc:"write event files for TensorBoard into the run's folder: curves, histograms, pictures, sounds, settings"`
	MLflow      string `yaml:"mlflow" doc:"address of an MLflow server that the run is logged to, as http://127.0.0.1:5000; empty for none"`
	Experiment  string `yaml:"experiment" doc:"MLflow's experiment that the run belongs to"`
	Every       int    `yaml:"every" doc:"steps between two points of their curves"`
}

// Validate implements config.Validator.
func (l Log) Validate() error {
	var errs []error
	if l.Every < 1 {
		errs = append(errs, config.Field("every", l.Every, "at least 1"))
	}
	if l.MLflow != "" {
		if _, err := mlflow.New(l.MLflow); err != nil {
			errs = append(errs, fmt.Errorf("mlflow: %w", err))
		}
		if l.Experiment == "" {
			errs = append(errs, config.Field("experiment", l.Experiment, "a name"))
		}
	}
	return errors.Join(errs...)
}

// logbook is what another program knows of a run.
type logbook interface {
	// points are numbers that were measured at a step.
	points(step int, list []point) error
	// flush brings what was told so far to where others see it.
	flush() error
	// end tells how the run ended, by the manifest's word.
	end(status string) error
	close() error
}

// point is a number of a curve.
type point struct {
	name  string // with a group in front: "train/loss"
	value float64
}

// points are the numbers of a record.
func (r Record) points() []point {
	var list []point
	put := func(name string, x *Number) {
		if x != nil {
			list = append(list, point{name, float64(*x)})
		}
	}
	put("train/loss", r.Loss)
	for _, name := range sortedNames(r.Terms) {
		v := r.Terms[name]
		put("train/loss/"+name, &v)
	}
	put("train/lr", r.LR)
	put("train/grad_norm", r.GradNorm)
	for _, name := range sortedNames(r.Valid) {
		v := r.Valid[name]
		put("valid/"+name, &v)
	}
	return list
}

// points are the numbers of a line of timings.
func (t Timing) points() []point {
	return []point{{"system/real_time", t.RealTime}, {"system/arena_mib", float64(t.Arena) / (1 << 20)}}
}

// openLogbooks opens those that the recipe asks for.
func (j *journal) openLogbooks(dir Dir) error {
	l := j.s.recipe.Log
	text, err := config.Marshal(j.s.recipe)
	if err != nil {
		return err
	}
	settings, err := config.Flatten(configFile, text)
	if err != nil {
		return err
	}
	if l.TensorBoard {
		if j.board, err = openBoard(dir, j.s, settings, text); err != nil {
			return err
		}
		j.books = append(j.books, j.board)
	}
	if l.MLflow != "" {
		m, err := openMLflow(dir, j.s, settings)
		if err != nil {
			return err
		}
		j.books = append(j.books, m)
	}
	return nil
}

// tell tells all logbooks of numbers.
func (j *journal) tell(step int, list []point) error {
	var errs []error
	for _, b := range j.books {
		errs = append(errs, b.points(step, list))
	}
	return errors.Join(errs...)
}

// best tells all logbooks of the best weights' metrics.
func (j *journal) best(values map[string]Number) error {
	var list []point
	for _, name := range sortedNames(values) {
		list = append(list, point{"best/" + name, float64(values[name])})
	}
	return j.tell(j.s.prog.BestStep, list)
}

// look shows the pictures and sounds that were drawn.
func (j *journal) look(dir Dir, end bool) error {
	if j.board == nil {
		return nil
	}
	return j.board.look(dir, j.s.prog.Step, end)
}

// end tells all logbooks how the run ended.
func (j *journal) end(status string) error {
	var errs []error
	for _, b := range j.books {
		errs = append(errs, b.end(status))
	}
	return errors.Join(errs...)
}
