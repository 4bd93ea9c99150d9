package model

import (
	"math"
	"testing"

	"partials/autograd"
	"partials/device/ref"
	"partials/tensor"
)

func TestActivations(t *testing.T) {
	cases := map[string]struct{ at, below float64 }{ // of 0.5 and of -0.5
		"tanh":            {math.Tanh(0.5), -math.Tanh(0.5)},
		"sigmoid":         {1 / (1 + math.Exp(-0.5)), 1 / (1 + math.Exp(0.5))},
		"relu":            {0.5, 0},
		"leaky_relu":      {0.5, -0.005},
		"leaky_relu(0.2)": {0.5, -0.1},
		"prelu":           {0.5, -0.125},
		"elu(2)":          {0.5, 2 * (math.Exp(-0.5) - 1)},
		"gelu":            {0.25 * (1 + math.Erf(0.5/math.Sqrt2)), -0.25 * (1 - math.Erf(0.5/math.Sqrt2))},
		"silu":            {0.5 / (1 + math.Exp(-0.5)), -0.5 / (1 + math.Exp(0.5))},
		"softplus":        {math.Log1p(math.Exp(0.5)), math.Log1p(math.Exp(-0.5))},
		"softsign":        {0.5 / 1.5, -0.5 / 1.5},
		"hardtanh":        {0.5, -0.5},
		"hardswish":       {0.5 * 3.5 / 6, -0.5 * 2.5 / 6},
		"snake(2)":        {0.5 + math.Pow(math.Sin(1), 2)/2, -0.5 + math.Pow(math.Sin(1), 2)/2},
	}
	tested := map[string]bool{}
	for text, want := range cases {
		var a, again Activation
		if err := a.UnmarshalText([]byte(text)); err != nil {
			t.Error(err)
			continue
		}
		tested[a.Name] = true
		if err := again.UnmarshalText([]byte(a.String())); err != nil || again != a {
			t.Errorf("%s reads back from %s as %+v (%v)", text, a, again, err)
		}
		dev := ref.New()
		b := &Builder{Params: new(autograd.Params)}
		l := b.Activate("a", a, 2)
		gate := b.Gate("g", Gated, a, Activation{Name: "sigmoid"}, 2)
		blend := b.Gate("b", Blended, a, Activation{Name: "sigmoid"}, 2)
		b.Params.Place(dev)
		tape := autograd.NewTape(dev, 0)
		values := func(v *autograd.Var) []float64 {
			y := make([]float64, v.Len())
			dev.Read64(y, v.Tensor)
			return y
		}
		y := values(l.Forward(Whole(tape), tape.Put64(tensor.Of(1, 2, 1), []float64{0.5, -0.5})))
		if math.Abs(y[0]-want.at) > 1e-15 || math.Abs(y[1]-want.below) > 1e-15 {
			t.Errorf("%s of 0.5 and -0.5 is %v, want %v", text, y, want)
		}
		half := 0.5 // sigmoid(0)
		z := values(gate.Forward(Whole(tape), tape.Put64(tensor.Of(1, 4, 1), []float64{0.5, -0.5, 0, 0})))
		if math.Abs(z[0]-half*want.at) > 1e-15 || math.Abs(z[1]-half*want.below) > 1e-15 {
			t.Errorf("%s of 0.5 and -0.5, gated by a half, is %v, want half of %v", text, z, want)
		}
		m := values(blend.Forward(Whole(tape), tape.Put64(tensor.Of(1, 4, 1), []float64{0.5, -0.5, 0, 0})))
		if math.Abs(m[0]-half*(want.at+0.5)) > 1e-15 || math.Abs(m[1]-half*(want.below-0.5)) > 1e-15 {
			t.Errorf("%s of 0.5 and -0.5, blended by a half, is %v, want the mean of %v and 0.5, -0.5", text, m, want)
		}
	}
	for name := range activations {
		if !tested[name] {
			t.Errorf("%s has no case here", name)
		}
	}
	if zero := (Activation{}); zero.String() != "tanh" {
		t.Errorf("the zero Activation is %s", zero)
	}
}
