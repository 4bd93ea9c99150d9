// Package parallel runs the chunks of one loop on several threads.
//
// A Pool keeps its workers for life. They spin for some tens of microseconds
// after their last chunk and then park, and they claim fixed chunks by
// compare-and-swap while the caller helps. A call allocates nothing, and pays
// off from about 10 us of work.
//
// The rule that keeps results the same at any thread count: cut the work into
// chunks by its shape alone, let a chunk write only its own output or its own
// partial result, and fold partials in chunk order afterwards. What a chunk
// computes may depend on its chunk index and never on the worker index, which
// exists for scratch memory only.
package parallel

import (
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/cpu"
)

// Task is the body of a parallel loop. Keep one task value per kernel, fill in
// its fields, and pass its pointer to For: a closure would allocate at each call.
type Task interface {
	// Do computes chunk number chunk. worker, in [0, Workers()), is not used by
	// any other chunk that runs at the same time.
	Do(chunk, worker int)
}

// Pool runs loops on a fixed number of threads. It is driven by one goroutine;
// a For that finds the pool busy runs inline (see For).
type Pool struct {
	// state is n<<32 | next: the chunk count and the next chunk to claim. Nothing
	// to claim while next >= n. A successful compare-and-swap is a claim in the
	// current loop, which cannot end before that chunk does.
	state  atomic.Uint64
	_      cpu.CacheLinePad
	done   atomic.Uint32 // chunks that have finished
	_      cpu.CacheLinePad
	parked atomic.Int32 // workers asleep, or about to be
	_      cpu.CacheLinePad

	task    Task
	threads int
	busy    atomic.Bool
	inline  []atomic.Bool // worker indices threads, threads+1, ... in use by inline loops

	mu         sync.Mutex // guards failure
	failure    any        // what the failed chunk of lowest index panicked with
	failedAt   int
	failed     atomic.Bool
	wake, quit chan struct{}
	workers    sync.WaitGroup
	closing    sync.Once
}

// spin is how long an idle worker looks for work before it parks: longer than
// the serial gap between two kernels of a training step, shorter than anything
// a person would notice on a CPU meter.
const spin = 50 * time.Microsecond

// New starts a pool of the given number of threads, the caller's included.
// threads = 1 starts nothing and runs every loop inline. It panics below 1.
func New(threads int) *Pool {
	if threads < 1 {
		panic(fmt.Sprintf("parallel: New(%d): a pool needs at least 1 thread", threads))
	}
	p := &Pool{
		threads: threads,
		inline:  make([]atomic.Bool, threads),
		wake:    make(chan struct{}, threads),
		quit:    make(chan struct{}),
	}
	for w := 1; w < threads; w++ {
		p.workers.Add(1)
		go p.work(w)
	}
	return p
}

// Threads is the number of threads of the pool, the caller's included.
func (p *Pool) Threads() int { return p.threads }

// Workers bounds the worker index that Task.Do sees: scratch memory owned per
// worker needs this many slots. It is 2*Threads(), because loops that run
// inline use indices of their own.
func (p *Pool) Workers() int { return 2 * p.threads }

// For calls task.Do once for every chunk in [0, n) and returns when all are done.
//
// A call made while the pool is busy, which is one made inside a chunk, runs
// inline: all its chunks in order on the calling goroutine, under one worker
// index that nobody else has. One level of nesting always finds such an index;
// more than Threads() inline loops at once panic.
//
// If chunks panic, For panics in the caller with the value of the lowest
// failed chunk, once no chunk is running any more. Chunks not started by then
// may be skipped.
func (p *Pool) For(n int, task Task) {
	if n < 0 || n > math.MaxInt32 {
		panic(fmt.Sprintf("parallel: For of %d chunks; want 0 to %d", n, math.MaxInt32))
	}
	if n == 0 {
		return
	}
	if !p.busy.CompareAndSwap(false, true) {
		p.forInline(n, task)
		return
	}
	defer p.busy.Store(false)
	if p.threads == 1 || n == 1 {
		for chunk := range n {
			task.Do(chunk, 0)
		}
		return
	}
	p.task = task
	p.done.Store(0)
	p.state.Store(uint64(n) << 32)
	for range min(int(p.parked.Load()), n-1) {
		select {
		case p.wake <- struct{}{}:
		default: // enough wake-ups are under way
		}
	}
	for p.claim(0) {
	}
	for spins := 0; p.done.Load() != uint32(n); spins++ {
		pause()
		if spins > 1000 {
			runtime.Gosched() // the workers may be waiting for this thread
		}
	}
	p.task = nil
	if p.failed.Load() {
		failure := p.failure
		p.failure = nil
		p.failed.Store(false)
		panic(failure)
	}
}

// Close stops the workers and waits until they are gone. The pool must not be
// running a loop, and runs none afterwards. Closing twice is allowed.
func (p *Pool) Close() {
	p.closing.Do(func() {
		if !p.busy.CompareAndSwap(false, true) {
			panic("parallel: Close during For")
		}
		close(p.quit)
		p.workers.Wait()
		for i := range p.inline {
			p.inline[i].Store(true)
		}
	})
}

// forInline runs a loop on the calling goroutine under a worker index of its own.
func (p *Pool) forInline(n int, task Task) {
	for i := range p.inline {
		if p.inline[i].CompareAndSwap(false, true) {
			defer p.inline[i].Store(false)
			for chunk := range n {
				task.Do(chunk, p.threads+i)
			}
			return
		}
	}
	panic(fmt.Sprintf("parallel: For on a pool that is closed, or that runs %d inline loops already: "+
		"loops nest one level deep, and one goroutine drives a pool", p.threads))
}

// work is the life of worker w.
func (p *Pool) work(w int) {
	defer p.workers.Done()
	for {
		p.spinFor(w)
		p.parked.Add(1)
		// Look once more: a loop started before it could see this worker parked.
		if s := p.state.Load(); uint32(s) < uint32(s>>32) {
			p.parked.Add(-1)
			continue
		}
		select {
		case <-p.wake: // may be left over from an earlier loop: then it spins in vain once
			p.parked.Add(-1)
		case <-p.quit:
			return
		}
	}
}

// spinFor claims chunks until there has been none for the spin time.
func (p *Pool) spinFor(w int) {
	const looksPerClock = 64
	idle := time.Now()
	for looks := 1; ; looks++ {
		if p.claim(w) {
			for p.claim(w) {
			}
			idle = time.Now()
		}
		pause()
		if looks%looksPerClock == 0 && time.Since(idle) > spin {
			return
		}
	}
}

// claim takes the next chunk, if there is one, and runs it as worker w.
func (p *Pool) claim(w int) bool {
	for {
		s := p.state.Load()
		next, n := uint32(s), uint32(s>>32)
		if next >= n {
			return false
		}
		if p.state.CompareAndSwap(s, s+1) {
			p.run(int(next), w)
			return true
		}
	}
}

// run computes one claimed chunk and keeps its panic for the caller.
func (p *Pool) run(chunk, w int) {
	defer func() {
		if r := recover(); r != nil {
			p.mu.Lock()
			if p.failure == nil || chunk < p.failedAt {
				p.failure, p.failedAt = r, chunk
			}
			p.failed.Store(true)
			p.mu.Unlock()
		}
		p.done.Add(1)
	}()
	p.task.Do(chunk, w)
}
