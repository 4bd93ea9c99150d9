// Command rfft prints a gradient through an rfft of one's own, whose gradient
// is an inverse FFT.
package main

import (
	"fmt"
	"log"

	"gonum.org/v1/gonum/dsp/fourier"

	"partials/autograd"
	"partials/device/devices"
	"partials/ops"
	"partials/tensor"
)

// rfft maps x (n) to its spectrum (2, n/2+1), real parts then imaginary ones,
// by somebody else's FFT.
type rfft struct {
	fft *fourier.FFT // saved for the way back
}

func (f *rfft) Forward(c *autograd.Call) tensor.Tensor {
	x := make([]float64, c.In(0).Len())
	c.Read(x, c.In(0))
	f.fft = fourier.NewFFT(len(x))
	spectrum := f.fft.Coefficients(nil, x)
	y := make([]float64, 2*len(spectrum))
	for k, z := range spectrum {
		y[k], y[len(spectrum)+k] = real(z), imag(z)
	}
	out := c.New(tensor.Of(2, len(spectrum)))
	c.Write(out, y)
	return out
}

// Backward is the adjoint: the unnormalised inverse of dy, inner bins halved.
func (f *rfft) Backward(c *autograd.Call, dy tensor.Tensor) {
	dx, needed := c.Grad(0)
	if !needed {
		return
	}
	bins := dy.Dim(1)
	g, spectrum := make([]float64, 2*bins), make([]complex128, bins)
	c.Read(g, dy)
	for k := range spectrum {
		spectrum[k] = complex(g[k], g[bins+k])
		if k > 0 && 2*k < f.fft.Len() {
			spectrum[k] /= 2
		}
	}
	d := make([]float64, dx.Len())
	c.Read(d, dx)
	for i, v := range f.fft.Sequence(nil, spectrum) {
		d[i] += v // a gradient adds to what is there
	}
	c.Write(dx, d)
}

func main() {
	tape := autograd.NewTape(devices.Reference(), 0)
	x := tape.Watch(tape.Put(tensor.Of(4), []float32{1, 2, 0, -1}))
	energy := ops.Sum(tape, ops.Square(tape, autograd.Apply(tape, rfft{}, autograd.In{x})))
	if err := tape.Backward(energy); err != nil {
		log.Fatal(err)
	}
	dx, _ := x.Grad()
	gradient := make([]float32, dx.Len())
	tape.Device().Read(gradient, dx)
	fmt.Printf("energy %.3f, gradient %.3f\n", tape.Scalar(energy), gradient)
}
