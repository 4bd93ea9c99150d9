package train

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"partials/autograd"
	"partials/datasets"
	"partials/model"
	"partials/optim"
	"partials/tensor"
)

// measure holds what a step computed.
type measure struct {
	loss     float64
	terms    []float64 // in the order of loss.Terms; good until the next step
	lr       float64
	gradNorm float64 // L2, before clipping
}

// learn makes one update from a batch and returns what it measured. After a
// *NotFinite error the weights are as they were. A steady step allocates
// nothing.
func (s *session) learn(batch *datasets.Batch, watch *stopwatch) (m measure, err error) {
	if err := autograd.Catch(func() {
		l := s.takeDryPass(watch)
		if l == nil {
			l = s.pass(s.prog.Step, batch, watch)
		}
		m.loss = s.tape.Scalar(l)
		m.terms = s.sumTerms()
		m.gradNorm = optim.Norm(s.dev, s.params.Grads(), s.square)
		watch.lap(backward)
	}); err != nil {
		var a *autograd.Anomaly
		if errors.As(err, &a) {
			return m, &NotFinite{Step: s.prog.Step + 1, What: a.What, Value: a.Value, Origin: err.Error(), Files: slices.Clone(batch.Files)}
		}
		return m, fmt.Errorf("step %d: %w", s.prog.Step+1, plain(err))
	}
	if err := s.finite(batch, m); err != nil {
		err.Origin = s.origin(batch)
		return m, err
	}
	m.lr = s.schedule.LR(s.prog.Step)
	s.update(m)
	s.prog.Step++
	watch.lap(update)
	return m, nil
}

// pass runs the model and the loss on a batch, forward and backward, and returns
// the loss.
func (s *session) pass(step int, batch *datasets.Batch, watch *stopwatch) *autograd.Var {
	s.tape.Reset()
	s.params.ZeroGrad()
	l := s.forward(step, batch)
	watch.lap(forward)
	s.backward(l)
	watch.lap(backward)
	return l
}

// forward runs the model and the loss on a batch.
func (s *session) forward(step int, b *datasets.Batch) *autograd.Var {
	x := s.tape.Put(b.InputShape, b.Input)
	return s.sumLoss(step, model.Training(s.tape), x, s.tape.Put(b.TargetShape, b.Target))
}

func (s *session) backward(loss *autograd.Var) {
	if err := s.tape.Backward(loss); err != nil {
		panic(&autograd.Fault{Op: "train", Cause: err})
	}
}

// dryRun runs the first batch forward and backward, so that a recipe whose parts
// do not fit is refused before anything is written. The first step of a new run
// is the same pass over the same batch, and takes it up.
func (s *session) dryRun() error {
	loader := s.newLoader(0, 1)
	defer loader.Close()
	d := new(dryPass)
	d.watch.start()
	batch, err := loader.Batch(0)
	if err != nil {
		return err
	}
	d.watch.lap(load)
	before := s.passState()
	err = autograd.Catch(func() { d.loss = s.pass(0, batch, &d.watch) })
	d.after = s.passState()
	s.setPassState(before)
	if err != nil {
		s.tape.Reset()
		return fmt.Errorf("the recipe's parts do not fit together (batch %d, segment %d, model %s): %w",
			s.recipe.Batch, s.recipe.Segment, s.recipe.Model.Kind, plain(err))
	}
	s.dry = d
	return nil
}

// passState is what a pass changes besides gradients: the model's buffers and
// the balance of the loss.
type passState struct{ buffers, balance [][]float64 }

// passState returns copies.
func (s *session) passState() passState {
	p := passState{balance: s.balance()}
	for _, b := range s.params.Buffers() {
		v := make([]float64, b.Value.Len())
		s.dev.Read64(v, b.Value)
		p.buffers = append(p.buffers, v)
	}
	return p
}

// setPassState brings back what was.
func (s *session) setPassState(p passState) {
	for i, b := range s.params.Buffers() {
		s.dev.Write64(b.Value, p.buffers[i])
	}
	if err := s.restoreBalance(p.balance); err != nil {
		panic(err) // it is the loss's own
	}
}

// dryPass is the first step's pass, made before the run began: its loss is on
// the tape and its gradients in the parameters, which nothing touches between.
type dryPass struct {
	loss  *autograd.Var
	after passState
	watch stopwatch
}

// takeDryPass makes the dry pass that of the step, where there is one: it
// returns its loss, or nil.
func (s *session) takeDryPass(watch *stopwatch) *autograd.Var {
	d := s.dry
	if d == nil {
		return nil
	}
	s.dry = nil
	s.setPassState(d.after)
	for st, t := range d.watch.spent {
		watch.spent[st] += t
	}
	return d.loss
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
	Step   int // the update that was not made, counted from 1
	What   string
	Value  float64
	Terms  string   // the loss's terms and their values; empty where they were not computed
	Origin string   // the first Function that made such a number; empty where none did
	Files  []string // of the batch
	Last   string   // the last checkpoint, or empty
}

func (e *NotFinite) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the %s is %v at step %d", e.What, e.Value, e.Step)
	if e.Terms != "" {
		fmt.Fprintf(&b, " (%s)", e.Terms)
	}
	fmt.Fprintf(&b, "; the weights were not changed. The batch came from %s.", strings.Join(e.Files, ", "))
	if e.Origin != "" {
		fmt.Fprintf(&b, " The first to make such a number was %s.", e.Origin)
	}
	if e.Last == "" {
		b.WriteString(" There is no checkpoint yet.")
	} else {
		fmt.Fprintf(&b, " The last good checkpoint is %s.", e.Last)
	}
	b.WriteString(" A lower learning rate (optim.lr), clipping (clip.norm=1) or a check of those files usually helps.")
	return b.String()
}

// finite refuses a step whose loss or gradient norm is no number.
func (s *session) finite(b *datasets.Batch, m measure) *NotFinite {
	what, value := "loss", m.loss
	if isFinite(m.loss) {
		what, value = "gradient's norm", m.gradNorm
	}
	if isFinite(value) {
		return nil
	}
	var terms []string
	for i, name := range s.lossTerms() {
		terms = append(terms, fmt.Sprintf("%s %.6g", name, m.terms[i]))
	}
	return &NotFinite{Step: s.prog.Step + 1, What: what, Value: value, Terms: strings.Join(terms, ", "), Files: slices.Clone(b.Files)}
}

// origin makes the step once more, with a look at every number, and says which
// Function was the first to make one that is none.
func (s *session) origin(b *datasets.Batch) string {
	s.tape.DetectAnomaly(true)
	defer s.tape.DetectAnomaly(s.detect)
	err := autograd.Catch(func() {
		s.tape.Reset()
		s.params.ZeroGrad()
		s.backward(s.forward(s.prog.Step, b))
	})
	var a *autograd.Anomaly
	if !errors.As(err, &a) {
		return ""
	}
	return err.Error()
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
