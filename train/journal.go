package train

import (
	"errors"
	"log/slog"
	"time"
)

// journal is what a run writes down while it goes on: metrics.jsonl,
// timing.jsonl, log.jsonl, and the display.
type journal struct {
	s       *session
	display Display
	metrics *lines
	timing  *lines
	events  *lines
	console *slog.Logger // the session's log before the run's folder joined it
	books   []logbook
	board   *board // among the books, or nil

	spikes spikes
	watch  stopwatch // since the last line of timing.jsonl
	since  int       // step of that line
	drawn  time.Time // when the pictures were last drawn
}

// stage is a part of a step that timing.jsonl tells apart.
type stage int

const (
	load stage = iota
	forward
	backward
	update
	writing
	validation
	stages
)

// stopwatch books time to stages.
type stopwatch struct {
	spent [stages]time.Duration
	last  time.Time
}

func (w *stopwatch) start() { w.last = time.Now() }

// lap books the time since the last lap, or the start, to a stage.
func (w *stopwatch) lap(st stage) {
	now := time.Now()
	w.spent[st] += now.Sub(w.last)
	w.last = now
}

func (w *stopwatch) total() (d time.Duration) {
	for _, x := range w.spent {
		d += x
	}
	return d
}

// timingEvery is how long a line of timing.jsonl covers.
const timingEvery = 5 * time.Second

func openJournal(dir Dir, s *session, display Display) (*journal, error) {
	j := &journal{s: s, display: display, since: s.prog.Step, console: s.log, drawn: time.Now()}
	for _, f := range []struct {
		to   **lines
		name string
	}{{&j.metrics, metricsFile}, {&j.timing, timingFile}, {&j.events, logFile}} {
		l, err := openLines(dir.path(f.name))
		if err != nil {
			return nil, errors.Join(err, j.close())
		}
		*f.to = l
	}
	s.log = slog.New(slog.NewMultiHandler(s.log.Handler(), slog.NewJSONHandler(j.events.f, nil)))
	return j, nil
}

func (j *journal) close() error {
	var errs []error
	for _, b := range j.books { // they may have a last word for the log
		errs = append(errs, b.close())
	}
	j.s.log = j.console
	for _, l := range []*lines{j.metrics, j.timing, j.events} {
		if l != nil {
			errs = append(errs, l.close())
		}
	}
	return errors.Join(errs...)
}

func (j *journal) begin() {
	from, to := j.s.prog.Step, j.s.length.steps
	j.s.log.Info("training", "from_step", from, "to_step", to, "parameters", j.s.params.Len(), "model", j.s.recipe.Model.Kind)
	if j.display != nil {
		j.display.Begin(from, to, j.sound(1))
	}
}

// sound is the seconds of sound in some steps.
func (j *journal) sound(steps int) float64 {
	return float64(steps) * float64(j.s.recipe.Batch*j.s.recipe.Segment) / float64(j.s.data.Rate())
}

// step writes down the step that is done, of a batch from those files.
func (j *journal) step(m measure, files []string) error {
	step := j.s.prog.Step
	if usual, spike := j.spikes.add(m.loss); spike {
		j.s.log.Warn("the loss is far above those before it", "step", step, "loss", m.loss, "usual", usual, "files", files)
	}
	r := Record{Step: step, Loss: number(m.loss), LR: number(m.lr), GradNorm: number(m.gradNorm)}
	if names := j.s.lossTerms(); len(names) > 1 {
		r.Terms = map[string]Number{}
		for i, name := range names {
			r.Terms[name] = Number(m.terms[i])
		}
	}
	if err := j.metrics.add(r); err != nil {
		return err
	}
	if step%j.s.recipe.Log.Every == 0 || step == 1 {
		if err := j.tell(step, r.points()); err != nil {
			return err
		}
	}
	if j.display != nil {
		j.display.Step(step, m.loss)
	}
	if j.watch.total() >= timingEvery {
		return j.flush(false)
	}
	return nil
}

// validation writes down what a validation measured.
func (j *journal) validation(values map[string]Number) error {
	step, name := j.s.prog.Step, j.s.recipe.Validation.Metric
	r := Record{Step: step, Valid: values}
	if err := j.metrics.add(r); err != nil {
		return err
	}
	if err := j.tell(step, r.points()); err != nil {
		return err
	}
	if j.board != nil {
		if err := j.board.weights(j.s); err != nil {
			return err
		}
	}
	if j.display != nil {
		j.display.Valid(step, name, float64(values[name]), j.s.prog.BestStep == step)
	}
	return nil
}

// flush brings the lines to their files, with sync to the disk.
func (j *journal) flush(sync bool) error {
	if steps := j.s.prog.Step - j.since; steps > 0 {
		seconds := func(st stage) float64 { return j.watch.spent[st].Seconds() }
		training := j.watch.total() - j.watch.spent[validation]
		t := Timing{
			Step: j.s.prog.Step, Time: time.Now().Format(time.RFC3339), Steps: steps,
			Load: seconds(load), Forward: seconds(forward), Backward: seconds(backward), Update: seconds(update), Write: seconds(writing), Validate: seconds(validation),
			RealTime: j.sound(steps) / max(training.Seconds(), 1e-9), Arena: j.s.tape.Usage().HighWater, Memory: peakMemory(),
		}
		if err := errors.Join(j.timing.add(t), j.tell(t.Step, t.points())); err != nil {
			return err
		}
		j.watch.spent, j.since = [stages]time.Duration{}, j.s.prog.Step
	}
	errs := []error{j.metrics.flush(sync), j.timing.flush(sync), j.events.flush(sync)}
	for _, b := range j.books {
		errs = append(errs, b.flush())
	}
	return errors.Join(errs...)
}
