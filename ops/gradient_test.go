package ops_test

import (
	"testing"

	"partials/autograd"
	"partials/autograd/gradcheck"
	"partials/device"
	"partials/device/ref"
	"partials/internal/golden"
	"partials/ops"
	"partials/tensor"
)

type vars = []*autograd.Var

// gradientCase is an op applied to inputs of the given shapes.
type gradientCase struct {
	name   string
	shapes []tensor.Shape
	f      gradcheck.Func
	lo, hi float64 // the inputs' range; normal numbers where both are 0
}

func of(dims ...int) tensor.Shape { return tensor.Of(dims...) }

func shapes(s ...tensor.Shape) []tensor.Shape { return s }

var gradientCases = []gradientCase{
	// Smooth rows at normal numbers; rows with kinks or poles between them.
	unary("Exp", ops.Exp, 0, 0),
	unary("Log", ops.Log, 0.3, 3),
	unary("Sqrt", ops.Sqrt, 0.3, 3),
	unary("Square", ops.Square, 0, 0),
	unary("Reciprocal above 0", ops.Reciprocal, 0.4, 3),
	unary("Reciprocal below 0", ops.Reciprocal, -3, -0.4),
	unary("Abs below 0", ops.Abs, -2, -0.3),
	unary("Abs above 0", ops.Abs, 0.3, 2),
	unary("Neg", ops.Neg, 0, 0),
	parametric("Scale", ops.Scale, -1.7, 0, 0),
	parametric("Shift", ops.Shift, 0.6, 0, 0),
	parametric("Pow 2.5", ops.Pow, 2.5, 0.4, 2),
	parametric("Pow -1.5", ops.Pow, -1.5, 0.4, 2),
	parametric("Pow 3 of negative numbers", ops.Pow, 3, -2, -0.4),
	parametric("Pow 0", ops.Pow, 0, 0, 0),
	parametric("ClampMin below", ops.ClampMin, 0.5, -1, 0.2),
	parametric("ClampMin above", ops.ClampMin, 0.5, 0.8, 2),
	unary("Tanh", ops.Tanh, 0, 0),
	unary("Sigmoid", ops.Sigmoid, 0, 0),
	unary("ReLU below", ops.ReLU, -2, -0.3),
	unary("ReLU above", ops.ReLU, 0.3, 2),
	parametric("LeakyReLU below", ops.LeakyReLU, 0.1, -2, -0.3),
	parametric("LeakyReLU above", ops.LeakyReLU, 0.1, 0.3, 2),
	unary("SiLU", ops.SiLU, 0, 0),
	unary("GELU", ops.GELU, 0, 0),
	unary("Softplus", ops.Softplus, 0, 0),
	parametric("ELU below", ops.ELU, 0.7, -2, -0.3),
	parametric("ELU above", ops.ELU, 0.7, 0.3, 2),
	unary("Hardtanh inside", ops.Hardtanh, -0.8, 0.8),
	unary("Hardtanh outside", ops.Hardtanh, 1.2, 2),
	unary("Hardswish below", ops.Hardswish, -5, -3.5),
	unary("Hardswish inside", ops.Hardswish, -2.5, 2.5),
	unary("Hardswish above", ops.Hardswish, 3.5, 5),
	unary("Softsign", ops.Softsign, 0.2, 2),
	parametric("LogCosh", ops.LogCosh, 0, 0, 0),
	parametric("LogCosh 0.3", ops.LogCosh, 0.3, 0, 0),
	unary("Sin", ops.Sin, 0, 0),
	unary("Cos", ops.Cos, 0, 0),

	binary("Add", ops.Add, 0, 0),
	binary("Sub", ops.Sub, 0, 0),
	binary("Mul", ops.Mul, 0, 0),
	binary("Div", ops.Div, 0.5, 2),
	{name: "Combine", shapes: shapes(of(3, 5), of(3, 5)), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.Combine(t, 0.3, in[0], -1.4, in[1])
	}},
	{name: "Mul of a Var with itself", shapes: shapes(of(7)), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.Mul(t, in[0], in[0])
	}},
	{name: "Combine of a Var with itself", shapes: shapes(of(7)), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.Combine(t, 2, in[0], 3, in[0])
	}},

	along("first axis", ops.AddBias, of(3, 4, 5), of(3), 0),
	along("channels", ops.AddBias, of(3, 4, 5), of(4), 1),
	along("last axis", ops.AddBias, of(3, 4, 5), of(5), -1),
	along("two axes", ops.AddBias, of(3, 4, 5), of(4, 5), 1),
	along("all axes", ops.AddBias, of(3, 4, 5), of(3, 4, 5), 0),
	along("one number", ops.AddBias, of(3, 4, 5), of(), 0),
	along("one of one", ops.AddBias, of(), of(), 0),
	along("items", ops.ScaleBy, of(3, 4, 5), of(3), 0),
	along("channels", ops.ScaleBy, of(3, 4, 5), of(4), 1),
	along("last axis", ops.ScaleBy, of(3, 4, 5), of(5), 2),
	along("items and channels", ops.ScaleBy, of(3, 4, 5), of(3, 4), 0),
	along("the middle of four", ops.ScaleBy, of(2, 3, 4, 5), of(3, 4), 1),
	along("one number", ops.ScaleBy, of(3, 4, 5), of(1), 2),
	along("PReLU with a slope per channel", ops.PReLU, of(2, 3, 5), of(3), 1),
	along("PReLU with one slope", ops.PReLU, of(2, 3, 5), of(1), 1),

	reduction("Sum", ops.Sum, of(3, 5)),
	reduction("Sum of one", ops.Sum, of()),
	reduction("Mean", ops.Mean, of(2, 3, 5)),
	overAxis("SumAxis", ops.SumAxis, 0),
	overAxis("SumAxis", ops.SumAxis, 1),
	overAxis("SumAxis", ops.SumAxis, -1),
	overAxis("MeanAxis", ops.MeanAxis, 0),
	overAxis("MeanAxis", ops.MeanAxis, 2),
	{name: "Dot per item", shapes: shapes(of(3, 2, 5), of(3, 2, 5)), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.Dot(t, in[0], in[1], 1)
	}},
	{name: "Dot of all", shapes: shapes(of(3, 5), of(3, 5)), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.Dot(t, in[0], in[1], 0)
	}},
	{name: "Dot of a Var with itself", shapes: shapes(of(3, 5)), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.Dot(t, in[0], in[0], -1)
	}},

	product("MatMul", of(3, 4), of(4, 5), false, false),
	product("MatMul", of(4, 3), of(4, 5), true, false),
	product("MatMul", of(3, 4), of(5, 4), false, true),
	product("MatMul", of(4, 3), of(5, 4), true, true),
	product("batched MatMul", of(2, 3, 4), of(2, 4, 5), false, false),
	product("batched MatMul", of(2, 4, 3), of(2, 5, 4), true, true),
	product("MatMul with two batch axes", of(2, 3, 4, 1), of(2, 3, 1, 5), false, false),
	product("MatMul shared left", of(3, 4), of(2, 4, 5), false, false),
	product("MatMul shared left", of(4, 3), of(2, 4, 5), true, false),
	product("MatMul shared left", of(4, 3), of(2, 5, 4), true, true),
	product("MatMul shared right", of(2, 3, 4), of(4, 5), false, false),
	product("MatMul shared right", of(2, 3, 4), of(5, 4), false, true),
	product("MatMul shared right", of(2, 4, 3), of(5, 4), true, true),
	{name: "Linear", shapes: shapes(of(2, 3, 4), of(5, 4), of(5)), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.Linear(t, in[0], in[1], in[2])
	}},
	{name: "Linear of a vector without bias", shapes: shapes(of(7), of(3, 7)), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.Linear(t, in[0], in[1], nil)
	}},

	conv(of(2, 3, 11), of(4, 3, 3), of(4), device.Conv{Dilation: 1, Groups: 1}),
	conv(of(1, 2, 17), of(3, 2, 5), of(3), device.Conv{Dilation: 4, Groups: 1}), // one sample comes out
	conv(of(2, 4, 9), of(6, 2, 2), of(6), device.Conv{Dilation: 3, Groups: 2}),
	conv(of(2, 3, 7), of(3, 1, 3), of(3), device.Conv{Dilation: 2, Groups: 3}),
	conv(of(1, 1, 1), of(1, 1, 1), of(1), device.Conv{Dilation: 1, Groups: 1}),
	{name: "Conv1D without bias", shapes: shapes(of(2, 3, 8), of(2, 3, 2)), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.Conv1D(t, in[0], in[1], nil, device.Conv{Dilation: 2, Groups: 1})
	}},
	{name: "Conv1D with a bias alone", shapes: shapes(of(3)), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.Conv1D(t, put(t, of(2, 2, 6)), put(t, of(3, 2, 3)), in[0], device.Conv{Dilation: 1, Groups: 1})
	}},

	{name: "LSTM", shapes: recurrentShapes(4, 2, 5, 3, 2, true), f: func(t *autograd.Tape, in vars) *autograd.Var {
		y := ops.LSTM(t, in[0], in[5], in[6], ops.RecurrentWeights{Wi: in[1], Wh: in[2], Bi: in[3], Bh: in[4]}, 0)
		return ops.Concat(t, 0, flat(t, y), flat(t, y.Extra(0)), flat(t, y.Extra(1)))
	}},
	{name: "LSTM without states", shapes: recurrentShapes(4, 2, 3, 1, 4, false), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.LSTM(t, in[0], nil, nil, ops.RecurrentWeights{Wi: in[1], Wh: in[2], Bi: in[3], Bh: in[4]}, 0)
	}},
	{name: "the last cell state of LSTM", shapes: recurrentShapes(4, 1, 3, 2, 2, true), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.LSTM(t, in[0], in[5], in[6], ops.RecurrentWeights{Wi: in[1], Wh: in[2], Bi: in[3], Bh: in[4]}, 0).Extra(1)
	}},
	{name: "GRU", shapes: recurrentShapes(3, 2, 5, 3, 2, true), f: func(t *autograd.Tape, in vars) *autograd.Var {
		y := ops.GRU(t, in[0], in[5], ops.RecurrentWeights{Wi: in[1], Wh: in[2], Bi: in[3], Bh: in[4]}, 0)
		return ops.Concat(t, 0, flat(t, y), flat(t, y.Extra(0)))
	}},
	{name: "GRU without state", shapes: recurrentShapes(3, 1, 4, 1, 3, false), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.GRU(t, in[0], nil, ops.RecurrentWeights{Wi: in[1], Wh: in[2], Bi: in[3], Bh: in[4]}, 0)
	}},

	gate("WaveNet's gate", of(2, 6, 5), 1, device.Tanh, device.Sigmoid),
	gate("gate of the last axis", of(3, 4), -1, device.Softplus, device.Sin),
	gate("gate of the first axis", of(2, 3), 0, device.Scale, device.Exp),
	{name: "GLU", shapes: shapes(of(2, 4, 3)), f: func(t *autograd.Tape, in vars) *autograd.Var { return ops.GLU(t, in[0], 1) }},
	{name: "LayerNorm", shapes: shapes(of(2, 3, 5), of(5), of(5)), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.LayerNorm(t, in[0], in[1], in[2], 1e-5)
	}},
	{name: "LayerNorm of one row", shapes: shapes(of(7)), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.LayerNorm(t, in[0], nil, nil, 0.1)
	}},
}

