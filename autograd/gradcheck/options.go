package gradcheck

import (
	"partials/autograd"
	"partials/device"
	"partials/internal/rng"
	"partials/tensor"
)

// Func computes any Functions from its inputs. An output of more than one
// number is contracted with fixed random weights. Whatever is not to be
// checked it puts on the tape itself.
type Func = func(t *autograd.Tape, in []*autograd.Var) *autograd.Var

// Input is the value of one input.
type Input struct {
	Shape tensor.Shape
	Data  []float64 // len(Data) == Shape.Len()
}

// Normal returns an input of standard normal random numbers, which depend on
// the seed and the shape.
func Normal(seed uint64, s tensor.Shape) Input {
	r := source(seed, s)
	return filled(s, r.Normal)
}

// Uniform is Normal with numbers uniform between lo and hi.
func Uniform(seed uint64, s tensor.Shape, lo, hi float64) Input {
	r := source(seed, s)
	return filled(s, func() float64 { return r.Uniform(lo, hi) })
}

func source(seed uint64, s tensor.Shape) rng.Source {
	dims := make([]int, s.Rank())
	for i := range dims {
		dims[i] = s.Dim(i)
	}
	return rng.New(seed, "gradcheck input", dims...)
}

func filled(s tensor.Shape, draw func() float64) Input {
	in := Input{Shape: s, Data: make([]float64, s.Len())}
	for i := range in.Data {
		in.Data[i] = draw()
	}
	return in
}

// Option changes how a check is made.
type Option func(*options)

type options struct {
	seed      uint64
	tolerance float64 // relative
	step      float64 // relative to the root mean square of the input
}

// Seed chooses other random weights and directions; the default is 0.
func Seed(seed uint64) Option { return func(o *options) { o.seed = seed } }

// Tolerance is the largest relative error that passes. The default is 1e-8 for
// Full and Directional and 1e-12 for Adjoint where the device computes in
// float64, and 1e-2 and 1e-4 in float32.
func Tolerance(relative float64) Option { return func(o *options) { o.tolerance = relative } }

// Step is the largest step of the differences, relative to the root mean
// square of the input; smaller ones follow from it. The default is 0.05 in
// float64 and 0.2 in float32. A function that is smooth only near the input
// wants a smaller one.
func Step(relative float64) Option { return func(o *options) { o.step = relative } }

func chosen(dev device.Device, opts []Option, double, single options) (o options, eps float64) {
	o, eps = double, 0x1p-52
	if !computesInDouble(dev) {
		o, eps = single, 0x1p-23
	}
	for _, f := range opts {
		f(&o)
	}
	return o, eps
}

// computesInDouble says whether a number keeps its last digits on dev.
func computesInDouble(dev device.Device) bool {
	x := tensor.New(tensor.Of(1), dev.Alloc(1))
	const fine = 1 + 0x1p-40
	dev.Write64(x, []float64{fine})
	var back [1]float64
	dev.Read64(back[:], x)
	return back[0] == fine
}
