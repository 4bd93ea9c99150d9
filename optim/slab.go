package optim

import (
	"partials/autograd"
	"partials/device"
	"partials/tensor"
)

// slab is what every optimizer works on: all parameters p, their gradients g,
// and running values of the same length, all (n).
type slab struct {
	dev    device.Device
	p, g   tensor.Tensor
	states []State
}

func newSlab(dev device.Device, p *autograd.Params) slab {
	return slab{dev: dev, p: p.Values(), g: p.Grads()}
}

// running returns a new slab of zeros that State lists under a name.
func (s *slab) running(name string) tensor.Tensor {
	t := tensor.New(s.p.Shape, s.dev.Alloc(s.p.Len()))
	s.states = append(s.states, State{name, t})
	return t
}

// State implements Optimizer.
func (s *slab) State() []State { return s.states }
