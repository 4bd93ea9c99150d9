package device

import "partials/tensor"

// LayerArrays is what a device may offer beside Device: the layers of a WaveNet
// as one kernel, which keeps a stretch of the signal in cache through all of
// them. Whoever finds that a device has it may use it, as io.Copy uses
// io.WriterTo; the composition of Conv1D, Map and Combine is the definition, and
// LayerArray gives its values bit for bit.
//
// The arguments: x (B, Inputs, T); cond (B, Condition, T or more), of which the
// last T samples count; past (B, Bottleneck, N or more), absent for none, of
// which the last N do; w, the parameters of the array in a row. head (B,
// Bottleneck, N) and stream (B, Channels, N) are the outputs, with N = T-Span();
// a Last array has no stream. kept is memory for the backward pass.
//
//	s = rechannel * x
//	for each layer {
//		z = conv * s + bias + mixin * cond              // each a Conv1D, its sum rounded
//		a = activation(z), or activation(z[:Bottleneck]) * sigmoid(z[Bottleneck:]) where Gated
//		past += a                                       // the last N samples; head in the end
//		s += post * a + bias                            // unless Last and the last layer
//	}
type LayerArrays interface {
	// HasLayerArray says whether the device computes arrays such as a.
	HasLayerArray(a *LayerArray) bool
	// LayerArrayKept is the length of kept for a batch of signals of T samples.
	LayerArrayKept(a *LayerArray, batch, samples int) int
	// LayerArray computes head and stream and fills kept.
	LayerArray(head, stream, kept, x, cond, past, w tensor.Tensor, a *LayerArray)
	// LayerArrayGrad is dx, dcond and dw += the transposes, applied to dhead and
	// dstream. Each may be absent: a gradient that nobody needs, or that is zero.
	// kept is used up. The gradient of past is dhead.
	LayerArrayGrad(dx, dcond, dw, kept, dhead, dstream, x, cond, w tensor.Tensor, a *LayerArray)
}

// LayerArray describes a group of WaveNet's layers of one width. Its parameters
// are those of a .nam file, in their order: rechannel (Channels, Inputs); for
// each layer conv (M, Channels, Kernel) and its bias (M), mixin (M, Condition), post
// (Channels, Bottleneck) and its bias (Channels), where M is the Bottleneck, or
// twice that where Gated.
type LayerArray struct {
	Inputs, Condition    int
	Channels, Bottleneck int
	Layers               []Dilated
	Activation           Func
	P                    float64 // the activation's number
	Gated                bool
	Last                 bool // nothing reads the stream after the last layer
}

// Dilated is the size of a causal convolution in time.
type Dilated struct{ Kernel, Dilation int }

// Span is how many samples before its newest one the convolution sees.
func (d Dilated) Span() int { return (d.Kernel - 1) * d.Dilation }

// Width is the number of channels before the activation, M.
func (a *LayerArray) Width() int {
	if a.Gated {
		return 2 * a.Bottleneck
	}
	return a.Bottleneck
}

// Span is how many samples shorter the outputs are than x.
func (a *LayerArray) Span() int {
	n := 0
	for _, l := range a.Layers {
		n += l.Span()
	}
	return n
}

// Weights is the number of parameters.
func (a *LayerArray) Weights() int {
	n := a.Channels * a.Inputs
	for i := range a.Layers {
		n += a.layerWeights(i)
	}
	return n
}

func (a *LayerArray) layerWeights(i int) int {
	m := a.Width()
	return m*a.Channels*a.Layers[i].Kernel + m + m*a.Condition + a.Channels*a.Bottleneck + a.Channels
}

// CheckLayerArray panics unless the tensors of a LayerArray fit a.
func CheckLayerArray(kernel string, head, stream, x, cond, past, w tensor.Tensor, a *LayerArray) {
	if a.Inputs < 1 || a.Condition < 1 || a.Channels < 1 || a.Bottleneck < 1 || len(a.Layers) == 0 {
		misfit(kernel, "", "want at least one channel of each kind and one layer", x)
	}
	for _, l := range a.Layers {
		if l.Kernel < 1 || l.Dilation < 1 {
			misfit(kernel, "", "want kernels and dilations of at least 1", x)
		}
	}
	if x.Rank() != 3 || x.Dim(1) != a.Inputs || x.Dim(2) <= a.Span() {
		misfit(kernel, "x", "want an x (B, Inputs, T) longer than the layers' span", x)
	}
	n := x.Dim(2) - a.Span()
	// ends says that t has c channels of at least so many samples.
	ends := func(t tensor.Tensor, c, samples int) bool {
		return !t.Absent() && t.Rank() == 3 && t.Dim(2) >= samples && is(t, x.Dim(0), c, t.Dim(2))
	}
	if !is(head, x.Dim(0), a.Bottleneck, n) || !stream.Absent() && !is(stream, x.Dim(0), a.Channels, n) ||
		!ends(cond, a.Condition, x.Dim(2)) || !past.Absent() && !ends(past, a.Bottleneck, n) || !holds(w, a.Weights()) {
		misfit(kernel, "head stream x cond past w", a, head, stream, x, cond, past, w)
	}
}
