// Package ops holds the built-in differentiable functions: arithmetic, sums,
// shapes, products, convolutions, recurrent layers.
//
// Each is an autograd.Function declared as a user would declare one, with a
// wrapper that applies it. Shapes stand in the comments: B is the batch, C
// channels, T samples. There is no hidden broadcasting: operands have equal
// shapes unless a comment says otherwise. An axis below 0 counts from the last.
// A shape that does not fit panics with an *autograd.Fault.
//
// Map is any elementwise function of device.Funcs, and most of the others are
// names for it. AddBias, ScaleBy, Spread and Expand repeat a smaller operand.
// Transforms, spectra and windows are in package spectral.
package ops
