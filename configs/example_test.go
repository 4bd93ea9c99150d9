package configs_test

import (
	"fmt"
	"strings"

	"partials/configs"
)

// The recipes by name, and the first line of one.
func Example() {
	fmt.Println(configs.Names())
	text, ok := configs.Get("quickstart")
	first, _, _ := strings.Cut(string(text), "\n")
	fmt.Println(ok, first)
	// Output:
	// [amp-fir amp-gru amp-lstm amp-wavenet capture-a1-feather capture-a1-lite capture-a1-nano capture-a1-standard capture-a2 capture-a2-full capture-a2-lite capture-convnet capture-linear capture-lstm denoise denoise-bins denoise-small quickstart restore]
	// true # The first thing to run: `train run quickstart`.
}
