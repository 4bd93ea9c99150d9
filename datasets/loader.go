package datasets

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"partials/internal/rng"
	"partials/tensor"
)

// Batch is the examples of one step, (B, C, T) row-major.
type Batch struct {
	InputShape  tensor.Shape // (Batch, Cin+controls, Context+Segment)
	TargetShape tensor.Shape // (Batch, Cout, Segment)
	Input       []float32
	Target      []float32
	Files       []string // where they came from, each once
}

// LoaderOptions say which batches a Loader makes. Prefetch and Workers change
// none of their bits.
type LoaderOptions struct {
	Batch       int    // examples in a batch
	Seed        uint64 // of the order in which an epoch's examples come
	First, Last int    // steps: First <= step < Last
	Cut         Cut    // as the dataset was told
	Epoch       int    // steps in an epoch, which drops what is left of the examples; 0 drops none
	Prefetch    int    // batches made ahead; 0 for 2
	Workers     int    // goroutines; 0 for one a processor, at most 4
}

// Loader makes batches ahead of the training loop. Example k of step s is
// item s*Batch+k of an endless sequence of epochs, each a new order of the
// dataset's examples: a batch is a function of (seed, step) alone. With
// LoaderOptions.Epoch no batch reaches from one epoch into the next.
//
// Memory is that of Prefetch+1 batches. Batch and Close are for one goroutine.
type Loader struct {
	data Dataset
	o    LoaderOptions

	slots   []*slot // step s is made in slot s % len(slots)
	jobs    chan job
	quit    atomic.Bool
	workers sync.WaitGroup
	next    int    // the step that Batch returns next
	current *Batch // what it returned last, or nil
	err     error  // what it returned last, for good
	closed  bool
}

// slot is the memory of one batch.
type slot struct {
	batch   Batch
	files   [][]string // by example
	errs    []error
	pending atomic.Int64  // examples not made yet
	done    chan struct{} // holds one value when none is left
}

// job is one example to make.
type job struct{ step, k int }

// NewLoader starts to make batches of a dataset after its Cut.
func NewLoader(data Dataset, o LoaderOptions) *Loader {
	if o.Batch < 1 || o.First < 0 || o.Cut.Segment < 1 || o.Cut.Context < 0 {
		panic(fmt.Sprintf("datasets.NewLoader: %+v", o))
	}
	if o.Prefetch == 0 {
		o.Prefetch = 2
	}
	if o.Workers == 0 {
		o.Workers = min(runtime.GOMAXPROCS(0), 4)
	}
	l := &Loader{data: data, o: o, next: o.First}
	in, target := data.Channels()
	in += len(Controls(data))
	for range o.Prefetch + 1 {
		s := &slot{files: make([][]string, o.Batch), errs: make([]error, o.Batch), done: make(chan struct{}, 1)}
		s.batch.InputShape = tensor.Of(o.Batch, in, o.Cut.Context+o.Cut.Segment)
		s.batch.TargetShape = tensor.Of(o.Batch, target, o.Cut.Segment)
		s.batch.Input = make([]float32, s.batch.InputShape.Len())
		s.batch.Target = make([]float32, s.batch.TargetShape.Len())
		l.slots = append(l.slots, s)
	}
	l.jobs = make(chan job, len(l.slots)*o.Batch) // all slots fit: schedule never waits
	for range o.Workers {
		l.workers.Go(l.work)
	}
	for k := range o.Prefetch {
		l.schedule(o.First + k)
	}
	return l
}

// Batch returns the batch of a step: First, then each next one; the one
// returned last may be asked for again. It is valid until the next step's. An
// error names the file; there is no batch after one.
func (l *Loader) Batch(step int) (*Batch, error) {
	if l.closed {
		panic("datasets.Loader: Batch after Close")
	}
	if step == l.next-1 && (l.current != nil || l.err != nil) {
		return l.current, l.err
	}
	if step != l.next || step >= l.o.Last {
		panic(fmt.Sprintf("datasets.Loader: Batch of step %d, where step %d of %d to %d is next", step, l.next, l.o.First, l.o.Last))
	}
	if l.err != nil {
		return nil, l.err
	}
	l.schedule(step + l.o.Prefetch) // into the slot of step-1, which the caller is done with
	s := l.slot(step)
	<-s.done
	l.next, l.current = step+1, nil
	s.batch.Files = s.batch.Files[:0]
	for k := range l.o.Batch {
		if s.errs[k] != nil {
			l.err = fmt.Errorf("data of step %d: %w", step+1, s.errs[k])
			return nil, l.err
		}
		for _, f := range s.files[k] {
			if !slices.Contains(s.batch.Files, f) {
				s.batch.Files = append(s.batch.Files, f)
			}
		}
	}
	l.current = &s.batch
	return l.current, nil
}

// Close stops the work. The last batch is invalid then.
func (l *Loader) Close() {
	if l.closed {
		return
	}
	l.closed = true
	l.quit.Store(true)
	close(l.jobs)
	l.workers.Wait()
}

// place is the epoch of a job's example, and its place in that of n.
func (o LoaderOptions) place(j job, n int) (epoch, item int) {
	if o.Epoch > 0 {
		return j.step / o.Epoch, j.step%o.Epoch*o.Batch + j.k
	}
	item = j.step*o.Batch + j.k
	return item / n, item % n
}

func (l *Loader) slot(step int) *slot { return l.slots[step%len(l.slots)] }

// schedule asks for the examples of a step.
func (l *Loader) schedule(step int) {
	if step >= l.o.Last {
		return
	}
	l.slot(step).pending.Store(int64(l.o.Batch))
	for k := range l.o.Batch {
		l.jobs <- job{step, k}
	}
}

// work makes examples until Close.
func (l *Loader) work() {
	var order rng.Permutation
	orderOf := -1 // the epoch whose order that is
	for j := range l.jobs {
		if l.quit.Load() {
			continue
		}
		s := l.slot(j.step)
		epoch, item := l.o.place(j, l.data.Len())
		if epoch != orderOf {
			order, orderOf = rng.NewPermutation(l.data.Len(), l.o.Seed, "loader/order", epoch), epoch
		}
		in, target := len(s.batch.Input)/l.o.Batch, len(s.batch.Target)/l.o.Batch
		s.files[j.k], s.errs[j.k] = l.data.Fill(epoch, order.At(item),
			s.batch.Input[j.k*in:(j.k+1)*in], s.batch.Target[j.k*target:(j.k+1)*target])
		if s.pending.Add(-1) == 0 {
			s.done <- struct{}{}
		}
	}
}
