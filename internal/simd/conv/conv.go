// Package conv computes dilated causal convolutions of float32 signals, without
// im2col, and their gradients.
//
// A signal of C channels is a slice and a row stride: sample t of channel i is
// x[i*stride + t]. Weights are (Out, In/Groups, Kernel) in row-major order, as
// PyTorch's, and the last tap multiplies the newest sample. The form is "valid":
//
//	y[o][t] = bias[o] + sum over i, k of w[o][i][k] * x[i][t + k*Dilation]
//
// for 0 <= t < Tout, and x has Tin = Tout + Span() samples. A causal layer puts
// Span() zeros, or the samples of the block before, in front of its input.
//
// All three, Forward, InputGrad and WeightGrad, work on a range of time, so callers
// cut the work by time.
// Row strides that are multiples of 1024 floats (4 KiB) put all channels in one
// cache set and cost much of the speed: pad them, by 16 for example.
//
// The AVX2 kernels fuse multiply and add and the generic ones do not: these two agree
// to rounding, not bit for bit.
package conv

import "fmt"

// pkg is the name under which internal/impl knows this package.
const pkg = "conv"

// Shape is a convolution layer. Every size is at least 1, and Groups divides In and
// Out; group g reads the g-th part of the inputs and writes the g-th part of the outputs.
type Shape struct {
	In, Out, Kernel, Dilation, Groups int
}

// Span is the number of samples that an output needs before its newest one:
// (Kernel-1)*Dilation, the receptive field less one.
func (s Shape) Span() int { return (s.Kernel - 1) * s.Dilation }

// Weights is the number of weights, Out*In/Groups*Kernel.
func (s Shape) Weights() int { return s.Out * s.In / s.Groups * s.Kernel }

func (s Shape) check(w int) {
	if s.In < 1 || s.Out < 1 || s.Kernel < 1 || s.Dilation < 1 || s.Groups < 1 || s.In%s.Groups != 0 || s.Out%s.Groups != 0 {
		panic(fmt.Sprintf("conv: bad shape %+v", s))
	}
	if w != s.Weights() {
		panic(fmt.Sprintf("conv: %d weights for shape %+v, want %d", w, s, s.Weights()))
	}
}

// holds panics unless a signal of that many channels and samples fits in length floats.
func holds(name string, length, channels, samples, stride int) {
	if channels > 1 && samples > stride || length < (channels-1)*stride+samples {
		panic(fmt.Sprintf("conv: %s of %d channels x %d samples with row stride %d does not fit in %d floats",
			name, channels, samples, stride, length))
	}
}

func checkRange(name string, t0, t1, samples int) {
	if t0 < 0 || t1 < t0 || t1 > samples {
		panic(fmt.Sprintf("conv: %s over samples [%d, %d) of %d", name, t0, t1, samples))
	}
}

// grow returns n values, in the memory of s where that suffices; then what s holds
// up to its capacity stays.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
