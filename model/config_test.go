package model_test

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"partials/device/ref"
	"partials/internal/config"
	"partials/model"
)

type recipe struct {
	Model config.Section[model.Config] `yaml:"model"`
}

func load(yaml string) (recipe, error) {
	r := recipe{Model: config.Of(model.Kinds, "tcn")}
	err := config.Load(&r, "r.yaml", []byte(yaml), nil)
	return r, err
}

// Every kind's defaults are valid, build, and read back as they were written.
func TestKinds(t *testing.T) {
	for kind := range model.Kinds() {
		r, err := load("model: " + kind)
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		if m := build(t, ref.New(), r.Model.Value, 1, 1); m.params.Len() == 0 {
			t.Errorf("%s has no parameters", kind)
		}
		text, err := config.MarshalCommented(r)
		if err != nil {
			t.Fatal(err)
		}
		again, err := load(string(text))
		if err != nil {
			t.Errorf("%s does not read back: %v\n%s", kind, err, text)
			continue
		}
		if back, _ := config.MarshalCommented(again); string(back) != string(text) {
			t.Errorf("%s reads back as\n%s\nfrom\n%s", kind, back, text)
		}
		wantDocs(t, kind, reflect.TypeOf(r.Model.Value))
	}
}

// wantDocs asks a doc tag of every field of a recipe.
func wantDocs(t *testing.T, at string, s reflect.Type) {
	for i := range s.NumField() {
		f := s.Field(i)
		if f.Tag.Get("doc") == "" && !f.Anonymous {
			t.Errorf("%s.%s has no doc tag", at, f.Name)
		}
		inner := f.Type
		if strings.HasPrefix(inner.Name(), "List[") {
			continue // of kinds, each of which is asked
		}
		if inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if _, text := reflect.New(inner).Interface().(encoding.TextUnmarshaler); inner.Kind() == reflect.Struct && !text {
			wantDocs(t, at+"."+f.Name, inner)
		}
	}
}

func TestRecipes(t *testing.T) {
	for _, yaml := range []string{
		"model: {kind: tcn, channels: 8, dilations: [1, 4, 16], activation: leaky_relu(0.2)}",
		"model: {kind: tcn, channels: 8, groups: 4, skip: true, residual: false, activation: 'prelu'}",
		"model: {kind: wavenet, preset: a2_lite}",
		"model: {kind: wavenet, head_scale: 0.5, layers: [{channels: 4, kernel_size: 3, dilations: [1, 2], gating: gated}, {channels: 2, kernel_sizes: [6], dilations: [3], head: {bias: true}}]}",
		"model: {kind: mask, n_fft: 64, hop: 16, window: hamming, bands: 8, network: conv}",
		"model: {kind: lstm, learn_start: true, skip: true, hidden_size: 8}",
		"model: {kind: fir, taps: 64, separate: true}",
	} {
		r, err := load(yaml)
		if err != nil {
			t.Errorf("%s: %v", yaml, err)
			continue
		}
		build(t, ref.New(), r.Model.Value, 2, 2)
	}
}

func TestMistakesInARecipe(t *testing.T) {
	for yaml, want := range map[string]string{
		"model: {kind: tcn, channels: 0}":                                                                    "model.channels is 0; it must be from 1 to 4096",
		"model: {kind: tcn, channels: 10, groups: 4}":                                                        "model.groups is 4; it must be a divisor of channels (10)",
		"model: {kind: tcn, dilations: [1, 0]}":                                                              "model.dilations[1] is 0; it must be from 1 to 16777216",
		"model: {kind: tcn, layers: 40}":                                                                     "small enough for 40 layers",
		"model: {kind: tcn, activation: tanf}":                                                               `model.activation is "tanf"; it must be elu, gelu, hardswish, hardtanh, leaky_relu, prelu, relu, sigmoid, silu, snake, softplus, softsign or tanh`,
		"model: {kind: tcn, activation: tanh(2)}":                                                            "activation tanh takes no number",
		"model: {kind: tcn, activation: elu(}":                                                               "write elu(1), where the number is its alpha",
		"model: {kind: tcn, activation: snake(0)}":                                                           "cannot be 0",
		"model: {kind: wavenet, preset: huge}":                                                               `model.preset is "huge"; it must be one of a2_full, a2_lite, feather, lite, nano, standard, or layers must be listed`,
		"model: {kind: wavenet, head_scale: 0}":                                                              "model.head_scale is 0; it must be a factor other than 0",
		"model: {kind: wavenet, layers: [{channels: 4, kernel_size: 3}]}":                                    "model.layers[0].dilations is []; it must be a list with one number for each layer",
		"model: {kind: wavenet, layers: [{channels: 4, dilations: [1]}]}":                                    "model.layers[0].kernel_size is 0; it must be from 1 to 4096",
		"model: {kind: wavenet, layers: [{channels: 4, kernel_size: 1, kernel_sizes: [2], dilations: [1]}]}": "model.layers[0].kernel_size is 1; it must be left out where kernel_sizes are given",
		"model: {kind: wavenet, layers: [{channels: 4, kernel_sizes: [2], dilations: [1, 2]}]}":              "model.layers[0].kernel_sizes is [2]; it must be as many as dilations (2)",
		"model: {kind: wavenet, layers: [{channels: 4, kernel_size: 2, dilations: [1], head: {channels: 3}}, {channels: 2, kernel_size: 2, dilations: [1]}]}": "model.layers[0].head.channels is 3; it must be what the next array adds up (2), or 0 for that",
		"model: {kind: lstm, hidden_size: 0}":              "model.hidden_size is 0; it must be from 1 to 4096",
		"model: {kind: lstm, forget_bias: 1000}":           "model.forget_bias is 1000; it must be from -100 to 100",
		"model: {kind: gru, burn_in: -1}":                  "model.burn_in is -1; it must be from 0 to",
		"model: {kind: gru, forget_bias: 1}":               "forget_bias",
		"model: {kind: fir, taps: 0}":                      "model.taps is 0; it must be from 1 to",
		"model: {kind: fir, noise: 2}":                     "model.noise is 2; it must be from 0 to 1",
		"model: {kind: mask, hop: 100}":                    "model.hop is 100; it must be a divisor of n_fft (512)",
		"model: {kind: mask, hop: 512}":                    "model.hop is 512; it must be smaller: hann windows of 512 that are so far apart leave nothing of some samples",
		"model: {kind: mask, network: mlp}":                `model.network is "mlp"; it must be conv, conv_gru, gru or lstm`,
		"model: {kind: mask, bands: 8, type: complex}":     "model.bands is 8; it must be 0 with a complex mask or conv_gru",
		"model: {kind: mask, network: conv_gru, split: 0}": "model.split is 0; it must be from 1 to 257",
		"model: {kind: mask, post_filter: 2}":              "model.post_filter is 2; it must be from 0 to 1",
		"model: {kind: mask, type: phase}":                 `model.type is "phase"; it must be magnitude or complex`,
		"model: {kind: mask, bands: 300}":                  "model.bands is 300; it must be from 1 to n_fft/2+1 (257), or 0 for every bin",
	} {
		_, err := load(yaml)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n  says %v\n  want %s", yaml, err, want)
		} else if n := strings.Count(err.Error(), "it must be"); n > 1 {
			t.Errorf("%s\n  says it %d times: %v", yaml, n, err)
		}
	}
}

