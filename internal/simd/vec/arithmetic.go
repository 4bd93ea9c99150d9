package vec

import "math"

// Add computes
//
//	for i := range dst { dst[i] = a[i] + b[i] }
func Add(dst, a, b []float32) {
	same3("Add", len(dst), len(a), len(b))
	for i := elementwise(opAdd, dst, a, b, nil); i < len(dst); i++ {
		dst[i] = a[i] + b[i]
	}
}

// Sub computes
//
//	for i := range dst { dst[i] = a[i] - b[i] }
func Sub(dst, a, b []float32) {
	same3("Sub", len(dst), len(a), len(b))
	for i := elementwise(opSub, dst, a, b, nil); i < len(dst); i++ {
		dst[i] = a[i] - b[i]
	}
}

// Mul computes
//
//	for i := range dst { dst[i] = a[i] * b[i] }
func Mul(dst, a, b []float32) {
	same3("Mul", len(dst), len(a), len(b))
	for i := elementwise(opMul, dst, a, b, nil); i < len(dst); i++ {
		dst[i] = a[i] * b[i]
	}
}

// Scale computes
//
//	for i := range dst { dst[i] = a * x[i] }
func Scale(dst []float32, a float32, x []float32) {
	same2("Scale", len(dst), len(x))
	k := broadcast(a)
	for i := elementwise(opScale, dst, x, x, &k[0]); i < len(dst); i++ {
		dst[i] = a * x[i]
	}
}

// AddScaled computes
//
//	for i := range dst { dst[i] += float32(a * x[i]) }
func AddScaled(dst []float32, a float32, x []float32) {
	same2("AddScaled", len(dst), len(x))
	k := broadcast(a)
	for i := elementwise(opAddScaled, dst, x, x, &k[0]); i < len(dst); i++ {
		dst[i] += float32(a * x[i])
	}
}

// MulAdd computes
//
//	for i := range dst { dst[i] += float32(a[i] * b[i]) }
func MulAdd(dst, a, b []float32) {
	same3("MulAdd", len(dst), len(a), len(b))
	for i := elementwise(opMulAdd, dst, a, b, nil); i < len(dst); i++ {
		dst[i] += float32(a[i] * b[i])
	}
}

// Sqrt computes
//
//	for i := range dst { dst[i] = float32(math.Sqrt(float64(x[i]))) }
//
// which is correctly rounded; a negative number gives NaN.
func Sqrt(dst, x []float32) {
	same2("Sqrt", len(dst), len(x))
	for i := elementwise(opSqrt, dst, x, x, nil); i < len(dst); i++ {
		dst[i] = float32(math.Sqrt(float64(x[i])))
	}
}

// Fill computes
//
//	for i := range dst { dst[i] = a }
func Fill(dst []float32, a float32) {
	if math.Float32bits(a) == 0 {
		clear(dst) // several times as fast
		return
	}
	for i := range dst {
		dst[i] = a
	}
}
