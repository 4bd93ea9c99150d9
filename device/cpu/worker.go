package cpu

import (
	"partials/internal/simd/conv"
	"partials/internal/simd/gemm"
	"partials/internal/simd/rnn"
)

// worker is the scratch memory of one worker of the pool. What a kernel wants
// of it is grown before the kernel's loop starts: a worker that wakes late must
// not allocate in the middle of a training step. Only gemm's memory grows by
// itself, at the worker's first product of a size.
type worker struct {
	gemm    gemm.Scratch
	problem gemm.Problem

	// Eight lanes side by side, see internal/fft.
	signal, other  []float32 // time blocks
	spectrum, full []float32 // spectrum blocks; full has all bins of a frame
	stage          []float32 // row-major spectra
	packed, target []float32 // packed spectra
	edge           []float32 // padded samples
	fft            []float32

	weightGrad conv.WeightGrad

	rnn rnn.Scratch
}
