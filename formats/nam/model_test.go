package nam_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"partials/device/devices"
	"partials/formats/nam"
	"partials/formats/nam/namtest"
	"partials/model"
)

// A model becomes a file, the file a model, and that the same file again; model
// and file sound the same.
func TestModelsGoThereAndBack(t *testing.T) {
	x := excerpt(t, 40000, 3000)
	for name, m := range exported(t) {
		f := file(t, m, "")
		back, err := f.Model()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		again := file(t, *back, "")
		if f.Version != again.Version || !slices.Equal(f.Weights, again.Weights) && f.Net.Architecture() != "LSTM" { // whose state settles further
			t.Errorf("%s: the way back leads elsewhere", name)
		}
		if e := namtest.ESR(play(t, *back, nil, x), read(f, x)); !(e < 1e-10) {
			t.Errorf("%s: the model differs from the file by an ESR of %.2g", name, e)
		}
		if m.Gain = 0.25; strings.HasPrefix(name, "lstm") || strings.HasPrefix(name, "linear") || name == "nano" {
			quiet := read(file(t, m, ""), x)
			for i, v := range read(f, x) {
				if math.Abs(float64(quiet[i])-0.25*float64(v)) > 1e-6 {
					t.Fatalf("%s: with a gain of 0.25 sample %d is %v, without %v", name, i, quiet[i], v)
				}
			}
		}
	}
}

// play is what a model of package model makes of x, with the knobs as given,
// after half a second of silence.
func play(t testing.TB, m nam.Trained, knobs []float64, x []float32) []float32 {
	t.Helper()
	dev, _, err := devices.Open("cpu", devices.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	built, params, err := model.Build(m.Config, dev, model.Env{Rate: 48000, Inputs: m.Inputs, Outputs: m.Outputs, Controls: len(knobs)})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range params.All() {
		values := m.Weights[p.Name]
		if len(values) != p.Shape.Len() {
			t.Fatalf("%d values of %s %v", len(values), p.Name, p.Shape)
		}
		dev.Write64(p.Var().Tensor, values)
	}
	for _, b := range params.Buffers() {
		dev.Write64(b.Value, m.Weights[b.Name])
	}
	const silence = 24000
	in := [][]float32{append(make([]float32, silence), x...)}
	for _, k := range knobs {
		row := make([]float32, len(in[0]))
		for i := range row {
			row[i] = float32(k)
		}
		in = append(in, row)
	}
	out := [][]float32{make([]float32, len(in[0]))}
	model.NewStream(built, dev).Process(out, in)
	return out[0][silence:]
}

// A conditioned model at one setting and its file are the same.
func TestKnobsBecomeBiases(t *testing.T) {
	x := excerpt(t, 40000, 1000)
	for name, c := range map[string]model.Config{
		"wavenet": model.WaveNet{Preset: "nano"},
		"gated":   model.WaveNet{Layers: []model.LayerArray{{Channels: 3, KernelSize: 3, Dilations: []int{1, 5}, Gating: model.Gated}}},
		"lstm":    model.LSTM{RNN: model.RNN{HiddenSize: 5, Layers: 2}},
	} {
		m := conditioned(t, c, 2)
		var last []float32
		for _, knobs := range [][]float64{{0.25, 1}, {0.75, 0}} {
			m.Controls = knobs
			got := read(file(t, m, ""), x)
			if e := namtest.ESR(got, play(t, m, knobs, x)); !(e < 1e-10) {
				t.Errorf("%s: the file differs from the model by an ESR of %.2g", name, e)
			}
			if last != nil && namtest.ESR(got, last) < 1e-6 {
				t.Errorf("%s: the knobs do nothing", name)
			}
			last = got
		}
	}
	m := conditioned(t, model.WaveNet{Layers: []model.LayerArray{{Channels: 3, KernelSize: 1, Dilations: []int{1}, MixinGroups: 3}}}, 2)
	m.Controls = []float64{0, 0}
	if _, err := nam.FromModel(m, ""); err == nil || !strings.Contains(err.Error(), "input_mixin_groups") {
		t.Errorf("with a grouped mix-in: %v", err)
	}
}

// What only a reader can play is called so.
func TestNotTrainable(t *testing.T) {
	wave := `{"version":"0.7.0","architecture":"WaveNet","config":{"layers":[{"input_size":1,"condition_size":1,"head_size":1,"channels":1,` +
		`"kernel_size":1,"dilations":[1,1],"activation":"Tanh","gated":false,"head_bias":false}],"head":null,"head_scale":1},"weights":[1,1,1,1,1,1,1,1,1,1,1,1,1]}`
	for _, c := range []struct{ old, new, want string }{
		{`"Tanh"`, `"Fasttanh"`, "Fasttanh"},
		{`"gated":false`, `"gating_mode":["none","none"],"activation_post_film":{"active":true}`, "activation_post_film"},
		{`"head":null`, `"head":{"channels":1,"out_channels":1,"kernel_sizes":[1],"activation":"ReLU"}`, "head behind"},
	} {
		text := strings.Replace(wave, c.old, c.new, 1)
		f, err := nam.Decode([]byte(text))
		for n := 0; err != nil && n < 20; n++ { // as many weights as it takes
			text = strings.Replace(text, `"weights":[`, `"weights":[1,`, 1)
			f, err = nam.Decode([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
		var only *nam.NotTrainable
		if _, err := f.Model(); !errors.As(err, &only) || !strings.Contains(only.What, c.want) {
			t.Errorf("%s: %v", c.new, err)
		}
		read(f, make([]float32, 10))
	}
}
