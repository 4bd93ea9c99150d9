package gemm

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"partials/internal/impl/impltest"
	"partials/internal/rng"
)

func random(s *rng.Source, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(s.Uniform(-1, 1))
	}
	return x
}

// guard is what surrounds C in the tests: it must survive.
const guard = -12345

// problem makes a random product whose leading dimensions exceed the widths by pad.
func problem(s *rng.Source, m, n, k int, transA, transB, accumulate bool, pad int) *Problem {
	p := &Problem{M: m, N: n, K: k, TransA: transA, TransB: transB, Accumulate: accumulate}
	ar, ac, br, bc := m, k, k, n
	if transA {
		ar, ac = ac, ar
	}
	if transB {
		br, bc = bc, br
	}
	p.LDA, p.LDB, p.LDC = ac+pad, bc+pad, n+pad
	last := func(rows, cols, ld int) int { return max(0, (rows-1)*ld+cols) } // no padding after the last row
	p.A, p.B = random(s, last(ar, ac, p.LDA)), random(s, last(br, bc, p.LDB))
	p.C = random(s, m*p.LDC+nr)
	for i := range p.C {
		if i%max(1, p.LDC) >= n || i/max(1, p.LDC) >= m {
			p.C[i] = guard
		}
	}
	return p
}

// want is the product in float64, and the bound of the rounding error of each element.
func want(p *Problem, i, j int) (value, bound float64) {
	var size float64
	if p.Accumulate {
		value = float64(p.C[i*p.LDC+j])
		size = math.Abs(value)
	}
	for q := range p.K {
		at, bt := i*p.LDA+q, q*p.LDB+j
		if p.TransA {
			at = q*p.LDA + i
		}
		if p.TransB {
			bt = j*p.LDB + q
		}
		x := float64(p.A[at]) * float64(p.B[bt])
		value += x
		size += math.Abs(x)
	}
	// One chain of at most 256 roundings, the block sums and C.
	return value, size * float64(min(p.K, kc)+p.K/kc+2) * 0x1p-24
}

func check(t *testing.T, s *Scratch, p *Problem) {
	t.Helper()
	before := slices.Clone(p.C)
	s.Run(p)
	after := p.C
	p.C = before
	for i, got := range after {
		if r, c := i/max(1, p.LDC), i%max(1, p.LDC); r < p.M && c < p.N {
			if v, bound := want(p, r, c); !(math.Abs(float64(got)-v) <= bound) {
				t.Fatalf("%dx%dx%d transA=%v transB=%v accumulate=%v: C[%d,%d] = %g, want %g +- %g",
					p.M, p.N, p.K, p.TransA, p.TransB, p.Accumulate, r, c, got, v, bound)
			}
		} else if got != guard {
			t.Fatalf("%dx%dx%d transA=%v transB=%v: float %d outside C was overwritten by %g",
				p.M, p.N, p.K, p.TransA, p.TransB, i, got)
		}
	}
}

func flags(f func(transA, transB, accumulate bool)) {
	for i := range 8 {
		f(i&1 != 0, i&2 != 0, i&4 != 0)
	}
}

func TestAgainstFloat64(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		r := rng.New(1, "gemm")
		var s Scratch
		edges := []int{0, 1, 2, 3, 5, 6, 7, 12, 13, 15, 16, 17, 31, 33}
		flags(func(transA, transB, accumulate bool) {
			for _, m := range edges {
				for _, n := range edges {
					for _, k := range []int{0, 1, 2, 3, 4, 5, 9, 17} {
						check(t, &s, problem(&r, m, n, k, transA, transB, accumulate, (m+n+k)%3))
					}
				}
			}
			// Past every block size.
			for _, d := range [][3]int{{mc + 1, 17, 2*kc + 3}, {7, nc + 17, 5}, {nc + 17, 3, kc + 1}, {65, 127, kc}, {1, 1009, 63}, {1009, 1, 2 * kc}} {
				check(t, &s, problem(&r, d[0], d[1], d[2], transA, transB, accumulate, 1))
			}
		})
	})
}

// TestOrderOfTheSum checks the documented order bit for bit. The elements are integers
// whose products are exact and whose sums are not, so that fusing changes
// nothing and the order of additions does.
func TestOrderOfTheSum(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		r := rng.New(7, "order")
		flags(func(transA, transB, accumulate bool) {
			for _, d := range [][3]int{{7, 17, 2*kc + 9}, {40, 3, kc + 1}, {3, 40, 100}} {
				p := problem(&r, d[0], d[1], d[2], transA, transB, accumulate, 0)
				for _, x := range [][]float32{p.A, p.B, p.C} {
					for i := range x {
						x[i] = float32(r.IntN(4096) - 2048)
					}
				}
				before := slices.Clone(p.C)
				new(Scratch).Run(p)
				for i := range p.M {
					for j := range p.N {
						var c float32
						if accumulate {
							c = before[i*p.LDC+j]
						}
						for q0 := 0; q0 < p.K; q0 += 256 {
							var sum float32
							for q := q0; q < min(p.K, q0+256); q++ {
								at, bt := i*p.LDA+q, q*p.LDB+j
								if transA {
									at = q*p.LDA + i
								}
								if transB {
									bt = j*p.LDB + q
								}
								sum += p.A[at] * p.B[bt]
							}
							c += sum
						}
						if got := p.C[i*p.LDC+j]; got != c {
							t.Fatalf("%v transA=%v transB=%v accumulate=%v: C[%d,%d] = %v, want %v", d, transA, transB, accumulate, i, j, got, c)
						}
					}
				}
			}
		})
	})
}

