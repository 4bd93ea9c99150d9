package train

import (
	"context"
	"fmt"
	"math"

	"partials/autograd"
	"partials/datasets"
	"partials/metric"
	"partials/model"
	"partials/tensor"
)

// evaluateBlock is how many samples a model is given at once outside of
// training: enough to keep its kernels busy, little enough to bound memory.
const evaluateBlock = 1 << 14

// Evaluation is what a model measures on its validation data: the loss and its
// terms, means over segments, and every metric, means over excerpts.
type Evaluation struct {
	Mean     map[string]Number `json:"mean"`
	Excerpts []ExcerptValues   `json:"excerpts"`
}

// ExcerptValues are the metrics of one excerpt.
type ExcerptValues struct {
	Name    string            `json:"name"`
	Seconds float64           `json:"seconds"`
	Values  map[string]Number `json:"values"`
}

// Evaluate measures a run's best weights on its validation data. Overrides
// ("data.input=other.wav") measure it on other data.
func Evaluate(ctx context.Context, dir Dir, overrides []string, o Options) (*Evaluation, error) {
	r, err := o.recipeOf(dir, overrides)
	if err != nil {
		return nil, err
	}
	dev, err := open(&r, o)
	if err != nil {
		return nil, err
	}
	defer dev.Close()
	s, err := newSession(r, dev, o.log())
	if err != nil {
		return nil, err
	}
	defer s.close()
	if err := loadWeights(dev, s.params, dir.weights(), true); err != nil {
		return nil, err
	}
	e, err := s.evaluateAll(ctx, nil)
	if err == nil && e == nil {
		err = fmt.Errorf("the recipe sets no validation data aside")
	}
	return e, err
}

// evaluate returns the means of evaluateAll, or nil.
func (s *session) evaluate(ctx context.Context, keep *excerptSound) (map[string]Number, error) {
	e, err := s.evaluateAll(ctx, keep)
	if e == nil {
		return nil, err
	}
	return e.Mean, err
}

// evaluateAll runs the model over all validation excerpts, as a stream. It
// returns nil where the recipe has no validation data. Where keep is not nil
// it gets the sound of the first excerpt.
func (s *session) evaluateAll(ctx context.Context, keep *excerptSound) (*Evaluation, error) {
	excerpts := s.data.Excerpts()
	if len(excerpts) == 0 {
		return nil, nil
	}
	e := newEvaluation(s)
	for i, x := range excerpts {
		var sound *excerptSound
		if i == 0 {
			sound = keep
		}
		if err := e.run(ctx, x, sound); err != nil {
			return nil, fmt.Errorf("validation on %s: %w", x.Name(), err)
		}
	}
	return &Evaluation{Mean: e.values(), Excerpts: e.excerpts}, nil
}

// excerptSound is an excerpt as it is heard: planar channels of equal length.
type excerptSound struct {
	Name                  string
	Input, Target, Output [][]float32
	limit                 int // samples
}

// evaluation adds up what excerpts measure.
type evaluation struct {
	s        *session
	stream   *model.Stream
	tape     *autograd.Tape
	window   window
	loss     float64
	terms    []float64
	windows  int
	excerpts []ExcerptValues
}

func newEvaluation(s *session) *evaluation {
	_, out := s.data.Channels()
	return &evaluation{
		s: s, stream: model.NewStream(s.model, s.dev), tape: autograd.NewTape(s.dev, 0),
		window: newWindow(out, s.recipe.Segment), terms: make([]float64, len(s.loss.Terms())),
	}
}

// run measures one excerpt.
func (e *evaluation) run(ctx context.Context, x datasets.Excerpt, keep *excerptSound) error {
	_, out := e.s.data.Channels()
	meters := map[string][]metric.Meter{}
	for _, name := range metric.Names() {
		m, _ := metric.Get(name)
		for range out {
			meters[name] = append(meters[name], m.New())
		}
	}
	e.window.n = 0
	before := e.windows
	if err := e.play(ctx, x, func(in, target, pred [][]float32) error {
		for c := range out {
			for _, ms := range meters {
				ms[c].Add(pred[c], target[c])
			}
		}
		keep.add(in, target, pred)
		return e.window.add(pred, target, e.measureLoss)
	}); err != nil {
		return err
	}
	if e.windows == before { // shorter than a segment: the rest is silence
		if err := e.window.pad(e.measureLoss); err != nil {
			return err
		}
	}
	values := map[string]Number{}
	for name, ms := range meters {
		mean := 0.0
		for _, m := range ms {
			mean += m.Value() / float64(out)
		}
		values[name] = Number(mean)
	}
	e.excerpts = append(e.excerpts, ExcerptValues{x.Name(), float64(x.Frames()) / float64(e.s.data.Rate()), values})
	if keep != nil {
		keep.Name = x.Name()
	}
	return nil
}

