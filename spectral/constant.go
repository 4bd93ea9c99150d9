package spectral

import (
	"partials/autograd"
	"partials/device"
	"partials/tensor"
)

// constant is numbers that every step needs: they are copied to the device
// once, and again only where another device asks.
type constant struct {
	shape  tensor.Shape
	values []float64
	dev    device.Device
	there  tensor.Tensor
}

// on returns the numbers as a leaf of t.
func (k *constant) on(t *autograd.Tape) *autograd.Var {
	if dev := t.Device(); k.dev != dev {
		k.there = tensor.New(k.shape, dev.Alloc(k.shape.Len()))
		dev.Write64(k.there, k.values)
		k.dev = dev
	}
	return t.Leaf(k.there)
}
