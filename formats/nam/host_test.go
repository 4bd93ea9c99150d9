package nam_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"partials/formats/nam"
	"partials/formats/nam/namtest"
	"partials/model"
)

// exported are models of every kind that files hold.
func exported(t testing.TB) map[string]nam.Trained {
	leaky := model.Activation{Name: "leaky_relu", P: 0.1}
	all := map[string]model.Config{
		"linear short": model.FIR{Taps: 20, Noise: 0.1},
		"linear long":  model.FIR{Taps: 700, Noise: 0.01, Bias: true},
		"gated": model.WaveNet{Layers: []model.LayerArray{
			{Channels: 4, Bottleneck: 3, KernelSize: 3, Dilations: []int{1, 4}, Gating: model.Gated, Activation: model.Activation{Name: "relu"}, Head: model.ArrayHead{KernelSize: 2}},
			{Channels: 3, KernelSize: 2, Dilations: []int{7}, Gating: model.Blended, Activation: model.Activation{Name: "hardswish"}, GateActivation: &leaky, Head: model.ArrayHead{Bias: true}},
		}},
		"grouped": model.WaveNet{Layers: []model.LayerArray{
			{Channels: 6, KernelSizes: []int{3, 2}, Dilations: []int{1, 4}, Groups: 2, Layer1x1: model.OneByOne{Groups: 3}, Head1x1: model.HeadMix{Channels: 4, Groups: 2},
				Activations: []model.Activation{{Name: "prelu", P: 0.3}, {Name: "softsign"}}},
			{Channels: 4, KernelSize: 2, Dilations: []int{7}, Layer1x1: model.OneByOne{Off: true}, Activation: model.Activation{Name: "silu"}, Head: model.ArrayHead{KernelSize: 3, Bias: true}},
		}},
	}
	all["convnet"] = model.ConvNet{Channels: 5, Dilations: []int{1, 2, 4, 8}, Activation: leaky}
	all["convnet batch norm"] = model.ConvNet{Channels: 5, Dilations: []int{1, 2, 4, 8}, Activation: leaky, BatchNorm: true}
	for _, preset := range []string{"standard", "lite", "feather", "nano", "a2_lite", "a2_full"} {
		all[preset] = model.WaveNet{Preset: preset}
	}
	for name, shape := range map[string][2]int{"lstm standard": {24, 1}, "lstm lite": {8, 2}} {
		all[name] = model.LSTM{RNN: model.RNN{HiddenSize: shape[0], Layers: shape[1], LearnStart: true}, ForgetBias: 2}
	}
	models := map[string]nam.Trained{}
	for name, c := range all {
		models[name] = trained(t, c)
	}
	return models
}

// What this package writes plays in the hosts' own engine as in its reader.
func TestHostPlaysWhatIsWritten(t *testing.T) {
	namtest.Need(t)
	x := excerpt(t, 40000, 12000)
	var names, paths []string
	var files []*nam.File
	dir := t.TempDir()
	add := func(name string, f *nam.File) {
		data, err := f.Encode()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, strconv.Itoa(len(files))+".nam")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		names, files, paths = append(names, name), append(files, f), append(paths, path)
	}
	for name, m := range exported(t) {
		f := file(t, m, "")
		add(name, f)
		if f.Version == "0.5.4" && f.Net.Architecture() == "WaveNet" {
			add(name+" as 0.7.0", file(t, m, "0.7.0"))
		}
	}
	for i, y := range namtest.Play(t, x, 48000, paths...) {
		if y == nil {
			t.Errorf("%s: the engine refuses it", names[i])
			continue
		}
		if e, most := namtest.ESR(read(files[i], x), y), namtest.Gate(files[i]); !(e <= most) {
			t.Errorf("%s: the reader differs from the engine by an ESR of %.2g, at most %.2g is allowed", names[i], e, most)
		}
	}
}
