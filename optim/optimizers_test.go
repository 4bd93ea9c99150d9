package optim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"partials/device"
	"partials/internal/golden"
	"partials/optim"
)

// asTorch are PyTorch's names of optimizer fields that are others here.
var asTorch = map[string]string{
	"optimizer": "kind", "decoupled_weight_decay": "decoupled",
	"steps": "", "kept": "", "dampening": "", // dampening is 0 in every case
}

// optimizerCases are PyTorch's runs of the optimizers, without those of amsgrad,
// which there is none of here.
func optimizerCases(t *testing.T) []golden.Case {
	cases := golden.Cases(t, "optim", "optimizer")
	all := len(cases)
	cases = slices.DeleteFunc(cases, func(c golden.Case) bool { _, ok := c.Params["amsgrad"]; return ok })
	if all != 25 || len(cases) != 23 {
		t.Fatalf("%d cases, %d of them without amsgrad", all, len(cases))
	}
	return cases
}

// build reads a case's optimizer from a recipe. Where the case's rate varies,
// the recipe's is not used.
func build(t *testing.T, c golden.Case) (o optim.Config, rate func(step int) float64) {
	t.Helper()
	names := asTorch
	if varying, ok := c.Arrays["lr"]; ok {
		names = map[string]string{"lr": ""}
		for k, v := range asTorch {
			names[k] = v
		}
		return optimizer(t, fields(c, "optim", names)...), func(step int) float64 { return varying.Data[step] }
	}
	o = optimizer(t, fields(c, "optim", names)...)
	return o, func(int) float64 { return o.Rate() }
}

// Fifty steps of PyTorch's optimizers, from the YAML's names on.
func TestTorchOptimizers(t *testing.T) {
	eachDevice(t, func(t *testing.T, dev device.Device) {
		for _, c := range optimizerCases(t) {
			conf, rate := build(t, c)
			p := place(dev, c.Array(t, "w0").Data, c.Array(t, "b0").Data)
			o := conf.Build(dev, p)
			w, b := p.All()[0], p.All()[1]
			n, m := w.Shape.Len(), b.Shape.Len()
			compared := 0
			for step := range golden.Param[int](t, c, "steps") {
				gw, gb := c.Array(t, "gw").Data[step*n:][:n], c.Array(t, "gb").Data[step*m:][:m]
				dev.Write64(p.Grads(), slices.Concat(gw, gb))
				o.Step(rate(step), step)
				if name := fmt.Sprint(step + 1); c.Arrays["w"+name].Data != nil {
					within(t, dev, c, "w"+name, read(dev, w.Var().Tensor))
					within(t, dev, c, "b"+name, read(dev, b.Var().Tensor))
					compared++
				}
			}
			if compared != 4 {
				t.Errorf("%s: compared after %d steps, want 4", c.ID, compared)
			}
		}
	})
}

// everyOptimizer are optimizers that together use every piece of state.
var everyOptimizer = []struct{ fields, state string }{
	{"kind=sgd", ""},
	{"kind=sgd momentum=0.9 nesterov=true weight_decay=0.1 decoupled=true", "momentum"},
	{"kind=adam weight_decay=0.1", "m v"},
	{"kind=adamw", "m v"},
	{"kind=radam betas=[0.8,0.9]", "m v"},
	{"kind=rmsprop", "v"},
	{"kind=rmsprop centered=true", "v mean"},
	{"kind=rmsprop momentum=0.9", "v momentum"},
	{"kind=rmsprop momentum=0.9 centered=true weight_decay=0.1 decoupled=true", "v mean momentum"},
}

func overrides(section, fields string) []string {
	list := strings.Fields(fields)
	for i, f := range list {
		list[i] = section + "." + f
	}
	return list
}

// gradient is some gradient of n numbers that changes with the step.
func gradient(n, step int) []float64 {
	g := make([]float64, n)
	for i := range g {
		g[i] = float64((i*7+step*13)%11-5) / 8
	}
	return g
}