func TestGradients(t *testing.T) {
	dev := ref.NewChecked()
	for _, c := range gradientCases {
		t.Run(c.name, func(t *testing.T) {
			in := make([]gradcheck.Input, len(c.shapes))
			for i, s := range c.shapes {
				in[i] = gradcheck.Normal(uint64(i), s)
				if c.lo != c.hi {
					in[i] = gradcheck.Uniform(uint64(i), s, c.lo, c.hi)
				}
			}
			if err := gradcheck.Full(dev, c.f, in); err != nil {
				t.Error(err)
			}
			if err := gradcheck.Directional(dev, twice(c.f), in); err != nil {
				t.Errorf("applied twice: %v", err)
			}
		})
	}
}

// linearCases are ops that only move numbers.
var linearCases = []gradientCase{
	{name: "Reshape", shapes: shapes(of(2, 3, 5)), f: func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.Reshape(t, in[0], of(6, 5))
	}},
	swapped(of(4, 5), 0, 1),
	swapped(of(2, 3, 4, 5), 1, 2),
	swapped(of(2, 3, 4, 5), -1, 0),
	swapped(of(2, 3, 4, 5), 1, 3),
	swapped(of(2, 3), 1, 1),
	sliced(of(5), 0, 1, 4),
	sliced(of(3, 7, 2), 1, 2, 5),
	sliced(of(3, 7), -1, 6, 7),
	sliced(of(3, 7, 2), 0, 1, 2),
	{name: "Split", shapes: shapes(of(2, 5, 3)), f: func(t *autograd.Tape, in vars) *autograd.Var {
		a, b := ops.Split(t, in[0], 1, 2)
		return ops.Concat(t, 1, ops.Scale(t, b, 3), a)
	}},
	{name: "Concat of the middle axis", shapes: shapes(of(2, 1, 3), of(2, 4, 3), of(2, 0, 3), of(2, 2, 3)),
		f: func(t *autograd.Tape, in vars) *autograd.Var { return ops.Concat(t, 1, in...) }},
	{name: "Concat of the first axis", shapes: shapes(of(1, 3), of(2, 3)),
		f: func(t *autograd.Tape, in vars) *autograd.Var { return ops.Concat(t, 0, in...) }},
	{name: "Concat of more than eight", shapes: shapes(of(1), of(2), of(3), of(1), of(1), of(1), of(1), of(1), of(1), of(2)),
		f: func(t *autograd.Tape, in vars) *autograd.Var { return ops.Concat(t, -1, in...) }},
	{name: "Concat of a Var with itself", shapes: shapes(of(2, 3)),
		f: func(t *autograd.Tape, in vars) *autograd.Var { return ops.Concat(t, 1, in[0], in[0]) }},
	padded(of(2, 3, 5), 2, 4, 0),
	padded(of(2, 3, 5), 1, 1, 2),
	padded(of(3), 0, 0, 0),
	{name: "Spread before", shapes: shapes(of(3, 4)), f: func(t *autograd.Tape, in vars) *autograd.Var { return ops.Spread(t, in[0], 0, 5) }},
	{name: "Spread between", shapes: shapes(of(3, 4)), f: func(t *autograd.Tape, in vars) *autograd.Var { return ops.Spread(t, in[0], 1, 5) }},
	{name: "Spread after", shapes: shapes(of(3, 4)), f: func(t *autograd.Tape, in vars) *autograd.Var { return ops.Spread(t, in[0], -1, 5) }},
	{name: "Expand", shapes: shapes(of(3, 1, 4)), f: func(t *autograd.Tape, in vars) *autograd.Var { return ops.Expand(t, in[0], 1, 5) }},
}

