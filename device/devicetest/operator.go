package devicetest

import (
	"math"
	"testing"

	"partials/device"
	"partials/tensor"
)

// operator is a kernel that is linear in x, and the kernel that adds its
// transpose: y = A x and x += A^T y.
type operator struct {
	kernel, transpose string // the methods
	name              string
	x, y              tensor.Shape
	fixed             []argument // what A is made of
	forward, backward func(d device.Device, dst, src tensor.Tensor, fixed []tensor.Tensor)
	partial           bool // forward leaves some of y alone: y starts as zeros
}

// cases returns the calls of both kernels.
func (o *operator) cases() []testcase {
	y := argument{role: output, shape: o.y}
	if o.partial {
		y.role = sum
	}
	forward := testcase{kernel: o.kernel, name: o.name, args: append([]argument{y, {shape: o.x}}, o.fixed...),
		call: func(d device.Device, a []tensor.Tensor) { o.forward(d, a[0], a[1], a[2:]) }}
	backward := testcase{kernel: o.transpose, name: o.name, args: append([]argument{{role: sum, shape: o.x}, {shape: o.y}}, o.fixed...),
		call: func(d device.Device, a []tensor.Tensor) { o.backward(d, a[0], a[1], a[2:]) }}
	if o.partial {
		for _, c := range []*testcase{&forward, &backward} {
			c.args[0].loose, c.args[1].loose = true, true
		}
	}
	return []testcase{forward, backward}
}

// adjoint checks that <A x, y> = <x, A^T y>.
func (o *operator) adjoint(t *testing.T, b bed, tol float64) {
	t.Helper()
	cases := o.cases()
	forward, backward := cases[0], cases[1]
	if o.partial {
		forward.args[0].values = repeated(o.y.Len(), 0)
	}
	backward.args[0].values = repeated(o.x.Len(), 0)
	// The same A in both.
	for i := range o.fixed {
		if o.fixed[i].values == nil {
			v := random(o.kernel+o.name, o.fixed[i].shape.Len())
			forward.args[2+i].values, backward.args[2+i].values = v, v
		}
	}
	forwardData, backwardData := forward.data(), backward.data()
	x, y := forwardData[1], backwardData[1]
	ax, aty := b.run(t, &forward, forwardData, 0)[0], b.run(t, &backward, backwardData, 0)[0]
	left, right := dot(ax, y), dot(x, aty)
	if scale := norm(ax)*norm(y) + norm(x)*norm(aty); !(math.Abs(left-right) <= tol*scale) {
		t.Errorf("%s %s: <Ax, y> = %g but <x, A^T y> = %g with %s", o.kernel, o.name, left, right, o.transpose)
	}
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

func norm(a []float64) float64 { return math.Sqrt(dot(a, a)) }

func minus(a, b []float64) []float64 {
	d := make([]float64, len(a))
	for i := range d {
		d[i] = a[i] - b[i]
	}
	return d
}
