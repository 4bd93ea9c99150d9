package device

import "partials/tensor"

// Update is what an optimizer does to slabs of parameters: one pass over
// equally long values p, gradients g and state. Formulas are PyTorch's.
type Update interface {
	// SGD is stochastic gradient descent; momentum may be absent.
	SGD(p, g, momentum tensor.Tensor, o SGD)
	// Adam serves Adam, AdamW and RAdam: m and v are the running moments.
	Adam(p, g, m, v tensor.Tensor, o Adam)
	// RMSprop keeps the running square v, and where they are not absent the
	// running mean (centered) and the momentum buffer.
	RMSprop(p, g, v, mean, momentum tensor.Tensor, o RMSprop)
	// Blend is dst += alpha * (x - dst): an exponential moving average.
	Blend(dst, x tensor.Tensor, alpha float64)
	// Clamp limits every number of x to [-bound, bound]; NaN stays NaN.
	Clamp(x tensor.Tensor, bound float64)
	// SumSquares is dst[0] = sum of x^2. It is NaN or Inf where x has one.
	SumSquares(dst, x tensor.Tensor)
}

// SGD are the numbers of one step of stochastic gradient descent:
// g += L2*p; momentum = Momentum*momentum + g, from zeros;
// p -= LR * (g + Momentum*momentum with Nesterov, else momentum, or g where
// momentum is absent).
type SGD struct {
	LR, Momentum float64
	Nesterov     bool
	L2           float64 // weight decay in the gradient
	Shrink       float64 // decoupled: p *= 1-Shrink first
}

// Adam are the numbers of one step: g += L2*p; m += (1-Beta1)(g-m);
// v = Beta2*v + (1-Beta2) g^2; p -= Step * m / (sqrt(v)*Root + Eps). Step and
// Root hold the learning rate and both bias corrections, so that RAdam's
// rectification needs no kernel of its own. Where Unadapted is set the update
// is p -= Step * m.
type Adam struct {
	Step, Root   float64
	Beta1, Beta2 float64
	Eps          float64
	L2           float64 // weight decay in the gradient
	Shrink       float64 // decoupled: p *= 1-Shrink first
	Unadapted    bool
}

// RMSprop are the numbers of one step: g += L2*p; v = Alpha*v + (1-Alpha) g^2;
// centered: mean += (1-Alpha)(g-mean), r = sqrt(max(v - mean^2, 0)) + Eps, else
// r = sqrt(v) + Eps; with momentum: buf = Momentum*buf + g/r, p -= LR*buf,
// else p -= LR*g/r.
type RMSprop struct {
	LR, Alpha, Eps, Momentum float64
	L2                       float64 // weight decay in the gradient
	Shrink                   float64 // decoupled: p *= 1-Shrink first
}
