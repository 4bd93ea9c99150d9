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
	{16, 16, 3, 4, 1}, {6, 6, 3, 2, 6}, {8, 4, 3, 5, 2}, {10, 15, 2, 1, 5}, {1, 2, 33, 1, 1}, {2, 2, 3, 100, 1},
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
	each(t, func(t *testing.T, r *rng.Source, s Shape, n int) {
		x, xs := signal(r, s.In, n+s.Span(), n%3)
		dy, dys := signal(r, s.Out, n, 2)
		dw, db := random(r, s.Weights()), random(r, s.Out)
		wasW, wasB := slices.Clone(dw), slices.Clone(db)
		if n%2 == 0 {
			db = nil
		}
		t0, t1 := n/9, n-n/7
		WeightGrad(s, dw, db, x, xs, dy, dys, t0, t1)
		in := s.In / s.Groups
		for o := range s.Out {
			for q := range in * s.Kernel {
				i, k := o/(s.Out/s.Groups)*in+q/s.Kernel, q%s.Kernel
				var a acc
				a.add(float64(wasW[o*in*s.Kernel+q]))
				for u := t0; u < t1; u++ {
					a.add(float64(dy[o*dys+u]) * float64(x[i*xs+u+k*s.Dilation]))
				}
				a.check(t, dw[o*in*s.Kernel+q], "%+v, %d samples: dw[%d][%d][%d]", s, n, o, i, k)
			}
			if db != nil {
				var a acc
				a.add(float64(wasB[o]))
				for u := t0; u < t1; u++ {
					a.add(float64(dy[o*dys+u]))
				}
				a.check(t, db[o], "%+v, %d samples: db[%d]", s, n, o)
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
		const n = 2*block + 77
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
		dw := make([]float32, len(w))
		WeightGrad(s, dw, nil, x, xs, dy, dys, 0, n)
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
			var want float32
			for u0 := 0; u0 < n; u0 += 512 {
				var l [8]float32
				for u := u0; u < min(n, u0+512); u++ {
					l[(u-u0)%8] += dy[o*dys+u] * x[i*xs+u+k*s.Dilation]
				}
				want += ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]))
			}
			if dw[q] != want {
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
	WeightGrad(s, w, nil, x, 4, nil, 0, 0, 0)
	if !slices.Equal(dx, []float32{7, 7, 7, 7}) || !slices.Equal(w, []float32{1, 2, 3}) {
		t.Errorf("no samples changed dx to %v and dw to %v", dx, w)
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
		if a := testing.AllocsPerRun(5, func() {
			f.Prepare(s, w, b, xs)
			f.Run(dy, dys, x, 0, n)
			g.Prepare(s, w, dys)
			g.Run(x, xs, dy, n, 0, n+s.Span())
			WeightGrad(s, w, b, x, xs, dy, dys, 0, n)
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
		"weight gradient":   func() { WeightGrad(good, w, nil, x, 14, y, 10, 0, 11) },
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

func BenchmarkConv(b *testing.B) {
	impltest.Bench(b, pkg, func(b *testing.B) {
		for _, s := range []Shape{{16, 16, 3, 4, 1}, {8, 8, 3, 128, 1}, {64, 64, 3, 1, 1}, {1, 16, 1, 1, 1}} {
			const n = 8000
			r := rng.New(6, "bench")
			x, xs := signal(&r, s.In, n+s.Span(), 16)
			dy, dys := signal(&r, s.Out, n, 16)
			w, bias := random(&r, s.Weights()), random(&r, s.Out)
			var f Forward
			var g InputGrad
			y, dx, dw := make([]float32, len(dy)), make([]float32, len(x)), make([]float32, len(w))
			for _, c := range []struct {
				name string
				run  func()
			}{
				{"forward", func() { f.Prepare(s, w, bias, xs); f.Run(y, dys, x, 0, n) }},
				{"input", func() { g.Prepare(s, w, dys); g.Run(dx, xs, dy, n, 0, n+s.Span()) }},
				{"weight", func() { WeightGrad(s, dw, nil, x, xs, dy, dys, 0, n) }},
			} {
				b.Run(fmt.Sprintf("%s/%dto%dk%dd%d", c.name, s.In, s.Out, s.Kernel, s.Dilation), func(b *testing.B) {
					for b.Loop() {
						c.run()
					}
					b.ReportMetric(2*float64(s.Weights()*n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
				})
			}
		}
	})
}
