package optim

import (
	"math"
	"sync"

	"partials/device"
	"partials/tensor"
)

// Norm returns the L2 norm of all gradients together: NaN or Inf where one of
// them is, or where their squares overflow the device's precision. scratch is
// one number of the device's memory.
func Norm(dev device.Device, grads, scratch tensor.Tensor) float64 {
	dev.SumSquares(scratch, grads)
	x := hosts.Get().(*[1]float64)
	defer hosts.Put(x)
	dev.Read64(x[:], scratch)
	return math.Sqrt(x[0])
}

// hosts keeps the number that a device is read into: what crosses an interface
// lives on the heap, and a step must not allocate.
var hosts = sync.Pool{New: func() any { return new([1]float64) }}

// ClipNorm scales gradients whose norm is norm so that it is at most limit, as
// torch.nn.utils.clip_grad_norm_ does; smaller ones stay as they are.
func ClipNorm(dev device.Device, grads tensor.Tensor, norm, limit float64) {
	if scale := limit / (norm + 1e-6); scale < 1 {
		dev.Map(device.Scale, scale, grads, grads)
	}
}
