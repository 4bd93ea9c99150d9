package nam

import "fmt"

// WaveNet is the config of a WaveNet: arrays of layers around a residual stream
// and a head that adds the activations up.
type WaveNet struct {
	Inputs    int // audio channels
	Arrays    []LayerArray
	HeadScale float32    // what the config says; the last weight is what counts
	Head      *StackHead // behind the head scale, or nil
	Condition *File      // what makes the condition of the input, or nil for the input itself
}

// LayerArray is a group of layers of one width.
type LayerArray struct {
	Input, Condition     int // channels
	Channels, Bottleneck int
	Layers               []Layer
	Groups, MixinGroups  int
	Layer1x1             *OneByOne // to the residual stream, or nil for none; Out is Channels
	Head1x1              *OneByOne // to the head, or nil
	FiLM                 [films]*FiLM
	Head                 ArrayHead
	Slimmable            bool // its channels may be cut off; it plays whole here
}

// Layer is one dilated convolution and what follows it.
type Layer struct {
	Kernel, Dilation      int
	Activation, Secondary Activation
	Gating                Gating
}

// Gating says what becomes of the second half of a convolution's channels.
type Gating string

// The gatings: there is no second half; it multiplies the first; it blends the
// first with what it was before its activation.
const (
	Plain   Gating = "none"
	Gated   Gating = "gated"
	Blended Gating = "blended"
)

// OneByOne is a convolution of one tap.
type OneByOne struct{ Out, Groups int }

// ArrayHead is the convolution behind an array's sum of activations.
type ArrayHead struct {
	Out, Kernel, Dilation int
	Bias                  bool
}

// StackHead is activations and convolutions behind all arrays.
type StackHead struct {
	Channels, Out int
	Kernels       []int
	Activation    Activation
}

// FiLM scales, and shifts, channels by what a 1x1 convolution makes of the
// condition, https://arxiv.org/abs/1709.07871.
type FiLM struct {
	Shift  bool
	Groups int
}

// The places of FiLM in a layer, in the order of their weights.
const (
	convPre = iota
	convPost
	mixinPre
	mixinPost
	activationPre
	activationPost
	layer1x1Post
	head1x1Post
	films
)

// filmKeys are their names in files.
var filmKeys = [films]string{
	"conv_pre_film", "conv_post_film", "input_mixin_pre_film", "input_mixin_post_film",
	"activation_pre_film", "activation_post_film", "layer1x1_post_film", "head1x1_post_film",
}

// Architecture implements Network.
func (w *WaveNet) Architecture() string { return "WaveNet" }

// Channels implements Network.
func (w *WaveNet) Channels() (in, out int) {
	if w.Head != nil {
		return w.Inputs, w.Head.Out
	}
	return w.Inputs, w.Arrays[len(w.Arrays)-1].Head.Out
}

// width is the number of channels that a layer's convolution makes.
func (a *LayerArray) width(l *Layer) int {
	if l.Gating == Plain {
		return a.Bottleneck
	}
	return 2 * a.Bottleneck
}

// headIn is the width of an array's head sum.
func (a *LayerArray) headIn() int {
	if a.Head1x1 != nil {
		return a.Head1x1.Out
	}
	return a.Bottleneck
}

// filmed is the number of channels that FiLM at a place changes.
func (a *LayerArray) filmed(place int, l *Layer) int {
	switch place {
	case convPre, layer1x1Post:
		return a.Channels
	case mixinPre:
		return a.Condition
	case activationPost:
		return a.Bottleneck
	case head1x1Post:
		return a.Head1x1.Out
	}
	return a.width(l)
}

// outputs is how many numbers FiLM of some channels makes of the condition.
func (f *FiLM) outputs(channels int) int {
	if f.Shift {
		return 2 * channels
	}
	return channels
}

// width is the number of channels behind convolution i.
func (h *StackHead) width(i int) int {
	if i+1 == len(h.Kernels) {
		return h.Out
	}
	return h.Channels
}

// parts implements Network. The names are those of package model's parameters.
func (w *WaveNet) parts() []part {
	var all []part
	add := func(name string, n int) { all = append(all, part{name, n}) }
	for i := range w.Arrays {
		a := &w.Arrays[i]
		at := fmt.Sprintf("arrays.%d.", i)
		add(at+"rechannel.weight", a.Channels*a.Input)
		for j := range a.Layers {
			l := &a.Layers[j]
			in, width := fmt.Sprintf("%slayers.%d.", at, j), a.width(l)
			add(in+"conv.weight", width*(a.Channels/a.Groups)*l.Kernel)
			add(in+"conv.bias", width)
			add(in+"input_mixin.weight", width*(a.Condition/a.MixinGroups))
			if x := a.Layer1x1; x != nil {
				add(in+"layer1x1.weight", a.Channels*(a.Bottleneck/x.Groups))
				add(in+"layer1x1.bias", a.Channels)
			}
			if x := a.Head1x1; x != nil {
				add(in+"head1x1.weight", x.Out*(a.Bottleneck/x.Groups))
				add(in+"head1x1.bias", x.Out)
			}
			for place, f := range a.FiLM {
				if f != nil {
					out := f.outputs(a.filmed(place, l))
					add(in+filmKeys[place]+".weight", out*(a.Condition/f.Groups))
					add(in+filmKeys[place]+".bias", out)
				}
			}
		}
		add(at+"head.weight", a.Head.Out*a.headIn()*a.Head.Kernel)
		if a.Head.Bias {
			add(at+"head.bias", a.Head.Out)
		}
	}
	if w.Head != nil {
		in := w.Arrays[len(w.Arrays)-1].Head.Out
		for i, k := range w.Head.Kernels {
			out := w.Head.width(i)
			add(fmt.Sprintf("head.%d.weight", i), out*in*k)
			add(fmt.Sprintf("head.%d.bias", i), out)
			in = out
		}
	}
	add(headScale, 1)
	return all
}

// headScale is the last number of a WaveNet's weights, which is no parameter.
const headScale = "head_scale"