// play streams an excerpt through the model, block by block, and calls f with
// input, target and prediction of the same samples. The model's latency is
// taken out.
func (e *evaluation) play(ctx context.Context, x datasets.Excerpt, f func(in, target, pred [][]float32) error) error {
	cin, cout := e.s.data.Channels()
	e.stream.Reset()
	lag := e.stream.Latency()
	in, target, pred := planes(cin, evaluateBlock), planes(cout, evaluateBlock), planes(cout, evaluateBlock)
	unused := planes(cout, evaluateBlock)
	late := planes(cin, evaluateBlock) // the input at the prediction's place
	for at := 0; at < x.Frames()+lag; at += evaluateBlock {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(evaluateBlock, x.Frames()+lag-at)
		if err := x.Read(upTo(in, n), upTo(unused, n), at); err != nil {
			return err
		}
		if err := autograd.Catch(func() { e.stream.Process(upTo(pred, n), upTo(in, n)) }); err != nil {
			return plain(err)
		}
		skip := min(max(lag-at, 0), n) // predictions of samples before the first
		if skip == n {
			continue
		}
		got := from(upTo(pred, n), skip)
		if err := x.Read(upTo(late, n-skip), upTo(target, n-skip), at+skip-lag); err != nil {
			return err
		}
		if err := f(upTo(late, n-skip), upTo(target, n-skip), got); err != nil {
			return err
		}
	}
	return nil
}

// measureLoss adds the loss of one segment.
func (e *evaluation) measureLoss(pred, target []float32) error {
	_, out := e.s.data.Channels()
	shape := tensor.Of(1, out, e.s.recipe.Segment)
	err := autograd.Catch(func() {
		e.tape.Reset()
		e.tape.NoGrad(func() {
			l := e.s.loss.Apply(e.tape, 0, e.tape.Put(shape, pred), e.tape.Put(shape, target))
			e.loss += e.tape.Scalar(l)
			for i, v := range e.s.loss.Values(e.tape) {
				e.terms[i] += v
			}
		})
	})
	e.windows++
	return err
}

// values are the means of what was measured.
func (e *evaluation) values() map[string]Number {
	v := map[string]Number{"loss": Number(e.loss / float64(e.windows))}
	if names := e.s.loss.Terms(); len(names) > 1 {
		for i, name := range names {
			v["loss."+name] = Number(e.terms[i] / float64(e.windows))
		}
	}
	for _, name := range metric.Names() {
		sum := 0.0
		for _, x := range e.excerpts {
			sum += float64(x.Values[name])
		}
		v[name] = Number(sum / float64(len(e.excerpts)))
	}
	return v
}

// window collects blocks of any size into segments of a fixed one.
type window struct {
	size         int
	n            int // samples collected
	pred, target []float32
	channels     int
}

func newWindow(channels, size int) window {
	return window{size: size, channels: channels, pred: make([]float32, channels*size), target: make([]float32, channels*size)}
}

// add takes a block and calls f for each segment that it completes.
func (w *window) add(pred, target [][]float32, f func(pred, target []float32) error) error {
	for at := 0; at < len(pred[0]); {
		k := min(w.size-w.n, len(pred[0])-at)
		for c := range w.channels {
			copy(w.pred[c*w.size+w.n:], pred[c][at:at+k])
			copy(w.target[c*w.size+w.n:], target[c][at:at+k])
		}
		at += k
		if w.n += k; w.n == w.size {
			w.n = 0
			if err := f(w.pred, w.target); err != nil {
				return err
			}
		}
	}
	return nil
}

// pad fills the segment up with silence and calls f for it.
func (w *window) pad(f func(pred, target []float32) error) error {
	for c := range w.channels {
		clear(w.pred[c*w.size+w.n : (c+1)*w.size])
		clear(w.target[c*w.size+w.n : (c+1)*w.size])
	}
	w.n = 0
	return f(w.pred, w.target)
}

func (k *excerptSound) add(in, target, pred [][]float32) {
	if k == nil {
		return
	}
	join := func(to *[][]float32, x [][]float32) {
		if *to == nil {
			*to = make([][]float32, len(x))
		}
		for c := range x {
			n := min(len(x[c]), max(k.limit-len((*to)[c]), 0))
			(*to)[c] = append((*to)[c], x[c][:n]...)
		}
	}
	join(&k.Input, in)
	join(&k.Target, target)
	join(&k.Output, pred)
}

// samples turns seconds into samples at a rate.
func samples(seconds float64, rate int) int { return int(math.Round(seconds * float64(rate))) }

func planes(channels, n int) [][]float32 {
	p := make([][]float32, channels)
	for c := range p {
		p[c] = make([]float32, n)
	}
	return p
}

// upTo is the first n samples of each channel, from those behind the first n.
func upTo(x [][]float32, n int) [][]float32 { return cut(x, 0, n) }

func from(x [][]float32, n int) [][]float32 { return cut(x, n, len(x[0])) }

func cut(x [][]float32, lo, hi int) [][]float32 {
	y := make([][]float32, len(x))
	for c := range x {
		y[c] = x[c][lo:hi]
	}
	return y
}
