package vec

import "math"

// sigmoidTable holds the constants of sigmoid in the order in which the
// assembly reads them: those of exp, then its own.
var sigmoidTable = [...]wide{
	expTable[0], expTable[1], expTable[2], expTable[3], expTable[4], expTable[5], expTable[6],
	expTable[7], expTable[8], expTable[9], expTable[10], expTable[11], expTable[12], expTable[13],
	broadcast(math.Float32frombits(1 << 31)),
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

// The constants of tanh. With z = x*x, tanh(x/2) = h/q, where h = x*H(z) and q =
// Q(z), and tanh(x) = 2*h*q / (q*q + h*h): one division, and near 1, where most digits
// are needed, an error of h/q hardly counts. H(z)/Q(z) is the minimax fraction of its
// degrees, within 8e-9; both are scaled so that rounding costs least.
const (
	tanhMax = 9.02 // from here on tanh is 1

	tanhH0 = 0.8799999952316284
	tanhH1 = 0.026201622560620308
	tanhH2 = 0.00010055788152385503

	tanhQ0 = 1.7599999904632568
	tanhQ1 = 0.19906984269618988
	tanhQ2 = 0.002123667625710368
	tanhQ3 = 2.1636449218931375e-06
)

// tanhTable holds them in the order in which the assembly reads them.
var tanhTable = [...]wide{
	broadcast(tanhMax), broadcast(-tanhMax), broadcast(tanhH2), broadcast(tanhH1), broadcast(tanhH0),
	broadcast(tanhQ3), broadcast(tanhQ2), broadcast(tanhQ1), broadcast(tanhQ0), broadcast(1), broadcast(-1),
}

// Tanh computes
//
//	for i := range dst { dst[i] = float32(math.Tanh(float64(x[i]))) }
//
// with an absolute and a relative error of at most 3e-7, never past 1.
func Tanh(dst, x []float32) {
	same2("Tanh", len(dst), len(x))
	for i := elementwise(opTanh, dst, x, x, &tanhTable[0][0]); i < len(dst); i++ {
		dst[i] = tanh(x[i])
	}
}

func tanh(x float32) float32 {
	if x > tanhMax {
		x = tanhMax
	}
	if x < -tanhMax {
		x = -tanhMax
	}
	z := x * x
	h := float32(tanhH2*z) + tanhH1
	h = float32(h*z) + tanhH0
	h *= x
	q := float32(tanhQ3*z) + tanhQ2
	q = float32(q*z) + tanhQ1
	q = float32(q*z) + tanhQ0
	hq := float32(h * q)
	y := (hq + hq) / (float32(q*q) + float32(h*h))
	if y > 1 {
		y = 1
	}
	if y < -1 {
		y = -1
	}
	return y
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
