package model_test

import (
	"fmt"
	"slices"
	"testing"

	"partials/autograd"
	"partials/autograd/gradcheck"
	"partials/device"
	"partials/device/devices"
	"partials/device/ref"
	"partials/internal/golden"
	"partials/internal/impl/impltest"
	"partials/model"
	"partials/ops"
	"partials/tensor"
)

// plainly is a device without what it may offer beside the kernels of Device.
type plainly struct{ device.Device }

// act names an activation.
func act(name string, p float64) model.Activation { return model.Activation{Name: name, P: p} }

// arrayNets are WaveNets of every form that a device takes as layer arrays.
var arrayNets = map[string]arrayNet{
	"two arrays": {model.WaveNet{Layers: []model.LayerArray{
		{Channels: 16, KernelSize: 3, Dilations: []int{1, 2, 4, 8, 300}},
		{Channels: 8, KernelSize: 3, Dilations: []int{1, 2, 64}, Head: model.ArrayHead{Bias: true}},
	}}, 1, 0, 1},
	"gated, with knobs": {model.WaveNet{Layers: []model.LayerArray{
		{Channels: 4, Bottleneck: 3, KernelSize: 2, Dilations: []int{3, 7}, Gating: model.Gated},
		{Channels: 5, Bottleneck: 6, KernelSizes: []int{3, 1, 4}, Dilations: []int{1, 9, 2}, Gating: model.Gated, Activation: act("leaky_relu", 0.1)},
	}}, 1, 2, 1},
	"heads with a past": {model.WaveNet{Layers: []model.LayerArray{
		{Channels: 3, KernelSizes: []int{6, 15}, Dilations: []int{7, 2}, Activation: act("leaky_relu", 0.01), Head: model.ArrayHead{KernelSize: 16, Bias: true}},
		{Channels: 2, KernelSize: 6, Dilations: []int{41}, Activation: act("relu", 0), Head: model.ArrayHead{KernelSize: 5}},
	}}, 1, 0, 1},
	"many channels around": {model.WaveNet{Layers: []model.LayerArray{
		{Channels: 12, Bottleneck: 7, KernelSize: 3, Dilations: []int{1, 5}, Activation: act("sigmoid", 0)},
		{Channels: 1, KernelSize: 2, Dilations: []int{10}, Gating: model.Gated},
		{Channels: 9, Bottleneck: 1, KernelSize: 3, Dilations: []int{2}, Activation: act("leaky_relu", 0)},
	}}, 3, 0, 2},
	"one sample wide":     {model.WaveNet{Layers: []model.LayerArray{{Channels: 1, KernelSize: 1, Dilations: []int{1}, Head: model.ArrayHead{KernelSize: 1}}}}, 1, 0, 1},
	"a span past a chunk": {model.WaveNet{Layers: []model.LayerArray{{Channels: 2, KernelSize: 2, Dilations: []int{4000, 1}}}}, 2, 1, 1},
}

// arrayNet is a WaveNet over so many channels, the knobs' included.
type arrayNet struct {
	model.WaveNet
	in, knobs, out int
}

// ran is what a net and its gradients gave.
type ran struct{ y, dx, dw []float64 }

