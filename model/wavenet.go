package model

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"partials/internal/config"
)

// WaveNet is the feed-forward WaveNet of the Neural Amp Modeler: arrays of
// gated or plain dilated convolutions whose activations add up to the output.
// Its parameters have the names that package formats/nam gives the weights of a
// file.
type WaveNet struct {
	Preset    string       `yaml:"preset" doc:"layer arrays by name: standard, lite, feather, nano (A1), a2_full, a2_lite; ignored where layers are listed"`
	Layers    []LayerArray `yaml:"layers" doc:"the layer arrays, in place of the preset's"`
	HeadScale *float64     `yaml:"head_scale" doc:"fixed factor of the output; null is the preset's, 0.02 for layers of your own"`
}

// LayerArray is a group of WaveNet's layers of one width.
type LayerArray struct {
	Channels    int        `yaml:"channels" doc:"width of the residual stream"`
	Bottleneck  int        `yaml:"bottleneck" doc:"width after the activation; 0 is channels"`
	KernelSize  int        `yaml:"kernel_size" doc:"taps of every convolution"`
	KernelSizes []int      `yaml:"kernel_sizes" doc:"taps of each convolution, in place of kernel_size"`
	Dilations   []int      `yaml:"dilations" doc:"dilation of each layer in samples"`
	Activation  Activation `yaml:"activation" doc:"tanh, leaky_relu(0.01), ..."`

	Activations    []Activation `yaml:"activations" doc:"the activation of each layer, in place of activation"`
	Gating         Gating       `yaml:"gating" doc:"none; gated: multiply the activation by a gate of its own; blended: let the gate blend it with what it was before"`
	GateActivation *Activation  `yaml:"gate_activation" doc:"the gate's activation; null is sigmoid"`
	Groups         int          `yaml:"groups" doc:"groups of channels in every convolution; 0 is 1"`
	MixinGroups    int          `yaml:"input_mixin_groups" doc:"groups of channels in the mix-in of the input; 0 is 1"`
	Layer1x1       OneByOne     `yaml:"layer1x1" doc:"from a layer's activation to the residual stream"`
	Head1x1        HeadMix      `yaml:"head1x1" doc:"from a layer's activation to the head"`

	Head ArrayHead `yaml:"head" doc:"from the sum of the activations to the next array, or the output"`
}

// OneByOne is a convolution of one tap that a layer can do without.
type OneByOne struct {
	Off    bool `yaml:"off" doc:"leave it out: the residual stream passes the layers by"`
	Groups int  `yaml:"groups" doc:"groups of channels; 0 is 1"`
}

// HeadMix is a convolution of one tap between the layers and the head.
type HeadMix struct {
	Channels int `yaml:"channels" doc:"its outputs, the width of the head; 0 leaves it out"`
	Groups   int `yaml:"groups" doc:"groups of channels; 0 is 1"`
}

// ArrayHead is the convolution at the end of a layer array.
type ArrayHead struct {
	Channels   int  `yaml:"channels" doc:"outputs; 0 is what follows needs: the next array's bottleneck (or head1x1), or the data's channels"`
	KernelSize int  `yaml:"kernel_size" doc:"taps; 0 is 1"`
	Bias       bool `yaml:"bias" doc:"with a bias"`
}

// preset is a WaveNet by name.
type preset struct {
	layers []LayerArray
	scale  float64
}

// defaultScale is the Neural Amp Modeler's, which fits PyTorch's first weights
// to the level of a guitar amplifier.
const defaultScale = 0.02

// presets are the shapes that the Neural Amp Modeler ships: its trainer 0.12.3
// (A1) and 0.13.0 (A2).
func presets() map[string]preset {
	var full []int // dilations 1, 2, 4, ..., 512
	for d := 1; d <= 512; d *= 2 {
		full = append(full, d)
	}
	a1 := func(channels int, first, second []int) preset {
		return preset{scale: defaultScale, layers: []LayerArray{
			{Channels: channels, KernelSize: 3, Dilations: first},
			{Channels: channels / 2, KernelSize: 3, Dilations: second, Head: ArrayHead{Bias: true}},
		}}
	}
	a2 := func(channels int) preset {
		cycle := []int{1, 3, 7, 17, 41, 101, 239}
		return preset{scale: 0.01, layers: []LayerArray{{
			Channels:    channels,
			KernelSizes: slices.Concat(slices.Repeat([]int{6}, 14), []int{15, 15}, slices.Repeat([]int{6}, 7)),
			Dilations:   slices.Concat(cycle, cycle, []int{1, 13}, cycle),
			Activation:  Activation{Name: "leaky_relu", P: 0.01},
			Head:        ArrayHead{KernelSize: 16, Bias: true},
		}}}
	}
	split := slices.Concat(full[7:], full)
	return map[string]preset{
		"standard": a1(16, full, full),
		"lite":     a1(12, full[:7], split),
		"feather":  a1(8, full[:7], split),
		"nano":     a1(4, full[:7], split),
		"a2_full":  a2(8),
		"a2_lite":  a2(3),
	}
}

// Validate implements config.Validator.
func (c WaveNet) Validate() error {
	var errs []error
	if _, ok := presets()[c.Preset]; !ok && len(c.Layers) == 0 {
		errs = append(errs, config.Field("preset", c.Preset, "one of "+strings.Join(slices.Sorted(maps.Keys(presets())), ", ")+", or layers must be listed"))
	}
	if s := c.HeadScale; s != nil && (!(math.Abs(*s) <= 1e6) || *s == 0) {
		errs = append(errs, config.Field("head_scale", *s, "a factor other than 0, at most 1e6"))
	}
	if n := len(c.Layers); n > maxLayers {
		errs = append(errs, tooMany("layers", n))
	}
	return errors.Join(append(errs, c.validateHeads())...)
}

