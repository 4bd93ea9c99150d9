package model_test

import (
	"fmt"

	"partials/autograd"
	"partials/device/ref"
	"partials/model"
	"partials/tensor"
)

// A model runs over sound of any length, block by block.
func ExampleStream() {
	dev := ref.New()
	m, params, err := model.Build(model.FIR{Taps: 3}, dev, model.Env{Rate: 48000, Inputs: 1, Outputs: 1, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	dev.Write64(params.Values(), []float64{0.25, 0.5, 1}) // the newest sample counts most
	s := model.NewStream(m, dev)
	for _, block := range [][]float32{{1, 0}, {0, 0}, {2}} {
		out := make([]float32, len(block))
		s.Process([][]float32{out}, [][]float32{block})
		fmt.Println(out)
	}
	fmt.Println("latency", s.Latency(), "samples")
	// Output:
	// [1 0.5]
	// [0.25 0]
	// [2]
	// latency 0 samples
}

// A model with its defaults, and one forward pass over a segment, whose context
// stands before it.
func ExampleBuild() {
	dev := ref.New()
	m, params, err := model.Build(model.Kinds()["tcn"], dev, model.Env{Rate: 48000, Inputs: 1, Outputs: 1, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	f := m.Facts()
	fmt.Println(params.Len(), "parameters, receptive field", f.ReceptiveField, "samples")

	tape := autograd.NewTape(dev, 0)
	x := tape.Put(tensor.Of(1, 1, f.Context+64), make([]float32, f.Context+64))
	y := m.Forward(model.Whole(tape), x)
	fmt.Println(x.Shape, "to", y.Shape)
	// Output:
	// 7153 parameters, receptive field 2047 samples
	// (1, 1, 2110) to (1, 1, 64)
}
