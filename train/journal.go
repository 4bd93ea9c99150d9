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

	clock [stages]time.Duration // since the last line of timing.jsonl
	since int                   // step of that line
	drawn time.Time             // when the pictures were last drawn
}

// The stages of a step that timing.jsonl tells apart.
type stage int

const (
	load stage = iota
	forward
	back
	update
	valid
	stages
)

// timingEvery is how long a line of timing.jsonl covers.
const timingEvery = 5 * time.Second

func openJournal(dir Dir, s *session, o Options) (*journal, error) {
	j := &journal{s: s, display: o.Display, since: s.prog.Step, console: s.log, drawn: time.Now()}
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
	j.s.log = j.console
	var errs []error
	for _, l := range []*lines{j.metrics, j.timing, j.events} {
		if l != nil {
			errs = append(errs, l.close())
		}
	}
	if j.display != nil {
		j.display.End()
	}
	return errors.Join(errs...)
}

func (j *journal) begin(step int) {
	j.s.log.Info("training", "from_step", step, "to_step", j.s.recipe.Steps,
		"parameters", j.s.params.Len(), "model", j.s.recipe.Model.Kind)
	if j.display != nil {
		j.display.Begin(step, j.s.recipe.Steps, float64(j.s.recipe.Batch*j.s.recipe.Segment)/float64(j.s.data.Rate()))
	}
}

// spent books the time since *begin to a stage and moves *begin to now.
func (j *journal) spent(st stage, begin *time.Time) {
	now := time.Now()
	j.clock[st] += now.Sub(*begin)
	*begin = now
}

// step writes down step number step, which is done.
func (j *journal) step(step int, m measure) error {
	r := Record{Step: step, Loss: number(m.loss), LR: number(m.lr), GradNorm: number(m.gradNorm)}
	if names := j.s.loss.Terms(); len(names) > 1 {
		r.Terms = map[string]Number{}
		for i, name := range names {
			r.Terms[name] = Number(m.terms[i])
		}
	}
	if err := j.metrics.add(r); err != nil {
		return err
	}
	if j.display != nil {
		j.display.Step(step, m.loss)
	}
	if j.total() >= timingEvery {
		return j.flush(false)
	}
	return nil
}

// validation writes down what a validation after a step measured.
func (j *journal) validation(step int, values map[string]Number) error {
	if err := j.metrics.add(Record{Step: step, Valid: values}); err != nil {
		return err
	}
	best := j.s.prog.BestStep == step
	if j.display != nil {
		j.display.Valid(step, j.s.recipe.Validation.Metric, float64(values[j.s.recipe.Validation.Metric]), best)
	}
	return nil
}

func (j *journal) total() (d time.Duration) {
	for _, c := range j.clock {
		d += c
	}
	return d
}

// flush brings the lines to their files, with sync to the disk.
func (j *journal) flush(sync bool) error {
	if steps := j.s.prog.Step - j.since; steps > 0 {
		seconds := func(st stage) float64 { return j.clock[st].Seconds() }
		sound := float64(steps) * float64(j.s.recipe.Batch*j.s.recipe.Segment) / float64(j.s.data.Rate())
		err := j.timing.add(Timing{
			Step: j.s.prog.Step, Time: time.Now().Format(time.RFC3339), Steps: steps,
			Load: seconds(load), Forward: seconds(forward), Back: seconds(back), Update: seconds(update), Valid: seconds(valid),
			RealTime: sound / (j.total() - j.clock[valid]).Seconds(), Arena: j.s.tape.Usage().HighWater,
		})
		if err != nil {
			return err
		}
		j.clock, j.since = [stages]time.Duration{}, j.s.prog.Step
	}
	return errors.Join(j.metrics.flush(sync), j.timing.flush(sync), j.events.flush(sync))
}
