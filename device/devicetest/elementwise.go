package devicetest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"partials/device"
	"partials/tensor"
)

// domain says where a function is tried.
type domain struct {
	f       device.Func
	p       float64
	lo, hi  float64   // of random numbers
	special []float64 // further numbers: edges, kinks
	// floor is the size below which an error counts as absolute: functions
	// that end in a difference of larger numbers.
	floor float64
	// kink says that the derivative jumps at the special numbers.
	kink bool
}

const negligible = 1e-30

var negativeZero = math.Copysign(0, -1)

var domains = []domain{
	{f: device.Exp, lo: -80, hi: 80, special: []float64{0, 1, -1, -100}},
	{f: device.Log, lo: 1e-6, hi: 100, special: []float64{1e-30, 1e30, 0.5, 2}, floor: 1e-2},
	{f: device.Log, lo: 0.9, hi: 1.1, special: []float64{1}},
	{f: device.Sqrt, lo: 0, hi: 100, special: []float64{0, 1, 4, 1e-30, 1e30}, kink: true},
	{f: device.Square, lo: -10, hi: 10, special: []float64{0, 1e10, -1e-10}},
	{f: device.Reciprocal, lo: 0.01, hi: 10, special: []float64{-3, 1e10, -1e-10}},
	{f: device.Abs, lo: -10, hi: 10, special: []float64{0, negativeZero}, kink: true},
	{f: device.Scale, p: -2.5, lo: -10, hi: 10},
	{f: device.Scale, p: 0.1, lo: -10, hi: 10},
	{f: device.Shift, p: 0.75, lo: -10, hi: 10, floor: 1},
	{f: device.Pow, p: 2, lo: -10, hi: 10, special: []float64{0}},
	{f: device.Pow, p: 3, lo: -10, hi: 10, special: []float64{0}},
	{f: device.Pow, p: 1, lo: -10, hi: 10, special: []float64{0}},
	{f: device.Pow, p: 0, lo: -10, hi: 10, special: []float64{0}},
	{f: device.Pow, p: 0.5, lo: 0.01, hi: 10},
	{f: device.Pow, p: 0.3, lo: 0.001, hi: 100},
	{f: device.Pow, p: 0.15, lo: 1e-8, hi: 1, special: []float64{1e-8, 1e-30, 1, 1e30}},
	{f: device.Pow, p: -0.35, lo: 1e-4, hi: 1, special: []float64{1e-8, 1, 1e30}},
	{f: device.Pow, p: -1, lo: 0.01, hi: 10},
	{f: device.Pow, p: -1.75, lo: 0.01, hi: 10},
	{f: device.ClampMin, p: 0.5, lo: -3, hi: 3, special: []float64{0.5}, kink: true},
	{f: device.ClampMin, p: -1, lo: -3, hi: 3, special: []float64{-1}, kink: true},
	{f: device.Tanh, lo: -5, hi: 5, special: []float64{0, negativeZero, 20, -20, 100, 1e-4, -1e-8}},
	{f: device.Sigmoid, lo: -20, hi: 20, special: []float64{0, 100, -100}},
	{f: device.ReLU, lo: -5, hi: 5, special: []float64{0}, kink: true},
	{f: device.LeakyReLU, p: 0.25, lo: -5, hi: 5, special: []float64{0}, kink: true},
	{f: device.LeakyReLU, p: 0.01, lo: -5, hi: 5, special: []float64{0}, kink: true},
	{f: device.SiLU, lo: -20, hi: 20, special: []float64{0, 100, -100}},
	{f: device.GELU, lo: -6, hi: 6, special: []float64{0, 20, -20}, floor: 1},
	{f: device.Softplus, lo: -20, hi: 20, special: []float64{0, 100, -100}},
	{f: device.ELU, p: 1, lo: -10, hi: 5, special: []float64{0, -1e-4, -100}},
	{f: device.ELU, p: 0.5, lo: -10, hi: 5, special: []float64{0, -1e-4, -100}, kink: true},
	{f: device.Hardtanh, lo: -3, hi: 3, special: []float64{-1, 0, 1}, kink: true},
	{f: device.Hardswish, lo: -5, hi: 5, special: []float64{-3, 0, 3}, kink: true, floor: 1},
	{f: device.Softsign, lo: -10, hi: 10, special: []float64{0, 1e10, -1e10}},
	{f: device.LogCosh, lo: -10, hi: 10, special: []float64{0, 100, -100, 1e-3, -1, 1}},
	{f: device.LogCosh, p: 1e-3, lo: -10, hi: 10, special: []float64{0, 100, -100}, floor: 1e-2},
	{f: device.Sin, lo: -100, hi: 100, special: []float64{0, math.Pi, -math.Pi / 2}, floor: 1},
	{f: device.Cos, lo: -100, hi: 100, special: []float64{0, math.Pi, -math.Pi / 2}, floor: 1},
}