// validateHeads holds each array's head against the array that it starts.
func (c WaveNet) validateHeads() error {
	for i := 1; i < len(c.Layers); i++ {
		if got, want := c.Layers[i-1].Head.Channels, c.Layers[i].headWidth(); got != 0 && got != want {
			return config.Field(fmt.Sprintf("layers[%d].head.channels", i-1), got, fmt.Sprintf("what the next array adds up (%d), or 0 for that", want))
		}
	}
	return nil
}

// Validate implements config.Validator.
func (a LayerArray) Validate() error {
	errs := []error{
		within("channels", a.Channels, 1, maxChannels),
		within("bottleneck", a.Bottleneck, 0, maxChannels),
		within("head.channels", a.Head.Channels, 0, maxChannels),
		within("head.kernel_size", a.Head.KernelSize, 0, maxKernel),
		dilationsError("dilations", a.Dilations),
	}
	if len(a.Activations) > 0 && len(a.Activations) != len(a.Dilations) {
		errs = append(errs, config.Field("activations", len(a.Activations), fmt.Sprintf("as many as dilations (%d)", len(a.Dilations))))
	}
	if a.Layer1x1.Off && a.bottleneck() != a.Channels {
		errs = append(errs, config.Field("bottleneck", a.Bottleneck, fmt.Sprintf("channels (%d), or 0 for that, without layer1x1", a.Channels)))
	}
	errs = append(errs, within("head1x1.channels", a.Head1x1.Channels, 0, maxChannels),
		groupsError("groups", a.Groups, a.Channels, a.width()),
		groupsError("layer1x1.groups", a.Layer1x1.Groups, a.bottleneck(), a.Channels),
		groupsError("head1x1.groups", a.Head1x1.Groups, a.bottleneck(), a.Head1x1.Channels))
	if len(a.Dilations) == 0 {
		errs = append(errs, config.Field("dilations", a.Dilations, "a list with one number for each layer"))
	}
	if len(a.KernelSizes) == 0 {
		return errors.Join(append(errs, within("kernel_size", a.KernelSize, 1, maxKernel))...)
	}
	if a.KernelSize != 0 {
		errs = append(errs, config.Field("kernel_size", a.KernelSize, "left out where kernel_sizes are given"))
	}
	if len(a.KernelSizes) != len(a.Dilations) {
		errs = append(errs, config.Field("kernel_sizes", a.KernelSizes, fmt.Sprintf("as many as dilations (%d)", len(a.Dilations))))
	}
	for i, k := range a.KernelSizes {
		errs = append(errs, within(fmt.Sprintf("kernel_sizes[%d]", i), k, 1, maxKernel))
	}
	return errors.Join(errs...)
}

func (a LayerArray) bottleneck() int {
	if a.Bottleneck == 0 {
		return a.Channels
	}
	return a.Bottleneck
}

// width is the number of channels that a layer's convolution makes.
func (a LayerArray) width() int {
	if a.Gating == NoGate {
		return a.bottleneck()
	}
	return 2 * a.bottleneck()
}

// headWidth is the number of channels that the layers add up.
func (a LayerArray) headWidth() int {
	if a.Head1x1.Channels > 0 {
		return a.Head1x1.Channels
	}
	return a.bottleneck()
}

// activations lists each layer's.
func (a LayerArray) activations() []Activation {
	if len(a.Activations) > 0 {
		return a.Activations
	}
	return slices.Repeat([]Activation{a.Activation}, len(a.Dilations))
}

// kernels lists the number of taps of each layer.
func (a LayerArray) kernels() []int {
	if len(a.KernelSizes) > 0 {
		return a.KernelSizes
	}
	return slices.Repeat([]int{a.KernelSize}, len(a.Dilations))
}

// Arrays are the layer arrays with nothing left to default, each layer's taps
// and activation listed, for data with the given number of output channels: the
// preset's where none are listed.
func (c WaveNet) Arrays(outputs int) []LayerArray {
	arrays := c.Layers
	if len(arrays) == 0 {
		arrays = presets()[c.Preset].layers
	}
	arrays = slices.Clone(arrays)
	for i := range arrays {
		a := &arrays[i]
		a.Bottleneck = a.bottleneck()
		a.Activations, a.Activation = a.activations(), Activation{}
		a.KernelSizes, a.KernelSize = a.kernels(), 0
		a.Groups, a.MixinGroups = max(a.Groups, 1), max(a.MixinGroups, 1)
		a.Layer1x1.Groups, a.Head1x1.Groups = max(a.Layer1x1.Groups, 1), max(a.Head1x1.Groups, 1)
		if a.GateActivation == nil {
			a.GateActivation = &Activation{Name: "sigmoid"}
		}
		a.Head.KernelSize = max(a.Head.KernelSize, 1)
		switch {
		case a.Head.Channels > 0:
		case i+1 < len(arrays):
			a.Head.Channels = arrays[i+1].headWidth()
		default:
			a.Head.Channels = outputs
		}
	}
	return arrays
}

// Scale is the factor of the output.
func (c WaveNet) Scale() float64 {
	switch p, ok := presets()[c.Preset]; {
	case c.HeadScale != nil:
		return *c.HeadScale
	case ok && len(c.Layers) == 0:
		return p.scale
	}
	return defaultScale
}
