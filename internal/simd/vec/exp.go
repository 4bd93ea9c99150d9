package vec

import "math"

// The constants of exp: x = n*ln 2 + r with |r| <= ln(2)/2, and
// exp(r) = 1 + r + r*r*P(r). P is the polynomial of S. Moshier's Cephes expf;
// ln 2 is split so that n*ln2Hi is exact.
const (
	expMax = 89   // above: +Inf. exp(88.73) overflows
	expMin = -104 // below: 0. exp(-103.98) is under half of the least denormal

	log2e     = 1.44269504088896341
	roundBias = 3 << 22 // adding it to |x| < 2^22 rounds x to an integer, ties to even
	ln2Hi     = 0.693359375
	ln2Lo     = -2.12194440e-4

	exp0 = 1.9875691500e-4
	exp1 = 1.3981999507e-3
	exp2 = 8.3334519073e-3
	exp3 = 4.1665795894e-2
	exp4 = 1.6666665459e-1
	exp5 = 5.0000001201e-1
)

// expTable holds the constants of exp in the order in which the assembly reads them.
var expTable = [...]wide{
	broadcast(expMax), broadcast(expMin), broadcast(log2e), broadcast(roundBias), broadcast(ln2Hi), broadcast(ln2Lo),
	broadcast(exp0), broadcast(exp1), broadcast(exp2), broadcast(exp3), broadcast(exp4), broadcast(exp5),
	broadcast(1), broadcast(math.Float32frombits(127)), // the exponent of 1, as an integer
}

// Exp computes
//
//	for i := range dst { dst[i] = float32(math.Exp(float64(x[i]))) }
//
// within 2 ulp over all float32, denormal results included. NaN stays NaN.
func Exp(dst, x []float32) {
	same2("Exp", len(dst), len(x))
	for i := elementwise(opExp, dst, x, x, &expTable[0][0]); i < len(dst); i++ {
		dst[i] = exp(x[i])
	}
}

func exp(x float32) float32 {
	if x > expMax {
		x = expMax
	}
	if x < expMin {
		x = expMin
	}
	biased := float32(x*log2e) + roundBias
	n := biased - roundBias
	r := x - float32(n*ln2Hi)
	r -= float32(n * ln2Lo)
	p := float32(exp0*r) + exp1
	p = float32(p*r) + exp2
	p = float32(p*r) + exp3
	p = float32(p*r) + exp4
	p = float32(p*r) + exp5
	p = float32(p*float32(r*r)) + r
	p += 1
	// Times 2^n in two steps: 2^n itself need not be a float32, and a denormal
	// result is rounded once.
	e := int32(math.Float32bits(biased)) - int32(math.Float32bits(roundBias))
	half := e >> 1
	return p * exponent(half) * exponent(e-half)
}

// exponent is 2^e for -126 <= e <= 127.
func exponent(e int32) float32 { return math.Float32frombits(uint32(e+127) << 23) }
