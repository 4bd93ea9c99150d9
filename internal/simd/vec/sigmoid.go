package vec

import "math"

// The constants of tanh for small |x|: tanh(x) = x + x*z*P(z) with z = x*x.
// P is the polynomial of S. Moshier's Cephes tanhf.
const (
	tanhSmall = 0.625 // below it the polynomial, above it the exponential

	tanh0 = -5.70498872745e-3
	tanh1 = 2.06390887954e-2
	tanh2 = -5.37397155531e-2
	tanh3 = 1.33314422036e-1
	tanh4 = -3.33332819422e-1
)

// sigmoidTable holds the constants of sigmoid and tanh in the order in which
// the assembly reads them: those of exp, then their own.
var sigmoidTable = [...]wide{
	expTable[0], expTable[1], expTable[2], expTable[3], expTable[4], expTable[5], expTable[6],
	expTable[7], expTable[8], expTable[9], expTable[10], expTable[11], expTable[12], expTable[13],
	broadcast(math.Float32frombits(1 << 31)), broadcast(-2), broadcast(tanhSmall),
	broadcast(tanh0), broadcast(tanh1), broadcast(tanh2), broadcast(tanh3), broadcast(tanh4),
}

// Sigmoid computes
//
//	for i := range dst { dst[i] = float32(1 / (1 + math.Exp(-float64(x[i])))) }
//
// with a relative error of at most 3e-7 where the result is a normal number,
// and within one step of the denormals below.
func Sigmoid(dst, x []float32) {
	same2("Sigmoid", len(dst), len(x))
	for i := elementwise(opSigmoid, dst, x, x, &sigmoidTable[0][0]); i < len(dst); i++ {
		dst[i] = sigmoid(x[i])
	}
}

// sigmoid takes the exponential of -|x| only, which cannot overflow.
func sigmoid(x float32) float32 {
	z := exp(-abs(x))
	num := z
	if x >= 0 {
		num = 1
	}
	return num / (1 + z)
}

// SigmoidGrad adds the gradient of Sigmoid, given its output y:
//
//	for i := range dx { dx[i] += float32(dy[i] * y[i]) * (1 - y[i]) }
func SigmoidGrad(dx, y, dy []float32) {
	same3("SigmoidGrad", len(dx), len(y), len(dy))
	for i := elementwise(opSigmoidGrad, dx, y, dy, &expTable[12][0]); i < len(dx); i++ {
		dx[i] += float32(float32(dy[i]*y[i]) * (1 - y[i]))
	}
}

// Tanh computes
//
//	for i := range dst { dst[i] = float32(math.Tanh(float64(x[i]))) }
//
// with an absolute and a relative error of at most 3e-7.
func Tanh(dst, x []float32) {
	same2("Tanh", len(dst), len(x))
	for i := elementwise(opTanh, dst, x, x, &sigmoidTable[0][0]); i < len(dst); i++ {
		dst[i] = tanh(x[i])
	}
}

func tanh(x float32) float32 {
	a := abs(x)
	if a < tanhSmall {
		z := x * x
		p := float32(tanh0*z) + tanh1
		p = float32(p*z) + tanh2
		p = float32(p*z) + tanh3
		p = float32(p*z) + tanh4
		return float32(float32(p*z)*x) + x
	}
	z := exp(-2 * a)
	return float32(math.Copysign(float64((1-z)/(1+z)), float64(x)))
}

// TanhGrad adds the gradient of Tanh, given its output y:
//
//	for i := range dx { dx[i] += float32(dy[i] * (1 - float32(y[i]*y[i]))) }
func TanhGrad(dx, y, dy []float32) {
	same3("TanhGrad", len(dx), len(y), len(dy))
	for i := elementwise(opTanhGrad, dx, y, dy, &expTable[12][0]); i < len(dx); i++ {
		dx[i] += float32(dy[i] * (1 - float32(y[i]*y[i])))
	}
}

func abs(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }
