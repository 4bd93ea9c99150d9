package conv

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"partials/internal/impl/impltest"
	"partials/internal/rng"
)

// guard is what lies between and around the rows of a test signal: results must leave it alone.
const guard = -12345

// signal is c rows of n samples in a slice, pad guards after each row but the last.
func signal(s *rng.Source, c, n, pad int) (x []float32, stride int) {
	stride = n + pad
	x = make([]float32, (c-1)*stride+n)
	for i := range x {
		if x[i] = guard; i%stride < n {
			x[i] = float32(s.Uniform(-1, 1))
		}
	}
	return x, stride
}

func random(s *rng.Source, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(s.Uniform(-1, 1))
	}
	return x
}

// acc is a float64 sum that knows how far rounding may take a float32 sum of the same terms.
type acc struct {
	sum, size float64
	terms     int
}

func (a *acc) add(x float64) { a.sum += x; a.size += math.Abs(x); a.terms++ }

func (a *acc) check(t *testing.T, got float32, what string, args ...any) {
	t.Helper()
	if bound := a.size * float64(a.terms+1) * 0x1p-24; !(math.Abs(float64(got)-a.sum) <= bound) {
		t.Fatalf("%s = %g, want %g +- %g", fmt.Sprintf(what, args...), got, a.sum, bound)
	}
}

func checkGuards(t *testing.T, name string, x []float32, stride, t0, t1 int) {
	t.Helper()
	for i, v := range x {
		if u := i % stride; (u < t0 || u >= t1) && v != guard {
			t.Fatalf("%s: sample %d of row %d, outside [%d, %d), became %g", name, u, i/stride, t0, t1, v)
		}
	}
}

// weight is w[o][j][k] as input i of the whole layer sees it; ok is false across groups.
func weight(s Shape, w []float32, o, i, k int) (float64, bool) {
	in, out := s.In/s.Groups, s.Out/s.Groups
	if i/in != o/out {
		return 0, false
	}
	return float64(w[(o*in+i%in)*s.Kernel+k]), true
}

var shapes = []Shape{
	{1, 1, 1, 1, 1}, {1, 1, 3, 1, 1}, {1, 4, 2, 3, 1}, {4, 1, 3, 7, 1}, {3, 5, 3, 2, 1}, {5, 8, 1, 1, 1}, {2, 9, 4, 1, 1},
	{16, 16, 3, 4, 1}, {6, 7, 3, 2, 1}, {3, 3, 6, 5, 1}, {6, 6, 3, 2, 6}, {8, 4, 3, 5, 2}, {10, 15, 2, 1, 5}, {1, 2, 33, 1, 1}, {2, 2, 3, 100, 1},
}

var times = []int{1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 47, 48, 49, 63, 64, 65, 127, 241, 513}

// each runs f for every implementation, shape and length.
func each(t *testing.T, f func(t *testing.T, r *rng.Source, s Shape, n int)) {
	impltest.Each(t, pkg, func(t *testing.T) {
		for c, s := range shapes {
			for _, n := range times {
				r := rng.New(1, "conv", c, n)
				f(t, &r, s, n)
			}
		}
	})
}

func TestForward(t *testing.T) {
	var f Forward
	each(t, func(t *testing.T, r *rng.Source, s Shape, n int) {
		x, xs := signal(r, s.In, n+s.Span(), n%3)
		y, ys := signal(r, s.Out, n, 2)
		w, b := random(r, s.Weights()), random(r, s.Out)
		if n%2 == 0 {
			clear(b)
			f.Prepare(s, w, nil, xs)
		} else {
			f.Prepare(s, w, b, xs)
		}
		t0, t1 := n/9, n-n/7
		for i := range y {
			y[i] = guard
		}
		f.Run(y, ys, x, t0, t1)
		checkGuards(t, "y", y, ys, t0, t1)
		for o := range s.Out {
			for u := t0; u < t1; u++ {
				var a acc
				a.add(float64(b[o]))
				for i := range s.In {
					for k := range s.Kernel {
						if v, ok := weight(s, w, o, i, k); ok {
							a.add(v * float64(x[i*xs+u+k*s.Dilation]))
						}
					}
				}
				a.check(t, y[o*ys+u], "%+v, %d samples: y[%d][%d]", s, n, o, u)
			}
		}
		once := slices.Clone(y)
		f.RunAdd(y, ys, x, t0, t1)
		checkGuards(t, "y", y, ys, t0, t1)
		for i, v := range once {
			if u := i % ys; u >= t0 && u < t1 && y[i] != v+v {
				t.Fatalf("%+v, %d samples: added to itself, y[%d][%d] = %g is not twice %g", s, n, i/ys, u, y[i], v)
			}
		}
	})
}

func TestInputGrad(t *testing.T) {
	var g InputGrad
	each(t, func(t *testing.T, r *rng.Source, s Shape, n int) {
		dy, dys := signal(r, s.Out, n, n%3)
		tin := n + s.Span()
		dx, dxs := signal(r, s.In, tin, 2)
		w := random(r, s.Weights())
		g.Prepare(s, w, dys)
		s0, s1 := tin/9, tin-tin/7
		for i := range dx {
			if u := i % dxs; u < s0 || u >= s1 {
				dx[i] = guard
			}
		}
		before := slices.Clone(dx)
		g.Run(dx, dxs, dy, n, s0, s1)
		checkGuards(t, "dx", dx, dxs, s0, s1)
		for i := range s.In {
			for u := s0; u < s1; u++ {
				var a acc
				a.add(float64(before[i*dxs+u]))
				for k := range s.Kernel {
					for o := range s.Out {
						if v, ok := weight(s, w, o, i, k); ok && u-k*s.Dilation >= 0 && u-k*s.Dilation < n {
							a.add(v * float64(dy[o*dys+u-k*s.Dilation]))
						}
					}
				}
				a.check(t, dx[i*dxs+u], "%+v, %d samples: dx[%d][%d]", s, n, i, u)
			}
		}
	})
}

func TestWeightGrad(t *testing.T) {
	var g WeightGrad
	each(t, func(t *testing.T, r *rng.Source, s Shape, n int) {
		x, xs := signal(r, s.In, n+s.Span(), n%3)
		dy, dys := signal(r, s.Out, n, 2)
		dw, _ := signal(r, 1, s.Weights()+2, 0)
		for i := range dw {
			dw[i] = guard
		}
		t0, t1 := n/9, n-n/7
		g.Reset(s)
		g.Add(x, xs, dy, dys, t0, t0+(t1-t0)/3)
		g.Add(x, xs, dy, dys, t0+(t1-t0)/3, t1)
		g.Sums(dw[1 : len(dw)-1])
		checkGuards(t, "dw", dw, len(dw), 1, len(dw)-1)
		in := s.In / s.Groups
		for o := range s.Out {
			for q := range in * s.Kernel {
				i, k := o/(s.Out/s.Groups)*in+q/s.Kernel, q%s.Kernel
				var a acc
				for u := t0; u < t1; u++ {
					a.add(float64(dy[o*dys+u]) * float64(x[i*xs+u+k*s.Dilation]))
				}
				a.check(t, dw[1+o*in*s.Kernel+q], "%+v, %d samples: dw[%d][%d][%d]", s, n, o, i, k)
			}
		}
	})
}

func TestInner(t *testing.T) {
	var p Inner
	impltest.Each(t, pkg, func(t *testing.T) {
		for rows := 1; rows <= 9; rows++ {
			for cols := 1; cols <= 17; cols++ {
				r := rng.New(7, "inner", rows, cols)
				n := 1 + r.IntN(70)
				a, as := signal(&r, rows, n, 3)
				b, bs := signal(&r, cols, n, 0)
				p.Reset(rows, cols)
				for range 2 {
					for i := range rows {
						p.Row(i, a[i*as:][:n])
					}
					for i := range cols {
						p.Column(i, b[i*bs:][:n])
					}
					p.Add(n)
				}
				sums := make([]float32, rows*cols)
				p.Sums(sums)
				for i, v := range sums {
					var want acc
					for u := range n {
						want.add(2 * float64(a[i/cols*as+u]) * float64(b[i%cols*bs+u]))
					}
					want.terms *= 2
					want.check(t, v, "%d by %d over %d samples: [%d][%d]", rows, cols, n, i/cols, i%cols)
				}
			}
		}
	})
}

// Packed sums of stretches add up to the sums of all of them.
func TestPackedSums(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		for c, s := range shapes {
			r := rng.New(8, "packed", c)
			const n = 50
			x, xs := signal(&r, s.In, n+s.Span(), 0)
			dy, dys := signal(&r, s.Out, n, 0)
			integers(&r, x)
			integers(&r, dy)
			var g WeightGrad
			add := func(t0, t1 int) []float32 {
				g.Add(x, xs, dy, dys, t0, t1)
				dw := make([]float32, s.Weights())
				g.Sums(dw)
				return dw
			}
			g.Reset(s)
			want, more := add(0, 23), add(23, n)
			for i, v := range more {
				want[i] += v
			}
			packed := make([]float32, g.Packed())
			for _, stretch := range [][2]int{{0, 23}, {23, n}} {
				g.Add(x, xs, dy, dys, stretch[0], stretch[1])
				g.Fold(packed)
			}
			got := make([]float32, s.Weights())
			g.Unpack(got, packed)
			if !slices.Equal(got, want) {
				t.Errorf("%+v: packed sums are %v, want %v", s, got, want)
			}
		}
	})
}