func TestMistakesOfModelAndData(t *testing.T) {
	for _, c := range []struct {
		config  model.Config
		in, out int
		want    string
	}{
		{model.FIR{Taps: 8}, 0, 1, "at least one input and one output channel, not 0 and 1"},
		{model.FIR{Taps: 8, Separate: true}, 1, 2, "1 input and 2 output channels"},
		{model.GRU{RNN: model.RNN{HiddenSize: 2, Layers: 1, Skip: true}}, 2, 1, "skip adds the input to the output, but the data has 2 input and 1 output channels"},
		{model.Kinds()["mask"], 1, 2, "a mask changes the channels it hears: the data has 1 input but 2 output channels"},
		{model.WaveNet{Layers: []model.LayerArray{{Channels: 2, KernelSize: 2, Dilations: []int{1}, Head: model.ArrayHead{Channels: 1}}}}, 1, 2,
			"head.channels is 1, but the data has 2 output channels"},
		{model.WaveNet{Layers: []model.LayerArray{{Channels: 2, Dilations: []int{1}}}}, 1, 1, "layers[0]: kernel_sizes[0] is 0"},
		{model.TCN{Channels: 4096, KernelSize: 4096, Layers: 2, Growth: 1, Groups: 1}, 1, 1, "the model is too large: with layers.1.conv.weight (4096, 4096, 4096)"},
		{model.TCN{Channels: 1, KernelSize: 3, Dilations: []int{1 << 23, 1 << 23}, Groups: 1}, 1, 1, "needs the 33554432 samples before it"},
		{model.TCN{Channels: 4, KernelSize: 3, Layers: 1, Growth: 2}, 1, 1, "groups is 0"},
		{model.Mask{NFFT: 0}, 1, 1, "n_fft is 0"},
	} {
		_, _, err := model.Build(c.config, ref.New(), model.Env{Rate: 48000, Inputs: c.in, Outputs: c.out})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v says %v, want %s", c.config, err, c.want)
		}
	}
}

// First values are a function of the seed and the parameter's name, and lie
// within PyTorch's bounds.
func TestInitialValues(t *testing.T) {
	config := model.TCN{Channels: 64, KernelSize: 5, Layers: 3, Growth: 2, Groups: 1, Residual: true}
	values := func(m built, name string) []float64 { return read(m.dev, m.params.Get(name).Var().Tensor) }
	a := build(t, ref.New(), config, 1, 1)
	config.Layers = 4
	b := build(t, ref.New(), config, 1, 1)
	const name = "layers.2.conv.weight"
	wantClose(t, "a layer's values beside another layer", values(b, name), values(a, name), 0)
	bound := 1 / math.Sqrt(64*5)
	sum, square := 0.0, 0.0
	w := values(a, name)
	for _, v := range w {
		sum += v
		square += v * v
		if math.Abs(v) > bound {
			t.Fatalf("%v is outside of the bound %v", v, bound)
		}
	}
	n := float64(len(w))
	if mean, deviation := sum/n, math.Sqrt(square/n); math.Abs(mean) > 5*bound/math.Sqrt(3*n) || math.Abs(deviation*math.Sqrt(3)/bound-1) > 0.03 {
		t.Errorf("mean %v, deviation %v: not uniform within %v", mean, deviation, bound)
	}
	names := ""
	for _, p := range build(t, ref.New(), model.TCN{Channels: 2, KernelSize: 2, Layers: 1, Growth: 1, Groups: 1, Residual: true,
		Activation: model.Activation{Name: "prelu", P: 0.25}}, 1, 1).params.All() {
		names += fmt.Sprintln(p.Name, p.Shape)
	}
	const want = `layers.0.conv.weight (2, 1, 2)
layers.0.conv.bias (2)
layers.0.activation.slope (2)
layers.0.residual.weight (2, 1, 1)
head.weight (1, 2, 1)
head.bias (1)
`
	if names != want {
		t.Errorf("parameters are\n%swant\n%s", names, want)
	}
}
