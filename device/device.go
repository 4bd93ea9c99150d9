// Package device is the contract that every device fulfils: the memory of a
// machine and the kernels that run on it, and nothing about gradients or
// graphs. One file holds one group of kernels, and every device keeps the same
// file names.
//
// Rules for all kernels:
//
//   - Tensors are contiguous and row-major; sizes come from their shapes. A
//     shape that does not fit is a programmer's mistake and panics with the
//     kernel's name and the shapes: every kernel begins with its check of
//     check.go.
//   - A method whose name ends in Grad, and AddScaled, adds into its first
//     arguments. Every other method overwrites them.
//   - Outputs never overlap inputs, except where the comment allows it.
//   - An absent tensor (tensor.Tensor{}) leaves an optional argument out.
//   - The result depends on the arguments only: the same bits at any number of
//     threads.
//
// device/ref computes in float64 with plain loops and defines what each kernel
// means; every other device must agree with it, and device/devicetest holds it
// to that.
//
// To use one, open it with device/devices and let a Tape of package autograd
// call its kernels; to write one, embed Fallback and override kernel by kernel.
package device

// Device is memory and kernels of one machine. A Device is used by one
// goroutine at a time.
type Device interface {
	// Name is how recipes call the device: "cpu", "ref", "cuda".
	Name() string
	// Describe is one line for people: the hardware and the kernels in use.
	Describe() string
	// Close stops the device's threads and frees its memory.
	Close() error

	Memory
	Elementwise
	Linear
	Convolution
	Recurrent
	Fourier
	Update
}
