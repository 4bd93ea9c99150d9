package model

import (
	"fmt"

	"partials/autograd"
	"partials/device"
	"partials/tensor"
)

// streamBlock is how many samples a model is given at once: enough to keep its
// kernels busy, little enough to bound memory.
const streamBlock = 1 << 14

// Stream runs a model over a signal that arrives block by block, and gives
// what a whole pass would give for all of it with Facts.Context zeros on the
// left. It is used by one goroutine.
type Stream struct {
	model Model
	facts Facts
	dev   device.Device
	tape  *autograd.Tape
	state *State
	warm  bool // the state has seen the silence before the signal

	// Samples wait, channel by channel: inputs until a Block of them is there,
	// outputs until they are asked for. Together they are always Block-1.
	in, out [][]float32
	flat    []float32 // (channels, T), on the way to and from the device
}

// NewStream returns a stream of m, whose parameters are on dev, at the start of
// a signal. Parameters may change between Resets.
func NewStream(m Model, dev device.Device) *Stream {
	f := m.Facts()
	s := &Stream{
		model: m, facts: f, dev: dev, tape: autograd.NewTape(dev, 0), state: NewState(dev),
		in: make([][]float32, f.Channels()), out: make([][]float32, f.Outputs),
	}
	s.Reset()
	return s
}

// Latency is the number of samples by which the output lags the input: the
// model's own, and Block-1 for a model of frames, so that Process can return as
// many samples as it got.
func (s *Stream) Latency() int { return s.facts.Latency + s.facts.Block - 1 }

// Reset makes the stream stand at the start of a signal, before which there is
// silence.
func (s *Stream) Reset() {
	s.state.Reset()
	s.warm = false
	for c := range s.in {
		s.in[c] = s.in[c][:0]
	}
	for c := range s.out {
		s.out[c] = append(s.out[c][:0], make([]float32, s.facts.Block-1)...)
	}
}

// State calls f for every tensor that the model remembers, in a fixed order.
func (s *Stream) State(f func(name string, value tensor.Tensor)) {
	s.warmUp(make([]float32, s.facts.Controls))
	s.state.Each(f)
}

// Process reads the next len(src[0]) samples, any number, from Inputs+Controls
// channels and writes as many to Outputs channels. Before the first sample the
// knobs stood where they stand at it. dst and src may not share memory.
// Shapes that do not fit panic; so does the device, with what autograd.Catch
// catches.
func (s *Stream) Process(dst, src [][]float32) {
	n := s.check(dst, src)
	if n > 0 && !s.warm {
		knobs := make([]float32, 0, s.facts.Controls)
		for _, x := range src[s.facts.Inputs:] {
			knobs = append(knobs, x[0])
		}
		s.warmUp(knobs)
	}
	for at := 0; at < n; {
		k := min(streamBlock, n-at)
		for c := range s.in {
			s.in[c] = append(s.in[c], src[c][at:at+k]...)
		}
		ready := len(s.in[0]) / s.facts.Block * s.facts.Block
		if ready > 0 {
			s.run(ready)
		}
		for c := range s.out {
			copy(dst[c][at:], s.out[c][:k])
			s.out[c] = dropFirst(s.out[c], k)
		}
		at += k
	}
}

func (s *Stream) check(dst, src [][]float32) int {
	if len(src) != s.facts.Channels() || len(dst) != s.facts.Outputs {
		panic(fmt.Sprintf("model.Stream.Process: %d channels in and %d out, the model has %d and %d", len(src), len(dst), s.facts.Channels(), s.facts.Outputs))
	}
	n := len(src[0])
	for _, channels := range [...][][]float32{src, dst} {
		for _, x := range channels {
			if len(x) != n {
				panic(fmt.Sprintf("model.Stream.Process: channels of %d and %d samples", n, len(x)))
			}
		}
	}
	return n
}

// warmUp runs the silence before the signal through the model, with the knobs
// where they stand: a layer with a bias does not answer zeros with zeros.
func (s *Stream) warmUp(knobs []float32) {
	if s.warm {
		return
	}
	s.warm = true
	block := s.facts.Block
	most := max(streamBlock/block, 1) * block
	for left := s.facts.Context; left > 0; left -= most {
		n := (min(left, most) + block - 1) / block * block
		s.forward(n, func(flat []float32) { s.silence(flat, knobs) })
	}
}

// silence fills flat (channels, n) with silence, the knobs where they stand.
func (s *Stream) silence(flat, knobs []float32) {
	clear(flat)
	n := len(flat) / s.facts.Channels()
	for i, v := range knobs {
		row := flat[(s.facts.Inputs+i)*n:][:n]
		for t := range row {
			row[t] = v
		}
	}
}

// run moves n waiting input samples through the model.
func (s *Stream) run(n int) {
	_, y := s.forward(n, func(flat []float32) {
		for c := range s.in {
			copy(flat[c*n:], s.in[c][:n])
			s.in[c] = dropFirst(s.in[c], n)
		}
	})
	flat := s.room(len(s.out) * n)
	s.dev.Read(flat, y.Tensor)
	for c := range s.out {
		s.out[c] = append(s.out[c], flat[c*n:(c+1)*n]...)
	}
}

// forward runs n samples through the model, which fill writes as (channels, n).
func (s *Stream) forward(n int, fill func(flat []float32)) (x, y *autograd.Var) {
	flat := s.room(s.facts.Channels() * n)
	fill(flat)
	s.tape.Reset()
	s.tape.NoGrad(func() {
		x = s.tape.Put(tensor.Of(1, s.facts.Channels(), n), flat)
		y = s.model.Forward(Block(s.tape, s.state), x)
	})
	if want := tensor.Of(1, s.facts.Outputs, n); y.Shape != want {
		panic(fmt.Sprintf("model.Stream: the model made %v of %d samples, not %v", y.Shape, n, want))
	}
	return x, y
}

func (s *Stream) room(n int) []float32 {
	if cap(s.flat) < n {
		s.flat = make([]float32, n)
	}
	return s.flat[:n]
}

// dropFirst moves what follows the first n of x to its front.
func dropFirst(x []float32, n int) []float32 { return x[:copy(x, x[n:])] }
