package embedded_test

import (
	"fmt"
	"io/fs"

	"partials/datasets/embedded"
)

// What there is of amplified guitar. Recipes call it embedded:amp/input.wav.
func Example() {
	names, err := fs.Glob(embedded.FS, "amp/*.wav")
	fmt.Println(names, err)
	// Output: [amp/input.wav amp/output.wav] <nil>
}
