// Package tensor is memory with a shape, and nothing else: no arithmetic, no
// gradients, no devices. A Tensor is always contiguous and row-major: there
// are no strides and no hidden broadcasting, so a kernel may treat it as a
// plain run of numbers.
//
// Of makes a Shape of up to four axes, outermost first; New lays it over a
// Buffer, which a device's Alloc or an Arena gives. Only the device knows what
// is inside a Buffer: it writes and reads it (device.Memory). HostArena and
// Host are the memory of devices that compute in the process.
package tensor

import "fmt"

// Buffer is a run of Len numbers in a device's memory. Only the device that
// made it looks inside.
type Buffer interface{ Len() int }

// Tensor is a contiguous row-major view of Shape.Len() numbers of Buf that
// begin at Off. Off lets a parameter be a view of the slab of all parameters.
// The zero Tensor is "absent": kernels with optional arguments test Absent.
type Tensor struct {
	Shape
	Buf Buffer
	Off int
}

// New returns a tensor of shape s at the start of buf. It panics where buf is
// too short.
func New(s Shape, buf Buffer) Tensor {
	if buf.Len() < s.Len() {
		panic(fmt.Sprintf("tensor.New: a buffer of %d cannot hold %v", buf.Len(), s))
	}
	return Tensor{Shape: s, Buf: buf}
}

// Absent says that the tensor has no memory: an optional argument not given.
func (t Tensor) Absent() bool { return t.Buf == nil }

// View returns the same numbers under another shape of the same length.
func (t Tensor) View(s Shape) Tensor {
	if s.Len() != t.Len() {
		panic(fmt.Sprintf("tensor.View: %v has %d numbers, %v has %d", t.Shape, t.Len(), s, s.Len()))
	}
	t.Shape = s
	return t
}

// Part returns the s.Len() numbers that begin off numbers into t, as shape s.
func (t Tensor) Part(off int, s Shape) Tensor {
	if off < 0 || off+s.Len() > t.Len() {
		panic(fmt.Sprintf("tensor.Part: %v at %d is outside %v", s, off, t.Shape))
	}
	t.Off += off
	t.Shape = s
	return t
}

// Row returns entry i of the outermost axis, without that axis.
func (t Tensor) Row(i int) Tensor {
	n := t.Dim(0)
	if i < 0 || i >= n {
		panic(fmt.Sprintf("tensor.Row: row %d of %v", i, t.Shape))
	}
	s := Shape{rank: t.rank - 1}
	copy(s.dims[:], t.dims[1:t.rank])
	return t.Part(i*s.Len(), s)
}

// Arena hands out buffers that all die together at Reset: the memory of one
// training step. Buffers come uninitialised. An Arena is used by one goroutine
// at a time.
type Arena interface {
	// Alloc returns a buffer of n numbers of unspecified value. Past the
	// arena's cap it panics with *OutOfMemory.
	Alloc(n int) Buffer
	// Release gives one buffer back before Reset, so that the same step may
	// use it again.
	Release(Buffer)
	// Reset takes every buffer back.
	Reset()
	// Usage reports the bytes handed out now and at most so far.
	Usage() Usage
}

// Usage is the memory of an Arena in bytes.
type Usage struct {
	Live      int64 // handed out now
	HighWater int64 // most that was handed out at once
	Reserved  int64 // taken from the system
}

// OutOfMemory is what Arena.Alloc panics with where the cap does not allow the
// request, or the device has no more.
type OutOfMemory struct {
	Wanted, Live, Cap int64 // bytes
}

// Error gives the three numbers.
func (e *OutOfMemory) Error() string {
	return fmt.Sprintf("out of memory: %d bytes wanted beside %d in use, the limit is %d", e.Wanted, e.Live, e.Cap)
}
