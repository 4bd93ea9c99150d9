package rnn

import "math"

// The constants of 2^r = 1 + r*q(r), |r| <= 1/2: q is our own minimax fit, which
// is within 1.4e-7 of 2^r and r*q(r) within 4.6e-7 of 2^r - 1, each of itself.
const (
	q1 = 0.6931471228599548
	q2 = 0.24022342264652252
	q3 = 0.05550582334399223
	q4 = 0.009666785597801208
	q5 = 0.0013297440018504858

	log2e   = math.Log2E
	round   = 3 << 22 // adding it to |x| < 2^22 rounds x to an integer, ties to even
	expMax  = 87      // exp of it is a normal number, and of -it
	tanhMax = 10      // tanh of more is 1
)

// table holds the constants in the order in which the assembly reads them.
var table = [...][lanes]float32{
	wide(expMax), wide(-expMax), wide(log2e), wide(tanhMax), wide(-tanhMax), wide(2 * log2e), wide(round),
	wide(q5), wide(q4), wide(q3), wide(q2), wide(q1), wide(1), wide(2),
}

func wide(x float32) [lanes]float32 { return [lanes]float32{x, x, x, x, x, x, x, x} }

// power returns s and p of 2^(x*scale) = s*(1 + p), s a power of two.
func power(x, bound, scale float32) (s, p float32) {
	if x > bound {
		x = bound
	}
	if x < -bound {
		x = -bound
	}
	t := float32(x * scale)
	biased := t + round
	r := t - (biased - round)
	q := float32(q5*r) + q4
	q = float32(q*r) + q3
	q = float32(q*r) + q2
	q = float32(q*r) + q1
	return math.Float32frombits(math.Float32bits(biased)<<23 + math.Float32bits(1)), float32(q * r)
}

// sigmoid is 1/(1+exp(-x)) within 2e-7 of 1, and within 1e-6 of itself down to -10.
func sigmoid(x float32) float32 {
	s, p := power(x, expMax, log2e)
	e := s + float32(s*p)
	return e / (1 + e)
}

// tanh is within 3e-7 of 1 and 7e-7 of itself.
func tanh(x float32) float32 {
	s, p := power(x, tanhMax, 2*log2e)
	e := s - 1 + float32(s*p)
	return e / (e + 2)
}
