package cpu

import (
	"partials/device"
	"partials/internal/simd/conv"
	"partials/internal/simd/vec"
	"partials/tensor"
)

// Conv1D implements device.Convolution.
func (d *Device) Conv1D(y, x, w, bias tensor.Tensor, c device.Conv) {
	device.CheckConv("Conv1D", y, x, w, bias, c)
	if y.Len() == 0 {
		return
	}
	if w.Dim(1) == 0 { // no inputs
		d.Fill(y, 0)
		if !bias.Absent() {
			for b := range y.Dim(0) {
				d.spreadOver(numbers(y.Row(b)), numbers(bias), device.Axis{Outer: y.Dim(1), N: y.Dim(2), Inner: 1}, false)
			}
		}
		return
	}
	t := &d.conv
	t.layer = layerOf(y, x, w, c)
	t.y, t.x = numbers(y), numbers(x)
	t.kernel.Prepare(t.shape, numbers(w), numbers(bias), t.tin)
	t.width = t.chunkOf(t.tout)
	d.pool.For(t.batch*chunks(t.tout, t.width), t)
}

// Conv1DInputGrad implements device.Convolution.
func (d *Device) Conv1DInputGrad(dx, dy, w tensor.Tensor, c device.Conv) {
	device.CheckConv("Conv1DInputGrad", dy, dx, w, tensor.Tensor{}, c)
	if dy.Len() == 0 || dx.Len() == 0 {
		return
	}
	t := &d.convInput
	t.layer = layerOf(dy, dx, w, c)
	t.dx, t.dy = numbers(dx), numbers(dy)
	t.kernel.Prepare(t.shape, numbers(w), t.tout)
	t.width = t.chunkOf(t.tin)
	d.pool.For(t.batch*chunks(t.tin, t.width), t)
}

// Conv1DWeightGrad implements device.Convolution.
func (d *Device) Conv1DWeightGrad(dw, dbias, dy, x tensor.Tensor, c device.Conv) {
	device.CheckConv("Conv1DWeightGrad", dy, x, dw, dbias, c)
	if dy.Len() == 0 {
		return
	}
	if dw.Len() == 0 { // no inputs
		if !dbias.Absent() {
			for b := range dy.Dim(0) {
				d.sum(numbers(dbias), numbers(dy.Row(b)), device.Axis{Outer: dy.Dim(1), N: dy.Dim(2), Inner: 1}, true)
			}
		}
		return
	}
	t := &d.convWeight
	t.layer = layerOf(dy, x, dw, c)
	t.dy, t.x, t.bias = numbers(dy), numbers(x), !dbias.Absent()
	// A partial result takes some 2048 samples: of one item, or of several short ones.
	const samples = 2048
	t.width = min(t.tout, samples)
	t.pieces = chunks(t.tout, t.width)
	t.group = max(1, samples/t.width)
	count := chunks(t.batch*t.pieces, t.group)
	weights := t.shape.Weights()
	t.dw = grow(t.dw, count*weights)
	t.db = grow(t.db, count*t.shape.Out)
	t.workers = d.workers
	for i := range t.workers {
		t.workers[i].weightGrad.Grow(t.shape)
	}
	d.pool.For(count, t)
	d.fold32.run(d, numbers(dw), t.dw, count, weights, true)
	if t.bias {
		d.fold32.run(d, numbers(dbias), t.db, count, t.shape.Out, true)
	}
}

// layer is the sizes of one convolution.
type layer struct {
	shape            conv.Shape
	batch, tin, tout int
}

func layerOf(y, x, w tensor.Tensor, c device.Conv) layer {
	return layer{
		shape: conv.Shape{In: x.Dim(1), Out: y.Dim(1), Kernel: w.Dim(2), Dilation: c.Dilation, Groups: c.Groups},
		batch: x.Dim(0), tin: x.Dim(2), tout: y.Dim(2),
	}
}

// chunkOf is how many of n samples a chunk computes: enough for about 2^18
// multiplications, and a multiple of the kernels' strips.
func (l *layer) chunkOf(n int) int {
	const strip = 240
	strips := max(1, (1<<18)/l.shape.Weights()/strip)
	return min(n, strips*strip)
}

// convForward is Conv1D over items by chunks of time.
type convForward struct {
	layer
	kernel conv.Forward
	y, x   []float32
	width  int // samples of a chunk
}

// Do implements parallel.Task.
func (t *convForward) Do(i, _ int) {
	across := chunks(t.tout, t.width)
	b, from := i/across, i%across*t.width
	in, out := t.shape.In*t.tin, t.shape.Out*t.tout
	t.kernel.Run(t.y[b*out:][:out], t.tout, t.x[b*in:][:in], from, min(t.tout, from+t.width))
}

// convInputGrad is Conv1DInputGrad over items by chunks of time.
type convInputGrad struct {
	layer
	kernel conv.InputGrad
	dx, dy []float32
	width  int
}

// Do implements parallel.Task.
func (t *convInputGrad) Do(i, _ int) {
	across := chunks(t.tin, t.width)
	b, from := i/across, i%across*t.width
	in, out := t.shape.In*t.tin, t.shape.Out*t.tout
	t.kernel.Run(t.dx[b*in:][:in], t.tin, t.dy[b*out:][:out], t.tout, from, min(t.tin, from+t.width))
}

// convWeightGrad is the partial results of Conv1DWeightGrad.
type convWeightGrad struct {
	layer
	dy, x   []float32
	bias    bool
	width   int       // samples of a piece
	pieces  int       // of an item
	group   int       // pieces of a partial result
	dw, db  []float32 // partial results
	workers []worker
}

// Do implements parallel.Task.
func (t *convWeightGrad) Do(i, worker int) {
	kernel := &t.workers[worker].weightGrad
	kernel.Reset(t.shape)
	var db []float32
	if t.bias {
		db = t.db[i*t.shape.Out:][:t.shape.Out]
		clear(db)
	}
	in, out := t.shape.In*t.tin, t.shape.Out*t.tout
	for piece := i * t.group; piece < min(t.batch*t.pieces, (i+1)*t.group); piece++ {
		b, from := piece/t.pieces, piece%t.pieces*t.width
		to := min(t.tout, from+t.width)
		dy := t.dy[b*out:][:out]
		kernel.Add(t.x[b*in:][:in], t.tin, dy, t.tout, from, to)
		for o := range db {
			db[o] += float32(vec.Sum(dy[o*t.tout+from : o*t.tout+to]))
		}
	}
	weights := t.shape.Weights()
	kernel.Sums(t.dw[i*weights:][:weights])
}
