// Package ref is the device that defines what every kernel means: float64,
// plain loops, one thread. It is where gradients are checked and what
// devicetest holds the other devices against, so it is written to be read, not
// to be fast.
package ref

import (
	"partials/device"
	"partials/tensor"
)

// Device computes in float64 in the process's memory.
type Device struct{ checked bool }

var _ device.Device = (*Device)(nil)

// New returns a reference device.
func New() *Device { return &Device{} }

// NewChecked returns a reference device for tests: its arenas hand out NaN, and
// a buffer that is used after its arena took it back panics.
func NewChecked() *Device { return &Device{checked: true} }

// Name implements device.Device.
func (d *Device) Name() string { return "ref" }

// Describe implements device.Device.
func (d *Device) Describe() string { return "reference: float64, one thread, plain loops" }

// Close implements device.Device. The memory is the process's own.
func (d *Device) Close() error { return nil }

// numbers returns the numbers of t, or nil where t is absent.
func numbers(t tensor.Tensor) []float64 {
	if t.Absent() {
		return nil
	}
	return tensor.Slice[float64](t)
}
