package spectral_test

import (
	"fmt"
	"testing"

	"partials/autograd"
	"partials/autograd/gradcheck"
	"partials/device"
	"partials/device/devices"
	"partials/device/ref"
	"partials/internal/golden"
	"partials/spectral"
	"partials/tensor"
)

// measures are the functions of a signal, and what they compose of.
var measures = map[string]struct {
	whole, composed func(t *tape, a *spectral.Analysis, x *autograd.Var) *autograd.Var
}{
	"clamp": {
		func(t *tape, a *spectral.Analysis, x *autograd.Var) *autograd.Var {
			return a.Magnitude(t, x, spectral.FloorClamp, 0.3)
		},
		func(t *tape, a *spectral.Analysis, x *autograd.Var) *autograd.Var {
			return spectral.Magnitude(t, a.Apply(t, x), spectral.FloorClamp, 0.3)
		},
	},
	"add": {
		func(t *tape, a *spectral.Analysis, x *autograd.Var) *autograd.Var {
			return a.Magnitude(t, x, spectral.FloorAdd, 0)
		},
		func(t *tape, a *spectral.Analysis, x *autograd.Var) *autograd.Var {
			return spectral.Magnitude(t, a.Apply(t, x), spectral.FloorAdd, 0)
		},
	},
	"power": {
		func(t *tape, a *spectral.Analysis, x *autograd.Var) *autograd.Var { return a.Power(t, x) },
		func(t *tape, a *spectral.Analysis, x *autograd.Var) *autograd.Var {
			return spectral.Power(t, a.Apply(t, x))
		},
	},
	"log": {
		func(t *tape, a *spectral.Analysis, x *autograd.Var) *autograd.Var {
			return a.LogMagnitude(t, x, spectral.FloorAdd, 0.1, spectral.Decibels)
		},
		func(t *tape, a *spectral.Analysis, x *autograd.Var) *autograd.Var {
			return spectral.LogMagnitude(t, a.Apply(t, x), spectral.FloorAdd, 0.1, spectral.Decibels)
		},
	},
}

// measure returns the values of f and the gradient of their product with
// numbers.
func measure(t *testing.T, dev device.Device, f func(t *tape, a *spectral.Analysis, x *autograd.Var) *autograd.Var, a *spectral.Analysis, x gradcheck.Input) (y, dx []float64) {
	t.Helper()
	tape := autograd.NewTape(dev, 0)
	v := tape.Watch(tape.Put64(x.Shape, x.Data))
	out := f(tape, a, v)
	dy := gradcheck.Normal(9, out.Shape)
	if err := tape.BackwardFrom(out, tape.Put64(dy.Shape, dy.Data).Tensor); err != nil {
		t.Fatal(err)
	}
	g, _ := v.Grad()
	return read(dev, out.Tensor), read(dev, g)
}

// The measures of a signal are those of its spectrogram, on every device and
// whatever it does beyond the kernels.
func TestMeasuresOfSignals(t *testing.T) {
	type size struct {
		options spectral.STFT
		shape   tensor.Shape
	}
	var sizes []size
	for _, c := range framings {
		sizes = append(sizes, size{c.options, of(2, 3, c.length)}, size{c.options, of(c.length)})
	}
	for _, c := range fusedSizes() {
		sizes = append(sizes, size{c.stft, of(c.rows, c.length)})
	}
	cpu := benches(t)[1].dev
	for name, m := range measures {
		for _, s := range sizes {
			a := newAnalysis(t, s.options)
			x := gradcheck.Normal(3, s.shape)
			for i, v := range x.Data {
				x.Data[i] = float64(float32(v))
			}
			want, wantGrad := measure(t, ref.NewChecked(), m.composed, a, x)
			for device, dev := range map[string]device.Device{"ref": ref.NewChecked(), "cpu": cpu, "plain cpu": plain{cpu}} {
				tol := 1e-13
				if device != "ref" {
					tol = 2e-6
				}
				y, dx := measure(t, dev, m.whole, a, x)
				if e, g := golden.RelL2(y, want), golden.RelL2(dx, wantGrad); !(e <= tol) || !(g <= 10*tol) {
					t.Errorf("%s of %v by %+v on %s: values off by %.2g, gradient by %.2g", name, s.shape, s.options, device, e, g)
				}
			}
		}
	}
}

func TestMeasureGradients(t *testing.T) {
	for _, c := range framings {
		a := newAnalysis(t, c.options)
		for name, m := range measures {
			f := func(t *tape, v vars) *autograd.Var { return m.whole(t, a, v[0]) }
			in := []gradcheck.Input{gradcheck.Normal(1, of(2, c.length))}
			if err := gradcheck.Full(ref.NewChecked(), f, in); err != nil {
				t.Errorf("%s by %+v: %v", name, c.options, err)
			}
		}
	}
}

func TestMeasureThreads(t *testing.T) {
	a := newAnalysis(t, spectral.DefaultSTFT(64))
	x := gradcheck.Normal(1, of(3, 9001))
	var want []float64
	for _, threads := range []int{1, 2, 3, 7} {
		dev, _, err := devices.Open("cpu", devices.Options{Threads: threads})
		if err != nil {
			t.Fatal(err)
		}
		y, dx := measure(t, dev, measures["add"].whole, a, x)
		got := append(y, dx...)
		if want == nil {
			want = got
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%d threads give other bits than one", threads)
		}
		dev.Close()
	}
}
