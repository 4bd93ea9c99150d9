package cpu

import (
	"partials/device"
	"partials/internal/fft"
	"partials/internal/simd/vec"
)

// laps are signals that chunks of frames overlap-add into: each chunk has a
// stretch of its own, and the stretches then add up in order, so that one long
// signal keeps all threads busy.
type laps struct {
	numbers []float32 // (B, perItem, length)
	perItem int       // chunks of an item
	first   int       // padded sample where the first stretch begins
	apart   int       // samples from one stretch to the next
	length  int       // of a stretch
}

// set makes room for the chunks of t.
func (l *laps) set(t *frames, first, length int) {
	*l = laps{grow(l.numbers, t.batch*t.perItem()*length), t.perItem(), first, t.group * t.Hop, length}
}

// clear returns the stretch of chunk i, all zeros.
func (l *laps) clear(i int) []float32 {
	stretch := row(l.numbers, i, l.length)
	clear(stretch)
	return stretch
}

// add adds to dst factor times the padded samples from the given one on of item b.
func (l *laps) add(dst []float32, factor float32, b, from int) {
	from -= l.first
	to := from + len(dst)
	for c := max(0, (from-l.length)/l.apart); c < l.perItem && c*l.apart < to; c++ {
		start := c * l.apart
		lo, hi := max(from, start), min(to, start+l.length)
		if lo >= hi {
			continue
		}
		if x := row(l.numbers, b*l.perItem+c, l.length)[lo-start : hi-start]; factor == 1 {
			addTo(dst[lo-from:hi-from], x)
		} else {
			vec.AddScaled(dst[lo-from:hi-from], factor, x)
		}
	}
}

// padded is signals with padding on both sides.
type padded interface {
	// add adds to dst the padded samples from the given one on of item b.
	add(dst []float32, b, from int)
}

// synthesise overlap-adds the windowed frames of spectra into dst (B, Length):
// Synthesis, or what STFTGrad adds inside the signal where adjoint is set.
func (d *Device) synthesise(dst, spectra, window []float32, batch int, f device.Framing, adjoint bool) {
	t := &d.synthesis
	t.frames.set(d, f, spectra, window, batch, 2*f.NFFT/f.Hop)
	t.windowed, t.adjoint = t.real.NewWindowed(t.window), adjoint
	t.laps.set(&t.frames, 0, (min(t.group, max(1, f.Frames))-1)*f.Hop+f.NFFT)
	d.pool.For(batch*t.perItem(), t)
	if adjoint {
		d.addPadded(t, dst, batch, f)
		return
	}
	d.overlapAdd = overlapAdd{f, t, dst, cut(batch, f.Length, 1), false}
	d.pool.For(d.overlapAdd.grid.chunks(), &d.overlapAdd)
}

// synthesis is the frames of Synthesis, or of STFTGrad where adjoint is set.
type synthesis struct {
	frames
	windowed fft.Windowed
	laps     laps
	adjoint  bool
}

// Do implements parallel.Task.
func (t *synthesis) Do(i, worker int) {
	w := &t.workers[worker]
	b, from, to := t.at(i)
	stretch := t.laps.clear(i)
	for frame := from; frame < to; frame += 8 {
		count, lap := min(8, to-frame), stretch[(frame-from)*t.Hop:]
		if t.adjoint {
			t.get(w, b, frame, count, true)
			t.windowed.AddInverse(lap, w.packed, t.Hop, count, w.fft)
		} else { // frame by frame, the same wherever a stream is cut
			fft.AddFrames(lap, t.signal(w, b, frame, count, false), t.Hop, count, t.window)
		}
	}
}

// add implements padded.
func (t *synthesis) add(dst []float32, b, from int) { t.laps.add(dst, 1, b, from) }

// overlapAdd writes what a padded signal holds inside the signal, or adds it
// where grad is set.
type overlapAdd struct {
	device.Framing
	from padded
	dst  []float32
	grid grid
	grad bool
}

// Do implements parallel.Task.
func (t *overlapAdd) Do(i, _ int) {
	b0, b1, from, to := t.grid.at(i)
	for b := b0; b < b1; b++ {
		dst := row(t.dst, b, t.Length)[from:to]
		if !t.grad {
			clear(dst)
		}
		t.from.add(dst, b, from+t.Pad)
	}
}

// addPadded adds to dx (B, Length) a gradient of the padded signals.
func (d *Device) addPadded(from padded, dx []float32, batch int, f device.Framing) {
	d.overlapAdd = overlapAdd{f, from, dx, cut(batch, f.Length, 1), true}
	d.pool.For(d.overlapAdd.grid.chunks(), &d.overlapAdd)
	d.foldEdges(from, dx, batch, f)
}

// foldEdges adds to dx what a gradient holds in the padding: the transpose of
// pad, outside the signal.
func (d *Device) foldEdges(from padded, dx []float32, batch int, f device.Framing) {
	if f.Pad == 0 || f.Mode == device.PadConstant || batch*f.Frames == 0 {
		return
	}
	t := &d.edges
	t.Framing, t.from, t.workers, t.dx = f, from, d.workers, dx
	t.front = min(f.Pad, f.Span())
	n := t.front + max(0, f.Span()-f.Pad-f.Length)
	t.sources = grow(t.sources, n)
	for i := range t.sources {
		t.sources[i] = f.Source(t.sample(i))
	}
	for i := range d.workers {
		d.workers[i].edge = grow(d.workers[i].edge, n)
	}
	d.pool.For(batch, t)
}

// edgeFold is foldEdges over items.
type edgeFold struct {
	device.Framing
	from    padded
	workers []worker
	dx      []float32
	front   int   // samples of padding before the signal
	sources []int // where each sample of padding came from: those before, then those after
}

// sample returns the padded sample that number i of the padding is.
func (t *edgeFold) sample(i int) int {
	if i < t.front {
		return i
	}
	return t.Pad + t.Length + i - t.front
}

// Do implements parallel.Task.
func (t *edgeFold) Do(b, worker int) {
	padding := t.workers[worker].edge[:len(t.sources)]
	clear(padding)
	t.from.add(padding[:t.front], b, 0)
	t.from.add(padding[t.front:], b, t.Pad+t.Length)
	dx := row(t.dx, b, t.Length)
	for i, s := range t.sources {
		if s >= 0 {
			dx[s] += padding[i]
		}
	}
}
