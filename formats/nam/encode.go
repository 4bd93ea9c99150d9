package nam

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// encode implements Network. A version before 0.6 has the keys of old hosts,
// where they can say it.
func (w *WaveNet) encode(version string) any {
	raw := waveNetJSON{HeadScale: &w.HeadScale}
	if w.Inputs != 1 {
		raw.Inputs = &w.Inputs
	}
	if h := w.Head; h != nil {
		raw.Head = &stackHeadJSON{Channels: &h.Channels, Out: &h.Out, Kernels: h.Kernels, Activation: &h.Activation}
	}
	if w.Condition != nil {
		raw.Condition, _ = json.Marshal(w.Condition.tree()) // names and finite numbers
	}
	for i := range w.Arrays {
		if strings.HasPrefix(version, "0.5.") && w.Arrays[i].plain() {
			raw.Layers = append(raw.Layers, w.Arrays[i].old())
		} else {
			raw.Layers = append(raw.Layers, w.Arrays[i].full())
		}
	}
	return raw
}

// plain says whether version 0.5 can hold an array.
func (a *LayerArray) plain() bool {
	first := a.Layers[0]
	for _, l := range a.Layers {
		if l.Kernel != first.Kernel || l.Gating != first.Gating || l.Gating == Blended || !same(l.Activation, first.Activation) ||
			l.Gating == Gated && l.Secondary.Type != "Sigmoid" {
			return false
		}
	}
	return a.Bottleneck == a.Channels && a.Groups == 1 && a.MixinGroups == 1 && a.Layer1x1 != nil && a.Layer1x1.Groups == 1 &&
		a.Head1x1 == nil && a.Head.Kernel == 1 && a.Head.Dilation == 1 && a.FiLM == [films]*FiLM{} && namesAll(first.Activation)
}

// namesAll says whether an activation's name says all of it: versions before
// 0.6 have no numbers beside it.
func namesAll(a Activation) bool {
	switch a.Type {
	case "PReLU", "LeakyHardtanh":
		return false
	case "LeakyReLU":
		return a.Slopes[0] == 0.01
	}
	return true
}

func same(a, b Activation) bool {
	return a.Type == b.Type && a.Hard == b.Hard && slices.Equal(a.Slopes, b.Slopes)
}

// old is an array in the keys of version 0.5.
func (a *LayerArray) old() layerArrayJSON {
	gated := a.Layers[0].Gating == Gated
	name, _ := json.Marshal(a.Layers[0].Activation.Type) // a string
	return layerArrayJSON{
		Input: &a.Input, Condition: &a.Condition, HeadSize: &a.Head.Out, Channels: &a.Channels, KernelSize: &a.Layers[0].Kernel,
		Dilations: a.dilations(), Activation: name, Gated: &gated, HeadBias: &a.Head.Bias,
	}
}

// full is an array with every key of version 0.7: hosts know the sizes that they
// are fastest at by all of them.
func (a *LayerArray) full() layerArrayJSON {
	raw := layerArrayJSON{
		Input: &a.Input, Condition: &a.Condition, Channels: &a.Channels, Bottleneck: &a.Bottleneck, Dilations: a.dilations(),
		Head:   &arrayHeadJSON{Out: &a.Head.Out, Kernel: &a.Head.Kernel, Bias: &a.Head.Bias},
		Groups: &a.Groups, MixinGroups: &a.MixinGroups, Slimmable: json.RawMessage("null"),
	}
	if a.Head.Dilation != 1 {
		raw.Head.Dilation = &a.Head.Dilation
	}
	one := 1
	raw.Layer1x1 = &oneByOneJSON{Active: a.Layer1x1 != nil, Groups: &one}
	if a.Layer1x1 != nil {
		raw.Layer1x1.Groups = &a.Layer1x1.Groups
	}
	raw.Head1x1 = &oneByOneJSON{Active: a.Head1x1 != nil, Out: &one, Groups: &one}
	if a.Head1x1 != nil {
		raw.Head1x1.Out, raw.Head1x1.Groups = &a.Head1x1.Out, &a.Head1x1.Groups
	}
	for place, f := range raw.places() {
		*f = &filmJSON{Shift: true, Groups: 1}
		if a.FiLM[place] != nil {
			*f = &filmJSON{true, a.FiLM[place].Shift, a.FiLM[place].Groups}
		}
	}
	var activation []Activation
	var gating []Gating
	var secondary []*Activation
	for i := range a.Layers {
		l := &a.Layers[i]
		raw.KernelSizes = append(raw.KernelSizes, l.Kernel)
		activation = append(activation, l.Activation)
		gating = append(gating, l.Gating)
		if l.Gating == Plain {
			secondary = append(secondary, nil)
		} else {
			secondary = append(secondary, &l.Secondary)
		}
	}
	raw.Activation, _ = json.Marshal(activation) // names and finite numbers
	raw.GatingMode, _ = json.Marshal(gating)
	raw.Secondary, _ = json.Marshal(secondary)
	return raw
}

func (a *LayerArray) dilations() []int {
	var list []int
	for _, l := range a.Layers {
		list = append(list, l.Dilation)
	}
	return list
}

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
