package model_test

import (
	"slices"
	"strings"
	"testing"

	"partials/autograd"
	"partials/device"
	"partials/internal/golden"
	"partials/model"
	"partials/ops"
	"partials/tensor"
)

// tolerance is 1e-11 on ref and what PyTorch allows itself in float32 on cpu.
func tolerance(t *testing.T, dev device.Device, c golden.Case, name string) float64 {
	if dev.Name() == "ref" {
		return 1e-11
	}
	return c.Tol32(t, name, 1e-6)
}

func shape(a golden.Array) tensor.Shape { return tensor.Of(a.Shape...) }

// onDevices runs f for every case of an op on ref and cpu.
func onDevices(t *testing.T, op string, f func(t *testing.T, dev device.Device, c golden.Case)) {
	for _, name := range []string{"ref", "cpu"} {
		dev := open(t, name)
		for _, c := range golden.Cases(t, "layers", op) {
			t.Run(name+" "+c.ID, func(t *testing.T) { f(t, dev, c) })
		}
	}
}

// The weights of a .nam file, without the head scale at their end, are the
// parameters in their order.
func TestWaveNetEqualsPyTorch(t *testing.T) {
	type array struct {
		Channels    int    `json:"channels"`
		KernelSize  int    `json:"kernel_size"`
		KernelSizes []int  `json:"kernel_sizes"`
		Dilations   []int  `json:"dilations"`
		Activation  string `json:"activation"`
		Gated       bool   `json:"gated"`
		HeadSize    int    `json:"head_size"`
		HeadKernel  int    `json:"head_kernel"`
		HeadBias    bool   `json:"head_bias"`
	}
	activations := map[string]model.Activation{"Tanh": {Name: "tanh"}, "LeakyReLU": {Name: "leaky_relu", P: 0.01}}
	onDevices(t, "wavenet", func(t *testing.T, dev device.Device, c golden.Case) {
		scale := golden.Param[float64](t, c, "head_scale")
		config := model.WaveNet{HeadScale: &scale}
		for _, a := range golden.Param[[]array](t, c, "layers") {
			config.Layers = append(config.Layers, model.LayerArray{
				Channels: a.Channels, KernelSize: a.KernelSize, KernelSizes: a.KernelSizes, Dilations: a.Dilations,
				Activation: activations[a.Activation], Gating: map[bool]model.Gating{true: model.Gated}[a.Gated],
				Head: model.ArrayHead{Channels: a.HeadSize, KernelSize: a.HeadKernel, Bias: a.HeadBias},
			})
		}
		m := build(t, dev, config, 1, 1)
		weights := c.Array(t, "weights").Data
		n := len(weights) - 1
		if got := m.params.Len(); got != n || weights[n] != scale {
			t.Fatalf("%d parameters, the file has %d and a head scale", got, n)
		}
		if got, want := m.Facts().ReceptiveField, golden.Param[int](t, c, "receptive_field"); got != want {
			t.Errorf("receptive field %d, want %d", got, want)
		}
		dev.Write64(m.params.Values(), weights[:n])
		gx := m.compare(t, c)
		wantClose(t, "gx", gx, c.Array(t, "gx").Data, tolerance(t, dev, c, "gx"))
		wantClose(t, "gweights", read(dev, m.params.Grads()), c.Array(t, "gweights").Data[:n], tolerance(t, dev, c, "gweights"))
	})
}

// compare runs m over x of the case, holds y against it, plays g back and
// returns the gradient of x.
func (m built) compare(t *testing.T, c golden.Case) []float64 {
	t.Helper()
	tape := autograd.NewTape(m.dev, 0)
	x, g := c.Array(t, "x"), c.Array(t, "g")
	in := tape.Watch(tape.Put64(shape(x), x.Data))
	padded := in
	if short := g.Shape[2] + m.Facts().Context - x.Shape[2]; short > 0 {
		padded = ops.Pad(tape, in, 2, short, 0)
	}
	y := m.Forward(model.Whole(tape), padded)
	wantClose(t, "y", read(m.dev, y.Tensor), c.Array(t, "y").Data, tolerance(t, m.dev, c, "y"))
	if err := tape.BackwardFrom(y, tape.Put64(shape(g), g.Data).Tensor); err != nil {
		t.Fatal(err)
	}
	gx, _ := in.Grad()
	return read(m.dev, gx)
}

// An impulse response is the weight from its end.
func TestFIREqualsPyTorch(t *testing.T) {
	reversed := func(x []float64) []float64 {
		x = slices.Clone(x)
		slices.Reverse(x)
		return x
	}
	onDevices(t, "fir", func(t *testing.T, dev device.Device, c golden.Case) {
		m := build(t, dev, model.FIR{Taps: golden.Param[int](t, c, "taps")}, 1, 1)
		dev.Write64(m.params.Values(), reversed(c.Array(t, "h").Data))
		gx := m.compare(t, c)
		wantClose(t, "gx", gx, c.Array(t, "gx").Data, tolerance(t, dev, c, "gx"))
		wantClose(t, "gh", reversed(read(dev, m.params.Grads())), c.Array(t, "gh").Data, tolerance(t, dev, c, "gh"))
	})
}

func TestRecurrentEqualsPyTorch(t *testing.T) {
	for kind, op := range map[device.Kind]string{device.LSTM: "lstm", device.GRU: "gru"} {
		onDevices(t, op, func(t *testing.T, dev device.Device, c golden.Case) { compareRecurrent(t, dev, kind, c) })
	}
}

// compareRecurrent runs a stack of layers from the state of a case, as a block
// of a stream.
func compareRecurrent(t *testing.T, dev device.Device, kind device.Kind, c golden.Case) {
	layers := golden.Param[int](t, c, "layers")
	b := &model.Builder{Params: new(autograd.Params)}
	r := b.Recurrent("l", model.RecurrentShape{
		Cell: device.Cell{Kind: kind}, Layers: layers,
		In: golden.Param[int](t, c, "input"), Hidden: golden.Param[int](t, c, "hidden"),
	})
	b.Params.Place(dev)
	for _, p := range b.Params.All() { // l.1.weight_ih is weight_ih_l1
		part := strings.Split(p.Name, ".")
		dev.Write64(p.Var().Tensor, c.Array(t, part[2]+"_l"+part[1]).Data)
	}
	tape := autograd.NewTape(dev, 0)
	state := model.NewState(dev)
	forward := func() *autograd.Var {
		x := c.Array(t, "x")
		return r.Forward(model.Block(tape, state), tape.Put64(shape(x), x.Data), 0)
	}
	forward() // makes the state
	hidden := func(name string, f func(value tensor.Tensor, at []float64)) {
		state.Each(func(entry string, value tensor.Tensor) { // l.1.h
			part := strings.Split(entry, ".")
			if part[2] != name[:1] {
				return
			}
			layer := int(part[1][0] - '0')
			all := c.Array(t, name).Data
			n := len(all) / layers
			f(value, all[layer*n:(layer+1)*n])
		})
	}
	states := []string{"h", "c"}[:map[device.Kind]int{device.LSTM: 2, device.GRU: 1}[kind]]
	for _, s := range states {
		hidden(s+"0", func(value tensor.Tensor, at []float64) { dev.Write64(value, at) })
	}
	y := forward()
	wantClose(t, "y", read(dev, y.Tensor), c.Array(t, "y").Data, tolerance(t, dev, c, "y"))
	for _, s := range states {
		hidden(s+"n", func(value tensor.Tensor, at []float64) {
			wantClose(t, s+"n", read(dev, value), at, tolerance(t, dev, c, s+"n"))
		})
	}
}
