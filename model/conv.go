package model

import (
	"partials/autograd"
	"partials/device"
	"partials/ops"
	"partials/tensor"
)

// CausalConv is a dilated causal convolution over time: output sample t sees
// the input up to sample t.
type CausalConv struct {
	name         string
	weight, bias *autograd.Param // (Out, In/Groups, Kernel), (Out) or nil
	conv         device.Conv
}

// ConvShape describes a CausalConv.
type ConvShape struct {
	In, Out  int // channels
	Kernel   int // taps; 0 is 1
	Dilation int // samples between taps; 0 is 1
	Groups   int // of channels that do not see each other; 0 is 1
	NoBias   bool
}

// CausalConv declares a causal convolution with PyTorch's initial values.
func (b *Builder) CausalConv(name string, s ConvShape) *CausalConv {
	taps, groups := max(s.Kernel, 1), max(s.Groups, 1)
	in := b.Within(name)
	bound := fanIn(s.In / groups * taps)
	c := &CausalConv{
		name:   b.Name(name),
		weight: in.Uniform("weight", tensor.Of(s.Out, s.In/groups, taps), bound),
		conv:   device.Conv{Dilation: max(s.Dilation, 1), Groups: groups},
	}
	if !s.NoBias {
		c.bias = in.Uniform("bias", tensor.Of(s.Out), bound)
	}
	return c
}

// Context is the number of past samples that an output sample sees.
func (c *CausalConv) Context() int { return c.conv.Shrink(c.weight.Shape.Dim(2)) }

// MACs is the number of multiply-adds per sample.
func (c *CausalConv) MACs() float64 { return float64(c.weight.Shape.Len()) }

// Forward maps x (B, In, Context+T) to (B, Out, T), in a stream (1, In, T).
func (c *CausalConv) Forward(p Pass, x *autograd.Var) *autograd.Var {
	return ops.Conv1D(p.Tape, p.Context(c.name, x, c.Context()), c.weight.Var(), optional(c.bias), c.conv)
}

// optional is the parameter's Var, or nil without one.
func optional(p *autograd.Param) *autograd.Var {
	if p == nil {
		return nil
	}
	return p.Var()
}
