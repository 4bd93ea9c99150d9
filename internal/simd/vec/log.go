package vec

import "math"

// The constants of log: x = m * 2^e with sqrt(1/2) <= m < sqrt(2), f = m-1, and
// log(1+f) = f - f*f/2 + f*f*f*P(f). P is the polynomial of S. Moshier's Cephes logf.
const (
	leastNormal  = 0x1p-126
	sqrtHalfBits = 0x3f3504f3 // the bits of sqrt(1/2)
	oneBits      = 0x3f800000 // the bits of 1
	fractionBits = 0x007fffff

	log0 = 7.0376836292e-2
	log1 = -1.1514610310e-1
	log2 = 1.1676998740e-1
	log3 = -1.2420140846e-1
	log4 = 1.4249322787e-1
	log5 = -1.6668057665e-1
	log6 = 2.0000714765e-1
	log7 = -2.4999993993e-1
	log8 = 3.3333331174e-1
)

var (
	inf = float32(math.Inf(1))
	nan = float32(math.NaN())
)

// logTable holds the constants of log in the order in which the assembly reads them.
var logTable = [...]wide{
	broadcast(leastNormal), broadcast(0x1p23), broadcast(23),
	broadcast(math.Float32frombits(oneBits - sqrtHalfBits)), broadcast(math.Float32frombits(127)),
	broadcast(math.Float32frombits(fractionBits)), broadcast(math.Float32frombits(sqrtHalfBits)), broadcast(1),
	broadcast(log0), broadcast(log1), broadcast(log2), broadcast(log3), broadcast(log4),
	broadcast(log5), broadcast(log6), broadcast(log7), broadcast(log8),
	broadcast(ln2Lo), broadcast(0.5), broadcast(ln2Hi),
	broadcast(inf), broadcast(-inf), broadcast(nan),
}

// Log computes
//
//	for i := range dst { dst[i] = float32(math.Log(float64(x[i]))) }
//
// within 2 ulp over all float32, denormal arguments included: the natural
// logarithm, -Inf at zero, NaN below.
func Log(dst, x []float32) {
	same2("Log", len(dst), len(x))
	for i := elementwise(opLog, dst, x, x, &logTable[0][0]); i < len(dst); i++ {
		dst[i] = log(x[i])
	}
}

func log(x float32) float32 {
	switch {
	case x == 0:
		return -inf
	case x < 0:
		return nan
	case x != x || x == inf:
		return x
	}
	var shift float32
	if x < leastNormal {
		x *= 0x1p23
		shift = 23
	}
	b := math.Float32bits(x) + (oneBits - sqrtHalfBits)
	e := float32(int32(b>>23)-127) - shift
	f := math.Float32frombits(b&fractionBits+sqrtHalfBits) - 1
	return logOnePlus(f, e)
}

// logOnePlus is ln((1+f) * 2^e).
func logOnePlus(f, e float32) float32 {
	z := f * f
	// P by Estrin's scheme: short chains of dependent operations.
	z2 := z * z
	low := float32(log7*f) + log8 + float32(z*(float32(log5*f)+log6))
	high := float32(log3*f) + log4 + float32(z*(float32(log1*f)+log2))
	p := low + float32(z2*(high+float32(z2*log0)))
	y := float32(float32(p*f) * z)
	y += float32(e * ln2Lo)
	y -= float32(0.5 * z)
	return (f + y) + float32(e*ln2Hi)
}
