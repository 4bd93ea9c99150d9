package gemm

// operand is one factor seen as lines along k: element p of line i is
// data[(first+i)*line + p*step]. For A the lines are rows, for B columns.
type operand struct {
	data              []float32
	line, step, first int
}

// result is where C goes: element (i, j) is data[i*row + j*col].
type result struct {
	data     []float32
	row, col int
}

// blocks walks the product in blocks of nc columns, kc along k and mc rows.
func (s *Scratch) blocks(m, n, k int, a, b operand, c result, accumulate bool) {
	s.a = grow(s.a, roundUp(min(m, mc), mr)*min(k, kc))
	// With few rows, packing B costs as much as multiplying by it. Rows of B
	// that are contiguous are then read in place.
	inPlace := m <= 2*mr && b.line == 1
	bn := min(n, nc)
	if inPlace {
		bn = nr // for the ragged last panel alone
	}
	s.b = grow(s.b, roundUp(bn, nr)*min(k, kc))
	for j0 := 0; j0 < n; j0 += nc {
		nb := min(nc, n-j0)
		for p0 := 0; p0 < k; p0 += kc {
			kb := min(kc, k-p0)
			if !inPlace {
				pack(s.b, b, nr, j0, nb, p0, kb)
			}
			add := accumulate || p0 > 0
			for i0 := 0; i0 < m; i0 += mc {
				mb := min(mc, m-i0)
				pack(s.a, a, mr, i0, mb, p0, kb)
				for j := 0; j < nb; j += nr {
					panel, ldb := s.b[min(j*kb, len(s.b)):], nr
					if inPlace {
						panel = s.b
						if j+nr <= nb {
							panel, ldb = b.data[p0*b.step+b.first+j0+j:], b.step
						} else {
							pack(s.b, b, nr, j0+j, nb-j, p0, kb)
						}
					}
					for i := 0; i < mb; i += mr {
						s.tileAt(kb, s.a[i*kb:], panel, ldb, c, i0+i, j0+j, min(mr, mb-i), min(nr, nb-j), add)
					}
				}
			}
		}
	}
}

// tileAt computes the rows x cols elements of C at (i, j) from packed panels.
func (s *Scratch) tileAt(k int, a, b []float32, ldb int, c result, i, j, rows, cols int, add bool) {
	to := c.data[i*c.row+j*c.col:]
	if rows == mr && cols == nr && c.col == 1 {
		micro(k, a, b, ldb, to, c.row, add)
		return
	}
	micro(k, a, b, ldb, s.tile[:], nr, false)
	for r := range rows {
		for q := range cols {
			if at := r*c.row + q*c.col; add {
				to[at] += s.tile[r*nr+q]
			} else {
				to[at] = s.tile[r*nr+q]
			}
		}
	}
}

// pack copies n lines of x from line first, kb elements each from p0, into panels of
// width lines: panel q holds its lines interleaved, dst[(q*kb + p)*width + r].
// Where the last panel has fewer lines, the rest keeps what was there: the sums
// over it are dropped.
func pack(dst []float32, x operand, width, first, n, p0, kb int) {
	base := (x.first+first)*x.line + p0*x.step
	if x.line == 1 { // lines lie side by side: read step by step, in the order of memory
		for p := range kb {
			row := x.data[base+p*x.step:][:n]
			for q := 0; q < n; q += width {
				copy(dst[q*kb+p*width:][:width], row[q:])
			}
		}
		return
	}
	for l := range n {
		line := x.data[base+l*x.line:]
		panel := dst[l/width*width*kb+l%width:]
		for p := range kb {
			panel[p*width] = line[p*x.step]
		}
	}
}

func grow(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}