// integers replaces x by integers whose products are exact and whose sums are not,
// so that fusing changes nothing and the order of additions does.
func integers(r *rng.Source, x []float32) {
	for i := range x {
		x[i] = float32(r.IntN(4096) - 2048)
	}
}

// TestOrderOfTheSums checks the documented orders bit for bit.
func TestOrderOfTheSums(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		r := rng.New(2, "order")
		s := Shape{In: 6, Out: 5, Kernel: 7, Dilation: 9, Groups: 1}
		const n = 2*block + 77 // not a multiple of the lanes
		x, xs := signal(&r, s.In, n+s.Span(), 0)
		dy, dys := signal(&r, s.Out, n, 0)
		w, b := random(&r, s.Weights()), random(&r, s.Out)
		for _, v := range [][]float32{x, dy, w, b} {
			integers(&r, v)
		}
		var f Forward
		f.Prepare(s, w, b, xs)
		y := make([]float32, s.Out*n)
		f.Run(y, n, x, 0, n)
		var g InputGrad
		g.Prepare(s, w, dys)
		dx := make([]float32, len(x))
		g.Run(dx, xs, dy, n, 0, xs)
		var wg WeightGrad
		wg.Reset(s)
		wg.Add(x, xs, dy, dys, 0, n)
		dw := make([]float32, len(w))
		wg.Sums(dw)
		for o := range s.Out {
			for u := range n {
				sum := b[o]
				for i := range s.In {
					for k := range s.Kernel {
						sum += w[(o*s.In+i)*s.Kernel+k] * x[i*xs+u+k*s.Dilation]
					}
				}
				if y[o*n+u] != sum {
					t.Fatalf("y[%d][%d] = %v, want %v", o, u, y[o*n+u], sum)
				}
			}
		}
		for i := range s.In {
			for u := range xs {
				var sum float32
				for k := range s.Kernel {
					for o := range s.Out {
						if v := u - k*s.Dilation; v >= 0 && v < n {
							sum += w[(o*s.In+i)*s.Kernel+k] * dy[o*dys+v]
						}
					}
				}
				if dx[i*xs+u] != sum {
					t.Fatalf("dx[%d][%d] = %v, want %v", i, u, dx[i*xs+u], sum)
				}
			}
		}
		for q := range dw {
			o, i, k := q/s.Kernel/s.In, q/s.Kernel%s.In, q%s.Kernel
			var l [8]float32
			for u := range n {
				l[u%block%8] += dy[o*dys+u] * x[i*xs+u+k*s.Dilation]
			}
			if want := ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7])); dw[q] != want {
				t.Fatalf("dw[%d][%d][%d] = %v, want %v", o, i, k, dw[q], want)
			}
		}
	})
}

func TestAnyCutOfTimeGivesTheSameBits(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		for c, s := range shapes {
			r := rng.New(3, "cut", c)
			const n = 300
			x, xs := signal(&r, s.In, n+s.Span(), 1)
			dy, dys := signal(&r, s.Out, n, 1)
			w, b := random(&r, s.Weights()), random(&r, s.Out)
			var f Forward
			var g InputGrad
			f.Prepare(s, w, b, xs)
			g.Prepare(s, w, dys)
			y, dx := make([]float32, s.Out*n), make([]float32, s.In*(n+s.Span()))
			f.Run(y, n, x, 0, n)
			g.Run(dx, n+s.Span(), dy, n, 0, n+s.Span())
			for _, step := range []int{1, 7, 24, 100} {
				y2, dx2 := make([]float32, len(y)), make([]float32, len(dx))
				for u := 0; u < n; u += step {
					f.Run(y2, n, x, u, min(n, u+step))
				}
				for u := 0; u < n+s.Span(); u += step {
					g.Run(dx2, n+s.Span(), dy, n, u, min(n+s.Span(), u+step))
				}
				if !slices.Equal(y, y2) || !slices.Equal(dx, dx2) {
					t.Fatalf("%+v: steps of %d samples give other bits", s, step)
				}
			}
		}
	})
}

