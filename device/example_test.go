package device_test

import (
	"fmt"

	"partials/device"
	"partials/device/devices"
	"partials/tensor"
)

// Memory on a device, and kernels called by hand, without a tape.
func Example() {
	dev := devices.Reference()
	defer dev.Close()
	x := tensor.New(tensor.Of(2, 3), dev.Alloc(6))
	sums := tensor.New(tensor.Of(2), dev.Alloc(2))
	dev.Write(x, []float32{1, 2, 3, 4, 5, 6})
	dev.Map(device.Square, 0, x, x)
	dev.Sum(sums, x, device.Axis{Outer: 2, N: 3, Inner: 1})
	got := make([]float32, 2)
	dev.Read(got, sums)
	fmt.Println(got)
	// Output: [14 77]
}

// A frame's place in a signal, as torch.stft with center.
func ExampleFraming() {
	f := device.Framing{NFFT: 512, Hop: 128, Frames: 9, Length: 1024, Pad: 256, Mode: device.PadReflect, Onesided: true, Scale: 1}
	fmt.Println(f.Check(), f.Bins(), f.Span())
	fmt.Println(f.Source(0), f.Source(256), f.Source(f.Span()-1))
	// Output:
	// <nil> 257 1536
	// 256 0 767
}
