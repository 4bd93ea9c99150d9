package cpu

// chunk is how many numbers of a simple kernel a thread takes at a time: about
// ten microseconds of work, and 64 KiB of each operand.
const chunk = 1 << 14

// chunks is how many chunks of the given size n things make.
func chunks(n, size int) int { return (n + size - 1) / size }

// grid cuts rows of n cells into chunks of about the same work: some whole rows
// each, or a part of one row.
type grid struct {
	rows, n       int
	height, width int // of a chunk
}

// cut returns the grid of rows of n cells, where a cell is weight numbers.
func cut(rows, n, weight int) grid {
	cells := max(1, chunk/max(1, weight))
	width := max(1, min(n, cells))
	return grid{rows, n, cells / width, width}
}

// chunks is how many chunks there are.
func (g grid) chunks() int { return chunks(g.rows, g.height) * chunks(g.n, g.width) }

// at returns the rows and the cells of chunk i, the ends excluded.
func (g grid) at(i int) (r0, r1, c0, c1 int) {
	across := chunks(g.n, g.width)
	r, c := i/across*g.height, i%across*g.width
	return r, min(g.rows, r+g.height), c, min(g.n, c+g.width)
}

// grow returns n numbers of any value, in the memory of s where that suffices.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// row returns row i of rows of n numbers.
func row[T any](rows []T, i, n int) []T { return rows[i*n:][:n:n] }
