package onnx

import "math"

// pointwise are the operators of one number, or of two that repeat each other.
var pointwise = map[string]operator{
	"Abs":        each1(math.Abs),
	"Cos":        each1(math.Cos),
	"Erf":        each1(math.Erf),
	"Exp":        each1(math.Exp),
	"HardSwish":  each1(func(x float64) float64 { return x * min(max(x/6+0.5, 0), 1) }),
	"Identity":   {least: 1, most: 1, run: func(_ options, in []Array) []Array { return in[:1] }},
	"Log":        each1(math.Log),
	"Neg":        each1(func(x float64) float64 { return -x }),
	"Reciprocal": each1(func(x float64) float64 { return 1 / x }),
	"Relu":       each1(func(x float64) float64 { return max(x, 0) }),
	"Sigmoid":    each1(sigmoid),
	"Sin":        each1(math.Sin),
	"Softplus":   each1(func(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }),
	"Softsign":   each1(func(x float64) float64 { return x / (1 + math.Abs(x)) }),
	"Sqrt":       each1(math.Sqrt),
	"Tanh":       each1(math.Tanh),
	"Elu": withAlpha(1, func(x, alpha float64) float64 {
		if x < 0 {
			return alpha * math.Expm1(x)
		}
		return x
	}),
	"LeakyRelu": withAlpha(0.01, slope),

	"Add":   each2(func(a, b float64, _ bool) float64 { return a + b }),
	"Max":   each2(func(a, b float64, _ bool) float64 { return max(a, b) }),
	"Min":   each2(func(a, b float64, _ bool) float64 { return min(a, b) }),
	"Mul":   each2(func(a, b float64, _ bool) float64 { return a * b }),
	"PRelu": each2(func(a, b float64, _ bool) float64 { return slope(a, b) }),
	"Pow":   each2(func(a, b float64, _ bool) float64 { return math.Pow(a, b) }),
	"Sub":   each2(func(a, b float64, _ bool) float64 { return a - b }),
	"Div": each2(func(a, b float64, whole bool) float64 {
		if whole {
			return math.Trunc(a / b)
		}
		return a / b
	}),
	"Mod": each2(func(a, b float64, _ bool) float64 { return a - b*math.Floor(a/b) }), // of whole numbers: b's sign
	"Clip": {least: 1, most: 3, run: func(_ options, in []Array) []Array {
		lo, hi := in[1].Values[0], in[2].Values[0]
		return mapped(in[0], func(x float64) float64 { return min(max(x, lo), hi) })
	}},
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func slope(x, below float64) float64 {
	if x < 0 {
		return below * x
	}
	return x
}

func mapped(x Array, f func(float64) float64) []Array {
	y := Array{Dims: x.Dims, Values: make([]float64, len(x.Values)), Whole: x.Whole}
	for i, v := range x.Values {
		y.Values[i] = f(v)
	}
	return []Array{y}
}

func each1(f func(float64) float64) operator {
	return operator{least: 1, most: 1, run: func(_ options, in []Array) []Array { return mapped(in[0], f) }}
}

func withAlpha(otherwise float64, f func(x, alpha float64) float64) operator {
	return operator{least: 1, most: 1, attrs: []string{"alpha"}, run: func(o options, in []Array) []Array {
		alpha := o.float("alpha", otherwise)
		return mapped(in[0], func(x float64) float64 { return f(x, alpha) })
	}}
}

// each2 is an operator of two arrays, of which each repeats the other along
// axes of extent 1 and axes that it lacks in front.
func each2(f func(a, b float64, whole bool) float64) operator {
	return operator{least: 2, most: 2, run: func(_ options, in []Array) []Array {
		a, b := in[0], in[1]
		y := zeros(repeated(a.Dims, b.Dims)...)
		y.Whole = a.Whole
		ia, ib := places(a.Dims, y.Dims), places(b.Dims, y.Dims)
		for i := range y.Values {
			y.Values[i] = f(a.Values[ia[i]], b.Values[ib[i]], a.Whole)
		}
		return []Array{y}
	}}
}

// repeated is the shape that a and b repeat each other to.
func repeated(a, b []int) []int {
	rank := max(len(a), len(b))
	dims := make([]int, rank)
	for i := range dims {
		da, db := dimFromEnd(a, rank-i), dimFromEnd(b, rank-i)
		switch {
		case da == db || db == 1:
			dims[i] = da
		case da == 1:
			dims[i] = db
		default:
			panic("shapes do not repeat each other")
		}
	}
	return dims
}

func dimFromEnd(dims []int, i int) int {
	if i > len(dims) {
		return 1
	}
	return dims[len(dims)-i]
}

// places is, for each number of a shape to, the index of that of a shape from
// which is repeated there.
func places(from, to []int) []int {
	index := []int{0}
	stride := length(from)
	for i := range to {
		d := dimFromEnd(from, len(to)-i)
		stride /= max(d, 1)
		next := make([]int, 0, len(index)*to[i])
		for _, at := range index {
			for k := range to[i] {
				if d == 1 {
					k = 0
				}
				next = append(next, at+k*stride)
			}
		}
		index = next
	}
	return index
}
