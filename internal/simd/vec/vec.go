// Package vec computes on float32 slices element by element, and reduces them
// to one number.
//
// The doc comment of each function is the Go loop that it equals. The AVX2 and
// the generic implementation give the same bits: the kernels use no fused
// multiply-add, the polynomials have one table of coefficients, and a reduction
// has one lane structure, which is part of its contract. (Only the sign and
// payload of a NaN may differ.)
//
// All slices of a call have the same length, else the call panics with the
// lengths. dst may be one of the arguments; slices that overlap in any other
// way are not allowed. Nothing allocates.
package vec

import "fmt"

// pkg is the name under which internal/impl knows this package.
const pkg = "vec"

// op names an elementwise kernel.
type op int

const (
	opAdd op = iota
	opSub
	opMul
	opScale
	opAddScaled
	opMulAdd
	opExp
	opLog
	opTanh
	opSigmoid
	opSqrt
	opLeakyReLU
	opLeakyReLUGrad
	opTanhGrad
	opSigmoidGrad
)

// wide is a constant in the eight lanes of a vector, as the assembly reads it.
type wide = [8]float32

func broadcast(x float32) wide { return wide{x, x, x, x, x, x, x, x} }

func same2(name string, a, b int) {
	if a != b {
		panic(fmt.Sprintf("vec: %s of slices of lengths %d and %d", name, a, b))
	}
}

func same3(name string, a, b, c int) {
	if a != b || a != c {
		panic(fmt.Sprintf("vec: %s of slices of lengths %d, %d and %d", name, a, b, c))
	}
}
