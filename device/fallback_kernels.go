package device

import "partials/tensor"

// The kernels of Fallback: each names its outputs and its inputs.

// Fill implements Memory.
func (f *Fallback) Fill(dst tensor.Tensor, v float64) {
	f.begin("Fill")
	f.To.Fill(f.out(dst), v)
	f.end()
}

// Copy implements Memory.
func (f *Fallback) Copy(dst, src tensor.Tensor) {
	f.begin("Copy")
	f.To.Copy(f.out(dst), f.in(src))
	f.end()
}

// Move implements Memory.
func (f *Fallback) Move(dst, src tensor.Tensor, m Runs) {
	f.begin("Move")
	f.To.Move(f.out(dst), f.in(src), m)
	f.end()
}

// MoveGrad implements Memory.
func (f *Fallback) MoveGrad(dst, src tensor.Tensor, m Runs) {
	f.begin("MoveGrad")
	f.To.MoveGrad(f.out(dst), f.in(src), m)
	f.end()
}

// Transpose implements Memory.
func (f *Fallback) Transpose(dst, x tensor.Tensor, a Transposition) {
	f.begin("Transpose")
	f.To.Transpose(f.out(dst), f.in(x), a)
	f.end()
}

// TransposeGrad implements Memory.
func (f *Fallback) TransposeGrad(dst, x tensor.Tensor, a Transposition) {
	f.begin("TransposeGrad")
	f.To.TransposeGrad(f.out(dst), f.in(x), a)
	f.end()
}

// Map implements Elementwise.
func (f *Fallback) Map(fn Func, p float64, dst, x tensor.Tensor) {
	f.begin("Map")
	f.To.Map(fn, p, f.out(dst), f.in(x))
	f.end()
}

// MapGrad implements Elementwise.
func (f *Fallback) MapGrad(fn Func, p float64, dx, x, y, dy tensor.Tensor) {
	f.begin("MapGrad")
	f.To.MapGrad(fn, p, f.out(dx), f.in(x), f.in(y), f.in(dy))
	f.end()
}

// AddScaled implements Elementwise.
func (f *Fallback) AddScaled(dst tensor.Tensor, alpha float64, x tensor.Tensor) {
	f.begin("AddScaled")
	f.To.AddScaled(f.out(dst), alpha, f.in(x))
	f.end()
}

// Combine implements Elementwise.
func (f *Fallback) Combine(dst tensor.Tensor, alpha float64, a tensor.Tensor, beta float64, b tensor.Tensor) {
	f.begin("Combine")
	f.To.Combine(f.out(dst), alpha, f.in(a), beta, f.in(b))
	f.end()
}

// Mul implements Elementwise.
func (f *Fallback) Mul(dst, a, b tensor.Tensor) {
	f.begin("Mul")
	f.To.Mul(f.out(dst), f.in(a), f.in(b))
	f.end()
}

// Div implements Elementwise.
func (f *Fallback) Div(dst, a, b tensor.Tensor) {
	f.begin("Div")
	f.To.Div(f.out(dst), f.in(a), f.in(b))
	f.end()
}

// MulGrad implements Elementwise.
func (f *Fallback) MulGrad(da, dy, b tensor.Tensor) {
	f.begin("MulGrad")
	f.To.MulGrad(f.out(da), f.in(dy), f.in(b))
	f.end()
}

// Sum implements Elementwise.
func (f *Fallback) Sum(dst, x tensor.Tensor, a Axis) {
	f.begin("Sum")
	f.To.Sum(f.out(dst), f.in(x), a)
	f.end()
}

// SumGrad implements Elementwise.
func (f *Fallback) SumGrad(dx, dy tensor.Tensor, a Axis) {
	f.begin("SumGrad")
	f.To.SumGrad(f.out(dx), f.in(dy), a)
	f.end()
}

// Spread implements Elementwise.
func (f *Fallback) Spread(dst, x tensor.Tensor, a Axis) {
	f.begin("Spread")
	f.To.Spread(f.out(dst), f.in(x), a)
	f.end()
}

// SpreadGrad implements Elementwise.
func (f *Fallback) SpreadGrad(dx, dy tensor.Tensor, a Axis) {
	f.begin("SpreadGrad")
	f.To.SpreadGrad(f.out(dx), f.in(dy), a)
	f.end()
}

// MatMul implements Linear.
func (f *Fallback) MatMul(dst, x, y tensor.Tensor, p Product) {
	f.begin("MatMul")
	f.To.MatMul(f.out(dst), f.in(x), f.in(y), p)
	f.end()
}

