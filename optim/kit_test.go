package optim_test

import (
	"fmt"
	"strings"
	"testing"

	"partials/autograd"
	"partials/device"
	"partials/device/devices"
	"partials/internal/config"
	"partials/internal/golden"
	"partials/optim"
	"partials/tensor"
)

// section is what a recipe says of this package.
type section struct {
	Optim    config.Section[optim.Config]         `yaml:"optim"`
	Schedule config.Section[optim.ScheduleConfig] `yaml:"schedule"`
}

// load reads a recipe as train does.
func load(overrides ...string) (section, error) {
	s := section{Optim: config.Of(optim.Kinds, "adam"), Schedule: config.Of(optim.Schedules, "constant")}
	err := config.Load(&s, "r.yaml", []byte("optim: {}\n"), overrides)
	return s, err
}

func optimizer(t testing.TB, overrides ...string) optim.Config {
	t.Helper()
	s, err := load(overrides...)
	if err != nil {
		t.Fatal(err)
	}
	return s.Optim.Value
}

// schedule builds one for a learning rate and a number of steps.
func schedule(t testing.TB, base float64, steps int, overrides ...string) optim.Schedule {
	t.Helper()
	s, err := load(overrides...)
	if err != nil {
		t.Fatal(err)
	}
	sched, err := s.Schedule.Value.Build(base, steps)
	if err != nil {
		t.Fatal(err)
	}
	return sched
}

// fields turns a case's parameters into overrides of a section of a recipe. The
// names that differ from PyTorch's are in renamed, to "" for none.
func fields(c golden.Case, at string, renamed map[string]string) []string {
	var list []string
	for name, raw := range c.Params {
		if to, ok := renamed[name]; ok {
			name = to
		}
		if name != "" {
			list = append(list, fmt.Sprintf("%s.%s=%s", at, name, strings.Trim(string(raw), `"`)))
		}
	}
	return list
}

// eachDevice runs f on the devices that every machine has.
func eachDevice(t *testing.T, f func(t *testing.T, dev device.Device)) {
	for _, name := range []string{"ref", "cpu"} {
		t.Run(name, func(t *testing.T) {
			dev, _, err := devices.Open(name, devices.Options{Threads: 2})
			if err != nil {
				t.Fatal(err)
			}
			defer dev.Close()
			f(t, dev)
		})
	}
}

// place makes parameters of the given values, one tensor of each slice.
func place(dev device.Device, values ...[]float64) *autograd.Params {
	p := new(autograd.Params)
	for i, v := range values {
		p.Add(fmt.Sprint("p", i), tensor.Of(len(v)), v)
	}
	p.Place(dev)
	return p
}

func put(dev device.Device, values []float64) tensor.Tensor {
	x := tensor.New(tensor.Of(len(values)), dev.Alloc(len(values)))
	dev.Write64(x, values)
	return x
}

func read(dev device.Device, x tensor.Tensor) []float64 {
	v := make([]float64, x.Len())
	dev.Read64(v, x)
	return v
}

// within checks values against a case's array: 1e-12 on ref, and on the cpu ten
// times PyTorch's own float32 error, at most 1e-4.
func within(t *testing.T, dev device.Device, c golden.Case, name string, got []float64) {
	t.Helper()
	most := 1e-12
	if dev.Name() != "ref" {
		most = min(1e-4, c.Tol32(t, name, 1e-6))
	}
	if e := golden.RelL2(got, c.Array(t, name).Data); !(e <= most) {
		t.Errorf("%s: %s is off by %.3g, at most %.3g allowed", c.ID, name, e, most)
	}
}