// An optimizer that is given the parameters and the state of another, under
// the same names, goes on with the same bits.
func TestStateContinues(t *testing.T) {
	eachDevice(t, func(t *testing.T, dev device.Device) {
		for _, e := range everyOptimizer {
			conf := optimizer(t, overrides("optim", e.fields)...)
			const n, half, steps = 1009, 7, 20
			p := place(dev, gradient(n, 100))
			o := conf.Build(dev, p)
			var names []string
			for _, s := range o.State() {
				names = append(names, s.Name)
			}
			if got := strings.Join(names, " "); got != e.state {
				t.Errorf("%s: the state is %q, want %q", e.fields, got, e.state)
			}
			q := place(dev, make([]float64, n))
			var other optim.Optimizer
			for step := range steps {
				if step == half {
					dev.Copy(q.Values(), p.Values())
					other = conf.Build(dev, q)
					for i, s := range other.State() {
						dev.Write64(s.Value, read(dev, o.State()[i].Value))
					}
				}
				dev.Write64(p.Grads(), gradient(n, step))
				o.Step(1e-2, step)
				if other != nil {
					dev.Write64(q.Grads(), gradient(n, step))
					other.Step(1e-2, step)
				}
			}
			if !slices.Equal(read(dev, p.Values()), read(dev, q.Values())) {
				t.Errorf("%s: the run that was continued differs", e.fields)
			}
			if slices.Equal(read(dev, p.Values()), gradient(n, 100)) {
				t.Errorf("%s: the parameters did not change", e.fields)
			}
		}
	})
}

func TestStepAllocatesNothing(t *testing.T) {
	eachDevice(t, func(t *testing.T, dev device.Device) {
		for _, e := range everyOptimizer {
			p := place(dev, gradient(40000, 0))
			o := optimizer(t, overrides("optim", e.fields)...).Build(dev, p)
			dev.Write64(p.Grads(), gradient(40000, 1))
			step := 0
			if n := testing.AllocsPerRun(10, func() { o.Step(1e-3, step); step++ }); n != 0 {
				t.Errorf("%s: a step allocates %v times", e.fields, n)
			}
		}
	})
}

// A model without parameters takes steps as any other.
func TestNoParameters(t *testing.T) {
	eachDevice(t, func(t *testing.T, dev device.Device) {
		scratch := put(dev, []float64{5})
		for _, e := range everyOptimizer {
			p := place(dev, nil)
			o := optimizer(t, overrides("optim", e.fields)...).Build(dev, p)
			o.Step(1e-3, 0)
			for _, s := range o.State() {
				if s.Value.Absent() || s.Value.Len() != 0 {
					t.Errorf("%s: the state %q has %d numbers", e.fields, s.Name, s.Value.Len())
				}
			}
			if norm := optim.Norm(dev, p.Grads(), scratch); norm != 0 {
				t.Errorf("the norm of no gradients is %v", norm)
			}
			optim.ClipNorm(dev, p.Grads(), 2, 1)
		}
	})
}

// Decoupled decay shrinks the weights by lr*weight_decay and nothing else,
// where the gradient is zero, whatever the optimizer.
func TestDecoupledDecay(t *testing.T) {
	eachDevice(t, func(t *testing.T, dev device.Device) {
		for _, fields := range []string{"kind=sgd decoupled=true", "kind=sgd momentum=0.5 decoupled=true", "kind=adamw", "kind=radam decoupled=true", "kind=rmsprop decoupled=true"} {
			p := place(dev, []float64{1, -2, 0})
			o := optimizer(t, overrides("optim", fields+" weight_decay=0.5")...).Build(dev, p)
			o.Step(0.5, 0)
			o.Step(0.25, 1)
			if got, want := read(dev, p.Values()), []float64{0.65625, -1.3125, 0}; !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", fields, got, want)
			}
		}
	})
}