func (o domain) String() string { return fmt.Sprintf("%v(%g)", o.f, o.p) }

// points returns n numbers of the domain, float32 and the special ones first.
func (o domain) points(n int) []float64 {
	r := rand.New(rand.NewPCG(uint64(o.f), uint64(n)))
	x := make([]float64, n)
	for i := range x {
		x[i] = o.lo + (o.hi-o.lo)*r.Float64()
	}
	copy(x, o.special)
	return rounded(x)
}

func elementwiseCases() []testcase {
	var cases []testcase
	for _, o := range domains {
		f := device.Funcs[o.f]
		for _, n := range lengths {
			x := o.points(n)
			y := make([]float64, n)
			for i, v := range x {
				y[i] = f.F(v, o.p)
			}
			if n == 17 {
				// A NaN comes out, so that nothing hides a broken step.
				x = append(x[:16:16], math.NaN())
			}
			name := fmt.Sprintf("%v %d", o, n)
			cases = append(cases,
				testcase{kernel: "Map", name: name, args: []argument{out(n), in(n).of(x)}, floor: max(o.floor, negligible),
					call: func(d device.Device, a []tensor.Tensor) { d.Map(o.f, o.p, a[0], a[1]) }},
				testcase{kernel: "Map", name: name + " in place", args: []argument{add(n).of(x)}, floor: max(o.floor, negligible),
					call: func(d device.Device, a []tensor.Tensor) { d.Map(o.f, o.p, a[0], a[0]) }},
			)
			if n != 17 {
				cases = append(cases, testcase{kernel: "MapGrad", name: name, floor: 1,
					args: []argument{add(n), in(n).of(x), in(n).of(y), in(n)},
					call: func(d device.Device, a []tensor.Tensor) { d.MapGrad(o.f, o.p, a[0], a[1], a[2], a[3]) }})
			}
		}
	}
	for _, n := range slices.Concat(lengths, []int{40009}) { // the last is work for more than one thread
		cases = append(cases, pairCases(n)...)
	}
	return cases
}

