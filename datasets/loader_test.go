package datasets

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"partials/tensor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// everything opens a dataset that draws all it can.
func everything(t *testing.T, c Cut) Dataset {
	t.Helper()
	yaml, _ := mixFiles(t)
	return openCut(t, yaml+"clean_only: 0.1\nnoise_only: 0.1\naugment: [gain, polarity, shift, noise]", c)
}

// bits are the batches of steps from first on, as text of their bits.
func bits(t *testing.T, d Dataset, o LoaderOptions) []string {
	t.Helper()
	l := NewLoader(d, o)
	defer l.Close()
	var out []string
	for step := o.First; step < o.Last; step++ {
		b, err := l.Batch(step)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%x %x %q", b.Input, b.Target, b.Files))
	}
	return out
}

// Batches are a function of (seed, step): at any number of workers, any
// prefetch, and from any first step.
func TestBatchesAreAFunctionOfSeedAndStep(t *testing.T) {
	c := Cut{Segment: 64, Context: 10, Latency: 3}
	d := everything(t, c)
	const last = 80
	o := LoaderOptions{Batch: 5, Seed: 3, Last: last, Cut: c, Workers: 1, Prefetch: 1}
	want := bits(t, d, o)
	if d.Len() > last*5/2 {
		t.Fatalf("an epoch has %d examples: the test sees too few", d.Len())
	}
	for _, workers := range []int{0, 2, 3, 7} {
		for _, prefetch := range []int{0, 1, 5} {
			for _, first := range []int{0, 1, 17, 79} {
				o.Workers, o.Prefetch, o.First = workers, prefetch, first
				if got := bits(t, d, o); !slices.Equal(got, want[first:]) {
					t.Fatalf("%d workers, prefetch %d, from step %d: the batches differ", workers, prefetch, first)
				}
			}
		}
	}
	o.First, o.Seed = 0, 4
	if got := bits(t, d, o); slices.Equal(got, want) {
		t.Error("another seed gives the same batches")
	}
}

// counting is a dataset of n examples that says which one it gave.
type counting struct {
	Dataset
	n    int
	fail int // the item that fails, or -1
}

func (c counting) Channels() (in, target int) { return 2, 1 }
func (c counting) Len() int                   { return c.n }
func (c counting) Fill(epoch, i int, in, target []float32) ([]string, error) {
	if i == c.fail {
		return nil, fmt.Errorf("bad.wav: item %d", i)
	}
	for k := range in {
		in[k] = float32(i)
	}
	for k := range target {
		target[k] = float32(epoch)
	}
	return []string{fmt.Sprint(i % 3), "all"}, nil
}

// Each epoch is every example once, in an order of its own, and batches run
// over its end.
func TestEpochs(t *testing.T) {
	for _, n := range []int{1, 2, 7, 8, 23} {
		const batch, epochs = 8, 6
		c := Cut{Segment: 3, Context: 2}
		l := NewLoader(counting{n: n, fail: -1}, LoaderOptions{Batch: batch, Seed: 1, Last: 1000, Cut: c})
		var order [][]int
		for item := range n * epochs {
			b, err := l.Batch(item / batch)
			if err != nil {
				t.Fatal(err)
			}
			if b.InputShape != tensor.Of(8, 2, 5) || b.TargetShape != tensor.Of(8, 1, 3) || len(b.Input) != 80 || len(b.Target) != 24 {
				t.Fatalf("shapes are %v and %v", b.InputShape, b.TargetShape)
			}
			if item%n == 0 {
				order = append(order, nil)
			}
			k := item % batch
			if e := int(b.Target[k*3]); e != item/n {
				t.Fatalf("item %d has epoch %d", item, e)
			}
			order[item/n] = append(order[item/n], int(b.Input[k*10+9]))
			for i, f := range b.Files {
				if slices.Contains(b.Files[:i], f) {
					t.Fatalf("%q comes twice in %q", f, b.Files)
				}
			}
		}
		l.Close()
		for e, o := range order {
			if n > 6 && e > 0 && slices.Equal(o, order[0]) {
				t.Errorf("epochs 0 and %d have the same order", e)
			}
			s := slices.Sorted(slices.Values(o))
			for i := range s {
				if s[i] != i {
					t.Fatalf("epoch %d of %d is %v", e, n, o)
				}
			}
		}
	}
}

// An error comes at the step that needs the file, not before, and stays.
func TestErrorsComeAtTheirStep(t *testing.T) {
	d := counting{n: 40, fail: 11}
	o := LoaderOptions{Batch: 4, Seed: 5, Last: 100, Cut: Cut{Segment: 1}, Prefetch: 6, Workers: 3}
	at := -1
	ok := NewLoader(counting{n: 40, fail: -1}, o)
	for step := 0; at < 0; step++ {
		b, err := ok.Batch(step)
		if err != nil {
			t.Fatal(err)
		}
		for k := range 4 {
			if b.Input[2*k] == 11 {
				at = step
			}
		}
	}
	ok.Close()
	l := NewLoader(d, o)
	defer l.Close()
	for step := range at {
		if _, err := l.Batch(step); err != nil {
			t.Fatalf("step %d: %v; the bad one is %d", step, err, at)
		}
	}
	for _, step := range []int{at, at, at + 1} {
		b, err := l.Batch(step)
		wantError(t, err, fmt.Sprintf("data of step %d", at+1), "bad.wav: item 11")
		if b != nil {
			t.Error("there is a batch beside the error")
		}
	}
}

