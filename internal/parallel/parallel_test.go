package parallel

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t testing.TB, threads int) *Pool {
	p := New(threads)
	t.Cleanup(p.Close)
	return p
}

// count counts the runs of each chunk with a plain variable, so that the race
// detector sees whether For orders chunks before its return.
type count struct {
	runs    []int
	workers []atomic.Int32 // chunks running under each index now
	clash   atomic.Bool
}

func (c *count) Do(chunk, worker int) {
	if c.workers[worker].Add(1) != 1 {
		c.clash.Store(true)
	}
	c.runs[chunk]++
	c.workers[worker].Add(-1)
}

func TestEveryChunkRunsOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 8} {
		p := open(t, threads)
		c := &count{runs: make([]int, 70000), workers: make([]atomic.Int32, p.Workers())}
		for _, n := range []int{0, 1, 2, 3, 7, 64, 1009, 70000} {
			for range 20 {
				clear(c.runs)
				p.For(n, c)
				for i, r := range c.runs {
					if want := min(1, max(0, n-i)); r != want {
						t.Fatalf("threads %d, n %d: chunk %d ran %d times, want %d", threads, n, i, r, want)
					}
				}
			}
		}
		if c.clash.Load() {
			t.Errorf("threads %d: two chunks shared a worker index at one time", threads)
		}
	}
}

// TestManyLoops drives short loops back to back, with pauses past the spin time
// so that workers park and are woken.
func TestManyLoops(t *testing.T) {
	p := open(t, 4)
	c := &count{runs: make([]int, 9), workers: make([]atomic.Int32, p.Workers())}
	const loops = 3000
	for i := range loops {
		p.For(len(c.runs), c)
		if i%500 == 0 {
			time.Sleep(4 * spin)
		}
	}
	for i, r := range c.runs {
		if r != loops {
			t.Errorf("chunk %d ran %d times, want %d", i, r, loops)
		}
	}
}

// meeting is where two chunks wait for each other; met stays false where one is
// alone for ten seconds.
type meeting struct{ here, met atomic.Int32 }

func (m *meeting) Do(int, int) { m.wait() }

func (m *meeting) wait() {
	m.here.Add(1)
	for stop := time.Now().Add(10 * time.Second); time.Now().Before(stop); time.Sleep(time.Microsecond) {
		if m.here.Load() == 2 {
			m.met.Add(1)
			return
		}
	}
}

func TestChunksRunTogether(t *testing.T) {
	p := open(t, 2)
	for i := range 3 {
		m := &meeting{}
		p.For(2, m)
		if m.met.Load() != 2 {
			t.Fatalf("loop %d: the second chunk did not start while the first waited for it", i)
		}
		for p.parked.Load() == 0 { // the next loop must wake the worker
			time.Sleep(spin)
		}
	}
}

type outer struct {
	p     *Pool
	inner []count
}

func (o *outer) Do(chunk, worker int) { o.p.For(len(o.inner[chunk].runs), &o.inner[chunk]) }

func TestNestedRunsInline(t *testing.T) {
	for _, threads := range []int{1, 2, 5} {
		p := open(t, threads)
		o := &outer{p: p, inner: make([]count, 40)}
		shared := make([]atomic.Int32, p.Workers()) // one table: indices must differ across inner loops too
		for i := range o.inner {
			o.inner[i] = count{runs: make([]int, 17), workers: shared}
		}
		p.For(len(o.inner), o)
		for i := range o.inner {
			if !slices.Equal(o.inner[i].runs, slices.Repeat([]int{1}, 17)) || o.inner[i].clash.Load() {
				t.Fatalf("threads %d: inner loop %d ran %v, clash %v", threads, i, o.inner[i].runs, o.inner[i].clash.Load())
			}
		}
	}
}

// pair is an outer loop of two chunks whose inner loops wait for each other, and
// note their worker index.
type pair struct {
	p      *Pool
	meet   meeting
	inner  [2]note
	outers [2]int
}

type note struct {
	of     *pair
	worker int
}

func (q *pair) Do(chunk, worker int) {
	q.outers[chunk] = worker
	q.inner[chunk].of = q
	q.p.For(1, &q.inner[chunk])
}

func (n *note) Do(_, worker int) {
	n.worker = worker
	n.of.meet.wait()
}

func TestInlineLoopsHaveTheirOwnWorkers(t *testing.T) {
	q := &pair{p: open(t, 2)}
	q.p.For(2, q)
	used := []int{q.outers[0], q.outers[1], q.inner[0].worker, q.inner[1].worker}
	slices.Sort(used)
	if q.meet.met.Load() != 2 || !slices.Equal(used, []int{0, 1, 2, 3}) {
		t.Errorf("two outer and two inner chunks at one time ran as workers %v, want 0 to 3", used)
	}
}

type failing struct{ from int }

var errChunk = errors.New("chunk failed")

func (f failing) Do(chunk, _ int) {
	if chunk >= f.from {
		panic(fmt.Errorf("%w: %d", errChunk, chunk))
	}
}

func TestPanicReachesTheCaller(t *testing.T) {
	for _, threads := range []int{1, 2, 4} {
		p := open(t, threads)
		for range 50 {
			func() {
				defer func() {
					err, _ := recover().(error)
					if !errors.Is(err, errChunk) || !strings.HasSuffix(err.Error(), ": 3") {
						t.Fatalf("threads %d: recovered %v, want the panic of chunk 3", threads, err)
					}
				}()
				p.For(20, failing{3})
			}()
		}
		c := &count{runs: make([]int, 5), workers: make([]atomic.Int32, p.Workers())}
		p.For(5, c)
		if !slices.Equal(c.runs, []int{1, 1, 1, 1, 1}) {
			t.Errorf("threads %d: after a panic the pool ran %v", threads, c.runs)
		}
	}
}

func TestMisusePanics(t *testing.T) {
	closed := New(2)
	closed.Close()
	closed.Close()
	for name, f := range map[string]func(){
		"at least 1 thread":  func() { New(0) },
		"For of -1 chunks":   func() { open(t, 1).For(-1, failing{9}) },
		"pool that is close": func() { closed.For(1, failing{9}) },
	} {
		func() {
			defer func() {
				if msg, _ := recover().(string); !strings.Contains(msg, name) {
					t.Errorf("want a panic with %q, got %q", name, msg)
				}
			}()
			f()
		}()
	}
}

func TestForDoesNotAllocate(t *testing.T) {
	p := open(t, 3)
	c := &count{runs: make([]int, 64), workers: make([]atomic.Int32, p.Workers())}
	if n := testing.AllocsPerRun(200, func() { p.For(64, c) }); n != 0 {
		t.Errorf("For allocates %v times a call", n)
	}
}

type busywork struct{ sums [16][16]float64 }

func (b *busywork) Do(chunk, _ int) {
	s := b.sums[chunk][0]
	for range 2500 {
		s = s*0.999 + 1
	}
	b.sums[chunk][0] = s
}

func BenchmarkFor(b *testing.B) {
	for _, threads := range []int{1, 2} {
		b.Run(fmt.Sprintf("threads%d", threads), func(b *testing.B) {
			p := open(b, threads)
			w := &busywork{}
			for b.Loop() {
				p.For(16, w)
			}
		})
	}
}
