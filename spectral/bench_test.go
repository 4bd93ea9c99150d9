package spectral_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"partials/autograd"
	"partials/device"
	"partials/device/devices"
	"partials/ops"
	"partials/spectral"
	"partials/tensor"
)

// The sizes of the benchmarks: a batch of training segments.
var benchShape = tensor.Of(16, 65536)

func noise(seed uint64, n int) []float32 {
	r := rand.New(rand.NewPCG(seed, 0))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(0.1 * r.NormFloat64())
	}
	return x
}

// onThreads runs f on the CPU with one and with two threads.
func onThreads(b *testing.B, f func(b *testing.B, dev device.Device)) {
	for _, threads := range []int{1, 2} {
		b.Run(fmt.Sprintf("threads=%d", threads), func(b *testing.B) {
			dev, _, err := devices.Open("cpu", devices.Options{Threads: threads})
			if err != nil {
				b.Fatal(err)
			}
			defer dev.Close()
			f(b, dev)
		})
	}
}

// step is a loss of signals, forward and backward to the waveform.
func step(b *testing.B, dev device.Device, loss func(t *autograd.Tape, x, y *autograd.Var) *autograd.Var) {
	pred, target := noise(1, benchShape.Len()), noise(2, benchShape.Len())
	for i, v := range target {
		pred[i] = v + 0.5*pred[i]
	}
	tape := autograd.NewTape(dev, 0)
	for b.Loop() {
		tape.Reset()
		x, y := tape.Watch(tape.Put(benchShape, pred)), tape.Put(benchShape, target)
		if err := tape.Backward(loss(tape, x, y)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(pred)), "ns/sample")
}

// auraloss' MultiResolutionSTFTLoss of its default sizes, with its options and
// with ours.
func BenchmarkMultiResolutionLoss(b *testing.B) {
	rs, err := spectral.Resolutions([]int{1024, 2048, 512}, []int{120, 240, 50}, []int{600, 1200, 240}, spectral.Window{})
	if err != nil {
		b.Fatal(err)
	}
	auraloss := spectral.DefaultLossOptions()
	auraloss.Floor, auraloss.SCFloor, auraloss.Lean = spectral.FloorClamp, 0, 0
	for _, o := range []struct {
		name    string
		options spectral.LossOptions
	}{{"auraloss", auraloss}, {"default", spectral.DefaultLossOptions()}} {
		b.Run(o.name, func(b *testing.B) {
			onThreads(b, func(b *testing.B, dev device.Device) {
				l, err := spectral.NewSTFTLoss(44100, rs, o.options)
				if err != nil {
					b.Fatal(err)
				}
				step(b, dev, l.Apply)
			})
		})
	}
}

// The mean magnitude of an STFT, forward and backward.
func BenchmarkMeanMagnitude(b *testing.B) {
	for _, n := range []int{512, 1024, 2048} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			onThreads(b, func(b *testing.B, dev device.Device) {
				a, err := spectral.NewAnalysis(spectral.DefaultSTFT(n))
				if err != nil {
					b.Fatal(err)
				}
				step(b, dev, func(t *autograd.Tape, x, _ *autograd.Var) *autograd.Var {
					return ops.Mean(t, spectral.Magnitude(t, a.Apply(t, x), spectral.FloorClamp, 0))
				})
			})
		})
	}
}
