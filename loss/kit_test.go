package loss_test

import (
	"testing"

	"partials/autograd"
	"partials/device"
	"partials/device/devices"
	"partials/internal/config"
	"partials/loss"
	"partials/tensor"
)

// auraloss are the options that make a spectral loss auraloss' own.
const auraloss = "floor: clamp, sc_floor: 0, lean: 0"

type recipe struct {
	Loss config.List[loss.Config] `yaml:"loss"`
}

// parse reads the flow mapping of one loss, or of several between brackets.
func parse(yaml string) (config.List[loss.Config], error) {
	r := recipe{Loss: config.ListOf(loss.Kinds)}
	if yaml[0] != '[' {
		yaml = "[" + yaml + "]"
	}
	err := config.Load(&r, "test.yaml", []byte("loss: "+yaml), nil)
	return r.Loss, err
}

func build(t testing.TB, yaml string, env loss.Env) *loss.Sum {
	t.Helper()
	list, err := parse(yaml)
	if err != nil {
		t.Fatal(err)
	}
	s, err := loss.New(list, env)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// evaluate returns the value and the gradient of a sum of losses.
func evaluate(t testing.TB, dev device.Device, s *loss.Sum, shape tensor.Shape, pred, target []float64) (float64, []float64) {
	t.Helper()
	tape := autograd.NewTape(dev, 0)
	p := tape.Watch(tape.Put64(shape, pred))
	l := s.Apply(tape, 0, p, tape.Put64(shape, target))
	value := tape.Scalar(l)
	if err := tape.Backward(l); err != nil {
		t.Fatal(err)
	}
	grad := make([]float64, shape.Len())
	if g, ok := p.Grad(); ok {
		dev.Read64(grad, g)
	}
	return value, grad
}

// cpuDevice opens the float32 device.
func cpuDevice(t testing.TB) device.Device {
	t.Helper()
	dev, _, err := devices.Open("cpu", devices.Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dev.Close() })
	return dev
}

func of(dims ...int) tensor.Shape { return tensor.Of(dims...) }
