package train

import "math"

// window collects blocks of any size into segments of a fixed one.
type window struct {
	channels, size int
	n              int       // samples collected
	pred, target   []float32 // (channels, size)
}

func newWindow(channels, size int) window {
	return window{channels: channels, size: size, pred: make([]float32, channels*size), target: make([]float32, channels*size)}
}

// add takes a block and calls f for each segment that it completes.
func (w *window) add(pred, target [][]float32, f func(pred, target []float32) error) error {
	for at := 0; at < len(pred[0]); {
		k := min(w.size-w.n, len(pred[0])-at)
		for c := range w.channels {
			copy(w.pred[c*w.size+w.n:], pred[c][at:at+k])
			copy(w.target[c*w.size+w.n:], target[c][at:at+k])
		}
		at += k
		if w.n += k; w.n == w.size {
			w.n = 0
			if err := f(w.pred, w.target); err != nil {
				return err
			}
		}
	}
	return nil
}

// pad fills the segment up with silence and calls f for it.
func (w *window) pad(f func(pred, target []float32) error) error {
	for c := range w.channels {
		clear(w.pred[c*w.size+w.n : (c+1)*w.size])
		clear(w.target[c*w.size+w.n : (c+1)*w.size])
	}
	w.n = 0
	return f(w.pred, w.target)
}

// excerptSound is an excerpt as it is heard: planar channels of equal length.
type excerptSound struct {
	Name                  string
	Input, Target, Output [][]float32
	limit                 int     // samples
	gain                  float32 // that brings target and output to the level of the files
}

// frames is the length in samples. A nil sound has none.
func (k *excerptSound) frames() int {
	if k == nil || len(k.Target) == 0 {
		return 0
	}
	return len(k.Target[0])
}

// add takes the next block, as far as the limit goes. A nil sound keeps nothing.
func (k *excerptSound) add(in, target, pred [][]float32) {
	if k == nil {
		return
	}
	n := min(len(pred[0]), k.limit-k.frames())
	join := func(to *[][]float32, x [][]float32, gain float32) {
		if *to == nil {
			*to = make([][]float32, len(x))
		}
		for c := range x {
			for _, v := range x[c][:n] {
				(*to)[c] = append((*to)[c], v*gain)
			}
		}
	}
	join(&k.Input, in, 1)
	join(&k.Target, target, k.gain)
	join(&k.Output, pred, k.gain)
}

// samples turns seconds into samples at a rate.
func samples(seconds float64, rate int) int {
	return int(math.Round(min(seconds*float64(rate), math.MaxInt32)))
}

func planes(channels, n int) [][]float32 {
	p := make([][]float32, channels)
	for c := range p {
		p[c] = make([]float32, n)
	}
	return p
}

// upTo is the first n samples of each channel.
func upTo(x [][]float32, n int) [][]float32 { return cut(x, 0, n) }

// cut is samples lo to hi of each channel.
func cut(x [][]float32, lo, hi int) [][]float32 {
	y := make([][]float32, len(x))
	for c := range x {
		y[c] = x[c][lo:hi]
	}
	return y
}
