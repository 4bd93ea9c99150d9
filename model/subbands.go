package model

import (
	"fmt"

	"partials/autograd"
	"partials/device"
	"partials/ops"
	"partials/tensor"
)

// subBandNet is a conv-recurrent network over frames. It cuts every frame into
// S sub-bands of split bins. Convolutions over the sub-bands of a frame look
// along frequency, a GRU for each sub-band looks along time; both have the same
// weights at all frequencies, and a learnt position tells these apart:
//
//	x = act(conv(frame)) + position
//	for each layer: x = x + act(conv(x)); x = x + GRU(x)
//	gains = head(x)
//
// Its state in a stream is that of the GRUs, (S, hidden) for each layer.
type subBandNet struct {
	shape    frameShape
	split    int
	bands    int // S
	burnIn   int
	entry    *bandConv
	act      *Activate
	position *autograd.Param // (hidden, S)
	layers   []subBandLayer
	head     *bandConv
}

type subBandLayer struct {
	conv *bandConv
	act  *Activate
	rnn  *Recurrent
}

func (c Mask) subBandNet(b *Builder, f frameShape) *subBandNet {
	n := &subBandNet{shape: f, split: c.Split, bands: (f.rows + c.Split - 1) / c.Split, burnIn: c.BurnIn}
	n.entry = b.bandConv("entry", ConvShape{In: f.planes * c.Split, Out: c.HiddenSize, Kernel: c.KernelSize})
	n.act = b.Activate("entry.activation", c.Activation, c.HiddenSize)
	n.position = b.Zeros("position", tensor.Of(c.HiddenSize, n.bands))
	for i := range c.Layers {
		at := b.Within(fmt.Sprintf("layers.%d", i))
		n.layers = append(n.layers, subBandLayer{
			conv: at.bandConv("conv", ConvShape{In: c.HiddenSize, Out: c.HiddenSize, Kernel: c.KernelSize, Dilation: 1 << i}),
			act:  at.Activate("activation", c.Activation, c.HiddenSize),
			rnn: at.Recurrent("gru", RecurrentShape{
				Cell: device.Cell{Kind: device.GRU, Detach: c.DetachEvery}, In: c.HiddenSize, Hidden: c.HiddenSize, Layers: 1,
			}),
		})
	}
	head := b.Within("head")
	n.head = &bandConv{
		weight: head.Uniform("weight", tensor.Of(f.gains()*c.Split, c.HiddenSize, 1), fanIn(c.HiddenSize)),
		bias:   head.openBias("bias", f, c.Split, c.HiddenSize),
		conv:   device.Conv{Dilation: 1, Groups: 1},
	}
	return n
}

func (n *subBandNet) Context() int { return n.burnIn }

func (n *subBandNet) MACs() float64 {
	sum := n.entry.MACs() + n.head.MACs()
	for _, l := range n.layers {
		sum += l.conv.MACs() + l.rnn.MACs()
	}
	return sum * float64(n.bands)
}

func (n *subBandNet) Forward(p Pass, x *autograd.Var) *autograd.Var {
	for _, l := range n.layers {
		l.rnn.start(p, x.Dim(0)*n.bands)
	}
	if !p.Streams() && n.burnIn > 0 {
		before, after := ops.Split(p.Tape, x, 1, n.burnIn)
		p.NoGrad(func() { n.run(p, before) })
		x = after
	}
	y := n.run(p, x)
	for _, l := range n.layers {
		l.rnn.keep(p)
	}
	return y
}

// run runs frames (B, F, planes, rows) from where the GRUs stand.
func (n *subBandNet) run(p Pass, x *autograd.Var) *autograd.Var {
	t, frames := p.Tape, x.Dim(1)
	y := n.act.Forward(p, n.entry.Forward(p, n.cut(t, x))) // (B*F, hidden, S)
	y = ops.AddBias(t, y, n.position.Var(), 1)
	for _, l := range n.layers {
		y = ops.Add(t, y, l.act.Forward(p, l.conv.Forward(p, y)))
		y = ops.Add(t, y, l.overTime(p, y, frames))
	}
	return n.join(t, n.head.Forward(p, y), frames)
}

// cut makes sub-bands of frames: (B, F, planes, rows) to
// (B*F, planes*split, S). The last sub-band is filled up with zeros.
func (n *subBandNet) cut(t *autograd.Tape, x *autograd.Var) *autograd.Var {
	x = ops.Pad(t, x, 3, 0, n.bands*n.split-n.shape.rows)
	items := x.Dim(0) * x.Dim(1)
	x = ops.Reshape(t, x, tensor.Of(items*n.shape.planes, n.bands, n.split))
	return ops.Reshape(t, ops.Transpose(t, x, 1, 2), tensor.Of(items, n.shape.planes*n.split, n.bands))
}

// join is the way back: (B*F, gains*split, S) to (B, F, gains*rows).
func (n *subBandNet) join(t *autograd.Tape, y *autograd.Var, frames int) *autograd.Var {
	items, gains, rows := y.Dim(0), n.shape.gains(), n.shape.rows
	y = ops.Transpose(t, ops.Reshape(t, y, tensor.Of(items*gains, n.split, n.bands)), 1, 2)
	y = ops.Slice(t, ops.Reshape(t, y, tensor.Of(items*gains, n.bands*n.split)), 1, 0, rows)
	return ops.Reshape(t, y, tensor.Of(items/frames, frames, gains*rows))
}

// overTime runs the GRU over the frames of every sub-band of x (B*F, C, S).
func (l *subBandLayer) overTime(p Pass, x *autograd.Var, frames int) *autograd.Var {
	t := p.Tape
	batch, c, bands := x.Dim(0)/frames, x.Dim(1), x.Dim(2)
	y := ops.Transpose(t, ops.Reshape(t, x, tensor.Of(batch, frames*c, bands)), 1, 2)
	y = l.rnn.run(p, ops.Reshape(t, y, tensor.Of(batch*bands, frames, c)), l.rnn.cell.Detach)
	y = ops.Transpose(t, ops.Reshape(t, y, tensor.Of(batch, bands, frames*c)), 1, 2)
	return ops.Reshape(t, y, x.Shape)
}

// bandConv is a convolution over the sub-bands of a frame, which sees as many
// below as above and zeros past the ends.
type bandConv struct {
	weight, bias *autograd.Param // (Out, In, Kernel), (Out)
	conv         device.Conv
}

// bandConv declares a convolution over sub-bands with PyTorch's initial values.
func (b *Builder) bandConv(name string, s ConvShape) *bandConv {
	c := b.CausalConv(name, s)
	return &bandConv{weight: c.weight, bias: c.bias, conv: c.conv}
}

// MACs is the number of multiply-adds per sub-band.
func (c *bandConv) MACs() float64 { return float64(c.weight.Shape.Len()) }

// Forward maps x (N, In, S) to (N, Out, S).
func (c *bandConv) Forward(p Pass, x *autograd.Var) *autograd.Var {
	around := c.conv.Shrink(c.weight.Shape.Dim(2))
	if around > 0 {
		x = ops.Pad(p.Tape, x, 2, around/2, around-around/2)
	}
	return ops.Conv1D(p.Tape, x, c.weight.Var(), c.bias.Var(), c.conv)
}
