// Package cpu is the device of the processor: float32 in the process's memory,
// SIMD kernels and threads.
//
// Work is cut into chunks by its shape alone. A chunk writes its own outputs or
// its own partial sums, and partial sums fold in float64 and in chunk order, so
// the bits are the same at any number of threads. The value of an output
// sample does not depend on where in a tensor it stands or how long the tensor
// is: a signal computed block by block has the bits of the signal computed at
// once.
//
// A kernel allocates only while its scratch memory grows to the largest shapes
// it has seen.
package cpu

import (
	"fmt"
	"runtime"

	"partials/device"
	"partials/internal/impl"
	"partials/internal/parallel"
	"partials/tensor"
)

// Device computes in float32 on the processor's threads.
type Device struct {
	pool    *parallel.Pool
	checked bool
	workers []worker

	// One task for each form of kernel, filled in anew at each call.
	pointwise      pointwise
	runs           runs
	transpose      transpose
	summation      summation
	spread         spread
	fold32         fold[float32]
	fold64         fold[float64]
	products       products
	contraction    contraction
	conv           convForward
	convInput      convInputGrad
	convWeight     convWeightGrad
	arrayForward   arrayForward
	arrayGrad      arrayGrad
	recurrence     recurrence
	recurrenceGrad recurrenceGrad
	noState        []float32 // zeros: an initial state that is absent
	rows           rowTransform
	analysis       analysis
	synthesis      synthesis
	overlapAdd     overlapAdd
	edges          edgeFold
	spectrogram    spectrogram
	comparison     comparison
	windowGrad     windowGrad
	envelope       envelope
	envelopeGrad   envelopeGrad
	polar          polar
	polarGrad      polarGrad
	complexMul     complexMul
	squares        squares
	sgd            sgd
	adam           adam
	rmsprop        rmsprop
}

var (
	_ device.Device      = (*Device)(nil)
	_ device.LayerArrays = (*Device)(nil)
)

// New returns a device that computes on the given number of threads, the
// caller's included. 0 or less asks for one per CPU of the process. Close stops
// the threads.
func New(threads int) *Device {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	pool := parallel.New(threads)
	return &Device{pool: pool, workers: make([]worker, pool.Workers())}
}

// NewChecked is New for tests: its arenas hand out NaN, and a buffer that is
// used after its arena took it back panics.
func NewChecked(threads int) *Device {
	d := New(threads)
	d.checked = true
	return d
}

// Name implements device.Device.
func (d *Device) Name() string { return "cpu" }

// Describe implements device.Device.
func (d *Device) Describe() string {
	s := ""
	if d.pool.Threads() > 1 {
		s = "s"
	}
	return fmt.Sprintf("%s, %d thread%s, float32, kernels %s", model(), d.pool.Threads(), s, impl.Describe())
}

// Close implements device.Device: it stops the threads. The memory is Go's own.
func (d *Device) Close() error {
	d.pool.Close()
	return nil
}

// numbers returns the numbers of t, or nil where t is absent.
func numbers(t tensor.Tensor) []float32 {
	if t.Absent() {
		return nil
	}
	return tensor.Slice[float32](t)
}
