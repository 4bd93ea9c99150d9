package cpu

import (
	"partials/device"
	"partials/internal/simd/vec"
	"partials/tensor"
)

// NewArena implements device.Memory.
func (d *Device) NewArena(cap int64) tensor.Arena {
	if d.checked {
		return tensor.NewCheckedHostArena[float32](cap)
	}
	return tensor.NewHostArena[float32](cap)
}

// Alloc implements device.Memory.
func (d *Device) Alloc(n int) tensor.Buffer { return tensor.NewHost[float32](n) }

// Write implements device.Memory.
func (d *Device) Write(dst tensor.Tensor, src []float32) {
	device.CheckHost("Write", dst, len(src))
	copy(numbers(dst), src)
}

// Write64 implements device.Memory.
func (d *Device) Write64(dst tensor.Tensor, src []float64) {
	device.CheckHost("Write64", dst, len(src))
	to := numbers(dst)
	for i, v := range src {
		to[i] = float32(v)
	}
}

// Read implements device.Memory.
func (d *Device) Read(dst []float32, src tensor.Tensor) {
	device.CheckHost("Read", src, len(dst))
	copy(dst, numbers(src))
}

// Read64 implements device.Memory.
func (d *Device) Read64(dst []float64, src tensor.Tensor) {
	device.CheckHost("Read64", src, len(dst))
	for i, v := range numbers(src) {
		dst[i] = float64(v)
	}
}

// Fill implements device.Memory.
func (d *Device) Fill(dst tensor.Tensor, v float64) {
	device.CheckSameLen("Fill", dst)
	d.each(func(o operands) { vec.Fill(o.dst, float32(o.alpha)) }, operands{dst: numbers(dst), alpha: v})
}

// Copy implements device.Memory.
func (d *Device) Copy(dst, src tensor.Tensor) {
	device.CheckSameLen("Copy", dst, src)
	d.each(func(o operands) { copy(o.dst, o.a) }, operands{dst: numbers(dst), a: numbers(src)})
}

// Move implements device.Memory.
func (d *Device) Move(dst, src tensor.Tensor, m device.Runs) {
	device.CheckRuns("Move", dst, src, m)
	d.move(dst, src, m, false)
}

// MoveGrad implements device.Memory.
func (d *Device) MoveGrad(dst, src tensor.Tensor, m device.Runs) {
	device.CheckRuns("MoveGrad", dst, src, m)
	d.move(dst, src, m, true)
}

func (d *Device) move(dst, src tensor.Tensor, m device.Runs, add bool) {
	if m.Len == 0 || m.Count == 0 {
		return
	}
	d.runs = runs{numbers(dst), numbers(src), m, cut(m.Count, m.Len, 1), add}
	d.pool.For(d.runs.grid.chunks(), &d.runs)
}

// runs is Move, or MoveGrad where add is set.
type runs struct {
	dst, src []float32
	device.Runs
	grid grid
	add  bool
}

// Do implements parallel.Task.
func (t *runs) Do(i, _ int) {
	r0, r1, c0, c1 := t.grid.at(i)
	for r := r0; r < r1; r++ {
		to := t.dst[t.DstOff+r*t.DstStride:][c0:c1]
		from := t.src[t.SrcOff+r*t.SrcStride:][c0:c1]
		if t.add {
			addTo(to, from)
		} else {
			copy(to, from)
		}
	}
}

// addTo is dst += x. Short runs are not worth a vector kernel.
func addTo(dst, x []float32) {
	if len(dst) >= 16 {
		vec.Add(dst, dst, x)
		return
	}
	for i, v := range x {
		dst[i] += v
	}
}

// Transpose implements device.Memory.
func (d *Device) Transpose(dst, x tensor.Tensor, a device.Transposition) {
	device.CheckTransposition("Transpose", dst, x, a)
	d.transposed(dst, x, a, false)
}

// TransposeGrad implements device.Memory.
func (d *Device) TransposeGrad(dst, x tensor.Tensor, a device.Transposition) {
	device.CheckTransposition("TransposeGrad", dst, x, a)
	d.transposed(dst, x, a, true)
}

func (d *Device) transposed(dst, x tensor.Tensor, a device.Transposition, add bool) {
	if a.Inner == 0 {
		return
	}
	d.transpose = transpose{numbers(dst), numbers(x), a, cut(a.Outer*a.Cols, a.Rows, a.Inner), add}
	d.pool.For(d.transpose.grid.chunks(), &d.transpose)
}

// transpose is Transpose, or TransposeGrad where add is set. The rows of its
// grid are those of dst, (outer, cols), their cells the rows of x.
type transpose struct {
	dst, x []float32
	device.Transposition
	grid grid
	add  bool
}

// Do implements parallel.Task.
func (t *transpose) Do(i, _ int) {
	first, last, r0, r1 := t.grid.at(i)
	const tile = 16 // one cache line of numbers
	for c0 := first; c0 < last; {
		// Up to a tile of columns of one outer entry.
		c1 := min(last, c0+tile, (c0/t.Cols+1)*t.Cols)
		x := t.x[c0/t.Cols*t.Rows*t.Cols*t.Inner:]
		for r := r0; r < r1; r += tile {
			for c := c0; c < c1; c++ {
				t.row(x, c, r, min(r1, r+tile))
			}
		}
		c0 = c1
	}
}

// row writes cells [r0, r1) of row c of dst from the columns of x.
func (t *transpose) row(x []float32, c, r0, r1 int) {
	dst := t.dst[(c*t.Rows+r0)*t.Inner:]
	from := (r0*t.Cols + c%t.Cols) * t.Inner
	step := t.Cols * t.Inner
	if t.Inner > 1 {
		for r := range r1 - r0 {
			to, cell := dst[r*t.Inner:][:t.Inner], x[from+r*step:][:t.Inner]
			if t.add {
				addTo(to, cell)
			} else {
				copy(to, cell)
			}
		}
		return
	}
	for r := range dst[:r1-r0] {
		if v := x[from+r*step]; t.add {
			dst[r] += v
		} else {
			dst[r] = v
		}
	}
}
