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
	// [amp-fir amp-gru amp-lstm amp-wavenet denoise quickstart restore]
	// true # The first thing to run: `train run quickstart`.
}
