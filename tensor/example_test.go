package tensor_test

import (
	"fmt"

	"partials/tensor"
)

// A matrix in the process's memory, and views of the same numbers.
func Example() {
	x := tensor.New(tensor.Of(2, 3), tensor.NewHost[float32](6))
	copy(tensor.Slice[float32](x), []float32{1, 2, 3, 4, 5, 6})

	row := x.Row(1)
	tensor.Slice[float32](row)[0] = 40
	fmt.Println(row.Shape, tensor.Slice[float32](row))
	fmt.Println(x.View(tensor.Of(3, 2)).Shape, tensor.Slice[float32](x))
	fmt.Println(x.Shape == tensor.Of(2, 3), x.Dim(-1), x.With(0, 7))
	// Output:
	// (3) [40 5 6]
	// (3, 2) [1 2 3 40 5 6]
	// true 3 (7, 3)
}

// An arena hands out the memory of a step and takes all of it back at once.
func ExampleArena() {
	var arena tensor.Arena = tensor.NewHostArena[float32](1 << 20) // at most 1 MiB
	for range 3 {
		x := tensor.New(tensor.Of(4, 16), arena.Alloc(64))
		copy(tensor.Slice[float32](x), []float32{1, 2, 3})
		arena.Reset()
	}
	u := arena.Usage()
	fmt.Println(u.Live, "bytes in use,", u.HighWater, "at most,", u.Reserved, "from the system")
	// Output: 0 bytes in use, 256 at most, 256 from the system
}