// A real file that goes during the run is an error that names it.
func TestLoaderNamesTheFileThatWent(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	for k := range maxOpen + 10 { // more than stay open
		paths = append(paths, save(t, dir, fmt.Sprint(k, ".wav"), 1000, white(500, 0.1, k)))
	}
	c := Cut{Segment: 100}
	d := openCut(t, "kind: folder\nvalidation: 0\nmemory: 0\nroot: "+dir, c)
	if err := os.Remove(paths[7]); err != nil {
		t.Fatal(err)
	}
	l := NewLoader(d, LoaderOptions{Batch: 8, Last: 1000, Cut: c})
	defer l.Close()
	for step := range 1000 {
		_, err := l.Batch(step)
		if err == nil {
			continue
		}
		wantError(t, err, paths[7], "when the run began")
		if !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%v is not ErrNotExist", err)
		}
		return
	}
	t.Error("no error came")
}

// The batch returned last may be asked for again; nothing else out of order.
func TestBatchOrder(t *testing.T) {
	l := NewLoader(counting{n: 10, fail: -1}, LoaderOptions{Batch: 2, First: 4, Last: 6, Cut: Cut{Segment: 1}})
	defer l.Close()
	panics := func(step int) {
		t.Helper()
		defer func() {
			if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), fmt.Sprintf("step %d", step)) {
				t.Errorf("Batch(%d) gave %v", step, r)
			}
		}()
		_, _ = l.Batch(step)
	}
	panics(3)
	panics(5)
	a, _ := l.Batch(4)
	first := fmt.Sprint(*a)
	if b, err := l.Batch(4); b != a || err != nil || fmt.Sprint(*b) != first {
		t.Error("the same step gave another batch")
	}
	panics(3)
	if _, err := l.Batch(5); err != nil {
		t.Fatal(err)
	}
	panics(6)
	panics(4)
}

// A loader closed at once, in the middle or twice leaves no goroutine: TestMain
// looks.
func TestCloseEndsTheWork(t *testing.T) {
	c := Cut{Segment: 64}
	d := everything(t, c)
	for steps := range 4 {
		l := NewLoader(d, LoaderOptions{Batch: 16, Last: 100, Cut: c, Prefetch: 8, Workers: 3})
		for step := range steps {
			if _, err := l.Batch(step); err != nil {
				t.Fatal(err)
			}
		}
		l.Close()
		l.Close()
	}
}

var underRace bool

// Buffers are recycled: a step's garbage is far below one example.
func TestLoaderAllocatesLittle(t *testing.T) {
	if underRace {
		t.Skip("sync.Pool forgets at random under the race detector")
	}
	c := Cut{Segment: 8192, Context: 4092}
	d := openCut(t, "input: ['embedded:amp/input.wav']\ntarget: ['embedded:amp/output.wav']\naugment: [gain, shift, noise]", c)
	const warm, steps = 10, 110
	l := NewLoader(d, LoaderOptions{Batch: 4, Last: steps, Cut: c, Workers: 2})
	defer l.Close()
	var before, after runtime.MemStats
	for step := range steps {
		if step == warm {
			runtime.ReadMemStats(&before)
		}
		if _, err := l.Batch(step); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	// A garbage collection may empty the pools once or twice: that is the slack.
	if perStep := (after.TotalAlloc - before.TotalAlloc) / (steps - warm); perStep > 8<<10 {
		t.Errorf("a step allocates %d bytes", perStep)
	}
}

// With Epoch no batch reaches from one epoch into the next, and within one no
// example comes twice.
func TestLoaderDropsWhatFillsNoBatch(t *testing.T) {
	in, target := pairFiles(t, 1000, 0)
	c := Cut{Segment: 90}
	d := openCut(t, fmt.Sprintf("input: [%s]\ntarget: [%s]\ncrop: grid\nholdout: 0", in, target), c) // 11 windows
	l := NewLoader(d, LoaderOptions{Batch: 4, Seed: 1, Last: 8, Cut: c, Epoch: 2})
	defer l.Close()
	var orders [4]string
	for epoch := range orders {
		seen := map[int]bool{}
		for range 2 {
			b, err := l.Batch(l.next)
			if err != nil {
				t.Fatal(err)
			}
			for k := range 4 {
				at := place(b.Input[k*90])
				if seen[at] {
					t.Errorf("epoch %d has the window at %d twice", epoch, at)
				}
				seen[at] = true
				orders[epoch] += fmt.Sprint(at, " ")
			}
		}
	}
	if orders[0] == orders[1] {
		t.Errorf("two epochs have one order: %s", orders[0])
	}
}
