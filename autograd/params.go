package autograd

import (
	"fmt"

	"partials/device"
	"partials/tensor"
)

// Params are the parameters of a model: one slab of values and one of
// gradients, so that clipping, the optimizer and a checkpoint are each one
// loop. Declare all parameters with Add, then call Place once.
type Params struct {
	list    []*Param
	buffers []*Buffer
	values  tensor.Tensor
	grads   tensor.Tensor
	dev     device.Device
}

// Buffer is a named tensor that belongs to a model as its parameters do, but
// that no gradient changes: the running statistics of a normalisation.
type Buffer struct {
	Name  string        // unique among parameters and buffers
	Value tensor.Tensor // after Place
	shape tensor.Shape
	init  []float64
}

// Param is one named parameter.
type Param struct {
	Name  string // unique and dotted: "layers.3.conv.weight"
	Shape tensor.Shape
	init  []float64
	v     Var
}

// Var returns the parameter for use on any tape. It panics before Place.
func (p *Param) Var() *Var {
	if p.v.Absent() {
		panic("autograd.Param.Var: " + p.Name + " has no memory yet; call Params.Place first")
	}
	return &p.v
}

// Add declares a parameter with its initial values, len(init) == s.Len(). It
// panics where the name is taken or Place was called before.
func (ps *Params) Add(name string, s tensor.Shape, init []float64) *Param {
	if ps.dev != nil {
		panic("autograd.Params.Add: " + name + " comes after Place")
	}
	if len(init) != s.Len() {
		panic(fmt.Sprintf("autograd.Params.Add: %s is %v, but %d initial values were given", name, s, len(init)))
	}
	ps.unique(name)
	p := &Param{Name: name, Shape: s, init: init}
	ps.list = append(ps.list, p)
	return p
}

// AddBuffer declares a buffer with its initial values, len(init) == s.Len(). It
// panics as Add does.
func (ps *Params) AddBuffer(name string, s tensor.Shape, init []float64) *Buffer {
	if ps.dev != nil {
		panic("autograd.Params.AddBuffer: " + name + " comes after Place")
	}
	if len(init) != s.Len() {
		panic(fmt.Sprintf("autograd.Params.AddBuffer: %s is %v, but %d initial values were given", name, s, len(init)))
	}
	ps.unique(name)
	b := &Buffer{Name: name, shape: s, init: init}
	ps.buffers = append(ps.buffers, b)
	return b
}

// unique panics where a name is taken.
func (ps *Params) unique(name string) {
	taken := ps.Get(name) != nil
	for _, b := range ps.buffers {
		taken = taken || b.Name == name
	}
	if taken {
		panic("autograd.Params.Add: there are two parameters named " + name)
	}
}

// Buffers returns the buffers in the order they were added.
func (ps *Params) Buffers() []*Buffer { return ps.buffers }

// Place puts all parameters on dev: values at their initial ones, gradients
// at zero.
func (ps *Params) Place(dev device.Device) {
	if ps.dev != nil {
		panic("autograd.Params.Place: called twice")
	}
	ps.dev = dev
	n := ps.Len()
	all := tensor.Of(n)
	ps.values = tensor.New(all, dev.Alloc(n))
	ps.grads = tensor.New(all, dev.Alloc(n))
	off := 0
	for _, p := range ps.list {
		value := ps.values.Part(off, p.Shape)
		dev.Write64(value, p.init)
		p.init = nil
		p.v = *NewParam(value, ps.grads.Part(off, p.Shape))
		off += p.Shape.Len()
	}
	for _, b := range ps.buffers {
		b.Value = tensor.New(b.shape, dev.Alloc(b.shape.Len()))
		dev.Write64(b.Value, b.init)
		b.init = nil
	}
}

// Row returns the parameters from first to last, in the order of All, as one Var:
// a row of all their values, and of their gradients. It panics before Place.
func (ps *Params) Row(first, last *Param) *Var {
	from, to := first.Var(), last.Var()
	n := to.Off + to.Len() - from.Off
	if to.Off < from.Off || from.Buf != ps.values.Buf || to.Buf != ps.values.Buf {
		panic("autograd.Params.Row: " + first.Name + " and " + last.Name + " are not a first and a last of these parameters")
	}
	off := from.Off - ps.values.Off
	return NewParam(ps.values.Part(off, tensor.Of(n)), ps.grads.Part(off, tensor.Of(n)))
}

// Len returns the number of values of all parameters.
func (ps *Params) Len() int {
	n := 0
	for _, p := range ps.list {
		n += p.Shape.Len()
	}
	return n
}

// All returns the parameters in the order they were added.
func (ps *Params) All() []*Param { return ps.list }

// Get returns the parameter of that name, or nil.
func (ps *Params) Get(name string) *Param {
	for _, p := range ps.list {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// Values returns the slab of all values, in the order of All.
func (ps *Params) Values() tensor.Tensor { return ps.values }

// Grads returns the slab of all gradients, in the order of All.
func (ps *Params) Grads() tensor.Tensor { return ps.grads }

// ZeroGrad sets all gradients to zero; every step begins with it.
func (ps *Params) ZeroGrad() {
	if ps.grads.Len() > 0 && ps.dev != nil {
		ps.dev.Fill(ps.grads, 0)
	}
}
