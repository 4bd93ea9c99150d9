package nam

import (
	"errors"
	"fmt"

	"partials/model"
)

// waveNet describes a WaveNet of package model.
func (m *Trained) waveNet(c model.WaveNet) (*File, error) {
	w := &WaveNet{Inputs: m.Inputs, HeadScale: float32(c.Scale() * m.Gain)}
	extra := Weights{headScale: {float64(w.HeadScale)}}
	in := m.Inputs
	for i, a := range c.Arrays(m.Outputs) {
		if len(m.Controls) > 0 && a.MixinGroups > 1 {
			return nil, errors.New("with input_mixin_groups the knobs cannot become a part of the biases; set it to 1")
		}
		to := LayerArray{
			Input: in, Condition: m.Inputs, Channels: a.Channels, Bottleneck: a.Bottleneck, Groups: a.Groups, MixinGroups: a.MixinGroups,
			Head: ArrayHead{Out: a.Head.Channels, Kernel: a.Head.KernelSize, Dilation: 1, Bias: a.Head.Bias},
		}
		if !a.Layer1x1.Off {
			to.Layer1x1 = &OneByOne{Out: a.Channels, Groups: a.Layer1x1.Groups}
		}
		if a.Head1x1.Channels > 0 {
			to.Head1x1 = &OneByOne{Out: a.Head1x1.Channels, Groups: a.Head1x1.Groups}
		}
		for j, d := range a.Dilations {
			at := fmt.Sprintf("arrays.%d.layers.%d.", i, j)
			l := Layer{Kernel: a.KernelSizes[j], Dilation: d, Gating: Gating(a.Gating.String())}
			var err error
			if l.Activation, err = m.activation(a.Activations[j], at+"activation"); err != nil {
				return nil, err
			}
			if l.Gating != Plain {
				if l.Secondary, err = m.activation(*a.GateActivation, at+"activation_gate"); err != nil {
					return nil, err
				}
			}
			if len(m.Controls) > 0 {
				extra[at+"input_mixin.weight"], extra[at+"conv.bias"] = m.baked(m.Weights[at+"input_mixin.weight"], m.Weights[at+"conv.bias"])
			}
			to.Layers = append(to.Layers, l)
		}
		w.Arrays = append(w.Arrays, to)
		in = a.Channels
	}
	return m.file(w, extra)
}

// fromWaveNet is the way back.
func (m *Trained) fromWaveNet(w *WaveNet) error {
	scale := m.Weights[headScale][0]
	delete(m.Weights, headScale)
	switch {
	case w.Condition != nil:
		return notTrainable("a condition_dsp")
	case w.Head != nil:
		return notTrainable("a head behind its head_scale")
	case scale == 0:
		return notTrainable("a head_scale of 0")
	}
	c := model.WaveNet{HeadScale: &scale}
	for i := range w.Arrays {
		a, err := m.fromArray(&w.Arrays[i], i)
		if err != nil {
			return err
		}
		c.Layers = append(c.Layers, *a)
	}
	m.Config = c
	return c.Validate()
}

func (m *Trained) fromArray(a *LayerArray, i int) (*model.LayerArray, error) {
	for place, f := range a.FiLM {
		if f != nil {
			return nil, notTrainable("%s", filmKeys[place])
		}
	}
	if a.Head.Dilation != 1 {
		return nil, notTrainable("a head_dilation")
	}
	to := &model.LayerArray{
		Channels: a.Channels, Bottleneck: a.Bottleneck, Groups: a.Groups, MixinGroups: a.MixinGroups,
		Head: model.ArrayHead{Channels: a.Head.Out, KernelSize: a.Head.Kernel, Bias: a.Head.Bias},
	}
	if a.Layer1x1 == nil {
		to.Layer1x1.Off = true
	} else {
		to.Layer1x1.Groups = a.Layer1x1.Groups
	}
	if a.Head1x1 != nil {
		to.Head1x1 = model.HeadMix{Channels: a.Head1x1.Out, Groups: a.Head1x1.Groups}
	}
	first := a.Layers[0]
	if err := to.Gating.UnmarshalText([]byte(first.Gating)); err != nil {
		return nil, err
	}
	for j, l := range a.Layers {
		at := fmt.Sprintf("arrays.%d.layers.%d.", i, j)
		if l.Gating != first.Gating {
			return nil, notTrainable("layers of one array with gates and without")
		}
		activation, err := m.fromActivation(l.Activation, at+"activation", a.Bottleneck)
		if err != nil {
			return nil, err
		}
		to.Activations = append(to.Activations, activation)
		if l.Gating != Plain {
			gate, err := m.fromActivation(l.Secondary, at+"activation_gate", a.Bottleneck)
			if err != nil {
				return nil, err
			}
			if to.GateActivation != nil && *to.GateActivation != gate {
				return nil, notTrainable("layers of one array with different gates")
			}
			to.GateActivation = &gate
		}
		to.KernelSizes = append(to.KernelSizes, l.Kernel)
		to.Dilations = append(to.Dilations, l.Dilation)
	}
	return to, to.Validate()
}
