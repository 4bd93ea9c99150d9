package workload

import (
	"partials/autograd"
	"partials/device"
	"partials/device/devices"
	"partials/formats/safetensors"
	"partials/tensor"
)

// machine is the CPU and a tape on it, what every workload but those of single
// transforms runs on.
type machine struct {
	dev  device.Device
	tape *autograd.Tape
}

func newMachine(threads int) (machine, error) {
	dev, _, err := devices.Open("cpu", devices.Options{Threads: threads})
	if err != nil {
		return machine{}, err
	}
	return machine{dev: dev, tape: autograd.NewTape(dev, 0)}, nil
}

// put copies numbers to memory of the device that stays.
func (m machine) put(s tensor.Shape, x []float32) tensor.Tensor {
	t := tensor.New(s, m.dev.Alloc(s.Len()))
	m.dev.Write(t, x)
	return t
}

// get copies a tensor from the device.
func (m machine) get(t tensor.Tensor) safetensors.Tensor {
	x := make([]float32, t.Len())
	m.dev.Read(x, t)
	return array(t.Shape, x)
}

// gradient copies v's gradient from the device.
func (m machine) gradient(v *autograd.Var) safetensors.Tensor {
	g, ok := v.Grad()
	if !ok {
		panic("the workload has no gradient where it must have one")
	}
	return m.get(g)
}

// Arena implements Job.
func (m machine) Arena() int64 { return m.tape.Usage().HighWater }

// Close implements Job.
func (m machine) Close() error { return m.dev.Close() }
