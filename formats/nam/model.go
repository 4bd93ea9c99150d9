package nam

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"partials/model"
)

// Weights are the values of a model's parameters by their names in package
// model, row-major.
type Weights map[string][]float64

// Trained is a model of package model as FromModel takes it.
type Trained struct {
	Config          model.Config
	Inputs, Outputs int // channels
	Weights         Weights
	// Gain multiplies the output.
	Gain float64
}

// FromModel describes a trained model as a file of the version given, or of the
// oldest version that can hold it where version is empty.
func FromModel(m Trained, version string) (*File, error) {
	var f *File
	var err error
	switch c := m.Config.(type) {
	case model.WaveNet:
		f, err = m.waveNet(c)
	default:
		err = fmt.Errorf("no .nam file can hold this kind of model; wavenet can be exported")
	}
	if err != nil {
		return nil, err
	}
	if version == "" {
		version = f.oldest()
	}
	f.Version = version
	if err := f.check(); err != nil {
		return nil, err
	}
	if strings.HasPrefix(version, "0.5.") && f.oldest() != versionA1 {
		return nil, fmt.Errorf("version %s cannot hold this model; version %s can", version, versionA2)
	}
	return f, nil
}

// The versions that are written: one that every host reads, and one for what
// that cannot say.
const (
	versionA1 = "0.5.4"
	versionA2 = "0.7.0"
)

// oldest is the first version that can hold the file.
func (f *File) oldest() string {
	if w, ok := f.Net.(*WaveNet); ok && slices.ContainsFunc(w.Arrays, func(a LayerArray) bool { return !a.plain() }) {
		return versionA2
	}
	return versionA1
}

// names are the functions of package model that files know, by its names.
var names = map[string]string{
	"tanh": "Tanh", "hardtanh": "Hardtanh", "relu": "ReLU", "leaky_relu": "LeakyReLU", "prelu": "PReLU",
	"sigmoid": "Sigmoid", "silu": "SiLU", "hardswish": "Hardswish", "softsign": "Softsign",
}

// activation describes a function; learnt slopes are those of the parameter
// called name.slope.
func (m *Trained) activation(a model.Activation, name string) (Activation, error) {
	kind, _, _ := strings.Cut(a.String(), "(")
	to, ok := names[kind]
	if !ok {
		return Activation{}, fmt.Errorf("no host knows the activation %s; it knows %s", a, strings.Join(slices.Sorted(maps.Keys(names)), ", "))
	}
	switch to {
	case "LeakyReLU":
		return Activation{Type: to, Slopes: []float32{float32(a.P)}}, nil
	case "PReLU":
		var slopes []float32
		for _, s := range m.Weights[name+".slope"] {
			slopes = append(slopes, float32(s))
		}
		return Activation{Type: to, Slopes: slopes}, nil
	}
	return Activation{Type: to}, nil
}

// waveNet describes a WaveNet.
func (m *Trained) waveNet(c model.WaveNet) (*File, error) {
	w := &WaveNet{Inputs: m.Inputs, HeadScale: float32(c.Scale() * m.Gain)}
	in := m.Inputs
	for i, a := range c.Arrays(m.Outputs) {
		to := LayerArray{
			Input: in, Condition: m.Inputs, Channels: a.Channels, Bottleneck: a.Bottleneck, Groups: 1, MixinGroups: 1,
			Layer1x1: &OneByOne{Out: a.Channels, Groups: 1},
			Head:     ArrayHead{Out: a.Head.Channels, Kernel: a.Head.KernelSize, Dilation: 1, Bias: a.Head.Bias},
		}
		for j, d := range a.Dilations {
			activation, err := m.activation(a.Activation, fmt.Sprintf("arrays.%d.layers.%d.activation", i, j))
			if err != nil {
				return nil, err
			}
			l := Layer{Kernel: a.Kernel(j), Dilation: d, Activation: activation, Gating: Plain, Secondary: Activation{Type: "Sigmoid"}}
			if a.Gated {
				l.Gating = Gated
			}
			to.Layers = append(to.Layers, l)
		}
		w.Arrays = append(w.Arrays, to)
		in = a.Channels
	}
	return m.file(w, Weights{headScale: {float64(w.HeadScale)}})
}

// file collects a network's weights in its order. extra are those that are no
// parameters.
func (m *Trained) file(n Network, extra Weights) (*File, error) {
	if err := n.check(); err != nil {
		return nil, err
	}
	f := &File{Net: n, Weights: []float32{}}
	for _, p := range n.parts() {
		values, ok := extra[p.name]
		if !ok {
			values = m.Weights[p.name]
		}
		if len(values) != p.n {
			return nil, fmt.Errorf("the model has %d values of %s, and a file wants %d", len(values), p.name, p.n)
		}
		for _, v := range values {
			f.Weights = append(f.Weights, float32(v))
		}
	}
	return f, nil
}
