package optim_test

import (
	"fmt"

	"partials/autograd"
	"partials/device/devices"
	"partials/optim"
	"partials/tensor"
)

// The lowest point of (x-3)^2, whose gradient is written by hand.
func Example() {
	dev := devices.Reference()
	defer dev.Close()
	params := new(autograd.Params)
	params.Add("x", tensor.Of(1), []float64{0})
	params.Place(dev)

	const steps = 200
	adam := optim.Adam{Moments: optim.Moments{LR: 0.3, Betas: [2]float64{0.9, 0.999}, Eps: 1e-8}}
	optimizer := adam.Build(dev, params)
	schedule, err := optim.Cosine{Warmup: 10}.Build(adam.Rate(), steps)
	if err != nil {
		fmt.Println(err)
		return
	}
	x := make([]float64, 1)
	for step := range steps {
		dev.Read64(x, params.Values())
		dev.Write64(params.Grads(), []float64{2 * (x[0] - 3)})
		optimizer.Step(schedule.LR(step), step)
	}
	dev.Read64(x, params.Values())
	fmt.Printf("%.3f\n", x[0])
	// Output: 3.000
}
