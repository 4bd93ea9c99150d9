// Package gemm multiplies float32 matrices: C = op(A) op(B) or C += op(A) op(B).
//
// It packs blocks of both matrices and runs a micro-kernel of 6 x 16 elements of
// C, after Goto and van de Geijn, "Anatomy of high-performance matrix
// multiplication", https://doi.org/10.1145/1356052.1356053.
//
// Every element of C is summed in one fixed order: k is cut into blocks of 256;
// a block is one chain of multiply-adds from zero, in the order of k; block sums
// are added in order (to C, where C accumulates). The order depends on K alone, so
// any split of C into rows or columns gives the same bits. The AVX2 chain is
// fused and the generic one is not: these two agree to rounding, not bit for bit.
package gemm

import "fmt"

// pkg is the name under which internal/impl knows this package.
const pkg = "gemm"

// Block sizes. A micro-kernel works on mr x nr elements of C; a packed block of
// A (mc x kc floats) stays in L2 and a panel of B (kc x nr) in L1.
const (
	mr = 6
	nr = 16
	kc = 256
	mc = 96
	nc = 1024
)

// Problem is one product. Matrices are row-major: row i of a matrix X starts at
// X[i*LDX]. op(X) is X, or its transpose where TransX is set.
type Problem struct {
	M, N, K    int       // op(A) is M x K, op(B) is K x N, C is M x N
	A          []float32 // M x K, or K x M where TransA
	LDA        int
	TransA     bool
	B          []float32 // K x N, or N x K where TransB
	LDB        int
	TransB     bool
	C          []float32
	LDC        int
	Accumulate bool // C += instead of C =
}

// Scratch is the memory of one worker: packed blocks. The zero value is ready and
// grows to at most 1.2 MiB; afterwards nothing allocates. Concurrent calls need
// one each.
type Scratch struct {
	a, b []float32
	tile [mr * nr]float32
}

// Run computes the whole of C. K = 0 gives zeros, or leaves C where it
// accumulates. C must not overlap A or B. It panics where a size is negative or
// a matrix does not hold its elements.
func (s *Scratch) Run(p *Problem) { s.RunBlock(p, 0, p.M, 0, p.N) }

// RunBlock computes rows i0 to i1 and columns j0 to j1 of C, the ends excluded, and
// touches nothing else. Workers with disjoint blocks may run at the same time.
func (s *Scratch) RunBlock(p *Problem, i0, i1, j0, j1 int) {
	p.check(i0, i1, j0, j1)
	m, n := i1-i0, j1-j0
	if m == 0 || n == 0 {
		return
	}
	c := p.C[i0*p.LDC+j0:]
	if p.K == 0 {
		if !p.Accumulate {
			for i := range m {
				clear(c[i*p.LDC:][:n])
			}
		}
		return
	}
	a := operand{p.A, p.LDA, 1, i0}
	if p.TransA {
		a = operand{p.A, 1, p.LDA, i0}
	}
	b := operand{p.B, 1, p.LDB, j0}
	if p.TransB {
		b = operand{p.B, p.LDB, 1, j0}
	}
	out := result{c, p.LDC, 1}
	// A narrow C wastes most of 16 columns: compute its transpose then, which
	// sums each element in the same order. It must save half, for it writes C
	// through a tile.
	if 2*padded(n, m) <= padded(m, n) {
		m, n = n, m
		a, b = b, a
		out = result{c, 1, p.LDC}
	}
	s.blocks(m, n, p.K, a, b, out, p.Accumulate)
}

// padded is the work for an m x n result in whole tiles.
func padded(m, n int) int { return roundUp(m, mr) * roundUp(n, nr) }

func roundUp(x, to int) int { return (x + to - 1) / to * to }

func (p *Problem) check(i0, i1, j0, j1 int) {
	if p.M < 0 || p.N < 0 || p.K < 0 {
		panic(fmt.Sprintf("gemm: negative size M=%d N=%d K=%d", p.M, p.N, p.K))
	}
	if i0 < 0 || i1 < i0 || i1 > p.M || j0 < 0 || j1 < j0 || j1 > p.N {
		panic(fmt.Sprintf("gemm: block [%d:%d, %d:%d] of a %d x %d matrix", i0, i1, j0, j1, p.M, p.N))
	}
	ar, ac, br, bc := p.M, p.K, p.K, p.N
	if p.TransA {
		ar, ac = ac, ar
	}
	if p.TransB {
		br, bc = bc, br
	}
	holds("A", len(p.A), ar, ac, p.LDA)
	holds("B", len(p.B), br, bc, p.LDB)
	holds("C", len(p.C), p.M, p.N, p.LDC)
}

func holds(name string, length, rows, cols, ld int) {
	if rows == 0 || cols == 0 {
		return
	}
	if ld < cols || length < (rows-1)*ld+cols {
		panic(fmt.Sprintf("gemm: %s of %d x %d with leading dimension %d does not fit in %d floats", name, rows, cols, ld, length))
	}
}
