package device

import "partials/tensor"

// Memory moves numbers between the process and the device, and about the
// device.
type Memory interface {
	// NewArena returns an arena of at most cap bytes; 0 sets no limit.
	NewArena(cap int64) tensor.Arena
	// Alloc returns a buffer of n zeros that lives as long as the device:
	// parameters, optimizer state.
	Alloc(n int) tensor.Buffer

	// Write copies src to dst, Read copies src to dst, rounding to the
	// precision of the receiver. len(host) == tensor.Len().
	Write(dst tensor.Tensor, src []float32)
	Write64(dst tensor.Tensor, src []float64)
	Read(dst []float32, src tensor.Tensor)
	Read64(dst []float64, src tensor.Tensor)

	// Fill sets every number of dst to v.
	Fill(dst tensor.Tensor, v float64)
	// Copy copies src to dst, of equal length.
	Copy(dst, src tensor.Tensor)

	// Move copies m.Count runs of m.Len numbers: run i goes from
	// src[m.SrcOff+i*m.SrcStride:] to dst[m.DstOff+i*m.DstStride:]. The rest
	// of dst is left alone. Slicing, joining and padding are Moves.
	Move(dst, src tensor.Tensor, m Runs)
	// MoveGrad adds the runs instead of copying them.
	MoveGrad(dst, src tensor.Tensor, m Runs)

	// Transpose writes x (outer, rows, cols, inner) to dst (outer, cols, rows, inner).
	Transpose(dst, x tensor.Tensor, a Transposition)
	// TransposeGrad adds instead of writing.
	TransposeGrad(dst, x tensor.Tensor, a Transposition)
}

// Runs describes equally spaced runs of numbers in two tensors, in numbers. The
// runs of dst do not overlap; those of src may. No stride is negative.
type Runs struct {
	Len, Count        int
	DstOff, DstStride int
	SrcOff, SrcStride int
}

// Transposition views a tensor as (Outer, Rows, Cols, Inner) and swaps the two
// middle axes.
type Transposition struct{ Outer, Rows, Cols, Inner int }
