package model

import (
	"partials/autograd"
	"partials/ops"
	"partials/tensor"
)

// BatchNorm brings every channel to mean 0 and variance 1, and then to a learnt
// mean and variance, https://arxiv.org/abs/1502.03167, as PyTorch's BatchNorm1d.
// Training takes the statistics of the batch and follows them; everything else
// takes those that were followed.
type BatchNorm struct {
	gain, bias     *autograd.Param  // (C)
	mean, variance *autograd.Buffer // (C), followed
}

// BatchNormEps is added to the variance, and batchNormMomentum is the share of
// a batch in what is followed: PyTorch's defaults.
const (
	BatchNormEps      = 1e-5
	batchNormMomentum = 0.1
)

// BatchNorm declares a batch normalisation.
func (b *Builder) BatchNorm(name string, channels int) *BatchNorm {
	at, s := b.Within(name), tensor.Of(channels)
	return &BatchNorm{
		gain: at.Ones("weight", s), bias: at.Zeros("bias", s),
		mean: at.Buffer("mean", s, 0), variance: at.Buffer("variance", s, 1),
	}
}

// Forward keeps the shape of x (B, C, T).
func (n *BatchNorm) Forward(p Pass, x *autograd.Var) *autograd.Var {
	mean, variance := p.Leaf(n.mean.Value), p.Leaf(n.variance.Value)
	if p.training {
		mean, variance = n.measure(p, x)
	}
	deviation := ops.Sqrt(p.Tape, ops.Shift(p.Tape, variance, BatchNormEps))
	scale := ops.Div(p.Tape, n.gain.Var(), deviation)
	y := ops.ScaleBy(p.Tape, ops.AddBias(p.Tape, x, ops.Neg(p.Tape, mean), 1), scale, 1)
	return ops.AddBias(p.Tape, y, n.bias.Var(), 1)
}

// measure returns the statistics of a batch, and follows them. What is followed
// is the unbiased variance.
func (n *BatchNorm) measure(p Pass, x *autograd.Var) (mean, variance *autograd.Var) {
	over := func(x *autograd.Var) *autograd.Var { return ops.MeanAxis(p.Tape, ops.MeanAxis(p.Tape, x, 2), 0) }
	mean = over(x)
	variance = over(ops.Square(p.Tape, ops.AddBias(p.Tape, x, ops.Neg(p.Tape, mean), 1)))
	count := float64(x.Dim(0) * x.Dim(2))
	dev := p.Device()
	dev.Blend(n.mean.Value, mean.Tensor, batchNormMomentum)
	p.NoGrad(func() {
		unbiased := ops.Scale(p.Tape, variance, count/max(count-1, 1))
		dev.Blend(n.variance.Value, unbiased.Tensor, batchNormMomentum)
	})
	return mean, variance
}
