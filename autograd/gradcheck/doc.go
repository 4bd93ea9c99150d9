// Package gradcheck tests the gradients of Functions against their forward
// pass alone.
//
// Directional compares <gradient, v> with the derivative along random
// directions v: it costs the same for any size, and is the check to begin
// with. Full compares every entry of every input and so says which is wrong.
// Adjoint holds a linear Function to <A x, y> = <x, A^T y> to the last digits,
// without differences. Each returns nil, or an error that names the input, the
// place and both values: a *Mismatch where a gradient is wrong.
//
// Derivatives are central differences at steps halved again and again,
// extrapolated to step 0 as Ridders does (Advances in Engineering Software 4,
// 1982, https://doi.org/10.1016/S0141-1195(82)80057-0). On device/ref, in
// float64, they are good to about 1e-10. Random inputs that lie by chance
// within a tiny step of a kink (of |x| at 0, say) make a check fail honestly:
// the function has no derivative there.
package gradcheck
