package devices_test

import (
	"fmt"
	"strings"

	"partials/device/devices"
)

// The fastest device there is, with two threads where that is the CPU.
func ExampleOpen() {
	dev, note, err := devices.Open("auto", devices.Options{Threads: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer dev.Close()
	fmt.Println(strings.HasPrefix(note, dev.Name()+": ")) // "cpu: ...", for the log

	_, _, err = devices.Open("tpu", devices.Options{})
	fmt.Println(strings.Contains(err.Error(), strings.Join(devices.Names(), ", ")))
	// Output:
	// true
	// true
}