// MatMulGrad implements Linear.
func (f *Fallback) MatMulGrad(dst, x, y tensor.Tensor, p Product) {
	f.begin("MatMulGrad")
	f.To.MatMulGrad(f.out(dst), f.in(x), f.in(y), p)
	f.end()
}

// Conv1D implements Convolution.
func (f *Fallback) Conv1D(y, x, w, bias tensor.Tensor, c Conv) {
	f.begin("Conv1D")
	f.To.Conv1D(f.out(y), f.in(x), f.in(w), f.in(bias), c)
	f.end()
}

// Conv1DInputGrad implements Convolution.
func (f *Fallback) Conv1DInputGrad(dx, dy, w tensor.Tensor, c Conv) {
	f.begin("Conv1DInputGrad")
	f.To.Conv1DInputGrad(f.out(dx), f.in(dy), f.in(w), c)
	f.end()
}

// Conv1DWeightGrad implements Convolution.
func (f *Fallback) Conv1DWeightGrad(dw, dbias, dy, x tensor.Tensor, c Conv) {
	f.begin("Conv1DWeightGrad")
	f.To.Conv1DWeightGrad(f.out(dw), f.out(dbias), f.in(dy), f.in(x), c)
	f.end()
}

// Recur implements Recurrent.
func (f *Fallback) Recur(r Cell, s Sequence, y tensor.Tensor, w RecurrentWeights, x tensor.Tensor) {
	f.begin("Recur")
	s = Sequence{f.state(s.InitialState, f.in), f.out(s.Gates), f.out(s.Cells)}
	f.To.Recur(r, s, f.out(y), f.weights(w, f.in), f.in(x))
	f.end()
}

// RecurGrad implements Recurrent.
func (f *Fallback) RecurGrad(r Cell, dx tensor.Tensor, ds InitialState, dw RecurrentWeights, dy, dhT, dcT tensor.Tensor,
	s Sequence, y tensor.Tensor, w RecurrentWeights, x tensor.Tensor) {
	f.begin("RecurGrad")
	s = Sequence{f.state(s.InitialState, f.in), f.in(s.Gates), f.in(s.Cells)}
	f.To.RecurGrad(r, f.out(dx), f.state(ds, f.out), f.weights(dw, f.out), f.in(dy), f.in(dhT), f.in(dcT),
		s, f.in(y), f.weights(w, f.in), f.in(x))
	f.end()
}

func (f *Fallback) state(s InitialState, carry func(tensor.Tensor) tensor.Tensor) InitialState {
	return InitialState{carry(s.H0), carry(s.C0)}
}

func (f *Fallback) weights(w RecurrentWeights, carry func(tensor.Tensor) tensor.Tensor) RecurrentWeights {
	return RecurrentWeights{carry(w.Wi), carry(w.Wh), carry(w.Bi), carry(w.Bh)}
}

// RFFT implements Fourier.
func (f *Fallback) RFFT(dst, x tensor.Tensor, t Transform) {
	f.begin("RFFT")
	f.To.RFFT(f.out(dst), f.in(x), t)
	f.end()
}

// RFFTGrad implements Fourier.
func (f *Fallback) RFFTGrad(dx, dy tensor.Tensor, t Transform) {
	f.begin("RFFTGrad")
	f.To.RFFTGrad(f.out(dx), f.in(dy), t)
	f.end()
}

// IRFFT implements Fourier.
func (f *Fallback) IRFFT(dst, x tensor.Tensor, t Transform) {
	f.begin("IRFFT")
	f.To.IRFFT(f.out(dst), f.in(x), t)
	f.end()
}

// IRFFTGrad implements Fourier.
func (f *Fallback) IRFFTGrad(dx, dy tensor.Tensor, t Transform) {
	f.begin("IRFFTGrad")
	f.To.IRFFTGrad(f.out(dx), f.in(dy), t)
	f.end()
}

// FFT implements Fourier.
func (f *Fallback) FFT(dst, x tensor.Tensor, t Transform) {
	f.begin("FFT")
	f.To.FFT(f.out(dst), f.in(x), t)
	f.end()
}

// FFTGrad implements Fourier.
func (f *Fallback) FFTGrad(dx, dy tensor.Tensor, t Transform) {
	f.begin("FFTGrad")
	f.To.FFTGrad(f.out(dx), f.in(dy), t)
	f.end()
}

// STFT implements Fourier.
func (f *Fallback) STFT(dst, x, window tensor.Tensor, fr Framing) {
	f.begin("STFT")
	f.To.STFT(f.out(dst), f.in(x), f.in(window), fr)
	f.end()
}

