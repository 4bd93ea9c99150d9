package autograd_test

import (
	"fmt"

	"partials/autograd"
	"partials/device/devices"
	"partials/ops"
	"partials/tensor"
)

// One parameter learns to double its input.
func Example() {
	dev := devices.Reference()
	defer dev.Close()
	params := new(autograd.Params)
	gain := params.Add("gain", tensor.Of(1), []float64{0})
	params.Place(dev)

	tape := autograd.NewTape(dev, 0)
	for range 50 {
		tape.Reset()
		params.ZeroGrad()
		x := tape.Put(tensor.Of(3), []float32{1, -1, 2})
		want := tape.Put(tensor.Of(3), []float32{2, -2, 4})
		loss := ops.Mean(tape, ops.Square(tape, ops.Sub(tape, ops.ScaleBy(tape, x, gain.Var(), 0), want)))
		if err := tape.Backward(loss); err != nil {
			fmt.Println(err)
			return
		}
		dev.AddScaled(params.Values(), -0.1, params.Grads()) // a step of gradient descent
	}
	fmt.Printf("%.3f\n", tape.Scalar(gain.Var()))
	// Output: 2.000
}

// round is a Function without a gradient.
type round struct{ autograd.NoGradient }

// String names it in errors.
func (*round) String() string { return "round" }

func (*round) Forward(c *autograd.Call) tensor.Tensor {
	x := make([]float32, c.In(0).Len())
	c.Read32(x, c.In(0))
	for i, v := range x {
		x[i] = float32(int(v))
	}
	y := c.New(c.In(0).Shape)
	c.Write32(y, x)
	return y
}

// What has no gradient says so, unless nothing needs one.
func ExampleNoGradient() {
	dev := devices.Reference()
	defer dev.Close()
	tape := autograd.NewTape(dev, 0)
	x := tape.Watch(tape.Put(tensor.Of(2), []float32{1.5, 2.5}))

	y := autograd.Apply(tape, round{}, autograd.In{x})
	err := tape.Backward(ops.Sum(tape, y))
	fmt.Println(err != nil && err.(*autograd.NoGradientError).Op == "round")

	y = autograd.Apply(tape, round{}, autograd.In{tape.Detach(x)})
	loss := ops.Sum(tape, ops.Mul(tape, x, y))
	fmt.Println(tape.Backward(loss), tape.Scalar(loss))
	// Output:
	// true
	// <nil> 6.5
}

// A mistake inside a step is a Fault that names the Function and the shapes.
func ExampleCatch() {
	dev := devices.Reference()
	defer dev.Close()
	tape := autograd.NewTape(dev, 0)
	err := autograd.Catch(func() {
		ops.Add(tape, tape.Put(tensor.Of(2), []float32{1, 2}), tape.Put(tensor.Of(1), []float32{1}))
	})
	fault := err.(*autograd.Fault)
	fmt.Println(fault.Op, fault.In)
	fmt.Println(fault.Cause)
	// Output:
	// ops.combine [(2) (1)]
	// both shapes must be equal; AddBias, ScaleBy and Spread repeat a smaller one
}
