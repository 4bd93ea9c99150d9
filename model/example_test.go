package model_test

import (
	"fmt"

	"partials/device/ref"
	"partials/model"
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
