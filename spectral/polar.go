package spectral

import (
	"math"

	"partials/autograd"
	"partials/device"
	"partials/graph"
	"partials/internal/config"
	"partials/ops"
	"partials/tensor"
)

// Floor says how a magnitude |X| = sqrt(p) is kept away from 0, where its
// gradient has no bound.
type Floor uint8

// The floors.
const (
	// FloorClamp is sqrt(max(p, eps)), auraloss' form. Below the floor the
	// gradient is 0: a silent prediction learns nothing.
	FloorClamp Floor = iota
	// FloorAdd is sqrt(p + eps), whose gradient fades but never vanishes.
	FloorAdd
)

var floorNames = []string{"clamp", "add"}

// String is the floor's name in a recipe.
func (f Floor) String() string { return floorNames[f] }

// MarshalText implements encoding.TextMarshaler.
func (f Floor) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (f *Floor) UnmarshalText(text []byte) error { return config.Choose(f, text, floorNames) }

// magnitude is the device's function for the floor.
func (f Floor) magnitude() device.PolarFunc {
	if f == FloorAdd {
		return device.MagFloor
	}
	return device.MagClamp
}

// Level is a logarithmic scale.
type Level uint8

// The scales.
const (
	Ln       Level = iota // the natural logarithm
	Log10                 // powers of ten
	Decibels              // 20 log10 of a magnitude, 10 log10 of a power
)

var levelNames = []string{"ln", "log10", "db"}

// String is the scale's name in a recipe.
func (l Level) String() string { return levelNames[l] }

// MarshalText implements encoding.TextMarshaler.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *Level) UnmarshalText(text []byte) error { return config.Choose(l, text, levelNames) }

type polar struct {
	f   device.PolarFunc
	eps float64
	p   planes
}

var polarNames = [...]string{
	device.Power: "spectral.Power", device.MagClamp: "spectral.Magnitude",
	device.MagFloor: "spectral.Magnitude", device.Phase: "spectral.Phase",
}

// String names the function in errors.
func (f *polar) String() string { return polarNames[f.f] }

func (f *polar) Forward(c *autograd.Call) tensor.Tensor {
	x := c.In(0)
	f.p = planesOf(x.Shape)
	y := c.New(f.p.realShape(x.Rank() - 1))
	c.Device().Polar(f.f, f.eps, f.p.flatReal(y), f.p.flatComplex(x))
	return y
}

func (f *polar) Backward(c *autograd.Call, dy tensor.Tensor) {
	if dx, ok := c.Grad(0); ok {
		c.Device().PolarGrad(f.f, f.eps, f.p.flatComplex(dx), f.p.flatComplex(c.In(0)), f.p.flatReal(c.Out()), f.p.flatReal(dy))
	}
}

// ONNX is the sum of the squared parts, and its square root for a magnitude.
func (f *polar) ONNX(c *autograd.Call, w *graph.Writer) graph.Value {
	if f.f == device.Phase {
		panic("the phase has no form in ONNX")
	}
	return polarONNX(w, w.In(0), planeAxis(c.In(0).Rank()), f.f, f.eps)
}

// polarONNX is a function of the power of x, whose planes lie along an axis.
func polarONNX(w *graph.Writer, x graph.Value, axis int, f device.PolarFunc, eps float64) graph.Value {
	y := w.Node("ReduceSumSquare", graph.Attrs{"axes": []int{axis}, "keepdims": 0}, x)
	switch f {
	case device.MagClamp:
		y = w.Node("Max", nil, y, w.Number(eps))
	case device.MagFloor:
		y = w.Node("Add", nil, y, w.Number(eps))
	default:
		return y
	}
	return w.Node("Sqrt", nil, y)
}

// Magnitude is |X| of a complex X (B, 2, F, K): (B, F, K), with the floor eps
// on the power, as sqrt(max(p, eps)) or sqrt(p + eps). With eps 0 it is the
// plain magnitude, whose gradient at 0 is 0. Other complex shapes lose their
// plane axis in the same way. That of a signal's STFT is Analysis.Magnitude.
func Magnitude(t *autograd.Tape, x *autograd.Var, floor Floor, eps float64) *autograd.Var {
	return autograd.Apply(t, polar{f: floor.magnitude(), eps: eps}, autograd.In{x})
}

// Power is |X|^2 of a complex X.
func Power(t *autograd.Tape, x *autograd.Var) *autograd.Var {
	return autograd.Apply(t, polar{f: device.Power}, autograd.In{x})
}

// Phase is the angle of a complex X in radians, from -pi to pi; its gradient at
// 0 is 0.
func Phase(t *autograd.Tape, x *autograd.Var) *autograd.Var {
	return autograd.Apply(t, polar{f: device.Phase}, autograd.In{x})
}

// LogMagnitude is the level of Magnitude: ln, log10 or 20 log10.
func LogMagnitude(t *autograd.Tape, x *autograd.Var, floor Floor, eps float64, level Level) *autograd.Var {
	return level.of(t, Magnitude(t, x, floor, eps), 20)
}

// of is the level of m; perDecade is the decibels of a factor of 10.
func (l Level) of(t *autograd.Tape, m *autograd.Var, perDecade float64) *autograd.Var {
	y := ops.Log(t, m)
	switch l {
	case Log10:
		return ops.Scale(t, y, 1/math.Ln10)
	case Decibels:
		return ops.Scale(t, y, perDecade/math.Ln10)
	}
	return y
}
