package cpu

import (
	"partials/device"
	"partials/internal/simd/conv"
	"partials/internal/simd/vec"
	"partials/tensor"
)

// LayerArrayGrad implements device.LayerArrays.
func (d *Device) LayerArrayGrad(dx, dcond, dw, kept, dhead, dstream, x, cond, w tensor.Tensor, a *device.LayerArray) {
	device.CheckLayerArray("LayerArrayGrad", dhead, dstream, x, cond, tensor.Tensor{}, w, a)
	t := &d.arrayGrad
	t.plan(a, x.Dim(0), x.Dim(2))
	t.kept = numbers(kept)
	t.dhead, t.dstream = signalOf(dhead, t.outputs), signalOf(dstream, t.outputs)
	t.x, t.cond, t.dx, t.dcond = signalOf(x, t.samples), signalOf(cond, t.samples), signalOf(dx, t.samples), signalOf(dcond, t.samples)
	t.activation, t.gate = mapGradKernel(a.Activation), mapGradKernel(device.Sigmoid)
	t.prepare(numbers(w))
	itemwise := d.itemwise(t.batch)
	t.room(len(d.workers), itemwise)
	if itemwise {
		t.step = arrayItem
		d.pool.For(t.batch, t)
	} else {
		t.shared(d)
	}
	if !dw.Absent() {
		d.fold32.run(d, numbers(dw), t.dw, t.batch, t.weights, true)
	}
}

// shared computes items of which all threads share every layer's time.
func (t *arrayGrad) shared(d *Device) {
	run := func(n int, step arrayStep) {
		t.step = step
		d.pool.For(n, t)
	}
	run(t.batch, arrayStart)
	for t.layer = len(t.layers) - 1; t.layer >= 0; t.layer-- {
		run(t.batch*t.chunks, arrayGather)
		run(t.batch*t.chunks, arrayActivate)
		run(t.batch*t.chunks, arrayAdd)
	}
	run(t.batch*t.chunks, arrayGather)
	run(t.batch*t.chunks, arrayFinish)
	run(t.batch, arrayFold)
}

// arrayGrad is LayerArrayGrad.
type arrayGrad struct {
	array
	kept                               []float32
	dhead, dstream, x, cond, dx, dcond signal
	activation, gate                   func(operands)
	rechannel                          conv.InputGrad
	kernels                            []layerGrad
	turned                             []float32 // a matrix on its way into a kernel
	slots                              []arraySlot
	workers                            []arrayWorker
	packed                             int       // length of a packed sum of the weights' gradients
	terms                              []float32 // of such sums, one for each chunk of each item
	dw                                 []float32 // of each item
	step                               arrayStep
	layer                              int // of the steps gather, activate and add
}

type layerGrad struct {
	undo  conv.Forward   // minus what the layer added to the stream
	post  conv.Forward   // its 1x1 transposed: from the stream's gradient to the activations'
	conv  conv.InputGrad // to the gradient of the stream before the layer
	mixin conv.Forward   // transposed: to the gradient of cond

	convSum, postSum, restSum int // where the sums of the weights' gradients are, packed
}

// arraySlot is the gradients of an item under way: of the stream (Channels, stride), and
// of what the activations are of (width, stride), both of the layer that is at hand.
// sum is the packed gradients of the weights.
type arraySlot struct{ stream, z, sum []float32 }

// arrayWorker is the scratch memory of a worker.
type arrayWorker struct {
	product, da, other []float32 // blocks
	conv               conv.WeightGrad
	post, rest         conv.Inner
	sums               []float32 // of post or rest
}

// ones is the column whose inner products are the gradient of a bias.
var ones = func() (x [arrayBlock]float32) {
	for i := range x {
		x[i] = 1
	}
	return x
}()

func (t *arrayGrad) prepare(w []float32) {
	t.rechannel.Prepare(kernel1x1(t.Inputs, t.Channels), w[:t.Channels*t.Inputs], t.stride)
	t.kernels = grow(t.kernels, len(t.layers))
	t.turned = grow(t.turned, max(t.Channels*t.Bottleneck+t.Channels, t.width*t.Condition))
	for i := range t.layers {
		l, k := &t.layers[i], &t.kernels[i]
		k.conv.Prepare(l.shape, w[l.conv:l.bias], t.stride)
		k.mixin.Prepare(kernel1x1(t.width, t.Condition), t.turn(w[l.mixin:l.postW], t.width, t.Condition), nil, t.stride)
		post := w[l.postW:l.postB]
		k.post.Prepare(kernel1x1(t.Channels, t.Bottleneck), t.turn(post, t.Channels, t.Bottleneck), nil, t.stride)
		minus := t.turned[:len(post)+t.Channels]
		for i, v := range w[l.postW:][:len(minus)] {
			minus[i] = -v
		}
		k.undo.Prepare(kernel1x1(t.Bottleneck, t.Channels), minus[:len(post)], minus[len(post):], arrayBlock)
	}
}

