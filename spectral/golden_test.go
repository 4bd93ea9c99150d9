package spectral_test

import (
	"encoding"
	"testing"

	"partials/autograd"
	"partials/device"
	"partials/device/devices"
	"partials/device/ref"
	"partials/internal/golden"
	"partials/tensor"
)

// bench is a device and what it is held to.
type bench struct {
	name string
	dev  device.Device
	// tolerance of an array or scalar of a case
	tolerance func(t *testing.T, c golden.Case, name string) float64
}

func benches(t *testing.T) []bench {
	t.Helper()
	cpu, _, err := devices.Open("cpu", devices.Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cpu.Close() })
	return []bench{
		{"ref", ref.NewChecked(), func(*testing.T, golden.Case, string) float64 { return 1e-11 }},
		{"cpu", cpu, func(t *testing.T, c golden.Case, name string) float64 { return c.Tol32(t, name, 1e-6) }},
	}
}

// onEach runs check for every case of the ops on every device.
func onEach(t *testing.T, file string, check func(t *testing.T, s session), names ...string) {
	for _, b := range benches(t) {
		for _, c := range golden.Cases(t, file, names...) {
			t.Run(b.name+"/"+c.ID, func(t *testing.T) {
				check(t, session{b, c, autograd.NewTape(b.dev, 0)})
			})
		}
	}
}

// session is a case on a device.
type session struct {
	bench
	golden.Case
	tape *autograd.Tape
}

// put puts a real array of the case on the tape and watches it.
func (s session) put(t *testing.T, name string) *autograd.Var {
	a := s.Array(t, name)
	if a.Complex {
		return s.tape.Watch(s.tape.Put64(planarShape(a.Shape), planar(a)))
	}
	return s.tape.Watch(s.tape.Put64(tensor.Of(a.Shape...), a.Data))
}

// want compares a value with an array or a scalar of the case.
func (s session) want(t *testing.T, name string, got tensor.Tensor) {
	t.Helper()
	var want []float64
	if v, ok := s.Scalars[name]; ok {
		want = []float64{v}
	} else {
		a := s.Array(t, name)
		want = a.Data
		shape := tensor.Of(a.Shape...)
		if a.Complex {
			want, shape = planar(a), planarShape(a.Shape)
		}
		if got.Shape != shape {
			t.Errorf("%s: shape %v, want %v", name, got.Shape, shape)
			return
		}
	}
	if err, tol := golden.RelL2(read(s.dev, got), want), s.tolerance(t, s.Case, name); !(err <= tol) {
		t.Errorf("%s: relative error %.3g, allowed %.3g", name, err, tol)
	}
}

func (s session) wantGrad(t *testing.T, name string, v *autograd.Var) {
	t.Helper()
	g, ok := v.Grad()
	if !ok {
		t.Errorf("%s: no gradient", name)
		return
	}
	s.want(t, name, g)
}

// backFrom runs backwards from y with the case's g.
func (s session) backFrom(t *testing.T, y *autograd.Var) {
	t.Helper()
	a := s.Array(t, "g")
	g := a.Data
	if a.Complex {
		g = planar(a)
	}
	if err := s.tape.BackwardFrom(y, s.tape.Put64(y.Shape, g).Tensor); err != nil {
		t.Fatal(err)
	}
}

// planar puts a complex array's real and imaginary parts, which alternate
// there, into planes before the rows. Arrays of three axes are (batch, bins,
// frames), and become (batch, 2, frames, bins).
func planar(a golden.Array) []float64 {
	batch, rows, n := 1, a.Shape[0], a.Shape[len(a.Shape)-1]
	if len(a.Shape) == 3 {
		batch, rows, n = a.Shape[0], a.Shape[2], a.Shape[1]
	}
	out := make([]float64, len(a.Data))
	for b := range batch {
		for r := range rows {
			for k := range n {
				i := (b*rows+r)*n + k
				if len(a.Shape) == 3 {
					i = (b*n+k)*rows + r
				}
				for part := range 2 {
					out[((b*2+part)*rows+r)*n+k] = a.Data[2*i+part]
				}
			}
		}
	}
	return out
}

func planarShape(s []int) tensor.Shape {
	if len(s) == 3 {
		return tensor.Of(s[0], 2, s[2], s[1])
	}
	return tensor.Of(2, s[0], s[1])
}

func read(dev device.Device, x tensor.Tensor) []float64 {
	y := make([]float64, x.Len())
	dev.Read64(y, x)
	return y
}

// unmarshal reads a choice from its text in a recipe.
func unmarshal(t *testing.T, to encoding.TextUnmarshaler, text string) {
	t.Helper()
	if err := to.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
}
