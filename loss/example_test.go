package loss_test

import (
	"fmt"
	"math"

	"partials/autograd"
	"partials/device/devices"
	"partials/loss"
	"partials/ops"
	"partials/tensor"
)

// A loss by its name with its defaults, another with a field changed, and the
// gradient of their sum.
func Example() {
	const samples = 4096
	env := loss.Env{Rate: 44100, Channels: 1, Samples: samples}
	esr, err := loss.Kinds()["esr"].Build(env)
	if err != nil {
		fmt.Println(err)
		return
	}
	config := loss.Kinds()["stft"].(loss.STFT) // its fields are its YAML
	config.NFFT = 512
	stft, err := config.Build(env)
	if err != nil {
		fmt.Println(err)
		return
	}

	dev := devices.Reference()
	defer dev.Close()
	tape := autograd.NewTape(dev, 0)
	target, pred := make([]float32, samples), make([]float32, samples)
	for t := range target {
		target[t] = float32(math.Sin(float64(t * t))) // noise enough
		pred[t] = target[t] / 2
	}
	p := tape.Watch(tape.Put(tensor.Of(1, 1, samples), pred))
	y := tape.Put(tensor.Of(1, 1, samples), target)
	a, b := esr.Apply(tape, p, y), stft.Apply(tape, p, y)
	if err := tape.Backward(ops.Add(tape, a, b)); err != nil {
		fmt.Println(err)
		return
	}
	_, ok := p.Grad()
	fmt.Printf("ESR %.3f, STFT %.3f, gradient %v\n", tape.Scalar(a), tape.Scalar(b), ok)
	// Output: ESR 0.250, STFT 1.193, gradient true
}

// A loss that does not fit the data is refused before training, in the terms
// of the recipe.
func ExampleConfig() {
	_, err := loss.Kinds()["stft"].Build(loss.Env{Rate: 44100, Channels: 1, Samples: 256})
	fmt.Println(err)
	// Output: n_fft 1024 needs a segment of at least 513 samples (n_fft/2 + 1), but segment is 256: raise segment or lower n_fft
}