func TestNaNStaysInItsWindow(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		s := Shape{In: 3, Out: 5, Kernel: 3, Dilation: 4, Groups: 1}
		const n, at = 60, 30
		r := rng.New(4, "nan")
		x, xs := signal(&r, s.In, n+s.Span(), 0)
		x[xs+at] = float32(math.NaN())
		y, ys := signal(&r, s.Out, n, 0)
		var f Forward
		f.Prepare(s, random(&r, s.Weights()), nil, xs)
		f.Run(y, ys, x, 0, n)
		for i, v := range y {
			u := i % ys
			hit := u == at || u == at-s.Dilation || u == at-2*s.Dilation
			if (v != v) != hit {
				t.Fatalf("x[1][%d] is NaN: y[%d][%d] = %g", at, i/ys, u, v)
			}
		}
	})
}

func TestEmptyRanges(t *testing.T) {
	s := Shape{In: 1, Out: 1, Kernel: 3, Dilation: 2, Groups: 1}
	w, x := []float32{1, 2, 3}, make([]float32, 4)
	var f Forward
	f.Prepare(s, w, nil, 4)
	f.Run(nil, 0, x, 0, 0)
	var g InputGrad
	g.Prepare(s, w, 4)
	dx := []float32{7, 7, 7, 7}
	g.Run(dx, 4, nil, 0, 0, 4)
	var wg WeightGrad
	wg.Reset(s)
	wg.Add(x, 4, nil, 0, 0, 0)
	dw := []float32{7, 7, 7}
	wg.Sums(dw)
	if !slices.Equal(dx, []float32{7, 7, 7, 7}) || !slices.Equal(dw, []float32{0, 0, 0}) {
		t.Errorf("no samples changed dx to %v and made dw %v", dx, dw)
	}
}

func TestNoAllocations(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		s := Shape{In: 6, Out: 7, Kernel: 3, Dilation: 2, Groups: 1}
		const n = 100
		r := rng.New(5, "alloc")
		x, xs := signal(&r, s.In, n+s.Span(), 0)
		dy, dys := signal(&r, s.Out, n, 0)
		w, b := random(&r, s.Weights()), random(&r, s.Out)
		var f Forward
		var g InputGrad
		var wg WeightGrad
		if a := testing.AllocsPerRun(5, func() {
			f.Prepare(s, w, b, xs)
			f.Run(dy, dys, x, 0, n)
			g.Prepare(s, w, dys)
			g.Run(x, xs, dy, n, 0, n+s.Span())
			wg.Reset(s)
			wg.Add(x, xs, dy, dys, 0, n)
			wg.Sums(w)
		}); a != 0 {
			t.Errorf("%v allocations", a)
		}
	})
}

func TestMistakesPanic(t *testing.T) {
	good := Shape{In: 2, Out: 4, Kernel: 3, Dilation: 2, Groups: 2}
	w, x, y := make([]float32, good.Weights()), make([]float32, 2*14), make([]float32, 4*10)
	ready := func() (f Forward) { f.Prepare(good, w, nil, 14); return }
	for name, run := range map[string]func(){
		"no dilation":       func() { s := good; s.Dilation = 0; new(Forward).Prepare(s, w, nil, 14) },
		"groups":            func() { s := good; s.Groups = 3; new(InputGrad).Prepare(s, w, 10) },
		"too few weights":   func() { new(Forward).Prepare(good, w[1:], nil, 14) },
		"too few biases":    func() { new(Forward).Prepare(good, w, w[:3], 14) },
		"short x":           func() { f := ready(); f.Run(y, 10, x[1:], 0, 10) },
		"short y":           func() { f := ready(); f.Run(y[1:], 10, x, 0, 10) },
		"overlapping rows":  func() { f := ready(); f.Run(y, 9, x, 0, 10) },
		"backward range":    func() { f := ready(); f.Run(y, 10, x, 5, 4) },
		"weight gradient":   func() { var g WeightGrad; g.Reset(good); g.Add(x, 14, y, 10, 0, 11) },
		"too many sums":     func() { var g WeightGrad; g.Reset(good); g.Sums(make([]float32, good.Weights()+1)) },
		"unset weights":     func() { new(WeightGrad).Add(x, 14, y, 10, 0, 10) },
		"short row":         func() { var p Inner; p.Reset(1, 1); p.Row(0, x[:3]); p.Column(0, x); p.Add(4) },
		"no rows":           func() { new(Inner).Reset(0, 3) },
		"past the input":    func() { var g InputGrad; g.Prepare(good, w, 10); g.Run(x, 14, y, 10, 0, 15) },
		"unprepared kernel": func() { new(Forward).Run(y, 10, x, 0, 10) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			run()
		}()
	}
}