// Their adjoints are exact.
func TestAdjoints(t *testing.T) {
	for _, c := range linearCases {
		t.Run(c.name, func(t *testing.T) {
			if err := gradcheck.Adjoint(ref.NewChecked(), c.f, c.shapes); err != nil {
				t.Error(err)
			}
			if err := gradcheck.Adjoint(ref.NewChecked(), twice(c.f), c.shapes); err != nil {
				t.Errorf("applied twice: %v", err)
			}
		})
	}
}

// twice applies f in two calls: Backward must add to what is there.
func twice(f gradcheck.Func) gradcheck.Func {
	return func(t *autograd.Tape, in vars) *autograd.Var {
		return ops.Combine(t, 1, f(t, in), -0.4, f(t, in))
	}
}

// A truncated gradient is not the derivative, so differences cannot check it.
// It is the gradient of two runs with a detached state between them.
func TestDetachCutsTheStateOnly(t *testing.T) {
	const batch, length, in, hidden, cut = 2, 6, 3, 4, 3
	for _, kind := range []device.Kind{device.LSTM, device.GRU} {
		t.Run(kind.String(), func(t *testing.T) {
			inputs := recurrentShapes(kind.Gates(), batch, length, in, hidden, true)
			run := func(t *autograd.Tape, x, h0, c0 *autograd.Var, v vars, detach int) *autograd.Var {
				w := ops.RecurrentWeights{Wi: v[1], Wh: v[2], Bi: v[3], Bh: v[4]}
				if kind == device.GRU {
					return ops.GRU(t, x, h0, w, detach)
				}
				return ops.LSTM(t, x, h0, c0, w, detach)
			}
			once := gradients(t, inputs, func(t *autograd.Tape, v vars) *autograd.Var {
				return run(t, v[0], v[5], v[6], v, cut)
			})
			twice := gradients(t, inputs, func(t *autograd.Tape, v vars) *autograd.Var {
				before, after := ops.Split(t, v[0], 1, cut)
				first := run(t, before, v[5], v[6], v, 0)
				c := v[6]
				if kind == device.LSTM {
					c = t.Detach(first.Extra(1))
				}
				second := run(t, after, t.Detach(first.Extra(0)), c, v, 0)
				return ops.Concat(t, 1, first, second)
			})
			whole := gradients(t, inputs, func(t *autograd.Tape, v vars) *autograd.Var {
				return run(t, v[0], v[5], v[6], v, 0)
			})
			for i := range once {
				wantClose(t, inputs[i].String(), once[i], twice[i], 1e-13)
			}
			if golden.RelL2(once[2], whole[2]) < 1e-3 {
				t.Error("detach changes nothing")
			}
		})
	}
}
