package conv

import (
	"fmt"
	"testing"

	"partials/internal/rng"
)

// The layers of WaveNets: A1 standard and nano, A2 full and lite, their 1x1s and mixers.
var benchmarks = []Shape{
	{16, 16, 3, 8, 1}, {16, 16, 3, 512, 1}, {16, 16, 1, 1, 1}, {8, 8, 3, 8, 1}, {8, 8, 1, 1, 1}, {8, 8, 6, 41, 1}, {8, 8, 15, 13, 1},
	{4, 4, 3, 8, 1}, {3, 3, 6, 7, 1}, {12, 12, 3, 8, 1}, {6, 6, 3, 8, 1}, {2, 2, 3, 8, 1}, {1, 1, 64, 1, 1}, {1, 16, 1, 1, 1}, {16, 1, 1, 1, 1}, {8, 1, 16, 1, 1},
}

// each12k runs f on 12000 samples, a training segment of the Neural Amp Modeler.
func each12k(b *testing.B, f func(s Shape, x []float32, xs int, y []float32, ys int, w []float32) func()) {
	const n = 12000
	for _, s := range benchmarks {
		b.Run(fmt.Sprintf("%dx%dx%d,d=%d", s.Out, s.In, s.Kernel, s.Dilation), func(b *testing.B) {
			r := rng.New(1, "bench")
			x, xs := signal(&r, s.In, n+s.Span(), 80)
			y, ys := signal(&r, s.Out, n, 80)
			run := f(s, x, xs, y, ys, random(&r, s.Weights()))
			for b.Loop() {
				run()
			}
			b.ReportMetric(2*float64(s.Weights())*n*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

func BenchmarkForward(b *testing.B) {
	each12k(b, func(s Shape, x []float32, xs int, y []float32, ys int, w []float32) func() {
		var f Forward
		f.Prepare(s, w, nil, xs)
		return func() { f.Run(y, ys, x, 0, len(y)-(s.Out-1)*ys) }
	})
}

func BenchmarkInputGrad(b *testing.B) {
	each12k(b, func(s Shape, x []float32, xs int, y []float32, ys int, w []float32) func() {
		var g InputGrad
		g.Prepare(s, w, ys)
		n := len(y) - (s.Out-1)*ys
		return func() { g.Run(x, xs, y, n, 0, n+s.Span()) }
	})
}

func BenchmarkWeightGrad(b *testing.B) {
	each12k(b, func(s Shape, x []float32, xs int, y []float32, ys int, w []float32) func() {
		var g WeightGrad
		return func() { g.Reset(s); g.Add(x, xs, y, ys, 0, len(y)-(s.Out-1)*ys); g.Sums(w) }
	})
}
