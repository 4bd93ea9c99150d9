package ops

import "partials/autograd"

// LayerNorm is (x - mean) / sqrt(variance + eps) * weight + bias over the last
// axis of x (..., n), as PyTorch's: the variance is the biased one; weight and
// bias (n) may be nil. https://arxiv.org/abs/1607.06450
func LayerNorm(t *autograd.Tape, x, weight, bias *autograd.Var, eps float64) *autograd.Var {
	centred := AddBias(t, x, Neg(t, MeanAxis(t, x, -1)), 0)
	variance := MeanAxis(t, Square(t, centred), -1)
	y := ScaleBy(t, centred, Reciprocal(t, Sqrt(t, Shift(t, variance, eps))), 0)
	if weight != nil {
		y = ScaleBy(t, y, weight, -1)
	}
	if bias != nil {
		y = AddBias(t, y, bias, -1)
	}
	return y
}