// STFTGrad implements Fourier.
func (f *Fallback) STFTGrad(dx, dy, window tensor.Tensor, fr Framing) {
	f.begin("STFTGrad")
	f.To.STFTGrad(f.out(dx), f.in(dy), f.in(window), fr)
	f.end()
}

// STFTWindowGrad implements Fourier.
func (f *Fallback) STFTWindowGrad(dwindow, dy, x tensor.Tensor, fr Framing) {
	f.begin("STFTWindowGrad")
	f.To.STFTWindowGrad(f.out(dwindow), f.in(dy), f.in(x), fr)
	f.end()
}

// Synthesis implements Fourier.
func (f *Fallback) Synthesis(dst, x, window tensor.Tensor, fr Framing) {
	f.begin("Synthesis")
	f.To.Synthesis(f.out(dst), f.in(x), f.in(window), fr)
	f.end()
}

// SynthesisGrad implements Fourier.
func (f *Fallback) SynthesisGrad(dx, dy, window tensor.Tensor, fr Framing) {
	f.begin("SynthesisGrad")
	f.To.SynthesisGrad(f.out(dx), f.in(dy), f.in(window), fr)
	f.end()
}

// SynthesisWindowGrad implements Fourier.
func (f *Fallback) SynthesisWindowGrad(dwindow, dy, x tensor.Tensor, fr Framing) {
	f.begin("SynthesisWindowGrad")
	f.To.SynthesisWindowGrad(f.out(dwindow), f.in(dy), f.in(x), fr)
	f.end()
}

// Envelope implements Fourier.
func (f *Fallback) Envelope(dst, window tensor.Tensor, fr Framing) {
	f.begin("Envelope")
	f.To.Envelope(f.out(dst), f.in(window), fr)
	f.end()
}

// EnvelopeGrad implements Fourier.
func (f *Fallback) EnvelopeGrad(dwindow, dy, window tensor.Tensor, fr Framing) {
	f.begin("EnvelopeGrad")
	f.To.EnvelopeGrad(f.out(dwindow), f.in(dy), f.in(window), fr)
	f.end()
}

// Polar implements Fourier.
func (f *Fallback) Polar(p PolarFunc, eps float64, dst, x tensor.Tensor) {
	f.begin("Polar")
	f.To.Polar(p, eps, f.out(dst), f.in(x))
	f.end()
}

// PolarGrad implements Fourier.
func (f *Fallback) PolarGrad(p PolarFunc, eps float64, dx, x, y, dy tensor.Tensor) {
	f.begin("PolarGrad")
	f.To.PolarGrad(p, eps, f.out(dx), f.in(x), f.in(y), f.in(dy))
	f.end()
}

// ComplexMul implements Fourier.
func (f *Fallback) ComplexMul(dst, a, b tensor.Tensor) {
	f.begin("ComplexMul")
	f.To.ComplexMul(f.out(dst), f.in(a), f.in(b))
	f.end()
}

// ComplexMulGrad implements Fourier.
func (f *Fallback) ComplexMulGrad(da, dy, b tensor.Tensor) {
	f.begin("ComplexMulGrad")
	f.To.ComplexMulGrad(f.out(da), f.in(dy), f.in(b))
	f.end()
}

// SGD implements Update.
func (f *Fallback) SGD(p, g, momentum tensor.Tensor, o SGD) {
	f.begin("SGD")
	f.To.SGD(f.out(p), f.in(g), f.out(momentum), o)
	f.end()
}

// Adam implements Update.
func (f *Fallback) Adam(p, g, m, v tensor.Tensor, o Adam) {
	f.begin("Adam")
	f.To.Adam(f.out(p), f.in(g), f.out(m), f.out(v), o)
	f.end()
}

// RMSprop implements Update.
func (f *Fallback) RMSprop(p, g, v, mean, momentum tensor.Tensor, o RMSprop) {
	f.begin("RMSprop")
	f.To.RMSprop(f.out(p), f.in(g), f.out(v), f.out(mean), f.out(momentum), o)
	f.end()
}

// Blend implements Update.
func (f *Fallback) Blend(dst, x tensor.Tensor, alpha float64) {
	f.begin("Blend")
	f.To.Blend(f.out(dst), f.in(x), alpha)
	f.end()
}

// Clamp implements Update.
func (f *Fallback) Clamp(x tensor.Tensor, bound float64) {
	f.begin("Clamp")
	f.To.Clamp(f.out(x), bound)
	f.end()
}

// SumSquares implements Update.
func (f *Fallback) SumSquares(dst, x tensor.Tensor) {
	f.begin("SumSquares")
	f.To.SumSquares(f.out(dst), f.in(x))
	f.end()
}