// turn is the transpose of w (rows, cols).
func (t *arrayGrad) turn(w []float32, rows, cols int) []float32 {
	y := t.turned[:len(w)]
	for r := range rows {
		for c, v := range w[r*cols:][:cols] {
			y[c*rows+r] = v
		}
	}
	return y
}

// room makes room for the gradients under way.
func (t *arrayGrad) room(workers int, itemwise bool) {
	t.workers = grow(t.workers, workers)
	for i := range t.workers {
		t.workers[i].grow(&t.array)
	}
	t.pack(&t.workers[0])
	slots := workers
	if !itemwise {
		slots = t.batch
		t.terms = grow(t.terms, t.batch*t.chunks*t.packed)
		clear(t.terms)
	}
	t.slots = grow(t.slots, slots)
	for i := range t.slots {
		s := &t.slots[i]
		s.stream, s.z, s.sum = grow(s.stream, t.Channels*t.stride), grow(s.z, t.width*t.stride), grow(s.sum, t.packed)
	}
	t.dw = grow(t.dw, t.batch*t.weights)
}

func (w *arrayWorker) grow(t *array) {
	n := t.Bottleneck * arrayBlock
	w.product, w.da, w.other = grow(w.product, n), grow(w.da, n), grow(w.other, arrayBlock)
	w.post.Grow(t.Channels, t.Bottleneck+1)
	w.rest.Grow(t.width, t.Condition+1)
	w.sums = grow(w.sums, max(t.Channels*(t.Bottleneck+1), t.width*(t.Condition+1)))
	w.conv.Grow(kernel1x1(t.Inputs, t.Channels))
	for l := range t.layers {
		w.conv.Grow(t.layers[l].shape)
	}
}

// pack lays out the packed sums of the weights' gradients, of which a worker's scratch
// knows the lengths.
func (t *arrayGrad) pack(w *arrayWorker) {
	w.conv.Grow(kernel1x1(t.Inputs, t.Channels))
	t.packed = w.conv.Packed()
	for i := range t.kernels {
		k := &t.kernels[i]
		w.conv.Grow(t.layers[i].shape)
		k.convSum = t.packed
		k.postSum = k.convSum + w.conv.Packed()
		k.restSum = k.postSum + w.post.Packed()
		t.packed = k.restSum + w.rest.Packed()
	}
}

// Do implements parallel.Task.
func (t *arrayGrad) Do(i, worker int) {
	w := &t.workers[worker]
	switch t.step {
	case arrayItem:
		t.wholeItem(i, &t.slots[worker], w)
		return
	case arrayStart:
		t.start(i, &t.slots[i])
		return
	case arrayFold:
		s := &t.slots[i]
		for c := range t.chunks {
			vec.Add(s.sum, s.sum, t.terms[(i*t.chunks+c)*t.packed:][:t.packed])
		}
		t.unpack(i, s, w)
		return
	}
	b, c := i/t.chunks, i%t.chunks
	s, sum := &t.slots[b], t.terms[i*t.packed:][:t.packed]
	switch t.step {
	case arrayGather:
		j0, j1 := t.blocks(c, t.begin(t.layer))
		for j := j0; j < j1; j++ {
			t.gather(t.layer, j, s)
		}
	case arrayActivate:
		t.activate(b, t.layer, c, s, w, sum, false)
	case arrayAdd:
		t.add(b, t.layer, c, s, w, sum)
	case arrayFinish:
		t.finish(b, c, s, w, sum)
	}
}

// wholeItem computes item b.
func (t *arrayGrad) wholeItem(b int, s *arraySlot, w *arrayWorker) {
	t.start(b, s)
	for c := range t.chunks {
		for layer := len(t.layers) - 1; layer >= 0; layer-- {
			t.activate(b, layer, c, s, w, s.sum, true)
			t.add(b, layer, c, s, w, s.sum)
		}
		j0, j1 := t.blocks(c, 0)
		for j := j0; j < j1; j++ {
			t.gather(-1, j, s)
		}
		t.finish(b, c, s, w, s.sum)
	}
	t.unpack(b, s, w)
}

