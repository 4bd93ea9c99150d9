package fft

import "fmt"

// Windowed is the transform of windowed frames of a signal, and its transpose,
// without a time block in between: what the first butterflies need is loaded
// from the signal just before, and what the last ones make is added to it at
// once. Spectra stay packed, in the order in which the passes leave them; Pairs
// and Unpack read them, Pack writes them.
//
// It is immutable and safe for concurrent use; the caller brings the scratch.
// The way back adds to a sample in an order that depends on where in its block
// the sample's frame lies: for signals that must not depend on that there is
// AddFrames.
type Windowed struct {
	*Real
	window []float32
	first  int
	some   int // bands of the first butterflies that are not all zeros
}

// tile is how many rows of each band are on their way at a time.
const tile = 16

// NewWindowed returns the transform of frames times the window, which is kept.
// A nil window stands for ones.
func (p *Real) NewWindowed(window []float32) Windowed {
	if window != nil && len(window) != p.n {
		panic(fmt.Sprintf("fft.Real.NewWindowed: window of %d samples, want %d", len(window), p.n))
	}
	w := Windowed{Real: p, window: window}
	if w.banded() {
		w.some = p.points.smooth.levels[0].radix
	}
	return w
}

// NewShifted is NewWindowed for those who look at magnitudes only: zeros on the
// sides of a window are left out as far as that saves work, First of them before
// the frame. That moves the window within its frame and so changes phases.
func (p *Real) NewShifted(window []float32) Windowed {
	w := p.NewWindowed(window)
	if window == nil || !w.banded() {
		return w
	}
	from, to := 0, len(window)
	for to > 1 && window[to-1] == 0 {
		to--
	}
	for from < to-1 && window[from] == 0 {
		from++
	}
	radix := p.points.smooth.levels[0].radix
	band := p.n / radix
	for _, some := range butterflyParts(radix) {
		if span := some * band; span >= to-from {
			w.some = some
			w.first = min(from, p.n-span)
			w.window = window[w.first:][:span]
			break
		}
	}
	return w
}

// butterflyParts are the numbers of rows, in ascending order, that butterflies
// can read or write.
func butterflyParts(radix int) []int {
	switch radix {
	case 4:
		return []int{2, 3, 4}
	case 8:
		return []int{4, 5, 6, 8}
	}
	return []int{radix}
}

// banded says that the transform has a first pass of its own.
func (p *Real) banded() bool {
	return p.n%2 == 0 && p.points.smooth != nil && len(p.points.smooth.levels) > 0
}

// First is the sample of a frame where what is loaded begins.
func (w Windowed) First() int { return w.first }

// Reach is how many samples count frames take, a hop apart.
func (w Windowed) Reach(hop, count int) int {
	n := w.n
	if w.window != nil {
		n = len(w.window)
	}
	return (count-1)*hop + n
}

// PackedLen returns the length of a packed spectrum of eight frames.
func (p *Real) PackedLen() int { return p.points.packedLen() }

// Forward computes in z the packed spectra of count (1 to 8) frames of x, frame
// l beginning First samples before x[l*hop]. Lanes from count on get the
// spectrum of silence. z has PackedLen floats, x at least Reach.
func (w Windowed) Forward(z, x []float32, hop, count int, scratch []float32) {
	w.checkWindowed("Forward", z, x, hop, count, scratch)
	if !w.banded() {
		time := scratch[:w.TimeLen()]
		loadLanes(time, 8, x, hop, count, single(w.n), w.window)
		w.ForwardPacked(z, time, scratch[len(time):])
		return
	}
	s := w.points.smooth
	l := &s.levels[0]
	w.tiles(func(row, rows int, b bands, window []float32) {
		loadLanes(scratch, 8, x[2*row:], hop, count, b, window)
		split(l.radix, w.some, z[16*row:], l.apart, scratch, b.dst/16, 0, 8, rows, 1, l.twiddles[2*row*(l.radix-1):])
	})
	s.forwardRest(z, 0, 8)
}

// AddInverse is the transpose of what makes a packed spectrum of frames, less
// the factors of Pack: it adds the windowed signals of the first count lanes of
// z to x, lane l from x[l*hop] on. It spoils z.
func (w Windowed) AddInverse(x, z []float32, hop, count int, scratch []float32) {
	w.checkWindowed("AddInverse", z, x, hop, count, scratch)
	if !w.banded() {
		time := scratch[:w.TimeLen()]
		w.InversePacked(time, z, scratch[len(time):])
		addLanes(x, hop, count, single(w.n), time, 8, w.window)
		return
	}
	s := w.points.smooth
	l := &s.levels[0]
	s.inverseRest(z, 8, 0)
	w.tiles(func(row, rows int, b bands, window []float32) {
		join(l.radix, w.some, scratch, b.dst/16, z[16*row:], l.apart, 8, 0, rows, 1, l.twiddles[2*row*(l.radix-1):])
		addLanes(x[2*row:], hop, count, b, scratch, 8, window)
	})
}

// StoreInverse is AddInverse that writes instead of adding, without a window.
func (w Windowed) StoreInverse(x, z []float32, hop, count int, scratch []float32) {
	w.checkWindowed("StoreInverse", z, x, hop, count, scratch)
	if !w.banded() {
		time := scratch[:w.TimeLen()]
		w.InversePacked(time, z, scratch[len(time):])
		storeLanes(x, hop, count, single(w.n), time, 8)
		return
	}
	s := w.points.smooth
	l := &s.levels[0]
	s.inverseRest(z, 8, 0)
	w.tiles(func(row, rows int, b bands, _ []float32) {
		join(l.radix, w.some, scratch, b.dst/16, z[16*row:], l.apart, 8, 0, rows, 1, l.twiddles[2*row*(l.radix-1):])
		storeLanes(x[2*row:], hop, count, b, scratch, 8)
	})
}

// tiles calls f for the rows of the first butterflies, tile by tile, with the
// samples and the window that they stand for.
func (w Windowed) tiles(f func(row, rows int, b bands, window []float32)) {
	l := &w.points.smooth.levels[0]
	for row := 0; row < l.m; row += tile {
		rows := min(tile, l.m-row)
		window := w.window
		if window != nil {
			window = window[2*row:]
		}
		f(row, rows, bands{count: w.some, n: 2 * rows, x: 2 * l.m, dst: 16 * min(tile, l.m)}, window)
	}
}

func (w Windowed) checkWindowed(op string, z, x []float32, hop, count int, scratch []float32) {
	if len(z) != w.PackedLen() || hop < 0 || count < 1 || count > 8 || len(x) < w.Reach(hop, count) || len(scratch) < w.ScratchLen() {
		panic(fmt.Sprintf("fft.Windowed.%s: packed spectrum of %d floats, want %d; signal of %d, hop %d, %d frames; scratch %d, want %d",
			op, len(z), w.PackedLen(), len(x), hop, count, len(scratch), w.ScratchLen()))
	}
}
