package workload

import (
	"math"

	"partials/formats/safetensors"
	"partials/internal/rng"
	"partials/tensor"
)

// signal is batch rows of length samples of sound, the same on every machine:
// a few sines of each row's own and some noise. purpose tells signals apart.
func signal(purpose string, batch, length int) []float32 {
	x := make([]float32, batch*length)
	for b := range batch {
		src := rng.New(1, "bench "+purpose, b)
		var step, level [4]float64
		for i := range step {
			step[i], level[i] = src.Uniform(0.01, 1), src.Uniform(0.02, 0.1)
		}
		row := x[b*length:][:length]
		for t := range row {
			v := 0.02 * src.Uniform(-1, 1)
			for i := range step {
				v += level[i] * math.Sin(step[i]*float64(t))
			}
			row[t] = float32(v)
		}
	}
	return x
}

// array is memory of the process as a tensor of a file.
func array(s tensor.Shape, x []float32) safetensors.Tensor {
	shape := make([]int, s.Rank())
	for i := range shape {
		shape[i] = s.Dim(i)
	}
	return safetensors.FromFloat32s(shape, x)
}
