package model

import (
	"partials/autograd"
	"partials/device"
	"partials/tensor"
)

// The inputs of layerArray, in their order.
const (
	arrayX = iota
	arrayCond
	arrayWeights
	arrayPast // may be absent
)

// layerArray is a WaveNet's layer array on a device that has them whole. Its
// output is the head, its further output the stream, unless the array is the last.
type layerArray struct {
	shape *device.LayerArray
	kept  tensor.Tensor
	spent bool
}

func (f *layerArray) Forward(c *autograd.Call) tensor.Tensor {
	x := c.In(arrayX)
	b, n := x.Dim(0), x.Dim(2)-f.shape.Span()
	head := c.New(tensor.Of(b, f.shape.Bottleneck, n))
	if !f.shape.Last {
		c.SetExtra(0, c.New(tensor.Of(b, f.shape.Channels, n)))
	}
	d := c.Device().(device.LayerArrays)
	f.kept = c.New(tensor.Of(d.LayerArrayKept(f.shape, b, x.Dim(2))))
	f.compute(c, head)
	return head
}

func (f *layerArray) compute(c *autograd.Call, head tensor.Tensor) {
	past := tensor.Tensor{}
	if c.Has(arrayPast) {
		past = c.In(arrayPast)
	}
	d := c.Device().(device.LayerArrays)
	d.LayerArray(head, c.Extra(0), f.kept, c.In(arrayX), c.In(arrayCond), past, c.In(arrayWeights), f.shape)
}

func (f *layerArray) Backward(c *autograd.Call, dhead tensor.Tensor) {
	if f.spent { // a second Backward of the same step
		f.compute(c, c.Out())
	}
	f.spent = true
	dx, _ := c.Grad(arrayX)
	dcond, _ := c.Grad(arrayCond)
	dw, _ := c.Grad(arrayWeights)
	dstream, _ := c.ExtraGrad(0)
	d := c.Device().(device.LayerArrays)
	d.LayerArrayGrad(dx, dcond, dw, f.kept, dhead, dstream, c.In(arrayX), c.In(arrayCond), c.In(arrayWeights), f.shape)
	if dpast, ok := c.Grad(arrayPast); ok {
		c.Device().MoveGrad(dpast, dhead, turned(lastOf(dpast.Shape, dhead.Shape)))
	}
}

// whole describes the layers of a for a device that computes them as one. It returns nil
// where they are of a kind that no device has whole.
func (m *waveNet) whole(a LayerArray, in int, last bool) *device.LayerArray {
	first := a.Activations[0]
	kind := activations[first.name()]
	for _, act := range a.Activations {
		if act != first || kind.learn != nil {
			return nil
		}
	}
	gated := a.Gating == Gated && a.GateActivation.name() == "sigmoid"
	if a.Gating != NoGate && !gated || a.Groups > 1 || a.MixinGroups > 1 || a.Layer1x1 != (OneByOne{Groups: 1}) || a.Head1x1.Channels > 0 {
		return nil
	}
	w := &device.LayerArray{
		Inputs: in, Condition: m.facts.Channels(), Channels: a.Channels, Bottleneck: a.Bottleneck,
		Activation: kind.f, P: first.P, Gated: gated, Last: last,
	}
	for i, d := range a.Dilations {
		w.Layers = append(w.Layers, device.Dilated{Kernel: a.KernelSizes[i], Dilation: d})
	}
	return w
}

// fits says that the pass can take the layers as one: over a whole segment, which has
// no state, and where the device has them.
func (a *waveNetArray) fits(p Pass) bool {
	d, ok := p.Device().(device.LayerArrays)
	return ok && a.whole != nil && !p.Streams() && d.HasLayerArray(a.whole)
}

// forwardWhole is forward in one call.
func (a *waveNetArray) forwardWhole(params *autograd.Params, p Pass, stream, cond, past *autograd.Var) (head, out *autograd.Var) {
	if a.weights == nil {
		last := a.layers[len(a.layers)-1].post
		a.weights = params.Row(a.rechannel.weight, last.bias)
	}
	head = autograd.Apply(p.Tape, layerArray{shape: a.whole}, autograd.In{stream, cond, a.weights, past})
	if !a.whole.Last {
		out = head.Extra(0)
	}
	return head, out
}
