package ref

import (
	"partials/device"
	"partials/tensor"
)

// NewArena implements device.Memory.
func (d *Device) NewArena(cap int64) tensor.Arena {
	if d.checked {
		return tensor.NewCheckedHostArena[float64](cap)
	}
	return tensor.NewHostArena[float64](cap)
}

// Alloc implements device.Memory.
func (d *Device) Alloc(n int) tensor.Buffer { return tensor.NewHost[float64](n) }

// Write implements device.Memory.
func (d *Device) Write(dst tensor.Tensor, src []float32) {
	device.CheckHost("Write", dst, len(src))
	to := numbers(dst)
	for i, v := range src {
		to[i] = float64(v)
	}
}

// Write64 implements device.Memory.
func (d *Device) Write64(dst tensor.Tensor, src []float64) {
	device.CheckHost("Write64", dst, len(src))
	copy(numbers(dst), src)
}

// Read implements device.Memory.
func (d *Device) Read(dst []float32, src tensor.Tensor) {
	device.CheckHost("Read", src, len(dst))
	for i, v := range numbers(src) {
		dst[i] = float32(v)
	}
}

// Read64 implements device.Memory.
func (d *Device) Read64(dst []float64, src tensor.Tensor) {
	device.CheckHost("Read64", src, len(dst))
	copy(dst, numbers(src))
}

// Fill implements device.Memory.
func (d *Device) Fill(dst tensor.Tensor, v float64) {
	device.CheckSameLen("Fill", dst)
	for i, to := 0, numbers(dst); i < len(to); i++ {
		to[i] = v
	}
}

// Copy implements device.Memory.
func (d *Device) Copy(dst, src tensor.Tensor) {
	device.CheckSameLen("Copy", dst, src)
	copy(numbers(dst), numbers(src))
}

// Move implements device.Memory.
func (d *Device) Move(dst, src tensor.Tensor, m device.Runs) {
	device.CheckRuns("Move", dst, src, m)
	to, from := numbers(dst), numbers(src)
	for r := range m.Count {
		for i := range m.Len {
			to[m.DstOff+r*m.DstStride+i] = from[m.SrcOff+r*m.SrcStride+i]
		}
	}
}

// MoveGrad implements device.Memory.
func (d *Device) MoveGrad(dst, src tensor.Tensor, m device.Runs) {
	device.CheckRuns("MoveGrad", dst, src, m)
	to, from := numbers(dst), numbers(src)
	for r := range m.Count {
		for i := range m.Len {
			to[m.DstOff+r*m.DstStride+i] += from[m.SrcOff+r*m.SrcStride+i]
		}
	}
}

// Transpose implements device.Memory.
func (d *Device) Transpose(dst, x tensor.Tensor, a device.Transposition) {
	device.CheckTransposition("Transpose", dst, x, a)
	transposed(a, numbers(dst), numbers(x), func(to *float64, v float64) { *to = v })
}

// TransposeGrad implements device.Memory.
func (d *Device) TransposeGrad(dst, x tensor.Tensor, a device.Transposition) {
	device.CheckTransposition("TransposeGrad", dst, x, a)
	transposed(a, numbers(dst), numbers(x), func(to *float64, v float64) { *to += v })
}

// transposed calls put for every number of x and its place in dst.
func transposed(a device.Transposition, dst, x []float64, put func(to *float64, v float64)) {
	for o := range a.Outer {
		for r := range a.Rows {
			for c := range a.Cols {
				for i := range a.Inner {
					put(&dst[((o*a.Cols+c)*a.Rows+r)*a.Inner+i], x[((o*a.Rows+r)*a.Cols+c)*a.Inner+i])
				}
			}
		}
	}
}
