package conv

import "fmt"

// lanes is how many partial sums one inner product has.
const lanes = 8

// Inner is the inner products over time of every row of one signal with every
// row of another: the gradients of weights. Reset it, then Add any number of
// stretches of time, then Sums. The zero value is ready, and the same size again
// allocates nothing.
//
// Sample i of a stretch adds to lane i%8 in float32, over all stretches; in the end the
// lanes fold pairwise: j with j+4, j+2, j+1.
//
// Who has many sums to add up folds each into one packed sum, in the order of the
// kernels, and unpacks that.
type Inner struct {
	rows, cols int
	turned     bool // the rows are the kernels' columns
	a, b       [][]float32
	lanes      []float32 // of the tiles
	clean      bool      // the lanes are zeros
	sums       []float32
}

// across is how many columns a tile of so many rows has: so many inner products fill the
// registers.
var across = [group + 1]int{1: 8, 2: 6, 3: 4, 4: 3}

// products is how many inner products the tiles of rows by cols compute.
func products(rows, cols int) int {
	full, rest := rows&^(group-1), rows%group
	n := full * up(cols, across[group])
	if rest > 0 {
		n += rest * up(cols, across[rest])
	}
	return n
}

// up is n rounded up to a multiple of m.
func up(n, m int) int { return (n + m - 1) / m * m }

// Reset makes p ready for so many rows and columns, with sums of zero. All of
// them must be given before Add.
func (p *Inner) Reset(rows, cols int) {
	p.Grow(rows, cols)
	if !p.clean {
		clear(p.lanes[:cap(p.lanes)])
		p.clean = true
	}
	clear(p.a)
	clear(p.b)
}

// Grow makes room for Reset, which then allocates nothing.
func (p *Inner) Grow(rows, cols int) {
	if rows < 1 || cols < 1 {
		panic(fmt.Sprintf("conv: inner products of %d rows and %d columns", rows, cols))
	}
	p.turned = products(cols, rows) < products(rows, cols)
	if p.turned {
		rows, cols = cols, rows
	}
	p.rows, p.cols = rows, cols
	p.lanes = grow(p.lanes, p.Packed()*lanes)
	p.sums = grow(p.sums, p.Packed())
	p.a = grow(p.a, rows)
	p.b = grow(p.b, cols+across[1]) // the last tile's missing columns repeat the last one
}

// Packed is the length of a packed sum.
func (p *Inner) Packed() int { return up(products(p.rows, p.cols), 8) }

// Row makes x row i of the stretch to come.
func (p *Inner) Row(i int, x []float32) {
	if p.turned {
		p.column(i, x)
	} else {
		p.a[i] = x
	}
}

// Column makes x column i of the stretch to come.
func (p *Inner) Column(i int, x []float32) {
	if p.turned {
		p.a[i] = x
	} else {
		p.column(i, x)
	}
}

func (p *Inner) column(i int, x []float32) {
	p.b[i] = x
	if i == p.cols-1 {
		for j := p.cols; j < len(p.b); j++ {
			p.b[j] = x
		}
	}
}

// Add adds the products of the first n samples of all rows and columns. It
// panics where one is shorter.
func (p *Inner) Add(n int) {
	for _, rows := range [...][][]float32{p.a, p.b} {
		for _, x := range rows {
			if len(x) < n {
				panic(fmt.Sprintf("conv: an inner product over %d samples of a row of %d", n, len(x)))
			}
		}
	}
	if n == 0 {
		return
	}
	p.clean = false
	full, rest := p.rows&^(group-1), p.rows%group
	at := 0
	if full > 0 {
		tiles := up(p.cols, across[group]) / across[group]
		inner(n, group, full/group, tiles, p.a, p.b, p.lanes)
		at = tiles * across[group] * full * lanes
	}
	if rest > 0 {
		inner(n, rest, 1, up(p.cols, across[rest])/across[rest], p.a[full:], p.b, p.lanes[at:])
	}
}

// Sums writes the inner products since Reset to dst (rows, cols) and makes them zero.
func (p *Inner) Sums(dst []float32) {
	clear(p.sums)
	p.Fold(p.sums)
	p.Unpack(dst, p.sums)
}

// Fold adds the inner products since Reset to a packed sum and makes them zero.
func (p *Inner) Fold(packed []float32) {
	if len(packed) != p.Packed() {
		panic(fmt.Sprintf("conv: a packed sum of %d numbers, want %d", len(packed), p.Packed()))
	}
	if !p.clean {
		fold(p.lanes, packed)
		p.clean = true
	}
}

// Unpack writes a packed sum to dst (rows, cols).
func (p *Inner) Unpack(dst, packed []float32) {
	full, rest := p.rows&^(group-1), p.rows%group
	sums := packed
	scatter := func(r0, rows, blocks int) {
		for c0 := 0; c0 < p.cols; c0 += across[rows] {
			cols := min(across[rows], p.cols-c0)
			for r := r0; r < r0+rows*blocks; r++ {
				p.put(dst, r, c0, sums[:cols])
				sums = sums[across[rows]:]
			}
		}
	}
	if full > 0 {
		scatter(0, group, full/group)
	}
	if rest > 0 {
		scatter(full, rest, 1)
	}
}

// put writes the sums of row r and the columns from c on.
func (p *Inner) put(dst []float32, r, c int, sums []float32) {
	if !p.turned {
		copy(dst[r*p.cols+c:], sums)
		return
	}
	for i, v := range sums {
		dst[(c+i)*p.rows+r] = v
	}
}

// innerGeneric adds, for tiles of columns and in each for blocks of rows, the products
//
//	for i := range n { lane[i%8] += a[r][i] * b[c][i] }
//
// to the lanes of the block's rows by the tile's columns.
func innerGeneric(n, rows, blocks, tiles int, a, b [][]float32, to []float32) {
	for tile := range tiles {
		for block := range blocks {
			for r := range rows {
				y := a[block*rows+r][:n]
				for c := range across[rows] {
					x := b[tile*across[rows]+c][:n]
					lane := (*[lanes]float32)(to)
					for i, v := range y {
						lane[i%lanes] += float32(v * x[i])
					}
					to = to[lanes:]
				}
			}
		}
	}
}

// foldGeneric adds the lanes of each element to it and clears them. len(sums) is a
// multiple of 8.
func foldGeneric(from, sums []float32) {
	for i := range sums {
		l := (*[lanes]float32)(from[i*lanes:])
		sums[i] += ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]))
		*l = [lanes]float32{}
	}
}
