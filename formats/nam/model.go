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

// Trained is a model of package model, with its weights.
type Trained struct {
	Config          model.Config
	Inputs, Outputs int // audio channels
	Weights         Weights
	// Gain multiplies the output.
	Gain float64
	// Controls are where the knobs of a conditioned model stand. A file has none:
	// what they do at these settings becomes a part of its biases.
	Controls []float64
}

// FromModel describes a trained model as a file of the version given, or of the
// oldest version that can hold it where version is empty.
func FromModel(m Trained, version string) (*File, error) {
	var f *File
	var err error
	switch c := m.Config.(type) {
	case model.WaveNet:
		f, err = m.waveNet(c)
	case model.LSTM:
		f, err = m.lstm(c)
	case model.ConvNet:
		f, err = m.convNet(c)
	case model.FIR:
		f, err = m.linear(c)
	default:
		err = fmt.Errorf("a .nam file cannot hold this kind of model; wavenet, lstm, convnet and fir can be exported")
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

// file collects a network's weights in its order. extra are those that are no
// parameters of the model.
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

// NotTrainable is the error of Model for a file that only a Reader can play.
type NotTrainable struct{ What string } // that package model lacks

func (e *NotTrainable) Error() string {
	return "it has " + e.What + ", which can be played, but not trained"
}

func notTrainable(what string, args ...any) error {
	return &NotTrainable{fmt.Sprintf(what, args...)}
}

// Amplified are the weights of a model whose output is louder by a factor.
func (m *Trained) Amplified(by float64) Weights {
	last := "head."
	switch c := m.Config.(type) {
	case model.WaveNet:
		last = fmt.Sprintf("arrays.%d.head.", len(c.Arrays(m.Outputs))-1)
	case model.FIR:
		last = "" // all
	}
	w := maps.Clone(m.Weights)
	for name, v := range w {
		if strings.HasPrefix(name, last) {
			w[name] = times(v, by)
		}
	}
	return w
}

// Model turns a file into a model of package model and its weights. A container
// gives its full size.
func (f *File) Model() (*Trained, error) {
	in, out := f.Net.Channels()
	m := &Trained{Inputs: in, Outputs: out, Weights: Weights{}, Gain: 1}
	left := f.Weights
	for _, p := range f.Net.parts() {
		values := make([]float64, p.n)
		for i, v := range left[:p.n] {
			values[i] = float64(v)
		}
		m.Weights[p.name], left = values, left[p.n:]
	}
	var err error
	switch n := f.Net.(type) {
	case *Container:
		return n.full().Model()
	case *WaveNet:
		err = m.fromWaveNet(n)
	case *LSTM:
		err = m.fromLSTM(n, f.rate())
	case *ConvNet:
		err = m.fromConvNet(n)
	case *Linear:
		m.fromLinear(n)
	}
	return m, err
}

// rate is the file's, or what hosts assume where it names none, in Hz.
func (f *File) rate() float64 {
	if f.SampleRate == 0 {
		return UnknownRate
	}
	return f.SampleRate
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

// fromActivation is the way back: learnt slopes go to the parameter called
// name.slope, one for each channel.
func (m *Trained) fromActivation(a Activation, name string, channels int) (model.Activation, error) {
	for ours, theirs := range names {
		if theirs != a.Type {
			continue
		}
		switch theirs {
		case "LeakyReLU":
			return model.Activation{Name: ours, P: float64(a.Slopes[0])}, nil
		case "PReLU":
			slopes := make([]float64, channels)
			for c := range slopes {
				slopes[c] = float64(a.Slopes[c%len(a.Slopes)])
			}
			m.Weights[name+".slope"] = slopes
			return model.Activation{Name: ours, P: 0.25}, nil
		}
		return model.Activation{Name: ours}, nil
	}
	return model.Activation{}, notTrainable("the activation %s", a.Type)
}

// baked folds the columns of the knobs of a weight (rows, inputs+knobs) into a
// bias, and returns the columns of the inputs and the new bias. Gain and shape
// stay: a constant input does what a bias does.
func (m *Trained) baked(weight, bias []float64) (w, b []float64) {
	b = slices.Clone(bias)
	columns := m.Inputs + len(m.Controls)
	for r := range bias {
		row := weight[r*columns : (r+1)*columns]
		w = append(w, row[:m.Inputs]...)
		for i, at := range m.Controls {
			b[r] += row[m.Inputs+i] * at
		}
	}
	return w, b
}

// times is x * by.
func times(x []float64, by float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = v * by
	}
	return y
}
