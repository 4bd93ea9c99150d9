package cpu

import (
	"fmt"
	"slices"
	"testing"

	"partials/device"
	"partials/device/devicetest"
	"partials/internal/impl"
)

// tolerances are what float32 gives with sums in float64 or in short blocks.
var tolerances = devicetest.Tolerances{Kernel: 1e-5, Func: 1e-6, ZeroAlloc: true}

func opener(threads int) func() device.Device {
	return func() device.Device { return NewChecked(threads) }
}

// eachImplementation runs f with the fastest implementation of every kernel
// package, then with generic Go. That a CPU without AVX2 does not pass for one
// that tested it, and that AVX2 is as good as what is faster, is seen to by the
// packages' own tests.
func eachImplementation(t *testing.T, f func(t *testing.T)) {
	t.Run("fastest", f)
	for _, name := range []string{impl.Generic} {
		for _, pkg := range impl.Packages() {
			if !slices.Contains(impl.Names(pkg), name) {
				continue
			}
			before := impl.Active(pkg)
			defer impl.Select(pkg, before)
			impl.Select(pkg, name)
		}
		t.Run(name, f)
	}
}

// TestSuite runs on one thread: with more, a worker that wakes for the first
// time may still grow its memory.
func TestSuite(t *testing.T) {
	eachImplementation(t, func(t *testing.T) { devicetest.Run(t, opener(1), tolerances) })
}

func TestSuiteThreads(t *testing.T) {
	for _, threads := range []int{2, 3, 7} {
		t.Run(fmt.Sprint(threads), func(t *testing.T) { devicetest.SameBits(t, opener(1), opener(threads)) })
	}
}

func TestDescribe(t *testing.T) {
	d := New(0)
	defer d.Close()
	if d.pool.Threads() < 1 || d.Name() != "cpu" {
		t.Errorf("New(0) has %d threads", d.pool.Threads())
	}
	want := fmt.Sprintf("%s, 1 thread, float32, kernels %s", model(), impl.Describe())
	one := New(1)
	defer one.Close()
	if got := one.Describe(); got != want || model() == "" {
		t.Errorf("Describe() = %q, want %q", got, want)
	}
}
