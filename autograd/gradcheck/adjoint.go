package gradcheck

import (
	"fmt"
	"math"

	"partials/device"
	"partials/tensor"
)

// Adjoint checks a Function A that is linear in all its inputs together: with
// random x, z and y,
//
//	A(x + 2z) = A x + 2 A z    and    <A x, y> = <x, A^T y>
//
// to a relative error of 1e-12 by default. Inputs in which the Function is not
// linear, the weights of a convolution say, f puts on the tape itself.
func Adjoint(dev device.Device, f Func, in []tensor.Shape, opts ...Option) error {
	o, _ := chosen(dev, opts, options{tolerance: 1e-12}, options{tolerance: 1e-4})
	x, z, mix := make([]Input, len(in)), make([][]float64, len(in)), make([][]float64, len(in))
	for i, shape := range in {
		n := shape.Len()
		x[i] = Input{shape, normal(o.seed, "gradcheck x", n, i)}
		z[i] = normal(o.seed, "gradcheck z", n, i)
		mix[i] = make([]float64, n)
		for j := range mix[i] {
			mix[i][j] = x[i].Data[j] + 2*z[i][j]
		}
	}
	s, err := newSubject(dev, f, x, o.seed)
	if err != nil {
		return err
	}
	ax, grads, err := s.gradients(s.values())
	if err != nil {
		return err
	}
	az, err := s.value(z)
	if err != nil {
		return err
	}
	amix, err := s.value(mix)
	if err != nil {
		return err
	}
	size := norm(ax) + norm(az)
	for j := range amix {
		want := ax[j] + 2*az[j]
		if !(math.Abs(amix[j]-want) <= o.tolerance*size) {
			return fmt.Errorf("gradcheck: not linear: A(x + 2z) is %.10g at %v of the output, but A x + 2 A z is %.10g",
				amix[j], index(s.out, j), want)
		}
	}
	left, right, length := dot(ax, s.weights), 0.0, 0.0
	for i, g := range grads {
		right += dot(x[i].Data, g)
		length += norm(x[i].Data) * norm(g)
	}
	if !(math.Abs(left-right) <= o.tolerance*(norm(ax)*norm(s.weights)+length)) {
		return fmt.Errorf("gradcheck: not the adjoint: <A x, y> is %.10g, but <x, A^T y> is %.10g", left, right)
	}
	return nil
}

func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

func norm(x []float64) float64 { return math.Sqrt(dot(x, x)) }