func TestAnySplitGivesTheSameBits(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		r := rng.New(2, "split")
		flags(func(transA, transB, accumulate bool) {
			for _, d := range [][3]int{{100, 37, 300}, {5, 64, 257}, {64, 5, 40}, {13, 90, 7}} {
				p := problem(&r, d[0], d[1], d[2], transA, transB, accumulate, 1)
				whole := *p
				whole.C = slices.Clone(p.C)
				new(Scratch).Run(&whole)
				for _, cut := range [][2]int{{1, 1}, {7, 100}, {100, 9}, {3, 16}} {
					split := *p
					split.C = slices.Clone(p.C)
					var s Scratch
					for i := 0; i < p.M; i += cut[0] {
						for j := 0; j < p.N; j += cut[1] {
							s.RunBlock(&split, i, min(p.M, i+cut[0]), j, min(p.N, j+cut[1]))
						}
					}
					if !slices.Equal(split.C, whole.C) {
						t.Fatalf("%v transA=%v transB=%v: blocks of %v give other bits", d, transA, transB, cut)
					}
				}
			}
		})
	})
}

func TestNonFiniteStaysInItsRow(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		r := rng.New(3, "nan")
		for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1))} {
			p := problem(&r, 13, 19, 5, false, false, false, 0)
			p.A[8*p.LDA+2] = bad
			for i := range p.C {
				p.C[i] = float32(math.NaN()) // C = must not read C
			}
			new(Scratch).Run(p)
			for i := range p.M {
				for j := range p.N {
					x := float64(p.C[i*p.LDC+j])
					if finite := !math.IsNaN(x) && !math.IsInf(x, 0); finite != (i != 8) {
						t.Fatalf("A[8,2] = %g: C[%d,%d] = %g", bad, i, j, x)
					}
				}
			}
		}
	})
}

func TestNoAllocations(t *testing.T) {
	impltest.Each(t, pkg, func(t *testing.T) {
		r := rng.New(4, "alloc")
		var s Scratch
		for _, d := range [][3]int{{100, 90, 300}, {3, 100, 20}, {100, 3, 20}} {
			p := problem(&r, d[0], d[1], d[2], false, true, true, 0)
			if n := testing.AllocsPerRun(5, func() { s.Run(p) }); n != 0 {
				t.Errorf("%v: %v allocations a run", d, n)
			}
		}
	})
}

func TestMistakesPanic(t *testing.T) {
	r := rng.New(5, "mistakes")
	for name, spoil := range map[string]func(*Problem){
		"short A":         func(p *Problem) { p.A = p.A[:len(p.A)-1] },
		"short B":         func(p *Problem) { p.B = p.B[:len(p.B)-1] },
		"short C":         func(p *Problem) { p.C = p.C[:p.M*p.N-1] },
		"narrow LDA":      func(p *Problem) { p.LDA-- },
		"negative K":      func(p *Problem) { p.K = -1 },
		"transposed by A": func(p *Problem) { p.TransA = true },
	} {
		p := problem(&r, 4, 5, 6, false, false, false, 0)
		spoil(p)
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			new(Scratch).Run(p)
		}()
	}
	defer func() {
		if recover() == nil {
			t.Error("rows past the end: no panic")
		}
	}()
	new(Scratch).RunBlock(problem(&r, 4, 5, 6, false, false, false, 0), 2, 5, 0, 5)
}

func BenchmarkGemm(b *testing.B) {
	impltest.Bench(b, pkg, func(b *testing.B) {
		for _, d := range [][3]int{{1, 64, 16}, {8, 128, 32}, {16, 8192, 48}, {257, 1024, 128}, {512, 512, 512}} {
			b.Run(fmt.Sprintf("%dx%dx%d", d[0], d[1], d[2]), func(b *testing.B) {
				r := rng.New(6, "bench")
				p := problem(&r, d[0], d[1], d[2], false, false, false, 0)
				var s Scratch
				for b.Loop() {
					s.Run(p)
				}
				b.ReportMetric(2*float64(d[0]*d[1]*d[2])*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	})
}
