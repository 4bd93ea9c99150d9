package model_test

import (
	"fmt"
	"testing"

	"partials/autograd"
	"partials/device/devices"
	"partials/internal/config"
	"partials/internal/rng"
	"partials/loss"
	"partials/model"
	"partials/optim"
	"partials/tensor"
)

// BenchmarkStep is a whole step of training a WaveNet as the Neural Amp Modeler
// does: forward, loss, backward, Adam; 16 segments of 8192 outputs. The model
// and the loss of waveforms alone are "mse"; "nam" adds the spectral loss.
func BenchmarkStep(b *testing.B) {
	for _, preset := range []string{"standard", "a2_full"} {
		for _, losses := range []string{"mse", "nam"} {
			for _, threads := range []int{1, 2} {
				b.Run(fmt.Sprintf("%s/%s/threads=%d", preset, losses, threads), func(b *testing.B) {
					benchmarkStep(b, model.WaveNet{Preset: preset}, losses, threads)
				})
			}
		}
	}
}

func benchmarkStep(b *testing.B, c model.Config, losses string, threads int) {
	const batch, outputs = 16, 8192
	dev, _, err := devices.Open("cpu", devices.Options{Threads: threads})
	if err != nil {
		b.Fatal(err)
	}
	defer dev.Close()
	m := build(b, dev, c, 1, 1)
	sum, err := loss.New(namLosses(losses == "nam"), loss.Env{Rate: 48000, Channels: 1, Samples: outputs})
	if err != nil {
		b.Fatal(err)
	}
	opt := optim.Kinds()["adam"].Build(dev, m.params)
	tape := autograd.NewTape(dev, 0)
	context := m.Facts().Context
	r := rng.New(1, "bench")
	in, out := tensor.Of(batch, 1, context+outputs), tensor.Of(batch, 1, outputs)
	x, y := make([]float32, in.Len()), make([]float32, out.Len())
	for i := range x {
		x[i] = float32(r.Uniform(-0.2, 0.2))
	}
	for i := range y {
		y[i] = float32(r.Uniform(-0.2, 0.2))
	}
	step := func(i int) {
		tape.Reset()
		m.params.ZeroGrad()
		p := m.Forward(model.Whole(tape), tape.Put(in, x))
		if err := tape.Backward(sum.Apply(tape, i, p, tape.Put(out, y))); err != nil {
			b.Fatal(err)
		}
		opt.Step(0.004, i)
	}
	step(0)
	for i := 0; b.Loop(); i++ {
		step(i + 1)
	}
	perSample := b.Elapsed().Seconds() / float64(b.N*batch*outputs)
	b.ReportMetric(perSample*1e9, "ns/sample")
	b.ReportMetric(6*m.Facts().MACs/perSample/1e9, "GFLOP/s") // of the outputs: the context comes on top
	b.ReportMetric(float64(tape.Usage().HighWater)/(1<<20), "MiB")
}

// namLosses is MSE, and 2e-4 MRSTFT after pre-emphasis where spectra are wanted.
func namLosses(spectra bool) config.List[loss.Config] {
	kinds := loss.Kinds()
	if !spectra {
		return losses("mse", kinds["mse"])
	}
	pre := kinds["pre_emphasis"].(loss.PreEmphasis)
	pre.Weight, pre.Losses = 2e-4, losses("mrstft", kinds["mrstft"])
	list := losses("mse", kinds["mse"])
	list.Items = append(list.Items, losses("pre_emphasis", pre).Items...)
	return list
}

func losses(kind string, c loss.Config) config.List[loss.Config] {
	list := config.ListOf(loss.Kinds, kind)
	list.Items[0].Value = c
	return list
}
