package ops_test

import (
	"fmt"

	"partials/autograd"
	"partials/device"
	"partials/device/ref"
	"partials/ops"
	"partials/tensor"
)

// A layer of a network, the mean square of its output, and the gradients of
// its weights.
func Example() {
	tape := autograd.NewTape(ref.New(), 0)
	x := tape.Put(tensor.Of(1, 2), []float32{1, 2})
	w := tape.Watch(tape.Put(tensor.Of(2, 2), []float32{1, 0, -1, 1}))
	b := tape.Watch(tape.Put(tensor.Of(2), []float32{0, 1}))
	y := ops.LeakyReLU(tape, ops.Linear(tape, x, w, b), 0.01)
	loss := ops.Mean(tape, ops.Square(tape, y))
	if err := tape.Backward(loss); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("loss", tape.Scalar(loss))
	for _, v := range []*autograd.Var{w, b} {
		g, _ := v.Grad()
		values := make([]float32, g.Len())
		tape.Device().Read(values, g)
		fmt.Println(g.Shape, values)
	}
	// Output:
	// loss 2.5
	// (2, 2) [1 2 2 4]
	// (2) [1 2]
}

// A dilated causal convolution: a signal with its past, here zeros, on the
// left.
func ExampleConv1D() {
	tape := autograd.NewTape(ref.New(), 0)
	x := tape.Put(tensor.Of(1, 1, 5), []float32{1, 2, 3, 4, 5})
	echo := tape.Put(tensor.Of(1, 1, 2), []float32{0.5, 1}) // the last tap meets the newest sample
	y := ops.Conv1D(tape, ops.Pad(tape, x, 2, 2, 0), echo, nil, device.Conv{Dilation: 2, Groups: 1})
	values := make([]float32, y.Len())
	tape.Device().Read(values, y.Tensor)
	fmt.Println(y.Shape, values)
	// Output: (1, 1, 5) [1 2 3.5 5 6.5]
}
