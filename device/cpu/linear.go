package cpu

import (
	"partials/device"
	"partials/internal/simd/gemm"
	"partials/tensor"
)

// MatMul implements device.Linear.
func (d *Device) MatMul(dst, x, y tensor.Tensor, p device.Product) {
	device.CheckProduct("MatMul", dst, x, y, p)
	p.SharedDst = false
	d.multiply(batchOf(numbers(dst), numbers(x), numbers(y), p), false)
}

// MatMulGrad implements device.Linear.
func (d *Device) MatMulGrad(dst, x, y tensor.Tensor, p device.Product) {
	device.CheckProduct("MatMulGrad", dst, x, y, p)
	b := batchOf(numbers(dst), numbers(x), numbers(y), p)
	if p.SharedDst || p.Batch == 1 {
		d.contract(b)
	} else {
		d.multiply(b, true)
	}
}

// batch is a number of products of one form: entry i reads A from i*stepA on
// and B from i*stepB on, and has its C at i*stepC.
type batch struct {
	form                gemm.Problem // of entry 0; the slices go to the end of the operands
	entries             int
	stepA, stepB, stepC int
}

func batchOf(dst, x, y []float32, p device.Product) batch {
	b := batch{
		form: gemm.Problem{
			M: p.M, N: p.N, K: p.K,
			A: x, LDA: p.K, TransA: p.TransX,
			B: y, LDB: p.N, TransB: p.TransY,
			C: dst, LDC: p.N,
		},
		entries: p.Batch, stepA: p.M * p.K, stepB: p.K * p.N, stepC: p.M * p.N,
	}
	if p.TransX {
		b.form.LDA = p.M
	}
	if p.TransY {
		b.form.LDB = p.K
	}
	if p.SharedX {
		b.stepA = 0
	}
	if p.SharedY {
		b.stepB = 0
	}
	if p.SharedDst {
		b.stepC = 0
	}
	return b
}

// entry sets p to entry i.
func (b *batch) entry(i int, p *gemm.Problem) {
	*p = b.form
	p.A, p.B, p.C = p.A[min(i*b.stepA, len(p.A)):], p.B[min(i*b.stepB, len(p.B)):], p.C[min(i*b.stepC, len(p.C)):]
}

// A chunk of a product takes about this many multiplications, some tens of
// microseconds; its blocks of C have at least blockRows rows, so that packing
// B pays, and at most blockCols columns.
const (
	chunkProducts = 1 << 19
	blockRows     = 192
	blockCols     = 512
)

// block returns the size of the blocks into which C is cut.
func (b *batch) block() (rows, cols int) {
	cols = min(max(1, b.form.N), blockCols)
	rows = max(blockRows, chunkProducts/max(1, cols*b.form.K)/blockRows*blockRows)
	return min(max(1, b.form.M), rows), cols
}

// products computes every entry of a batch in blocks of rows by columns. The
// sum of an element does not depend on the block that it falls in.
type products struct {
	batch
	workers    []worker
	rows, cols int
	group      int // entries of a chunk, where an entry is one block
}

// multiply computes C of every entry, or adds to it.
func (d *Device) multiply(b batch, add bool) {
	// A right factor in common: the entries are one tall product.
	if f := &b.form; b.stepB == 0 && !f.TransA && f.LDA*f.M == b.stepA && f.LDC*f.M == b.stepC {
		f.M, b.entries = f.M*b.entries, min(1, b.entries)
	}
	b.form.Accumulate = add
	rows, cols := b.block()
	group := 1
	if rows == b.form.M && cols == b.form.N {
		group = max(1, chunkProducts/4/max(1, rows*cols*b.form.K))
	}
	d.products = products{b, d.workers, rows, cols, group}
	d.pool.For(chunks(b.entries, group)*d.products.blocks(), &d.products)
}

// blocks is how many blocks an entry has.
func (t *products) blocks() int { return chunks(t.form.M, t.rows) * chunks(t.form.N, t.cols) }

// Do implements parallel.Task.
func (t *products) Do(i, worker int) {
	w := &t.workers[worker]
	across := chunks(t.form.N, t.cols)
	first, at := i/t.blocks()*t.group, i%t.blocks()
	row, col := at/across*t.rows, at%across*t.cols
	for e := first; e < min(t.entries, first+t.group); e++ {
		t.entry(e, &w.problem)
		w.gemm.RunBlock(&w.problem, row, min(t.form.M, row+t.rows), col, min(t.form.N, col+t.cols))
	}
}

// contraction is the sum of all entries of a batch, each with its K cut into
// pieces. Runs of pieces share a partial result, and the partials fold in
// float64.
type contraction struct {
	batch
	workers    []worker
	rows, cols int // of a block
	depth      int // of a piece of K
	pieces     int // of an entry
	group      int // pieces of a partial result
	partials   []float32
}

// contract adds the products of all entries to C, which they share: the
// gradient of weights.
func (d *Device) contract(b batch) {
	const (
		shallow = 1024 // the least depth of a piece
		most    = 32   // partial results, of an entry or of all
	)
	m, n, k := b.form.M, b.form.N, b.form.K
	if m == 0 || n == 0 || k == 0 || b.entries == 0 {
		return
	}
	t := &d.contraction
	depth := max(shallow, chunks(k, most))
	pieces := chunks(k, depth)
	group := chunks(b.entries*pieces, most)
	count := chunks(b.entries*pieces, group)
	if count == 1 {
		d.multiply(b, true)
		return
	}
	*t = contraction{batch: b, workers: d.workers, depth: depth, pieces: pieces, group: group, partials: grow(t.partials, count*m*n)}
	t.rows, t.cols = min(m, blockRows), min(n, blockCols)
	d.pool.For(count*chunks(m, t.rows)*chunks(n, t.cols), t)
	d.fold32.run(d, b.form.C[:m*n], t.partials, count, m*n, true)
}

// Do implements parallel.Task.
func (t *contraction) Do(i, worker int) {
	w := &t.workers[worker]
	m, n, k := t.form.M, t.form.N, t.form.K
	across := chunks(n, t.cols)
	blocks := chunks(m, t.rows) * across
	partial, at := i/blocks, i%blocks
	row, col := at/across*t.rows, at%across*t.cols
	first := partial * t.group
	for piece := first; piece < min(t.entries*t.pieces, first+t.group); piece++ {
		p := &w.problem
		t.entry(piece/t.pieces, p)
		from := piece % t.pieces * t.depth
		p.K = min(k-from, t.depth)
		p.A = p.A[from*step(p.TransA, p.LDA, 1):]
		p.B = p.B[from*step(p.TransB, 1, p.LDB):]
		p.C, p.LDC = t.partials[partial*m*n:], n
		p.Accumulate = piece > first
		w.gemm.RunBlock(p, row, min(m, row+t.rows), col, min(n, col+t.cols))
	}
}

// step is the distance along K in an operand that is transposed or not.
func step(transposed bool, yes, no int) int {
	if transposed {
		return yes
	}
	return no
}
