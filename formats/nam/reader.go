package nam

import "fmt"

// Reader plays a file: in float64, with plain loops that follow the format's
// description line by line and share nothing with package model. It takes blocks
// of any size and is used by one goroutine.
type Reader struct {
	in, out int
	player  *player
}

// player plays a network: run maps (in, T) to (out, T), and a stream goes on from
// call to call. Its state is that before the first sample.
type player struct {
	warm int // samples of silence that bring it to rest
	run  func(x signal) signal
}

// signal is channels of samples.
type signal [][]float64

func (s signal) frames() int { return len(s[0]) }

func newSignal(channels, n int) signal {
	flat := make([]float64, channels*n)
	s := make(signal, channels)
	for c := range s {
		s[c] = flat[c*n : (c+1)*n]
	}
	return s
}

// NewReader returns a reader of a file, at rest: silence came before the first
// sample. A container is played at its full size.
func NewReader(f *File) *Reader {
	in, out := f.Net.Channels()
	r := &Reader{in: in, out: out, player: f.newPlayer()}
	r.player.rest(in)
	return r
}

func (f *File) newPlayer() *player { return f.Net.player(&weights{left: f.Weights, rate: f.rate()}) }

// UnknownRate is the rate that hosts assume of a file that names none, in Hz.
const UnknownRate = 48000

// rest plays silence until nothing of the start is left.
func (p *player) rest(channels int) {
	for left := p.warm; left > 0; left -= readerBlock {
		p.run(newSignal(channels, min(left, readerBlock)))
	}
}

// readerBlock bounds the memory of a call.
const readerBlock = 4096

// Channels are those of the input and the output.
func (r *Reader) Channels() (in, out int) { return r.in, r.out }

// Process plays the next samples of every channel, any number.
func (r *Reader) Process(dst, src [][]float32) {
	if len(src) != r.in || len(dst) != r.out {
		panic(fmt.Sprintf("nam.Reader.Process: %d channels in and %d out, the model has %d and %d", len(src), len(dst), r.in, r.out))
	}
	for at := 0; at < len(src[0]); at += readerBlock {
		n := min(readerBlock, len(src[0])-at)
		x := newSignal(r.in, n)
		for c := range x {
			for t := range x[c] {
				x[c][t] = float64(src[c][at+t])
			}
		}
		for c, y := range r.player.run(x) {
			for t, v := range y {
				dst[c][at+t] = float32(v)
			}
		}
	}
}

// weights hands out a file's weights in their order.
type weights struct {
	left []float32
	rate float64 // Hz
}

func (w *weights) take(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = float64(w.left[i])
	}
	w.left = w.left[n:]
	return v
}

// convolution is a dilated causal one: tap kernel-1 meets the newest sample.
type convolution struct {
	in, out, kernel, dilation, groups int
	weight                            []float64 // (out, in/groups, kernel)
	bias                              []float64 // (out), or nil
	past                              signal    // the last (kernel-1)*dilation inputs
}

func (w *weights) convolution(in, out, kernel, dilation, groups int, bias bool) *convolution {
	c := &convolution{in: in, out: out, kernel: kernel, dilation: dilation, groups: groups}
	c.weight = w.take(out * (in / groups) * kernel)
	if bias {
		c.bias = w.take(out)
	}
	c.past = newSignal(in, (kernel-1)*dilation)
	return c
}

func (c *convolution) run(x signal) signal {
	n, before := x.frames(), (c.kernel-1)*c.dilation
	whole := newSignal(c.in, before+n)
	for i := range whole {
		copy(whole[i], c.past[i])
		copy(whole[i][before:], x[i])
		copy(c.past[i], whole[i][n:])
	}
	ins, outs := c.in/c.groups, c.out/c.groups
	y := newSignal(c.out, n)
	for o, yo := range y {
		if c.bias != nil {
			for t := range yo {
				yo[t] = c.bias[o]
			}
		}
		for i := range ins {
			xi := whole[o/outs*ins+i]
			for k := range c.kernel {
				w := c.weight[(o*ins+i)*c.kernel+k]
				for t, v := range xi[k*c.dilation : k*c.dilation+n] {
					yo[t] += w * v
				}
			}
		}
	}
	return y
}

// activate applies a function to every channel.
func activate(x signal, a Activation) signal {
	y := newSignal(len(x), x.frames())
	for c := range x {
		for t, v := range x[c] {
			y[c][t] = a.apply(v, c)
		}
	}
	return y
}

// add is a + b.
func add(a, b signal) signal {
	y := newSignal(len(a), a.frames())
	for c := range y {
		for t := range y[c] {
			y[c][t] = a[c][t] + b[c][t]
		}
	}
	return y
}
