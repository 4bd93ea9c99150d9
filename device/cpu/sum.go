package cpu

import (
	"partials/device"
	"partials/internal/simd/vec"
)

// summation is the sum of x (Outer, N, Inner) over N. It is cut into cells of
// some rows of N by a strip of Inner, and every cell writes its part of
// partials (Outer, pieces, Inner).
type summation struct {
	x []float32
	device.Axis
	height, width  int // of a cell
	pieces, strips int // cells along N and Inner
	group          int // cells of a chunk
	partials       []float64
}

// sum is dst (Outer, Inner) = or += x (Outer, N, Inner) summed over N.
func (d *Device) sum(dst, x []float32, a device.Axis, add bool) {
	t := &d.summation
	width := max(1, min(a.Inner, 512))
	height := chunk / width
	*t = summation{
		x: x, Axis: a, height: height, width: width,
		pieces: chunks(a.N, height), strips: chunks(a.Inner, width),
		group:    max(1, chunk/max(1, min(a.N, height)*width)),
		partials: t.partials,
	}
	t.partials = grow(t.partials, a.Outer*t.pieces*a.Inner)
	d.pool.For(chunks(a.Outer*t.pieces*t.strips, t.group), t)
	d.fold64.run(d, dst, t.partials, t.pieces, a.Inner, add)
}

// Do implements parallel.Task.
func (t *summation) Do(i, _ int) {
	cells := t.Outer * t.pieces * t.strips
	for cell := i * t.group; cell < min(cells, (i+1)*t.group); cell++ {
		row, col := cell/t.strips, cell%t.strips*t.width // row of (Outer, pieces)
		outer, from := row/t.pieces, row%t.pieces*t.height
		sums := t.partials[row*t.Inner:][col:min(t.Inner, col+t.width)]
		x := t.x[(outer*t.N+from)*t.Inner : (outer*t.N+min(t.N, from+t.height))*t.Inner]
		if t.Inner == 1 {
			sums[0] = vec.Sum(x)
			continue
		}
		clear(sums)
		for ; len(x) >= 4*t.Inner; x = x[4*t.Inner:] {
			addRows4(sums, x[col:], t.Inner)
		}
		for ; len(x) > 0; x = x[t.Inner:] {
			for j, v := range x[col:][:len(sums)] {
				sums[j] += float64(v)
			}
		}
	}
}

// addRows4 adds four rows of x, n apart: four at a time, as the sums go to
// memory and back for each.
func addRows4(sums []float64, x []float32, n int) {
	m := len(sums)
	a, b, c, d := x[:m], x[n:][:m], x[2*n:][:m], x[3*n:][:m]
	for j := range sums {
		sums[j] += (float64(a[j]) + float64(b[j])) + (float64(c[j]) + float64(d[j]))
	}
}

// fold is dst (outer, n) = or += partials (outer, pieces, n) summed over the
// pieces, in float64 and in their order.
type fold[T float32 | float64] struct {
	dst       []float32
	partials  []T
	pieces, n int
	add       bool
	grid      grid
}

func (t *fold[T]) run(d *Device, dst []float32, partials []T, pieces, n int, add bool) {
	if n == 0 {
		return
	}
	*t = fold[T]{dst, partials, pieces, n, add, cut(len(dst)/n, n, pieces)}
	d.pool.For(t.grid.chunks(), t)
}

// Do implements parallel.Task.
func (t *fold[T]) Do(i, _ int) {
	r0, r1, c0, c1 := t.grid.at(i)
	var sums [256]float64
	for r := r0; r < r1; r++ {
		for c := c0; c < c1; c += len(sums) {
			dst := t.dst[r*t.n:][c:min(c1, c+len(sums))]
			sum := sums[:len(dst)]
			clear(sum)
			if t.add {
				for j, v := range dst {
					sum[j] = float64(v)
				}
			}
			for p := range t.pieces {
				for j, v := range t.partials[(r*t.pieces+p)*t.n+c:][:len(sum)] {
					sum[j] += float64(v)
				}
			}
			for j, v := range sum {
				dst[j] = float32(v)
			}
		}
	}
}