// run runs a net whole over a batch of noise, and back twice.
func (n arrayNet) run(t *testing.T, dev device.Device, batch, outputs int) ran {
	t.Helper()
	m, params, err := model.Build(n.WaveNet, dev, model.Env{Rate: 48000, Inputs: n.in, Controls: n.knobs, Outputs: n.out, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	tape := autograd.NewTape(dev, 0)
	x := gradcheck.Uniform(3, tensor.Of(batch, n.in+n.knobs, m.Facts().Context+outputs), -2, 2)
	v := tape.Watch(tape.Put64(x.Shape, x.Data))
	y := m.Forward(model.Whole(tape), v)
	weight := gradcheck.Uniform(5, y.Shape, -1, 1)
	loss := ops.Sum(tape, ops.Mul(tape, ops.Square(tape, y), tape.Put64(y.Shape, weight.Data)))
	r := ran{y: read(dev, y.Tensor)}
	for range 2 {
		if err := tape.Backward(loss); err != nil {
			t.Fatal(err)
		}
	}
	dx, _ := v.Grad()
	r.dx, r.dw = read(dev, dx), read(dev, params.Grads())
	return r
}

// A device's layer arrays give what the layers one by one give: the same bits
// forward, and gradients that differ by rounding; and the same bits on any
// number of threads.
func TestLayerArraysEqualTheirLayers(t *testing.T) {
	devs := map[int]device.Device{}
	for _, threads := range []int{1, 2, 3, 7} {
		dev, _, err := devices.Open("cpu", devices.Options{Threads: threads})
		if err != nil {
			t.Fatal(err)
		}
		defer dev.Close()
		devs[threads] = dev
	}
	for name, net := range arrayNets {
		for _, size := range [][2]int{{1, 1}, {2, 7}, {1, 239}, {3, 240}, {1, 1000}, {2, 4500}, {4, 300}} {
			batch, outputs := size[0], size[1]
			t.Run(fmt.Sprintf("%s %dx%d", name, batch, outputs), func(t *testing.T) {
				want := net.run(t, plainly{devs[2]}, batch, outputs)
				first := net.run(t, devs[1], batch, outputs)
				if !slices.Equal(first.y, want.y) {
					t.Errorf("the outputs differ by %.2g", golden.RelL2(first.y, want.y))
				}
				wantClose(t, "gradient of the input", first.dx, want.dx, 2e-6)
				wantClose(t, "gradient of the weights", first.dw, want.dw, 2e-6)
				for threads, dev := range devs {
					got := net.run(t, dev, batch, outputs)
					if !slices.Equal(got.y, first.y) || !slices.Equal(got.dx, first.dx) || !slices.Equal(got.dw, first.dw) {
						t.Errorf("%d threads give other bits", threads)
					}
				}
			})
		}
	}
}

// With every kernel they give what float64 gives.
func TestLayerArraysInEveryImplementation(t *testing.T) {
	dev := open(t, "cpu")
	exact := map[string]ran{}
	for name, net := range arrayNets {
		exact[name] = net.run(t, ref.New(), 3, 500)
	}
	check := func(t *testing.T) {
		for name, net := range arrayNets {
			got, want := net.run(t, dev, 3, 500), exact[name]
			wantClose(t, name+": output", got.y, want.y, 2e-6)
			wantClose(t, name+": gradient of the input", got.dx, want.dx, 1e-5)
			wantClose(t, name+": gradient of the weights", got.dw, want.dw, 1e-5)
		}
	}
	for _, pkg := range []string{"conv", "vec"} {
		impltest.Each(t, pkg, check)
	}
}

// A steady step allocates nothing, whether the threads share out the items or
// their time.
func TestLayerArraysAllocateNothing(t *testing.T) {
	dev := open(t, "cpu")
	for _, batch := range []int{1, 2} {
		for name, net := range arrayNets {
			m := build(t, dev, net.WaveNet, net.in+net.knobs, net.out)
			tape := autograd.NewTape(dev, 0)
			x := gradcheck.Uniform(3, tensor.Of(batch, net.in+net.knobs, m.Facts().Context+1500), -2, 2)
			var err error // t.Fatal inside the step would allocate
			step := func() {
				tape.Reset()
				y := m.Forward(model.Whole(tape), tape.Put64(x.Shape, x.Data))
				err = tape.Backward(ops.Mean(tape, ops.Square(tape, y)))
			}
			for range 3 {
				step() // every worker has its memory
			}
			if n := testing.AllocsPerRun(5, step); n != 0 || err != nil {
				t.Errorf("%s, batch of %d: a step allocates %v times (%v)", name, batch, n, err)
			}
		}
	}
}

// What a device cannot compute whole, or what learns something else, still runs.
func TestLayerArraysThatNoDeviceHas(t *testing.T) {
	dev := open(t, "cpu")
	layers := model.LayerArray{Channels: 2, KernelSize: 2, Dilations: []int{1, 2}}
	for name, change := range map[string]func(a *model.LayerArray){
		"gelu":            func(a *model.LayerArray) { a.Activation = act("gelu", 0) },
		"prelu":           func(a *model.LayerArray) { a.Activation = act("prelu", 0.25) },
		"negative slope":  func(a *model.LayerArray) { a.Activation = act("leaky_relu", -0.5) },
		"two activations": func(a *model.LayerArray) { a.Activations = []model.Activation{act("relu", 0), act("tanh", 0)} },
		"groups":          func(a *model.LayerArray) { a.Groups = 2 },
		"mix-in groups":   func(a *model.LayerArray) { a.MixinGroups = 2 },
		"1x1 groups":      func(a *model.LayerArray) { a.Layer1x1.Groups = 2 },
		"no 1x1":          func(a *model.LayerArray) { a.Layer1x1.Off = true },
		"head 1x1":        func(a *model.LayerArray) { a.Head1x1.Channels = 3 },
		"blended":         func(a *model.LayerArray) { a.Gating = model.Blended },
		"gate": func(a *model.LayerArray) {
			a.Gating, a.GateActivation = model.Gated, &model.Activation{Name: "tanh"}
		},
	} {
		a := layers
		change(&a)
		net := arrayNet{model.WaveNet{Layers: []model.LayerArray{a}}, 2, 0, 1}
		got, want := net.run(t, dev, 2, 50), net.run(t, plainly{dev}, 2, 50)
		if !slices.Equal(got.y, want.y) || !slices.Equal(got.dx, want.dx) || !slices.Equal(got.dw, want.dw) {
			t.Errorf("%s is computed in another way", name)
		}
	}
}