// of is what is kept of item b.
func (t *arrayGrad) of(b int) []float32 { return t.kept[b*t.item:][:t.item] }

// begin is the time of a layer's first output; layer -1 is the rechannelling.
func (t *array) begin(layer int) int {
	if layer < 0 {
		return 0
	}
	return t.layers[layer].begin
}

// start takes over the gradient of the last layer's stream.
func (t *arrayGrad) start(b int, s *arraySlot) {
	clear(s.sum)
	clear(s.stream)
	if t.dstream.x == nil {
		return
	}
	for c := range t.Channels {
		copy(s.stream[c*t.stride+t.samples-t.outputs:], t.dstream.row(b, c, 0, t.outputs))
	}
}

// gather adds to the gradient of the stream behind a layer, in its block j, what comes
// through the convolution of the next layer; then it is complete.
func (t *arrayGrad) gather(layer, j int, s *arraySlot) {
	if layer+1 == len(t.layers) {
		return
	}
	begin, next := t.begin(layer), t.begin(layer+1)
	at, n := t.block(j, begin)
	t.kernels[layer+1].conv.Run(s.stream[begin:], t.stride, s.z[next:], t.samples-next, at-begin, at-begin+n)
}

// activate takes chunk c of a layer's output off the stream and computes the
// gradient before its activation and that of the 1x1 behind it.
func (t *arrayGrad) activate(b, layer, c int, s *arraySlot, w *arrayWorker, sum []float32, gather bool) {
	w.post.Reset(t.Channels, t.Bottleneck+1)
	j0, j1 := t.blocks(c, t.layers[layer].begin)
	for j := j0; j < j1; j++ {
		if gather {
			t.gather(layer, j, s)
		}
		t.stream(b, layer, j, s, w)
		t.before(b, layer, j, s, w, t.following(b, layer, c, j))
	}
	w.post.Fold(sum[t.kernels[layer].postSum:][:w.post.Packed()])
}

// following is the activations that a thread comes to after block j of chunk c of a layer.
func (t *arrayGrad) following(b, layer, c, j int) []float32 {
	if _, j1 := t.blocks(c, t.layers[layer].begin); j+1 < j1 {
		return t.acts(t.of(b), layer, j+1)
	}
	if layer--; layer < 0 {
		layer, c = len(t.layers)-1, c+1
	}
	if j0, j1 := t.blocks(c, t.layers[layer].begin); j0 < j1 {
		return t.acts(t.of(b), layer, j0)
	}
	return nil
}

// stream goes back through the 1x1 and the head: block j of the layer's output is taken off
// the stream, and w.da becomes the gradient of its activations.
func (t *arrayGrad) stream(b, layer, j int, s *arraySlot, w *arrayWorker) {
	l, k := &t.layers[layer], &t.kernels[layer]
	item := t.of(b)
	a := t.acts(item, layer, j)
	at, n := t.block(j, l.begin)
	if t.Gated {
		gates := a[t.Bottleneck*arrayBlock:]
		rows(t.Bottleneck, n, func(from, n int) { vec.Mul(w.product[from:][:n], a[from:][:n], gates[from:][:n]) })
		a = w.product
	}
	skip, from, m := t.inHead(at, n)
	for r := range t.Bottleneck {
		da := w.da[r*arrayBlock:]
		clear(da[:skip])
		if m > 0 {
			copy(da[skip:], t.dhead.row(b, r, from, m))
		}
	}
	if !l.post {
		return
	}
	k.undo.RunAdd(item[at:], t.stride, a, 0, n)
	k.post.RunAdd(w.da, arrayBlock, s.stream[at:], 0, n)
	for c := range t.Channels {
		w.post.Row(c, s.stream[c*t.stride+at:][:n])
	}
	for r := range t.Bottleneck {
		w.post.Column(r, a[r*arrayBlock:][:n])
	}
	w.post.Column(t.Bottleneck, ones[:n])
	w.post.Add(n)
}

