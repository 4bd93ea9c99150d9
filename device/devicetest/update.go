package devicetest

import (
	"fmt"
	"math"
	"testing"

	"partials/device"
	"partials/tensor"
)

func updateCases() []testcase {
	var cases []testcase
	for _, n := range lengths {
		square := random(fmt.Sprint("square", n), n)
		for i, v := range square {
			square[i] = v*v + 0.1
		}
		cases = append(cases, sgdCases(n)...)
		cases = append(cases, adamCases(n, square)...)
		cases = append(cases, rmspropCases(n, square)...)
		cases = append(cases,
			testcase{kernel: "Blend", name: fmt.Sprint(n), args: []argument{add(n), in(n)},
				call: func(d device.Device, a []tensor.Tensor) { d.Blend(a[0], a[1], 0.01) }},
			testcase{kernel: "Clamp", name: fmt.Sprint(n), args: []argument{add(n)},
				call: func(d device.Device, a []tensor.Tensor) { d.Clamp(a[0], 0.5) }},
			testcase{kernel: "SumSquares", name: fmt.Sprint(n), args: []argument{out(1), {shape: tensor.Of(n), loose: true}},
				call: sumSquares})
	}
	nan, inf := math.NaN(), math.Inf(1)
	broken := func(n, at int, v float64) []float64 {
		x := random("broken", n)
		x[at] = v
		return x
	}
	return append(cases,
		testcase{kernel: "Clamp", name: "NaN and Inf", args: []argument{add(9).of([]float64{nan, inf, -inf, 0.5, -0.5, 0.75, -0.75, 0, nan})},
			call: func(d device.Device, a []tensor.Tensor) { d.Clamp(a[0], 0.5) }},
		testcase{kernel: "SumSquares", name: "many", args: []argument{out(1), in(100003)}, call: sumSquares},
		testcase{kernel: "SumSquares", name: "NaN", args: []argument{out(1), in(1009).of(broken(1009, 1000, nan))}, call: sumSquares},
		testcase{kernel: "SumSquares", name: "Inf", args: []argument{out(1), in(65).of(broken(65, 3, -inf))}, call: sumSquares})
}

func sumSquares(d device.Device, a []tensor.Tensor) { d.SumSquares(a[0], a[1]) }

func sgdCases(n int) []testcase {
	var cases []testcase
	for _, o := range []device.SGD{
		{LR: 0.1}, {LR: 0.1, L2: 0.3}, {LR: 0.01, Shrink: 0.2},
		{LR: 0.1, Momentum: 0.9}, {LR: 0.1, Momentum: 0.9, Nesterov: true, L2: 0.3, Shrink: 0.2},
	} {
		c := testcase{kernel: "SGD", name: fmt.Sprintf("%d %+v", n, o), args: []argument{add(n), in(n)},
			call: func(d device.Device, a []tensor.Tensor) { d.SGD(a[0], a[1], tensor.Tensor{}, o) }}
		if o.Momentum != 0 {
			c.args = append(c.args, add(n))
			c.call = func(d device.Device, a []tensor.Tensor) { d.SGD(a[0], a[1], a[2], o) }
		}
		cases = append(cases, c)
	}
	return cases
}

func adamCases(n int, square []float64) []testcase {
	var cases []testcase
	for _, o := range []device.Adam{
		{Step: 0.01, Root: 3, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8},
		{Step: 0.01, Root: 1, Beta1: 0.5, Beta2: 0.9, Eps: 0.1, L2: 0.3},
		{Step: 0.01, Root: 2, Beta1: 0.9, Beta2: 0.99, Eps: 1e-8, Shrink: 0.2},
		{Step: 0.01, Beta1: 0.9, Beta2: 0.999, Unadapted: true},
	} {
		cases = append(cases, testcase{kernel: "Adam", name: fmt.Sprintf("%d %+v", n, o), args: []argument{add(n), in(n), add(n), add(n).of(square)},
			call: func(d device.Device, a []tensor.Tensor) { d.Adam(a[0], a[1], a[2], a[3], o) }})
	}
	return cases
}

func rmspropCases(n int, square []float64) []testcase {
	mean := make([]float64, n)
	for i, v := range square {
		mean[i] = 0.5 * math.Sqrt(v)
	}
	plain := device.RMSprop{LR: 0.01, Alpha: 0.99, Eps: 1e-8}
	rich := device.RMSprop{LR: 0.01, Alpha: 0.9, Eps: 1e-3, Momentum: 0.9, L2: 0.3, Shrink: 0.2}
	rms := func(name string, args []argument, call func(d device.Device, a []tensor.Tensor)) testcase {
		return testcase{kernel: "RMSprop", name: fmt.Sprint(name, n), args: append([]argument{add(n), in(n), add(n).of(square)}, args...), call: call}
	}
	var absent tensor.Tensor
	return []testcase{
		rms("centered with momentum ", []argument{add(n).of(mean), add(n)}, func(d device.Device, a []tensor.Tensor) {
			d.RMSprop(a[0], a[1], a[2], a[3], a[4], rich)
		}),
		rms("plain ", nil, func(d device.Device, a []tensor.Tensor) { d.RMSprop(a[0], a[1], a[2], absent, absent, plain) }),
		rms("with momentum ", []argument{add(n)}, func(d device.Device, a []tensor.Tensor) { d.RMSprop(a[0], a[1], a[2], absent, a[3], rich) }),
		rms("centered ", []argument{add(n).of(mean)}, func(d device.Device, a []tensor.Tensor) { d.RMSprop(a[0], a[1], a[2], a[3], absent, plain) }),
	}
}

// centered checks that a gradient that never changes, whose running variance
// is zero but for rounding, does not make NaN.
func centered(t *testing.T, b bed) {
	const n = 127
	g := random("centered", n)
	mean, square := make([]float64, n), make([]float64, n)
	for i, v := range g {
		mean[i], square[i] = v, v*v
	}
	c := testcase{kernel: "RMSprop", name: "constant gradient", args: []argument{add(n), in(n).of(g), add(n).of(square), add(n).of(mean)},
		call: func(d device.Device, a []tensor.Tensor) {
			for range 10 {
				d.RMSprop(a[0], a[1], a[2], a[3], tensor.Tensor{}, device.RMSprop{LR: 0.01, Alpha: 0.9, Eps: 1e-3})
			}
		}}
	for i, v := range b.run(t, &c, c.data(), 0)[0] {
		if math.IsNaN(v) {
			t.Fatalf("%v: parameter %d became NaN", &c, i)
		}
	}
}
