package cpu

import (
	"partials/device"
	"partials/internal/fft"
)

// synthesise overlap-adds the windowed frames of spectra into dst (B, Length):
// Synthesis, or what STFTGrad adds inside the signal where adjoint is set.
// Every chunk of frames adds into a stretch of its own; the stretches then add
// up in order, so that one long signal keeps all threads busy.
func (d *Device) synthesise(dst, spectra, window []float32, batch int, f device.Framing, adjoint bool) {
	t := &d.synthesis
	t.frames.set(d, f, spectra, window, batch, 2*f.NFFT/f.Hop)
	t.adjoint = adjoint
	t.length = (min(t.group, max(1, f.Frames))-1)*f.Hop + f.NFFT
	t.stretches = grow(t.stretches, batch*t.perItem()*t.length)
	d.pool.For(batch*t.perItem(), t)
	d.overlapAdd = overlapAdd{t, dst, cut(batch, f.Length, 1)}
	d.pool.For(d.overlapAdd.grid.chunks(), &d.overlapAdd)
}

// synthesis is the frames of Synthesis, or of STFTGrad where adjoint is set.
type synthesis struct {
	frames
	stretches []float32 // (B, chunks, length)
	length    int       // padded samples that a full chunk of frames covers
	adjoint   bool
}

// Do implements parallel.Task.
func (t *synthesis) Do(i, worker int) {
	w := &t.workers[worker]
	b, from, to := t.at(i)
	stretch := row(t.stretches, i, t.length)
	clear(stretch)
	for frame := from; frame < to; frame += 8 {
		count := min(8, to-frame)
		fft.AddFrames(stretch[(frame-from)*t.Hop:], t.signal(w, b, frame, count, t.adjoint), t.Hop, count, t.window)
	}
}

// gather adds to dst the padded samples from the given one on of item b.
func (t *synthesis) gather(dst []float32, b, from int) {
	apart, to := t.group*t.Hop, from+len(dst)
	for c := max(0, (from-t.length)/apart); c < t.perItem() && c*apart < to; c++ {
		start := c * apart
		lo, hi := max(from, start), min(to, start+t.length)
		if lo < hi {
			addTo(dst[lo-from:hi-from], row(t.stretches, b*t.perItem()+c, t.length)[lo-start:hi-start])
		}
	}
}

// overlapAdd writes or adds what the stretches hold inside the signal.
type overlapAdd struct {
	*synthesis
	dst  []float32
	grid grid
}

// Do implements parallel.Task.
func (t *overlapAdd) Do(i, _ int) {
	b0, b1, from, to := t.grid.at(i)
	for b := b0; b < b1; b++ {
		dst := row(t.dst, b, t.Length)[from:to]
		if !t.adjoint {
			clear(dst)
		}
		t.gather(dst, b, from+t.Pad)
	}
}

// foldEdges adds to dx what the stretches of STFTGrad hold in the padding: the
// transpose of pad, outside the signal.
func (d *Device) foldEdges(dx []float32, batch int, f device.Framing) {
	if f.Pad == 0 || f.Mode == device.PadConstant || batch*f.Frames == 0 {
		return
	}
	t := &d.edges
	t.synthesis, t.dx = &d.synthesis, dx
	t.front = min(f.Pad, f.Span())
	n := t.front + max(0, f.Span()-f.Pad-f.Length)
	t.sources = grow(t.sources, n)
	for i := range t.sources {
		t.sources[i] = f.Source(t.sample(i))
	}
	d.growState(n)
	d.pool.For(batch, t)
}

// edgeFold is foldEdges over items.
type edgeFold struct {
	*synthesis
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
	padding := t.workers[worker].state[:len(t.sources)]
	clear(padding)
	t.gather(padding[:t.front], b, 0)
	t.gather(padding[t.front:], b, t.Pad+t.Length)
	dx := row(t.dx, b, t.Length)
	for i, s := range t.sources {
		if s >= 0 {
			dx[s] += padding[i]
		}
	}
}
