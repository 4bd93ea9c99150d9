package spectral

import (
	"fmt"
	"math"

	"partials/autograd"
	"partials/device"
	"partials/graph"
	"partials/tensor"
)

// onnxPads are ONNX's names of the padding modes; it has no circular one.
var onnxPads = map[device.PadMode]string{
	device.PadReflect: "reflect", device.PadConstant: "constant", device.PadReplicate: "edge",
}

// analysisKernels is (2K, 1, n_fft): what each sample of a frame gives to the
// real parts of all bins, then to the imaginary ones. Input 1 is the window.
func analysisKernels(c *autograd.Call, w *graph.Writer, f device.Framing) graph.Value {
	return kernels(c, w, "stft", f, func(int) float64 { return f.Scale })
}

// synthesisKernels is (2K, 1, n_fft): what each bin's real and imaginary part
// give to the samples of a frame. A bin between the first and that of half the
// rate stands for its mirror image, too.
func synthesisKernels(c *autograd.Call, w *graph.Writer, f device.Framing) graph.Value {
	return kernels(c, w, "istft", f, func(bin int) float64 {
		scale := f.Scale / float64(f.NFFT)
		if f.Onesided && bin > 0 && 2*bin < f.NFFT {
			return 2 * scale
		}
		return scale
	})
}

// maxKernels is the most n_fft that is written as kernels: they take 4 n_fft^2
// bytes there and back, and a file can have 2 GiB.
const maxKernels = 1 << 13

// kernels is window * scale * cos and -sin of all bins.
func kernels(c *autograd.Call, w *graph.Writer, name graph.Value, f device.Framing, scale func(bin int) float64) graph.Value {
	n, bins := f.NFFT, f.Bins()
	if n > maxKernels {
		panic(fmt.Sprintf("n_fft is %d; as kernels of a convolution at most %d can be written", n, maxKernels))
	}
	window := make([]float64, n)
	c.Read(window, c.In(1))
	values := make([]float64, 2*bins*n)
	for k := range bins {
		re, im := values[k*n:(k+1)*n], values[(bins+k)*n:(bins+k+1)*n]
		for i := range n {
			sin, cos := math.Sincos(2 * math.Pi * float64(k*i%n) / float64(n))
			re[i] = scale(k) * window[i] * cos
			im[i] = -scale(k) * window[i] * sin
		}
	}
	return w.Floats(name+".kernels", tensor.Of(2*bins, 1, n), values)
}

// planeAxis is where the planes of a complex shape are.
func planeAxis(rank int) int { return max(rank-3, 0) }

// planeONNX is plane i of x with an axis of extent 1.
func planeONNX(w *graph.Writer, x graph.Value, i, axis int) graph.Value {
	return w.Node("Slice", nil, x, w.Ints(i), w.Ints(i+1), w.Ints(axis))
}

// partsONNX is the real and imaginary parts of input 0, a complex value of rank
// axes, without the axis of planes.
func partsONNX(w *graph.Writer, rank int) (re, im graph.Value) {
	axis := planeAxis(rank)
	part := func(i int) graph.Value { return w.Node("Squeeze", nil, planeONNX(w, w.In(0), i, axis), w.Ints(axis)) }
	return part(0), part(1)
}

// planesONNX joins parts to a complex value of rank axes.
func planesONNX(w *graph.Writer, rank int, re, im graph.Value) graph.Value {
	axis := planeAxis(rank)
	return w.Node("Concat", graph.Attrs{"axis": axis},
		w.Node("Unsqueeze", nil, re, w.Ints(axis)), w.Node("Unsqueeze", nil, im, w.Ints(axis)))
}

// transformMatrices is (t.In, out): Scale * factor(input) * cos and sin of every
// pair of an input's and an output's number, zeros where the transform cuts
// inputs.
func transformMatrices(w *graph.Writer, t device.Transform, out int, factor func(bin int) float64) (cos, sin graph.Value) {
	if t.N > maxKernels {
		panic(fmt.Sprintf("a transform of %d points; as a matrix at most %d can be written", t.N, maxKernels))
	}
	re, im := make([]float64, t.In*out), make([]float64, t.In*out)
	for i := range min(t.In, t.N) {
		for k := range out {
			s, c := math.Sincos(2 * math.Pi * float64(i*k%t.N) / float64(t.N))
			re[i*out+k], im[i*out+k] = t.Scale*factor(i)*c, t.Scale*factor(i)*s
		}
	}
	return w.Floats("cos", tensor.Of(t.In, out), re), w.Floats("sin", tensor.Of(t.In, out), im)
}