// before goes back through the activation: s.z becomes the gradient before it. On the
// way it asks for the rows of the block of activations that follows.
func (t *arrayGrad) before(b, layer, j int, s *arraySlot, w *arrayWorker, following []float32) {
	a := t.acts(t.of(b), layer, j)
	at, n := t.block(j, t.layers[layer].begin)
	for r := range t.Bottleneck {
		part := len(following) / t.Bottleneck
		vec.Prefetch(following[r*part:][:part])
		y, dy := a[r*arrayBlock:][:n], w.da[r*arrayBlock:][:n]
		if t.Gated {
			gate, other := a[(t.Bottleneck+r)*arrayBlock:][:n], w.other[:n]
			vec.Mul(other, dy, y)
			dz := s.z[(t.Bottleneck+r)*t.stride+at:][:n]
			clear(dz)
			t.gate(operands{dst: dz, a: gate, b: gate, c: other, f: device.Sigmoid})
			vec.Mul(other, dy, gate)
			dy = other
		}
		dz := s.z[r*t.stride+at:][:n]
		clear(dz)
		t.activation(operands{dst: dz, a: y, b: y, c: dy, f: t.Activation, alpha: t.P})
	}
}

// add computes the gradients of a layer's convolution, its bias and the mixer, and of
// cond, from chunk c of the gradient before its activation.
func (t *arrayGrad) add(b, layer, c int, s *arraySlot, w *arrayWorker, sum []float32) {
	l, k := &t.layers[layer], &t.kernels[layer]
	input := t.of(b)[l.begin-l.shape.Span():]
	w.conv.Reset(l.shape)
	w.rest.Reset(t.width, t.Condition+1)
	j0, j1 := t.blocks(c, l.begin)
	for j := j0; j < j1; j++ {
		at, n := t.block(j, l.begin)
		w.conv.Add(input, t.stride, s.z[l.begin:], t.stride, at-l.begin, at-l.begin+n)
		for r := range t.width {
			w.rest.Row(r, s.z[r*t.stride+at:][:n])
		}
		for i := range t.Condition {
			w.rest.Column(i, t.cond.row(b, i, at, n))
		}
		w.rest.Column(t.Condition, ones[:n])
		w.rest.Add(n)
		if t.dcond.x != nil {
			k.mixin.RunAdd(t.dcond.of(b, at), t.dcond.time, s.z[at:], 0, n)
		}
	}
	w.conv.Fold(sum[k.convSum:k.postSum])
	w.rest.Fold(sum[k.restSum:][:w.rest.Packed()])
}

// finish computes the gradients of the rechannelling and of x from chunk c of that of the
// first layer's stream.
func (t *arrayGrad) finish(b, c int, s *arraySlot, w *arrayWorker, sum []float32) {
	from, to := c*arrayChunk*arrayBlock, min((c+1)*arrayChunk*arrayBlock, t.samples)
	w.conv.Reset(kernel1x1(t.Inputs, t.Channels))
	w.conv.Add(t.x.of(b, 0), t.x.time, s.stream, t.stride, from, to)
	w.conv.Fold(sum[:w.conv.Packed()])
	if t.dx.x != nil {
		t.rechannel.Run(t.dx.of(b, 0), t.dx.time, s.stream, t.samples, from, to)
	}
}

// unpack writes the gradients of the weights of item b.
func (t *arrayGrad) unpack(b int, s *arraySlot, w *arrayWorker) {
	dw := t.dw[b*t.weights:][:t.weights]
	w.conv.Reset(kernel1x1(t.Inputs, t.Channels))
	w.conv.Unpack(dw[:t.Channels*t.Inputs], s.sum[:w.conv.Packed()])
	for i := range t.layers {
		l, k := &t.layers[i], &t.kernels[i]
		w.conv.Reset(l.shape)
		w.conv.Unpack(dw[l.conv:l.bias], s.sum[k.convSum:k.postSum])
		w.post.Reset(t.Channels, t.Bottleneck+1)
		w.post.Unpack(w.sums, s.sum[k.postSum:k.restSum])
		split(dw[l.postW:l.postB], dw[l.postB:][:t.Channels], w.sums)
		w.rest.Reset(t.width, t.Condition+1)
		w.rest.Unpack(w.sums, s.sum[k.restSum:])
		split(dw[l.mixin:l.postW], dw[l.bias:l.mixin], w.sums)
	}
}

// split separates the last column of sums, (rows, cols+1).
func split(dw, db, sums []float32) {
	cols := len(dw) / len(db)
	for r := range db {
		row := sums[r*(cols+1):][:cols+1]
		copy(dw[r*cols:], row[:cols])
		db[r] = row[cols]
	}
}
