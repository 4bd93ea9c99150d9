package tensor

import (
	"fmt"
	"math"
	"math/bits"
	"unsafe"
)

// Float is a number a host device computes with.
type Float interface{ ~float32 | ~float64 }

// Host is a Buffer in the process's own memory.
type Host[T Float] struct {
	data []T
	slot int  // place among its arena's live buffers
	dead bool // set by a checked arena once the buffer was taken back
}

// NewHost returns a buffer of n zeros outside any arena: parameters,
// optimizer state.
func NewHost[T Float](n int) *Host[T] { return &Host[T]{data: aligned[T](n)} }

// Len returns how many numbers the buffer holds.
func (b *Host[T]) Len() int { return len(b.data) }

// Data returns the numbers. It panics where a checked arena has taken the
// buffer back: the caller kept a tensor past Reset or Release.
func (b *Host[T]) Data() []T {
	if b.dead {
		panic("tensor: a buffer was used after its arena took it back (Reset or Release)")
	}
	return b.data
}

// Slice returns the numbers of t, whose buffer must be a *Host[T].
func Slice[T Float](t Tensor) []T {
	b, ok := t.Buf.(*Host[T])
	if !ok {
		panic(fmt.Sprintf("tensor.Slice: %T is not memory of this device", t.Buf))
	}
	n := t.Len()
	return b.Data()[t.Off : t.Off+n : t.Off+n]
}

// HostArena is an Arena over the process's memory. Requests are rounded up to
// size classes (four to an octave) and freed buffers wait in their class, so
// that a step of repeated shapes takes nothing from the system. Memory starts
// on a cache line.
type HostArena[T Float] struct {
	cap     int64 // bytes, 0 for none
	checked bool
	free    [256][]*Host[T]
	live    []*Host[T]
	usage   Usage
}

// NewHostArena returns an arena that holds at most cap bytes; 0 sets no limit.
func NewHostArena[T Float](cap int64) *HostArena[T] {
	return &HostArena[T]{cap: cap}
}

// NewCheckedHostArena returns an arena for tests: memory is handed out full of
// NaN, and a buffer touched after Reset or Release panics.
func NewCheckedHostArena[T Float](cap int64) *HostArena[T] {
	a := NewHostArena[T](cap)
	a.checked = true
	return a
}

// Alloc implements Arena.
func (a *HostArena[T]) Alloc(n int) Buffer {
	class, size := sizeClass(n)
	bytes := int64(size) * int64(unsafe.Sizeof(T(0)))
	if a.cap > 0 && a.usage.Live+bytes > a.cap {
		panic(&OutOfMemory{Wanted: bytes, Live: a.usage.Live, Cap: a.cap})
	}
	var b *Host[T]
	if k := len(a.free[class]); k > 0 {
		b = a.free[class][k-1]
		a.free[class] = a.free[class][:k-1]
	} else {
		b = &Host[T]{data: aligned[T](size)}
		a.usage.Reserved += bytes
	}
	b.data = b.data[:n]
	b.slot = len(a.live)
	a.live = append(a.live, b)
	a.usage.Live += bytes
	a.usage.HighWater = max(a.usage.HighWater, a.usage.Live)
	if a.checked {
		poison(b.data)
	}
	return b
}

// Release implements Arena. A buffer that is not of this arena, or was
// released before, panics.
func (a *HostArena[T]) Release(buf Buffer) {
	b, ok := buf.(*Host[T])
	if !ok || b.slot >= len(a.live) || a.live[b.slot] != b {
		panic("tensor.Arena.Release: not a live buffer of this arena")
	}
	last := len(a.live) - 1
	a.live[b.slot] = a.live[last]
	a.live[b.slot].slot = b.slot
	a.live = a.live[:last]
	a.take(b)
}

// Reset implements Arena.
func (a *HostArena[T]) Reset() {
	// From the last to the first, so that the next step of the same shapes
	// gets the same memory for the same tensor.
	for i := len(a.live) - 1; i >= 0; i-- {
		a.take(a.live[i])
	}
	a.live = a.live[:0]
}

// take puts b back into its class.
func (a *HostArena[T]) take(b *Host[T]) {
	class, size := sizeClass(len(b.data))
	a.usage.Live -= int64(size) * int64(unsafe.Sizeof(T(0)))
	if a.checked {
		// The handle dies, its memory lives on under a new one.
		poison(b.data)
		b.dead = true
		b = &Host[T]{data: b.data}
	}
	a.free[class] = append(a.free[class], b)
}

// Usage implements Arena.
func (a *HostArena[T]) Usage() Usage { return a.usage }

// sizeClass rounds n up to one of four sizes to an octave, at least 16
// numbers, and returns the class's index and size.
func sizeClass(n int) (class, size int) {
	if n <= 16 {
		return 0, 16
	}
	e := bits.Len(uint(n-1)) - 1 // 2^e <= n-1 < 2^(e+1)
	step := 1 << (e - 2)
	q := (n - 1 - 1<<e) / step // which quarter of the octave
	return 1 + (e-4)*4 + q, 1<<e + (q+1)*step
}

// aligned returns n zeros that start on a 64-byte line.
func aligned[T Float](n int) []T {
	const line = 64
	size := int(unsafe.Sizeof(T(0)))
	raw := make([]T, n+line/size)
	skip := 0
	if r := int(uintptr(unsafe.Pointer(unsafe.SliceData(raw))) % line); r != 0 {
		skip = (line - r) / size
	}
	x := raw[skip : skip+n : skip+n]
	advise(x)
	return x
}

func poison[T Float](x []T) {
	nan := T(math.NaN())
	for i := range x {
		x[i] = nan
	}
}
