package gradcheck

import (
	"fmt"

	"partials/autograd"
	"partials/device"
	"partials/internal/rng"
	"partials/tensor"
)

// subject is a Func under check: it evaluates it and its gradient at inputs.
type subject struct {
	tape    *autograd.Tape
	f       Func
	in      []Input
	vars    []*autograd.Var
	weights []float64 // what the output is contracted with, once its length is known
	out     tensor.Shape
	seed    uint64
}

func newSubject(dev device.Device, f Func, in []Input, seed uint64) (*subject, error) {
	for i, x := range in {
		if len(x.Data) != x.Shape.Len() {
			return nil, fmt.Errorf("gradcheck: input %d has shape %v, but %d numbers", i, x.Shape, len(x.Data))
		}
	}
	return &subject{tape: autograd.NewTape(dev, 0), f: f, in: in, vars: make([]*autograd.Var, len(in)), seed: seed}, nil
}

// run computes the output at the given values of the inputs, watched if asked.
func (s *subject) run(values [][]float64, watch bool) (*autograd.Var, error) {
	s.tape.Reset()
	for i, x := range values {
		s.vars[i] = s.tape.Put64(s.in[i].Shape, x)
		if watch {
			s.tape.Watch(s.vars[i])
		}
	}
	y := s.f(s.tape, s.vars)
	if s.weights == nil {
		s.out = y.Shape
		s.weights = normal(s.seed, "gradcheck weights", y.Len())
	}
	if y.Shape != s.out {
		return nil, fmt.Errorf("gradcheck: the output's shape changed from %v to %v", s.out, y.Shape)
	}
	return y, nil
}

// value returns the output's numbers at the given values.
func (s *subject) value(values [][]float64) (y []float64, err error) {
	fault := autograd.Catch(func() {
		var v *autograd.Var
		if v, err = s.run(values, false); err == nil {
			y = s.read(v.Tensor)
		}
	})
	if fault != nil {
		return nil, fault
	}
	return y, err
}

// gradients returns the output's numbers and the gradient of <weights, output>
// with respect to each input.
func (s *subject) gradients(values [][]float64) (y []float64, grads [][]float64, err error) {
	fault := autograd.Catch(func() { y, grads, err = s.differentiate(values) })
	if fault != nil {
		return nil, nil, fault
	}
	return y, grads, err
}

func (s *subject) differentiate(values [][]float64) ([]float64, [][]float64, error) {
	v, err := s.run(values, true)
	if err != nil {
		return nil, nil, err
	}
	y := s.read(v.Tensor)
	seed := s.tape.Put64(s.out, s.weights)
	if err := s.tape.BackwardFrom(v, seed.Tensor); err != nil {
		return nil, nil, err
	}
	grads := make([][]float64, len(s.in))
	for i, x := range s.vars {
		grads[i] = make([]float64, x.Len())
		if g, ok := x.Grad(); ok { // zeros where the output does not depend on it
			s.tape.Device().Read64(grads[i], g)
		}
	}
	return y, grads, nil
}

func (s *subject) read(x tensor.Tensor) []float64 {
	y := make([]float64, x.Len())
	s.tape.Device().Read64(y, x)
	return y
}

// values returns the inputs' numbers.
func (s *subject) values() [][]float64 {
	v := make([][]float64, len(s.in))
	for i, x := range s.in {
		v[i] = x.Data
	}
	return v
}

func normal(seed uint64, purpose string, n int, keys ...int) []float64 {
	r := rng.New(seed, purpose, keys...)
	x := make([]float64, n)
	for i := range x {
		x[i] = r.Normal()
	}
	return x
}
