package cpu

import (
	"partials/device"
	"partials/internal/simd/conv"
	"partials/internal/simd/vec"
	"partials/tensor"
)

// LayerArray implements device.LayerArrays.
func (d *Device) LayerArray(head, stream, kept, x, cond, past, w tensor.Tensor, a *device.LayerArray) {
	device.CheckLayerArray("LayerArray", head, stream, x, cond, past, w, a)
	t := &d.arrayForward
	t.plan(a, x.Dim(0), x.Dim(2))
	t.kept = numbers(kept)
	t.head, t.stream, t.past = signalOf(head, t.outputs), signalOf(stream, t.outputs), signalOf(past, t.outputs)
	t.x, t.cond = signalOf(x, t.samples), signalOf(cond, t.samples)
	t.activation, t.gate = mapKernel(a.Activation), mapKernel(device.Sigmoid)
	t.prepare(numbers(w))
	t.scratch = grow(t.scratch, len(d.workers)*t.blockSize())
	if d.itemwise(t.batch) {
		t.step = arrayItem
		d.pool.For(t.batch, t)
		return
	}
	t.step = arrayStart
	d.pool.For(t.batch, t)
	for t.layer = range t.layers {
		for _, t.step = range [...]arrayStep{arrayActivate, arrayAdd} {
			d.pool.For(t.batch*t.chunks, t)
		}
	}
	t.step = arrayFinish
	d.pool.For(t.batch, t)
}

// arrayForward is LayerArray.
type arrayForward struct {
	array
	kept                        []float32
	head, stream, past, x, cond signal
	activation, gate            func(operands)
	rechannel                   conv.Forward
	kernels                     []layerForward
	scratch                     []float32 // of each worker: activations of a block, and where gated, their product
	step                        arrayStep
	layer                       int // of the steps activate and add
}

type layerForward struct{ conv, mixin, post conv.Forward }

func (t *arrayForward) prepare(w []float32) {
	t.rechannel.Prepare(kernel1x1(t.Inputs, t.Channels), w[:t.Channels*t.Inputs], nil, t.x.time)
	t.kernels = grow(t.kernels, len(t.layers))
	for i := range t.layers {
		l, k := &t.layers[i], &t.kernels[i]
		k.conv.Prepare(l.shape, w[l.conv:l.bias], w[l.bias:l.mixin], t.stride)
		k.mixin.Prepare(kernel1x1(t.Condition, t.width), w[l.mixin:l.postW], nil, t.cond.time)
		k.post.Prepare(kernel1x1(t.Bottleneck, t.Channels), w[l.postW:l.postB], w[l.postB:][:t.Channels], arrayBlock)
	}
}

// blockSize is how many numbers of scratch a worker has.
func (t *arrayForward) blockSize() int { return (t.width + t.Bottleneck) * arrayBlock }

// Do implements parallel.Task.
func (t *arrayForward) Do(i, worker int) {
	scratch := t.scratch[worker*t.blockSize():][:t.blockSize()]
	z, product := scratch[:t.width*arrayBlock], scratch[t.width*arrayBlock:]
	switch t.step {
	case arrayItem:
		t.start(i)
		for c := t.chunks - 1; c >= 0; c-- {
			for layer := range t.layers {
				j0, j1 := t.blocks(c, t.layers[layer].begin)
				for j := j1 - 1; j >= j0; j-- {
					t.activate(i, layer, j, z)
					t.add(i, layer, j, z, product)
					vec.Stream(t.acts(t.of(i), layer, j), z)
				}
			}
		}
		t.finish(i)
	case arrayStart:
		t.start(i)
	case arrayFinish:
		t.finish(i)
	default:
		b, c := i/t.chunks, i%t.chunks
		j0, j1 := t.blocks(c, t.layers[t.layer].begin)
		for j := j0; j < j1; j++ {
			if z := t.acts(t.of(b), t.layer, j); t.step == arrayActivate {
				t.activate(b, t.layer, j, z)
			} else {
				t.add(b, t.layer, j, z, product)
			}
		}
	}
}

// of is what is kept of item b; its first rows are the stream.
func (t *arrayForward) of(b int) []float32 { return t.kept[b*t.item:][:t.item] }

// start makes the stream of the first layer, and the head so far.
func (t *arrayForward) start(b int) {
	t.rechannel.Run(t.of(b), t.stride, t.x.of(b, 0), 0, t.samples)
	if t.past.x != nil {
		for c := range t.Bottleneck {
			copy(t.head.row(b, c, 0, t.outputs), t.past.row(b, c, 0, t.outputs))
		}
	}
}

// activate computes block j of a layer up to its activations z.
func (t *arrayForward) activate(b, layer, j int, z []float32) {
	l, k := &t.layers[layer], &t.kernels[layer]
	at, n := t.block(j, l.begin)
	k.mixin.Run(z, arrayBlock, t.cond.of(b, at), 0, n)
	k.conv.RunAdd(z, arrayBlock, t.of(b)[at-l.shape.Span():], 0, n)
	rows(t.Bottleneck, n, func(from, n int) {
		z := z[from:][:n]
		t.activation(operands{dst: z, a: z, f: t.Activation, alpha: t.P})
	})
	if t.Gated {
		gates := z[t.Bottleneck*arrayBlock:]
		rows(t.Bottleneck, n, func(from, n int) {
			z := gates[from:][:n]
			t.gate(operands{dst: z, a: z, f: device.Sigmoid})
		})
	}
}

// add adds the activations z of block j of a layer to the head and to the stream.
func (t *arrayForward) add(b, layer, j int, z, product []float32) {
	l := &t.layers[layer]
	at, n := t.block(j, l.begin)
	if t.Gated {
		gates := z[t.Bottleneck*arrayBlock:]
		rows(t.Bottleneck, n, func(from, n int) { vec.Mul(product[from:][:n], z[from:][:n], gates[from:][:n]) })
		z = product
	}
	if skip, at, m := t.inHead(at, n); m > 0 {
		for c := range t.Bottleneck {
			a, head := z[c*arrayBlock+skip:][:m], t.head.row(b, c, at, m)
			if layer == 0 && t.past.x == nil {
				copy(head, a)
			} else {
				vec.Add(head, head, a)
			}
		}
	}
	if l.post {
		t.kernels[layer].post.RunAdd(t.of(b)[at:], t.stride, z, 0, n)
	}
}

// finish writes the stream after the last layer.
func (t *arrayForward) finish(b int) {
	if t.stream.x == nil {
		return
	}
	for c := range t.Channels {
		copy(t.stream.row(b, c, 0, t.outputs), t.of(b)[c*t.stride+t.samples-t.outputs:])
	}
}
