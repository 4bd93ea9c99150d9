package model_test

import (
	"fmt"
	"testing"

	"partials/autograd"
	"partials/autograd/gradcheck"
	"partials/device"
	"partials/device/devices"
	"partials/device/ref"
	"partials/internal/golden"
	"partials/model"
	"partials/spectral"
	"partials/tensor"
)

// built is a model small enough to be checked number by number.
type built struct {
	model.Model
	dev    device.Device
	params *autograd.Params
}

func build(t testing.TB, dev device.Device, c model.Config, in, out int) built {
	t.Helper()
	m, params, err := model.Build(c, dev, model.Env{Rate: 48000, Inputs: in, Outputs: out, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	return built{m, dev, params}
}

// small is a model for tests of everything that all models promise.
type small struct {
	name    string
	config  model.Config
	in, out int
	fft     bool // rounding depends on the length of a block
}

var smallModels = []small{
	{"fir short", model.FIR{Taps: 5, Noise: 0.1}, 2, 3, false},
	{"fir long", model.FIR{Taps: 400, Noise: 0.1}, 1, 2, true},
	{"fir separate", model.FIR{Taps: 301, Noise: 0.1, Separate: true}, 2, 2, true},
	{"fir bias", model.FIR{Taps: 6, Noise: 0.1, Bias: true}, 1, 2, false},
	{"tcn", model.TCN{Channels: 3, KernelSize: 3, Layers: 3, Growth: 2, Groups: 1, Residual: true}, 1, 1, false},
	{"tcn plain", model.TCN{Channels: 4, KernelSize: 2, Layers: 1, Growth: 10, Groups: 1}, 1, 1, false},
	{"tcn skip prelu", model.TCN{Channels: 4, KernelSize: 3, Dilations: []int{5, 1, 2}, Groups: 2, Residual: true, Skip: true,
		Activation: model.Activation{Name: "prelu", P: 0.25}}, 2, 3, false},
	{"tcn snake", model.TCN{Channels: 2, KernelSize: 4, Dilations: []int{3, 1}, Groups: 1, Residual: true,
		Activation: model.Activation{Name: "snake", P: 1.5}}, 2, 1, false},
	{"wavenet", model.WaveNet{Layers: []model.LayerArray{
		{Channels: 4, KernelSize: 3, Dilations: []int{1, 2}, Head: model.ArrayHead{KernelSize: 2}},
		{Channels: 2, KernelSizes: []int{2, 4}, Dilations: []int{3, 1}, Head: model.ArrayHead{KernelSize: 3, Bias: true}},
	}}, 1, 1, false},
	{"wavenet gated", model.WaveNet{Layers: []model.LayerArray{
		{Channels: 3, Bottleneck: 2, KernelSize: 3, Dilations: []int{4, 1}, Gating: model.Gated, Head: model.ArrayHead{Bias: true}},
		{Channels: 2, KernelSize: 2, Dilations: []int{2}, Gating: model.Gated, Activation: model.Activation{Name: "elu", P: 0.5}},
	}}, 2, 2, false},
	{"wavenet grouped", model.WaveNet{Layers: []model.LayerArray{
		{Channels: 4, KernelSize: 2, Dilations: []int{3, 1}, Groups: 2, Head1x1: model.HeadMix{Channels: 6, Groups: 2}, Layer1x1: model.OneByOne{Groups: 4},
			Activations: []model.Activation{{Name: "prelu", P: 0.1}, {Name: "silu"}}},
		{Channels: 2, KernelSize: 3, Dilations: []int{1}, Gating: model.Blended, GateActivation: &model.Activation{Name: "leaky_relu", P: 0.1},
			Layer1x1: model.OneByOne{Off: true}, MixinGroups: 2, Head: model.ArrayHead{KernelSize: 2}},
	}}, 2, 1, false},
	{"mask gru", model.Mask{NFFT: 16, Hop: 4, Type: "magnitude", Network: "gru", HiddenSize: 3, Layers: 1, KernelSize: 1}, 1, 1, true},
	{"mask lstm bands", model.Mask{NFFT: 16, Hop: 8, Bands: 4, Type: "magnitude", Network: "lstm", HiddenSize: 3, Layers: 2, KernelSize: 1}, 2, 2, true},
	{"mask gru complex", model.Mask{NFFT: 16, Hop: 8, Window: spectral.Window{Root: true}, Type: "complex", Network: "gru", HiddenSize: 3, Layers: 2,
		KernelSize: 1, PostFilter: 0.1}, 2, 2, true},
	{"mask conv_gru", model.Mask{NFFT: 16, Hop: 8, Window: spectral.Window{Root: true}, Type: "complex", Network: "conv_gru", HiddenSize: 3, Layers: 2,
		KernelSize: 3, Split: 4, Activation: model.Activation{Name: "prelu", P: 0.25}}, 1, 1, true},
	{"mask conv_gru stereo", model.Mask{NFFT: 12, Hop: 4, Type: "magnitude", Network: "conv_gru", HiddenSize: 2, Layers: 1,
		KernelSize: 2, Split: 2, PostFilter: 0.02}, 2, 2, true},
	{"mask conv", model.Mask{NFFT: 12, Hop: 4, Window: spectral.Window{Kind: spectral.Hamming}, Type: "magnitude", Network: "conv",
		HiddenSize: 4, Layers: 2, KernelSize: 3}, 2, 2, true},
	{"mask no overlap", model.Mask{NFFT: 6, Hop: 6, Window: spectral.Window{Kind: spectral.Rectangular}, Type: "complex", Network: "conv",
		HiddenSize: 4, Layers: 1, KernelSize: 2}, 1, 1, true},
	{"convnet", model.ConvNet{Channels: 3, Dilations: []int{1, 4}, Activation: model.Activation{Name: "silu"}}, 2, 1, false},
	{"convnet norm", model.ConvNet{Channels: 3, Dilations: []int{2, 1}, BatchNorm: true}, 1, 2, false},
	{"lstm", model.LSTM{RNN: model.RNN{HiddenSize: 3, Layers: 1}, ForgetBias: 0.5}, 1, 1, false},
	{"lstm learnt start", model.LSTM{RNN: model.RNN{HiddenSize: 3, Layers: 2, BurnIn: 6, LearnStart: true, Skip: true}}, 2, 2, false},
	{"gru", model.GRU{RNN: model.RNN{HiddenSize: 3, Layers: 2, LearnStart: true}}, 2, 3, false},
}

// open opens a device until the end of the test.
func open(t testing.TB, name string) device.Device {
	t.Helper()
	dev, _, err := devices.Open(name, devices.Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dev.Close() })
	return dev
}

// pick builds the small model of that name.
func pick(t testing.TB, dev device.Device, name string) (small, built) {
	t.Helper()
	for _, c := range smallModels {
		if c.name == name {
			return c, build(t, dev, c.config, c.in, c.out)
		}
	}
	t.Fatalf("there is no small model %q", name)
	panic("unreachable")
}

// each runs f as a subtest for every small model on ref.
func each(t *testing.T, f func(t *testing.T, c small, m built)) {
	for _, c := range smallModels {
		t.Run(c.name, func(t *testing.T) { f(t, c, build(t, ref.New(), c.config, c.in, c.out)) })
	}
}

// noise is n samples for each of the channels.
func noise(channels, n int, seed uint64) [][]float32 {
	flat := gradcheck.Uniform(seed, tensor.Of(channels, n), -1, 1).Data
	x := make([][]float32, channels)
	for c := range x {
		x[c] = make([]float32, n)
		for i := range x[c] {
			x[c][i] = float32(flat[c*n+i])
		}
	}
	return x
}

// whole runs m over x with its context of zeros on the left.
func (m built) whole(x [][]float32) [][]float32 {
	f := m.Facts()
	n := len(x[0])
	flat := make([]float32, f.Inputs*(f.Context+n))
	for c := range x {
		copy(flat[c*(f.Context+n)+f.Context:], x[c])
	}
	tape := autograd.NewTape(m.dev, 0)
	y := m.Forward(model.Whole(tape), tape.Put(tensor.Of(1, f.Inputs, f.Context+n), flat))
	if y.Shape != tensor.Of(1, f.Outputs, n) {
		panic(fmt.Sprintf("a whole pass over %d+%d samples makes %v", f.Context, n, y.Shape))
	}
	out := make([]float32, y.Len())
	m.dev.Read(out, y.Tensor)
	return planes(out, f.Outputs, n)
}

func planes(flat []float32, channels, n int) [][]float32 {
	y := make([][]float32, channels)
	for c := range y {
		y[c] = flat[c*n : (c+1)*n]
	}
	return y
}

// inBlocks streams x in blocks of the given size.
func inBlocks(s *model.Stream, outputs int, x [][]float32, size int) [][]float32 {
	n := len(x[0])
	y := make([][]float32, outputs)
	for c := range y {
		y[c] = make([]float32, n)
	}
	for at := 0; at < n || at == 0 && n == 0; at += size {
		s.Process(cut(y, at, min(at+size, n)), cut(x, at, min(at+size, n)))
		s.Process(cut(y, 0, 0), cut(x, 0, 0))
	}
	return y
}

func cut(x [][]float32, lo, hi int) [][]float32 {
	y := make([][]float32, len(x))
	for c := range x {
		y[c] = x[c][lo:hi]
	}
	return y
}

func read(dev device.Device, x tensor.Tensor) []float64 {
	y := make([]float64, x.Len())
	dev.Read64(y, x)
	return y
}

func wantClose(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if d := golden.RelL2(got, want); d > tolerance {
		t.Errorf("%s: relative error %.2g, allowed %.2g", what, d, tolerance)
	}
}
