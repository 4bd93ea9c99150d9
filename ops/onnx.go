package ops

import (
	"fmt"
	"math"

	"partials/device"
	"partials/graph"
	"partials/tensor"
)

// operators are the rows of device.Funcs that ONNX has, without p.
var operators = map[device.Func]string{
	device.Exp: "Exp", device.Log: "Log", device.Sqrt: "Sqrt", device.Reciprocal: "Reciprocal", device.Abs: "Abs",
	device.Tanh: "Tanh", device.Sigmoid: "Sigmoid", device.ReLU: "Relu", device.Softplus: "Softplus",
	device.Hardswish: "HardSwish", device.Softsign: "Softsign", device.Sin: "Sin", device.Cos: "Cos",
}

// funcONNX is f(x; p) in ONNX's operators.
func funcONNX(w *graph.Writer, f device.Func, p float64, x graph.Value) graph.Value {
	if op, ok := operators[f]; ok {
		return w.Node(op, nil, x)
	}
	// with is x and a number through an operator of two.
	with := func(op string, x graph.Value, v float64) graph.Value { return w.Node(op, nil, x, w.Number(v)) }
	switch f {
	case device.Square:
		return w.Node("Mul", nil, x, x)
	case device.Scale:
		return with("Mul", x, p)
	case device.Shift:
		return with("Add", x, p)
	case device.Pow:
		return with("Pow", x, p)
	case device.ClampMin:
		return with("Max", x, p)
	case device.LeakyReLU:
		return w.Node("LeakyRelu", graph.Attrs{"alpha": p}, x)
	case device.ELU:
		return w.Node("Elu", graph.Attrs{"alpha": p}, x)
	case device.Hardtanh:
		return w.Node("Clip", nil, x, w.Number(-1), w.Number(1))
	case device.SiLU:
		return w.Node("Mul", nil, x, w.Node("Sigmoid", nil, x))
	case device.GELU: // x/2 * (1 + erf(x/sqrt 2))
		return w.Node("Mul", nil, with("Mul", x, 0.5), with("Add", w.Node("Erf", nil, with("Mul", x, 1/math.Sqrt2)), 1))
	case device.LogCosh: // |x| + log(1 + e) - log 2 + log(1 + 2p sqrt(e) / (1 + e)), e = exp(-2|x|)
		a := w.Node("Abs", nil, x)
		e := with("Add", w.Node("Exp", nil, with("Mul", a, -2)), 1)
		y := w.Node("Add", nil, with("Sub", a, math.Ln2), w.Node("Log", nil, e))
		sech := w.Node("Div", nil, with("Mul", w.Node("Exp", nil, with("Mul", a, -1)), 2*p), e)
		return w.Node("Add", nil, y, w.Node("Log", nil, with("Add", sech, 1)))
	}
	panic(fmt.Sprintf("%v has no form in ONNX", f))
}

// shapeONNX is a shape as the input of an operator.
func shapeONNX(w *graph.Writer, s tensor.Shape) graph.Value {
	dims := make([]int, s.Rank())
	for i := range dims {
		dims[i] = s.Dim(i)
	}
	return w.Ints(dims...)
}
