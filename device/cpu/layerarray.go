package cpu

import (
	"partials/device"
	"partials/internal/simd/conv"
	"partials/tensor"
)

// A layer array runs in blocks of time, each through all layers, so that what it
// works on stays in the cache. It works in place: the stream of an item is
// one buffer, to which every layer adds.
//
// Output tau of a layer, counted from its own first, stands at time tau + begin, for all
// layers shorten the stream on the left. Going from the last block of tau to the
// first, and in each through the layers, a layer finds the past of its outputs as the
// layer before left it: it was this block that wrote the newest of it, and the
// later blocks stopped short of the rest. So no layer needs a history, nor a copy
// of the stream: the samples that a layer alone saw, its first ones, stay in the buffer.
//
// The backward pass runs all of that in reverse. It takes each layer's output off the
// stream again, which brings the layers' inputs back; kept are the activations,
// whose values tell their derivatives. The gradient of the stream and the
// gradient before the activations, which the layers' convolutions read ahead, are
// in place too.

// arrayBlock is the samples of a block, a multiple of the kernels' tiles.
const arrayBlock = 240

// arrayChunk is the blocks that go through a layer before the next layer has its
// turn, and that make one term of the weights' gradients.
const arrayChunk = 2

// array is the geometry of a layer array and of its memory. Time is that of x.
type array struct {
	*device.LayerArray
	batch, samples int
	outputs        int // samples
	chunks         int // of an item
	width          int // channels before the activation
	stride         int // of the rows of an item's stream
	item           int // numbers kept of an item
	weights        int
	layers         []arrayLayer
}

type arrayLayer struct {
	shape conv.Shape
	begin int  // the time of its first output
	acts  int  // where its activations are among those kept of an item
	post  bool // its 1x1 is used
	// Where its parameters are.
	conv, bias, mixin, postW, postB int
}

// plan computes the geometry.
func (t *array) plan(a *device.LayerArray, batch, samples int) {
	t.LayerArray, t.batch, t.samples, t.outputs, t.width = a, batch, samples, samples-a.Span(), a.Width()
	t.chunks, t.stride, t.weights = chunks(samples, arrayChunk*arrayBlock), rowStride(samples), a.Channels*a.Inputs
	t.layers = grow(t.layers, len(a.Layers))
	take := func(n int) int {
		t.weights += n
		return t.weights - n
	}
	begin := 0
	t.item = a.Channels * t.stride
	for i, d := range a.Layers {
		begin += d.Span()
		t.layers[i] = arrayLayer{
			shape: conv.Shape{In: a.Channels, Out: t.width, Kernel: d.Kernel, Dilation: d.Dilation, Groups: 1},
			begin: begin, acts: t.item, post: !(a.Last && i+1 == len(a.Layers)),
			conv: take(t.width * a.Channels * d.Kernel), bias: take(t.width), mixin: take(t.width * a.Condition),
			postW: take(a.Channels * a.Bottleneck), postB: take(a.Channels),
		}
		t.item += activations(a, samples-begin)
	}
}

// activations is how many numbers are kept of a layer with so many outputs.
func activations(a *device.LayerArray, outputs int) int {
	return chunks(outputs, arrayBlock) * a.Width() * arrayBlock
}

// rowStride is a stride of rows of at least n numbers. Multiples of 2 KiB are
// far: such rows would meet in a few sets of the cache.
func rowStride(n int) int {
	n = (n + 15) &^ 15
	if near := (n + 64) % 512; near < 128 {
		n += 128 - near
	}
	return n
}

// blocks are the blocks of chunk i of outputs that begin at a time: [j0, j1).
func (t *array) blocks(i, begin int) (j0, j1 int) {
	return i * arrayChunk, min((i+1)*arrayChunk, chunks(t.samples-begin, arrayBlock))
}

// block is the time of block j of outputs that begin at a time: n samples.
func (t *array) block(j, begin int) (at, n int) {
	at = begin + j*arrayBlock
	return at, min(arrayBlock, t.samples-at)
}

// acts is block j of a layer in what is kept of an item: rows of arrayBlock samples.
func (t *array) acts(item []float32, layer, j int) []float32 {
	n := t.width * arrayBlock
	return item[t.layers[layer].acts+j*n:][:n]
}

// inHead is the part of n samples from a time on that the head has, which are the last
// of them: m, from at in the head's time on, after the first skip.
func (t *array) inHead(from, n int) (skip, at, m int) {
	from -= t.samples - t.outputs
	skip = min(n, max(0, -from))
	return skip, from + skip, n - skip
}

// rows calls f for the first n samples of the rows of a block, once where the block is
// full.
func rows(count, n int, f func(at, n int)) {
	if n == arrayBlock {
		f(0, count*arrayBlock)
		return
	}
	for r := range count {
		f(r*arrayBlock, n)
	}
}

// kernel1x1 is the shape of a convolution without a past.
func kernel1x1(in, out int) conv.Shape {
	return conv.Shape{In: in, Out: out, Kernel: 1, Dilation: 1, Groups: 1}
}

// signal is a batch of rows, of which the last samples count.
type signal struct {
	x              []float32
	channels, time int
	skip           int // samples of a row before those that count
}

func signalOf(x tensor.Tensor, samples int) signal {
	if x.Absent() {
		return signal{}
	}
	return signal{numbers(x), x.Dim(1), x.Dim(2), x.Dim(2) - samples}
}

// of is item b from a time on, in rows of s.time.
func (s *signal) of(b, at int) []float32 { return s.x[b*s.channels*s.time+s.skip+at:] }

// row is n samples of a channel.
func (s *signal) row(b, c, at, n int) []float32 { return s.of(b, at)[c*s.time:][:n] }

// HasLayerArray implements device.LayerArrays: the derivative of the activation
// must follow from its value.
func (d *Device) HasLayerArray(a *device.LayerArray) bool {
	switch a.Activation {
	case device.Tanh, device.Sigmoid, device.ReLU:
		return true
	case device.LeakyReLU:
		return a.P >= 0
	}
	return false
}

// LayerArrayKept implements device.LayerArrays.
func (d *Device) LayerArrayKept(a *device.LayerArray, batch, samples int) int {
	n, begin := a.Channels*rowStride(samples), 0
	for _, l := range a.Layers {
		begin += l.Span()
		n += activations(a, samples-begin)
	}
	return batch * n
}

// itemwise says whether each thread computes whole items, which is faster. Else, where the
// items are too few, all threads share every layer's time. Both give the same bits.
func (d *Device) itemwise(batch int) bool {
	n := d.pool.Threads()
	return batch%n == 0 || batch >= 4*n
}

// arrayStep is what the chunks of a parallel loop do.
type arrayStep int

const (
	arrayItem     arrayStep = iota // all of one item
	arrayStart                     // of one item, what comes before the layers
	arrayFinish                    // of one chunk of an item, what comes after them
	arrayGather                    // of one chunk and layer, the gradient of the layer's output
	arrayActivate                  // likewise, up to the activations, or from there on back
	arrayAdd                       // likewise, the rest
	arrayFold                      // of one item, the sum of its chunks
)
