package spectral_test

import (
	"fmt"
	"math"

	"partials/autograd"
	"partials/device/ref"
	"partials/ops"
	"partials/spectral"
	"partials/tensor"
)

// An rfft in the middle of a graph: Backward goes through it like through any
// other Function.
func ExampleRFFT() {
	tape := autograd.NewTape(ref.New(), 0)
	x := tape.Watch(tape.Put(tensor.Of(4), []float32{1, 2, 0, -1}))
	power := spectral.Power(tape, spectral.RFFT(tape, x, 0, spectral.NormBackward))
	loss := ops.Sum(tape, power)
	if err := tape.Backward(loss); err != nil {
		fmt.Println(err)
		return
	}
	g, _ := x.Grad()
	gradient := make([]float32, 4)
	tape.Device().Read(gradient, g)
	fmt.Println("loss", tape.Scalar(loss), "gradient", gradient)
	// Output: loss 14 gradient [6 10 2 -2]
}

// A spectrogram of a batch of signals, its mean magnitude, and the gradient of
// the signals.
func ExampleAnalysis() {
	analysis, err := spectral.NewAnalysis(spectral.DefaultSTFT(512))
	if err != nil {
		fmt.Println(err)
		return
	}
	tape := autograd.NewTape(ref.New(), 0)
	x := tape.Watch(tape.Put(tensor.Of(2, 1024), tone(2*1024)))
	spectrogram := analysis.Apply(tape, x)
	loss := ops.Mean(tape, spectral.Magnitude(tape, spectrogram, spectral.FloorClamp, 1e-8))
	if err := tape.Backward(loss); err != nil {
		fmt.Println(err)
		return
	}
	g, _ := x.Grad()
	fmt.Println("spectrogram", spectrogram.Shape, "gradient", g.Shape)
	// Output: spectrogram (2, 2, 9, 257) gradient (2, 1024)
}

// What the transform takes apart the inverse puts together.
func ExampleAnalysis_Inverse() {
	analysis, err := spectral.NewAnalysis(spectral.DefaultSTFT(8))
	if err != nil {
		fmt.Println(err)
		return
	}
	tape := autograd.NewTape(ref.New(), 0)
	x := tape.Put(tensor.Of(1, 10), []float32{1, 2, 3, 4, 5, 4, 3, 2, 1, 0})
	y := analysis.Inverse(tape, analysis.Apply(tape, x), 10)
	back := make([]float64, 10)
	tape.Device().Read64(back, y.Tensor)
	fmt.Printf("%.6f\n", back)
	// Output: [1.000000 2.000000 3.000000 4.000000 5.000000 4.000000 3.000000 2.000000 1.000000 0.000000]
}

// A multi-resolution loss of a signal that is too quiet by half.
func ExampleSTFTLoss() {
	loss, err := spectral.NewSTFTLoss(44100, []spectral.STFT{spectral.DefaultSTFT(256), spectral.DefaultSTFT(512)}, spectral.DefaultLossOptions())
	if err != nil {
		fmt.Println(err)
		return
	}
	tape := autograd.NewTape(ref.New(), 0)
	samples := make([]float32, 2048)
	for i := range samples {
		samples[i] = float32(math.Sin(float64(i * i))) // noise enough
	}
	target := tape.Put(tensor.Of(1, 2048), samples)
	gain := tape.Watch(tape.Put(tensor.Of(), []float32{0.5}))
	value := loss.Apply(tape, ops.ScaleBy(tape, target, gain, 0), target)
	if err := tape.Backward(value); err != nil {
		fmt.Println(err)
		return
	}
	slope, _ := gain.Grad()
	d := make([]float64, 1)
	tape.Device().Read64(d, slope)
	fmt.Printf("loss %.2f (1/2 + ln 2), its slope %.2f\n", tape.Scalar(value), d[0])
	// Output: loss 1.19 (1/2 + ln 2), its slope -3.00
}

// A log mel spectrogram.
func ExampleMel() {
	analysis, err := spectral.NewAnalysis(spectral.DefaultSTFT(512))
	if err != nil {
		fmt.Println(err)
		return
	}
	mel, err := spectral.Mel{NMels: 40}.Filterbank(44100, 512)
	if err != nil {
		fmt.Println(err)
		return
	}
	tape := autograd.NewTape(ref.New(), 0)
	power := spectral.Power(tape, analysis.Apply(tape, tape.Put(tensor.Of(1, 1024), tone(1024))))
	levels := spectral.LogPower(tape, mel.Apply(tape, power), spectral.FloorClamp, 1e-10, spectral.Decibels)
	fmt.Println(power.Shape, "to", levels.Shape)
	// Output: (1, 9, 257) to (1, 9, 40)
}

func tone(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(math.Sin(2 * math.Pi * 440 * float64(i) / 44100))
	}
	return x
}

// myRFFT is a Function of the user's own: an rfft in plain Go, on any device,
// with its own adjoint. x (n) becomes (2, n/2+1).
type myRFFT struct{}

func (*myRFFT) Forward(c *autograd.Call) tensor.Tensor {
	n, bins := c.In(0).Len(), c.In(0).Len()/2+1
	x, y := make([]float64, n), make([]float64, 2*bins)
	c.Read(x, c.In(0))
	eachRoot(n, func(k, t int, re, im float64) {
		y[k] += re * x[t]
		y[bins+k] += im * x[t]
	})
	out := c.New(tensor.Of(2, bins))
	c.Write(out, y)
	return out
}

func (*myRFFT) Backward(c *autograd.Call, dy tensor.Tensor) {
	if dx, ok := c.Grad(0); ok { // false where nobody needs it
		n, bins := dx.Len(), dy.Dim(1)
		g, d := make([]float64, 2*bins), make([]float64, n)
		c.Read(g, dy)
		c.Read(d, dx) // what others added before stays
		eachRoot(n, func(k, t int, re, im float64) { d[t] += re*g[k] + im*g[bins+k] })
		c.Write(dx, d)
	}
}

// eachRoot visits exp(-2 pi j k t / n), the matrix of an rfft.
func eachRoot(n int, visit func(k, t int, re, im float64)) {
	for k := range n/2 + 1 {
		for t := range n {
			sin, cos := math.Sincos(-2 * math.Pi * float64(k*t%n) / float64(n))
			visit(k, t, cos, sin)
		}
	}
}

// A user's own Function has the same rights as the built-in ones. Its loss and
// its gradient are those of ExampleRFFT.
func Example_ownFunction() {
	tape := autograd.NewTape(ref.New(), 0)
	x := tape.Watch(tape.Put(tensor.Of(4), []float32{1, 2, 0, -1}))
	power := spectral.Power(tape, autograd.Apply(tape, myRFFT{}, autograd.In{x}))
	loss := ops.Sum(tape, power)
	if err := tape.Backward(loss); err != nil {
		fmt.Println(err)
		return
	}
	g, _ := x.Grad()
	gradient := make([]float32, 4)
	tape.Device().Read(gradient, g)
	fmt.Printf("loss %.4f gradient %.4f\n", tape.Scalar(loss), gradient)
	// Output: loss 14.0000 gradient [6.0000 10.0000 2.0000 -2.0000]
}
