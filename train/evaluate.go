package train

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"partials/autograd"
	"partials/datasets"
	"partials/loss"
	"partials/metric"
	"partials/model"
	"partials/tensor"
)

// evaluateBlock is how many samples a model is given at once outside of
// training: enough to keep its kernels busy, little enough to bound memory.
const evaluateBlock = 1 << 14

// Evaluate measures a run's best weights on its validation data. Overrides
// ("data.input=other.wav") measure it on other data.
func Evaluate(ctx context.Context, dir Dir, overrides []string, o Options) (_ *Evaluation, err error) {
	man, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	r, err := o.recipeOf(dir, overrides)
	if err != nil {
		return nil, err
	}
	s, err := openSession(r, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	in, out := s.data.Channels()
	if s.data.Rate() != man.Rate || in != man.Inputs || out != man.Outputs {
		return nil, fmt.Errorf("the model was trained on %d Hz with %d input and %d target channels, and the data has %d Hz, %d and %d; data.rate=%d resamples it",
			man.Rate, man.Inputs, man.Outputs, s.data.Rate(), in, out, man.Rate)
	}
	if controls := datasets.Controls(s.data); !slices.Equal(controls, man.Controls) {
		return nil, fmt.Errorf("the model was trained with the controls %v, and the data has %v", man.Controls, controls)
	}
	weights, err := dir.weights()
	if err != nil {
		return nil, err
	}
	if err := loadWeights(s.dev, s.params, weights); err != nil {
		return nil, err
	}
	e, err := s.evaluate(ctx, nil)
	if err == nil && e == nil {
		err = errors.New("the recipe sets no validation data aside")
	}
	return e, err
}

// evaluate runs the model over all validation excerpts, as a stream. It
// returns nil where the recipe has no validation data. Where keep is not nil
// it gets the sound of the first excerpt. Of a packed model the last member is
// what is heard; the means are those of all.
func (s *session) evaluate(ctx context.Context, keep *excerptSound) (found *Evaluation, err error) {
	excerpts := s.data.Excerpts()
	if len(excerpts) == 0 {
		return nil, nil
	}
	var means []map[string]Number
	for i, m := range s.members {
		if m.eval == nil {
			m.eval = newEvaluation(s, m)
		}
		sound := keep
		if i+1 < len(s.members) {
			sound = nil
		}
		if found, err = m.eval.all(ctx, excerpts, sound); err != nil {
			return nil, err
		}
		means = append(means, found.Mean)
	}
	found.Mean = s.merged(means)
	return found, nil
}

// all measures all excerpts.
func (e *evaluation) all(ctx context.Context, excerpts []datasets.Excerpt, keep *excerptSound) (*Evaluation, error) {
	e.begin()
	for i, x := range excerpts {
		var sound *excerptSound
		if i == 0 {
			sound = keep
		}
		if err := e.run(ctx, x, sound); err != nil {
			return nil, fmt.Errorf("validation on %s: %w", x.Name(), err)
		}
	}
	res := &Evaluation{Mean: e.means(), Before: means(e.excerpts, before), Excerpts: e.excerpts, Groups: groups(e.excerpts)}
	if e.seconds > 0 {
		res.RealTime = e.took.Seconds() / e.seconds
	}
	return res, nil
}

// evaluation adds up what excerpts measure.
type evaluation struct {
	s        *session
	sum      *loss.Sum
	audio    int // channels of the input that are no knobs
	metrics  []metric.Metric
	stream   *model.Stream
	tape     *autograd.Tape
	window   window
	blocks   blocks
	loss     float64
	terms    []float64
	windows  int
	diverged bool // the model's output is not finite somewhere
	excerpts []ExcerptValues
	before   []map[string]Number // of the inputs of all excerpts, once they are measured; nil where they are no degraded targets
	took     time.Duration       // in the model
	seconds  float64             // of sound that it heard
}

func newEvaluation(s *session, m *member) *evaluation {
	audio, out := s.data.Channels()
	in := audio + len(datasets.Controls(s.data))
	e := &evaluation{
		s: s, sum: m.loss, audio: audio, stream: model.NewStream(m.model, s.dev), tape: autograd.NewTape(s.dev, 0),
		window: newWindow(out, s.recipe.Segment), terms: make([]float64, len(m.loss.Terms())),
		blocks: blocks{planes(in, evaluateBlock), planes(in, evaluateBlock), planes(out, evaluateBlock), planes(out, evaluateBlock)},
	}
	for _, name := range metric.Names() {
		m, _ := metric.Get(name)
		e.metrics = append(e.metrics, m)
	}
	return e
}

// begin forgets what was measured before.
func (e *evaluation) begin() {
	e.loss, e.windows, e.diverged, e.excerpts = 0, 0, false, nil
	e.took, e.seconds = 0, 0
	clear(e.terms)
}

// run measures one excerpt.
func (e *evaluation) run(ctx context.Context, x datasets.Excerpt, keep *excerptSound) error {
	treated := e.newMeters()
	k := len(e.excerpts)
	var untreated *meters
	if datasets.IsDegraded(e.s.data) && k == len(e.before) {
		untreated = e.newMeters()
	}
	e.window.n = 0
	before := e.windows
	skip := e.s.recipe.Validation.Skip.Samples(e.s.data.Rate())
	if skip >= x.Frames() {
		return fmt.Errorf("it has %d samples, and validate.skip leaves out %d", x.Frames(), skip)
	}
	if err := e.play(ctx, x, func(in, target, pred [][]float32) error {
		keep.add(in, target, pred)
		n := len(pred[0])
		from := min(skip, n)
		skip -= from
		if from == n {
			return nil
		}
		in, target, pred = cut(in, from, n), cut(target, from, n), cut(pred, from, n)
		treated.add(pred, target)
		untreated.add(in, target)
		e.diverged = e.diverged || !finiteSamples(pred)
		return e.window.add(pred, target, e.measureLoss)
	}); err != nil {
		return err
	}
	if e.windows == before { // shorter than a segment: the rest is silence
		if err := e.window.pad(e.measureLoss); err != nil {
			return err
		}
	}
	if untreated != nil {
		e.before = append(e.before, untreated.values())
	}
	v := ExcerptValues{Name: x.Name(), Seconds: float64(x.Frames()) / float64(e.s.data.Rate()), Tags: datasets.TagsOf(x), Values: treated.values()}
	if k < len(e.before) {
		v.Before = e.before[k]
	}
	v.addImprovement()
	e.excerpts = append(e.excerpts, v)
	if keep != nil {
		keep.Name = x.Name()
	}
	return nil
}

// meters measure every metric of every channel.
type meters struct {
	metrics  []metric.Metric
	channels int
	all      []metric.Meter // metric by metric
}

func (e *evaluation) newMeters() *meters {
	_, out := e.s.data.Channels()
	m := &meters{metrics: e.metrics, channels: out}
	for _, x := range e.metrics {
		for range out {
			m.all = append(m.all, x.New(e.s.data.Rate()))
		}
	}
	return m
}

// add takes the next samples. No meters take none.
func (m *meters) add(pred, target [][]float32) {
	if m == nil {
		return
	}
	for i, x := range m.all {
		x.Add(pred[i%m.channels], target[i%m.channels])
	}
}

// values are the means over channels.
func (m *meters) values() map[string]Number {
	values := map[string]Number{}
	for i, x := range m.metrics {
		mean := 0.0
		for c := range m.channels {
			mean += m.all[i*m.channels+c].Value() / float64(m.channels)
		}
		values[x.Name] = Number(mean)
	}
	return values
}

// blocks is the memory of play: planar channels of evaluateBlock samples.
type blocks struct{ in, late, target, pred [][]float32 }

// play streams an excerpt through the model, block by block, and calls f with
// input, target and prediction of the same samples. The model's latency is
// taken out.
func (e *evaluation) play(ctx context.Context, x datasets.Excerpt, f func(in, target, pred [][]float32) error) error {
	e.stream.Reset()
	if err := e.warm(x); err != nil {
		return err
	}
	lag := e.stream.Latency()
	for at := 0; at < x.Frames()+lag; at += evaluateBlock {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(evaluateBlock, x.Frames()+lag-at)
		if err := e.feed(x, at, n); err != nil {
			return err
		}
		skip := min(max(lag-at, 0), n) // predictions of samples before the first
		if skip == n {
			continue
		}
		in, target := upTo(e.blocks.late, n-skip), upTo(e.blocks.target, n-skip)
		if err := x.Read(in, target, at+skip-lag); err != nil {
			return err
		}
		if err := f(in[:e.audio], target, cut(e.blocks.pred, skip, n)); err != nil {
			return err
		}
	}
	return nil
}

// warm feeds the stream the context that stands before the excerpt, as a
// training segment has it.
func (e *evaluation) warm(x datasets.Excerpt) error {
	facts := e.s.model.Facts()
	context := (facts.Context + facts.Block - 1) / facts.Block * facts.Block // frames stay where they are
	for at := -context; at < 0; at += evaluateBlock {
		if err := e.feed(x, at, min(evaluateBlock, -at)); err != nil {
			return err
		}
	}
	return nil
}

// feed runs n samples of the excerpt's input through the model.
func (e *evaluation) feed(x datasets.Excerpt, at, n int) error {
	in, pred := upTo(e.blocks.in, n), upTo(e.blocks.pred, n)
	if err := x.Read(in, upTo(e.blocks.target, n), at); err != nil {
		return err
	}
	start := time.Now()
	if err := autograd.Catch(func() { e.stream.Process(pred, in) }); err != nil {
		return plain(err)
	}
	e.took += time.Since(start)
	e.seconds += float64(n) / float64(e.s.data.Rate())
	return nil
}

// measureLoss adds the loss of one segment.
func (e *evaluation) measureLoss(pred, target []float32) error {
	shape := tensor.Of(1, e.window.channels, e.window.size)
	err := autograd.Catch(func() {
		e.tape.Reset()
		e.tape.NoGrad(func() {
			l := e.sum.Apply(e.tape, 0, e.tape.Put(shape, pred), e.tape.Put(shape, target))
			e.loss += e.tape.Scalar(l)
			for i, v := range e.sum.Values(e.tape) {
				e.terms[i] += v
			}
		})
	})
	e.windows++
	return err
}

// means are those of what was measured.
func (e *evaluation) means() map[string]Number {
	v := means(e.excerpts, after)
	if e.diverged {
		undefined(v)
	}
	v[lossMetric] = Number(e.loss / float64(e.windows))
	if names := e.sum.Terms(); len(names) > 1 {
		for i, name := range names {
			v[lossMetric+"."+name] = Number(e.terms[i] / float64(e.windows))
		}
	}
	return v
}

func finiteSamples(x [][]float32) bool {
	for _, c := range x {
		for _, v := range c {
			if v-v != 0 { // NaN or infinite
				return false
			}
		}
	}
	return true
}
