package safetensors_test

import (
	"fmt"

	"partials/formats/safetensors"
)

// Weights are written as bytes and read back.
func Example() {
	file := &safetensors.File{
		Metadata: map[string]string{"model": "fir"},
		Tensors: map[string]safetensors.Tensor{
			"weight": safetensors.FromFloat32s([]int{1, 2}, []float32{0.5, -1}),
			"step":   safetensors.FromInt64s(nil, []int64{600}),
		},
	}
	data, err := file.Encode()
	if err != nil {
		fmt.Println(err)
		return
	}

	read, err := safetensors.Decode(data)
	if err != nil {
		fmt.Println(err)
		return
	}
	weight, err := read.Float32s("weight")
	fmt.Println(read.Metadata["model"], read.Tensors["weight"].Shape, weight, err)
	_, err = read.Float32s("bias")
	fmt.Println(err)
	// Output:
	// fir [1 2] [0.5 -1] <nil>
	// safetensors: tensor "bias": not among the 2 of the file
}
