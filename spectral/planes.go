package spectral

import (
	"fmt"

	"partials/device"
	"partials/tensor"
)

// planes counts what a planar complex shape holds: (Batch, 2, Rows, N).
type planes struct{ batch, rows, n int }

// planesOf reads a planar complex shape of 2 to 4 axes.
func planesOf(s tensor.Shape) planes {
	var p planes
	two := 0
	switch s.Rank() {
	case 2:
		two = s.Dim(0)
		p = planes{1, 1, s.Dim(1)}
	case 3:
		two = s.Dim(0)
		p = planes{1, s.Dim(1), s.Dim(2)}
	case 4:
		two = s.Dim(1)
		p = planes{s.Dim(0), s.Dim(2), s.Dim(3)}
	}
	if two != 2 {
		panic(fmt.Sprintf("%v is not complex: want (2, n), (2, rows, n) or (B, 2, rows, n)", s))
	}
	return p
}

// planesOfReal reads a real shape of 1 to 3 axes, of which complex rows are
// to be made.
func planesOfReal(s tensor.Shape) planes {
	switch s.Rank() {
	case 1:
		return planes{1, 1, s.Dim(0)}
	case 2:
		return planes{1, s.Dim(0), s.Dim(1)}
	case 3:
		return planes{s.Dim(0), s.Dim(1), s.Dim(2)}
	}
	panic(fmt.Sprintf("%v is not a signal: want (n), (rows, n) or (B, rows, n)", s))
}

// complexShape is the planar shape of rank axes, 2 to 4.
func (p planes) complexShape(rank int) tensor.Shape {
	switch rank {
	case 2:
		return tensor.Of(2, p.n)
	case 3:
		return tensor.Of(2, p.rows, p.n)
	}
	return tensor.Of(p.batch, 2, p.rows, p.n)
}

// realShape is the real shape of rank axes, 1 to 3.
func (p planes) realShape(rank int) tensor.Shape {
	switch rank {
	case 1:
		return tensor.Of(p.n)
	case 2:
		return tensor.Of(p.rows, p.n)
	}
	return tensor.Of(p.batch, p.rows, p.n)
}

// complexView and realView give the shapes that kernels want: every axis.
func (p planes) complexView(x tensor.Tensor) tensor.Tensor { return x.View(p.complexShape(4)) }
func (p planes) realView(x tensor.Tensor) tensor.Tensor    { return x.View(p.realShape(3)) }

// flatComplex and flatReal give the shapes of pointwise kernels: (B, 2, n) and
// (B, n).
func (p planes) flatComplex(x tensor.Tensor) tensor.Tensor {
	return x.View(tensor.Of(p.batch, 2, p.rows*p.n))
}

func (p planes) flatReal(x tensor.Tensor) tensor.Tensor {
	return x.View(tensor.Of(p.batch, p.rows*p.n))
}

// long is p with rows of n.
func (p planes) long(n int) planes { return planes{p.batch, p.rows, n} }

// toReal is the runs of plane i of complex data to real data; toComplex is the
// other way round.
func (p planes) toReal(i int) device.Runs {
	n := p.rows * p.n
	return device.Runs{Len: n, Count: p.batch, DstStride: n, SrcOff: i * n, SrcStride: 2 * n}
}

func (p planes) toComplex(i int) device.Runs {
	n := p.rows * p.n
	return device.Runs{Len: n, Count: p.batch, DstOff: i * n, DstStride: 2 * n, SrcStride: n}
}