// pairCases are the kernels of two tensors of n numbers, with every alias that
// is allowed.
func pairCases(n int) []testcase {
	combine := func(name string, args []argument, dst, a, b int) testcase {
		return testcase{kernel: "Combine", name: fmt.Sprint(name, n), args: args,
			call: func(d device.Device, t []tensor.Tensor) { d.Combine(t[dst], 0.75, t[a], -1.5, t[b]) }}
	}
	mul := func(name string, args []argument, dst, a, b int) testcase {
		return testcase{kernel: "Mul", name: fmt.Sprint(name, n), args: args,
			call: func(d device.Device, t []tensor.Tensor) { d.Mul(t[dst], t[a], t[b]) }}
	}
	div := func(name string, args []argument, dst, a, b int) testcase {
		return testcase{kernel: "Div", name: fmt.Sprint(name, n), args: args, floor: 1e-30,
			call: func(d device.Device, t []tensor.Tensor) { d.Div(t[dst], t[a], t[b]) }}
	}
	return []testcase{
		{kernel: "AddScaled", name: fmt.Sprint("0.3 ", n), args: []argument{add(n), in(n)},
			call: func(d device.Device, a []tensor.Tensor) { d.AddScaled(a[0], 0.3, a[1]) }},
		combine("", []argument{out(n), in(n), in(n)}, 0, 1, 2),
		combine("dst is a ", []argument{add(n), in(n)}, 0, 0, 1),
		combine("dst is b ", []argument{add(n), in(n)}, 0, 1, 0),
		combine("a is b ", []argument{out(n), in(n)}, 0, 1, 1),
		combine("dst is a and b ", []argument{add(n)}, 0, 0, 0),
		mul("", []argument{out(n), in(n), in(n)}, 0, 1, 2),
		mul("dst is a ", []argument{add(n), in(n)}, 0, 0, 1),
		mul("dst is b ", []argument{add(n), in(n)}, 0, 1, 0),
		mul("a is b ", []argument{out(n), in(n)}, 0, 1, 1),
		mul("dst is a and b ", []argument{add(n)}, 0, 0, 0),
		div("", []argument{out(n), in(n), in(n)}, 0, 1, 2),
		div("dst is a ", []argument{add(n), in(n)}, 0, 0, 1),
		div("dst is b ", []argument{add(n), in(n)}, 0, 1, 0),
		div("a is b ", []argument{out(n), in(n)}, 0, 1, 1),
		div("dst is a and b ", []argument{add(n)}, 0, 0, 0),
	}
}

func elementwiseOperators() []operator {
	var list []operator
	for _, n := range lengths {
		list = append(list, operator{kernel: "Mul", transpose: "MulGrad", name: fmt.Sprint("operator ", n),
			x: tensor.Of(n), y: tensor.Of(n), fixed: []argument{in(n)},
			forward:  func(d device.Device, dst, src tensor.Tensor, b []tensor.Tensor) { d.Mul(dst, src, b[0]) },
			backward: func(d device.Device, dst, src tensor.Tensor, b []tensor.Tensor) { d.MulGrad(dst, src, b[0]) }})
	}
	axes := []device.Axis{
		{Outer: 3, N: 5, Inner: 7}, {Outer: 2, N: 1009, Inner: 1}, {Outer: 1, N: 33, Inner: 17}, {Outer: 65, N: 3, Inner: 1},
		{Outer: 0, N: 3, Inner: 2}, {Outer: 2, N: 0, Inner: 3}, {Outer: 2, N: 3, Inner: 0}, {Outer: 9, N: 16, Inner: 31}, {Outer: 2, N: 2, Inner: 127},
		{Outer: 1, N: 20011, Inner: 1}, {Outer: 1, N: 3001, Inner: 9}, {Outer: 2, N: 3, Inner: 1009},
	}
	for _, n := range lengths {
		axes = append(axes, device.Axis{Outer: 1, N: n, Inner: 1}, device.Axis{Outer: n, N: 1, Inner: 1}, device.Axis{Outer: 1, N: 1, Inner: n})
	}
	for _, a := range axes {
		full, reduced := tensor.Of(a.Outer, a.N, a.Inner), tensor.Of(a.Outer, a.Inner)
		name := fmt.Sprintf("%+v", a)
		list = append(list,
			operator{kernel: "Sum", transpose: "SumGrad", name: name, x: full, y: reduced,
				forward:  func(d device.Device, dst, src tensor.Tensor, _ []tensor.Tensor) { d.Sum(dst, src, a) },
				backward: func(d device.Device, dst, src tensor.Tensor, _ []tensor.Tensor) { d.SumGrad(dst, src, a) }},
			operator{kernel: "Spread", transpose: "SpreadGrad", name: name, x: reduced, y: full,
				forward:  func(d device.Device, dst, src tensor.Tensor, _ []tensor.Tensor) { d.Spread(dst, src, a) },
				backward: func(d device.Device, dst, src tensor.Tensor, _ []tensor.Tensor) { d.SpreadGrad(dst, src, a) }})
	}
	return list
}
