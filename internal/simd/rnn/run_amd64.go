//go:build amd64 && !purego

package rnn

//go:generate go run -C ../_asm ./rnn -out ../rnn/kernels_amd64.s

import (
	"unsafe"

	"partials/internal/impl"
)

var useAVX2 bool

func init() { impl.Register(pkg, impl.AVX2, impl.HasAVX2(), &useAVX2) }

// forwardRun is what the assembly reads: places of the first item and step, and
// distances in bytes. The generator knows the order of the fields.
type forwardRun struct {
	h, c, x, p, y, gates, cells                             *float32
	hItem, cItem, xItem, pItem, yItem, gatesItem, cellsItem int
	xStep, pStep, yStep, gatesStep, cellsStep               int
	gate, slots                                             int // between the gates of a row of Gates, of Products
	w, k                                                    *float32
	in, hidden, lastUnit, items, steps                      int
	_                                                       [4 * 4 * lanes]float32 // sums of a tile of items, which the assembly puts down
}

// backwardRun is forwardRun's counterpart; it begins at the last step.
type backwardRun struct {
	gates, cells, before, dy, sums, dh, dc                             *float32
	gatesItem, cellsItem, beforeItem, dyItem, sumsItem, dhItem, dcItem int
	gatesStep, cellsStep, beforeStep, dyStep, sumsStep                 int
	gate, slots                                                        int
	w, k                                                               *float32
	blocks, lastUnit, items, steps                                     int
}

//go:noescape
func lstmForwardAVX2(s *forwardRun)

//go:noescape
func gruForwardAVX2(s *forwardRun)

//go:noescape
func lstmBackwardAVX2(s *backwardRun)

//go:noescape
func gruBackwardAVX2(s *backwardRun)

const size = int(unsafe.Sizeof(float32(0)))

// at is the address of element i, nil where there is none to read.
func at(s []float32, i int) *float32 {
	if i >= len(s) {
		return nil
	}
	return &s[i]
}

// plane is rows of numbers, item by item and step by step, from the first of a
// run on.
type plane struct {
	rows       []float32
	item, step int // numbers from one to the next
}

func (p plane) place() (first *float32, item, step int) {
	return at(p.rows, 0), p.item * size, p.step * size
}

// planeOf is rows (B, length, n) from sample t of an item on.
func planeOf(rows []float32, item, t, length, n int) plane {
	if rows == nil {
		return plane{}
	}
	return plane{rows[(item*length+t)*n:], length * n, n}
}
