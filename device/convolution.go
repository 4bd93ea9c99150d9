package device

import "partials/tensor"

// Convolution is the dilated causal convolution of PyTorch's Conv1d without
// padding. x is (B, Cin, T), w (Cout, Cin/Groups, K), bias (Cout) or absent,
// y (B, Cout, T-(K-1)*Dilation). Tap K-1 meets the newest sample:
//
//	y[b,o,t] = bias[o] + sum over i, k of w[o,i,k] * x[b,i,t+k*Dilation]
//
// Context comes with the input (or as zeros on its left), so a stack of
// convolutions shrinks by its receptive field.
type Convolution interface {
	Conv1D(y, x, w, bias tensor.Tensor, c Conv)
	// Conv1DInputGrad is dx += the transpose of Conv1D in x, applied to dy.
	Conv1DInputGrad(dx, dy, w tensor.Tensor, c Conv)
	// Conv1DWeightGrad is dw += the transpose in w, dbias[o] += sum of
	// dy[b,o,t]. dbias may be absent.
	Conv1DWeightGrad(dw, dbias, dy, x tensor.Tensor, c Conv)
}

// Conv describes a convolution. Groups split the channels: output channel o
// sees the inputs of its group only.
type Conv struct{ Dilation, Groups int }

// Shrink is how many samples shorter the output is than the input, for a
// kernel of the given number of taps.
func (c Conv) Shrink(taps int) int { return (taps - 1) * c.Dilation }
