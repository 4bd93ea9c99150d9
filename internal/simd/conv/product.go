package conv

// group is how many rows of a result one tile has at most: channels that share
// every load of a sample.
const group = 4

// matrix is the weights of rows sums over terms, packed for the kernels: groups of
// four rows side by side, then the rows that are left side by side.
type matrix struct {
	rows, terms int
	w           []float32 // of row r of a group of g rows from row r0 on, term q: w[r0*terms + q*g + r-r0]
	start       []float32 // what each row's sum starts from
	off         []int     // where term q starts in the signal, in floats, at time 0
}

// size makes room. The start is zeros.
func (m *matrix) size(rows, terms int) {
	m.rows, m.terms = rows, terms
	m.w, m.start, m.off = grow(m.w, rows*terms), grow(m.start, rows), grow(m.off, terms)
	clear(m.start)
}

// at is the place of a weight.
func (m *matrix) at(r, q int) int {
	r0 := r &^ (group - 1)
	return r0*m.terms + q*min(group, m.rows-r0) + r - r0
}

// run computes n samples of all rows from the terms in [first, last):
//
//	sum := start[r]
//	for q := first; q < last; q++ { sum += w[r][q] * b[off[q]+t+u] }
//	c[r*stride+u] = sum    // plus was[r*stride+u], where there is a was, which may be c
//
// The chain of additions does not depend on n, so cutting time anywhere gives the
// same bits.
func (m *matrix) run(first, last int, b []float32, t, n int, c, was []float32, stride int) {
	p := product{off: m.off[first:last], step: m.terms - (last - first), b: b, t: t, stride: stride}
	for r0 := 0; r0 < m.rows; r0 += p.rows * p.blocks {
		p.rows, p.blocks = group, (m.rows-r0)/group
		if p.blocks == 0 {
			p.rows, p.blocks = m.rows-r0, 1
		}
		p.a, p.start = m.w[r0*m.terms+first*p.rows:], m.start[r0:]
		p.c, p.was = c[r0*stride:], nil
		if was != nil {
			p.was = was[r0*stride:]
		}
		p.run(n)
	}
}

// product is a call of a kernel: blocks of as many rows each, at most a group.
type product struct {
	rows, blocks int
	a, start     []float32 // the weights of a term side by side
	step         int       // terms of a block that are left out
	off          []int     // of the terms that are not
	b            []float32
	t            int
	c, was       []float32
	stride       int
}

// runGeneric is the kernel in Go.
func (p *product) runGeneric(n int) {
	const width = 24
	for block := range p.blocks {
		a := p.a[block*(len(p.off)+p.step)*p.rows:]
		for r := range p.rows {
			row := block*p.rows + r
			for u := 0; u < n; u += width {
				var sums [width]float32
				sum := sums[:min(width, n-u)]
				for i := range sum {
					sum[i] = p.start[row]
				}
				for q, o := range p.off {
					w := a[q*p.rows+r]
					for i, v := range p.b[o+p.t+u:][:len(sum)] {
						sum[i] += float32(w * v)
					}
				}
				if p.was != nil {
					for i, v := range p.was[row*p.stride+u:][:len(sum)] {
						sum[i] += v
					}
				}
				copy(p.c[row*p.stride+u:], sum)
			}
		}
	}
}
