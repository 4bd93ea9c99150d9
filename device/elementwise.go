package device

import "partials/tensor"

// Elementwise kernels take tensors of equal length, or view a tensor as
// (outer, n, inner) by an Axis.
type Elementwise interface {
	// Map is dst = f(x; p). dst may be x.
	Map(f Func, p float64, dst, x tensor.Tensor)
	// MapGrad is dx += dy * f'(x; p), where y = f(x; p).
	MapGrad(f Func, p float64, dx, x, y, dy tensor.Tensor)

	// AddScaled is dst += alpha * x.
	AddScaled(dst tensor.Tensor, alpha float64, x tensor.Tensor)
	// Combine is dst = alpha*a + beta*b. dst may be a or b.
	Combine(dst tensor.Tensor, alpha float64, a tensor.Tensor, beta float64, b tensor.Tensor)
	// Mul is dst = a * b. dst may be a or b.
	Mul(dst, a, b tensor.Tensor)
	// Div is dst = a / b, correctly rounded: equal numbers give exactly 1. dst
	// may be a or b.
	Div(dst, a, b tensor.Tensor)
	// MulGrad is da += dy * b.
	MulGrad(da, dy, b tensor.Tensor)

	// Sum is dst[o,i] = sum over n of x[o,n,i].
	Sum(dst, x tensor.Tensor, a Axis)
	// SumGrad is dx[o,n,i] += dy[o,i]: the gradient of Sum, and how a bias is
	// added.
	SumGrad(dx, dy tensor.Tensor, a Axis)
	// Spread is dst[o,n,i] = x[o,i].
	Spread(dst, x tensor.Tensor, a Axis)
	// SpreadGrad is dx[o,i] += sum over n of dy[o,n,i].
	SpreadGrad(dx, dy tensor.Tensor, a Axis)
}

// Axis views a tensor of Outer*N*Inner numbers as (Outer, N, Inner); kernels
// reduce or repeat along N.
type Axis struct{ Outer, N, Inner int }
