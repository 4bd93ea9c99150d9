package device

import (
	"fmt"
	"strings"

	"partials/tensor"
)

// Every kernel of every device begins with one of the checks of this file, so
// that a shape mistake panics with the same sentence everywhere: the kernel's
// name and the shapes. The arguments come in the order of the forward kernel;
// a gradient stands in the place of the tensor it is the gradient of.

// CheckSameLen panics unless all tensors are present and of equal length.
func CheckSameLen(kernel string, ts ...tensor.Tensor) {
	for _, t := range ts {
		if !holds(t, ts[0].Len()) {
			misfit(kernel, "", "want equal lengths", ts...)
		}
	}
}

// CheckHost panics unless a slice of n numbers of the process can be copied to
// or from t.
func CheckHost(kernel string, t tensor.Tensor, n int) {
	if !holds(t, n) {
		misfit(kernel, "tensor", fmt.Sprintf("the slice has %d numbers", n), t)
	}
}

// CheckScalar panics unless dst has one number and x is present.
func CheckScalar(kernel string, dst, x tensor.Tensor) {
	if !holds(dst, 1) || x.Absent() {
		misfit(kernel, "dst x", "want a dst of one number", dst, x)
	}
}

// CheckAxis panics unless full has a.Outer*a.N*a.Inner numbers and reduced
// a.Outer*a.Inner.
func CheckAxis(kernel string, full, reduced tensor.Tensor, a Axis) {
	if a.Outer < 0 || a.N < 0 || a.Inner < 0 || !holds(full, a.Outer*a.N*a.Inner) || !holds(reduced, a.Outer*a.Inner) {
		misfit(kernel, "full reduced", a, full, reduced)
	}
}

// CheckRuns panics unless all runs lie within dst and src, no stride is
// negative, and the runs of dst do not overlap.
func CheckRuns(kernel string, dst, src tensor.Tensor, m Runs) {
	inside := func(t tensor.Tensor, off, stride int) bool {
		last := off + (m.Count-1)*stride
		return !t.Absent() && off >= 0 && stride >= 0 && last+m.Len <= t.Len()
	}
	if m.Len == 0 || m.Count == 0 {
		return
	}
	if m.Len < 0 || m.Count < 0 || !inside(dst, m.DstOff, m.DstStride) || !inside(src, m.SrcOff, m.SrcStride) ||
		m.Count > 1 && m.DstStride < m.Len {
		misfit(kernel, "dst src", m, dst, src)
	}
}

// CheckTransposition panics unless dst and x have the numbers that a says.
func CheckTransposition(kernel string, dst, x tensor.Tensor, a Transposition) {
	n := a.Outer * a.Rows * a.Cols * a.Inner
	if min(a.Outer, a.Rows, a.Cols, a.Inner) < 0 || !holds(dst, n) || !holds(x, n) {
		misfit(kernel, "dst x", a, dst, x)
	}
}

// CheckProduct panics unless dst, x and y have the numbers that p says, and
// where MatMul, which overwrites, is asked to add a batch into one dst.
func CheckProduct(kernel string, dst, x, y tensor.Tensor, p Product) {
	entries := func(shared bool) int {
		if shared {
			return 1
		}
		return p.Batch
	}
	if min(p.Batch, p.M, p.N, p.K) < 0 || p.SharedDst && kernel == "MatMul" || !holds(dst, entries(p.SharedDst)*p.M*p.N) ||
		!holds(x, entries(p.SharedX)*p.M*p.K) || !holds(y, entries(p.SharedY)*p.K*p.N) {
		misfit(kernel, "dst x y", p, dst, x, y)
	}
}

// CheckConv panics unless the shapes are those of Conv1D. bias may be absent.
func CheckConv(kernel string, y, x, w, bias tensor.Tensor, c Conv) {
	if x.Rank() != 3 || w.Rank() != 3 || c.Dilation < 1 || c.Groups < 1 || w.Dim(2) < 1 || w.Dim(0)%c.Groups != 0 ||
		!is(x, x.Dim(0), w.Dim(1)*c.Groups, x.Dim(2)) || w.Absent() ||
		!is(y, x.Dim(0), w.Dim(0), x.Dim(2)-c.Shrink(w.Dim(2))) ||
		!bias.Absent() && !is(bias, w.Dim(0)) {
		misfit(kernel, "y x w bias", c, y, x, w, bias)
	}
}

// CheckRecur panics unless the shapes are those of Recur.
func CheckRecur(kernel string, r Cell, s Sequence, y tensor.Tensor, w RecurrentWeights, x tensor.Tensor) {
	if x.Rank() != 3 || y.Rank() != 3 || r.Kind > GRU || r.Detach < 0 {
		misfit(kernel, "y x", r, y, x)
	}
	b, t, in, h := x.Dim(0), x.Dim(1), x.Dim(2), y.Dim(2)
	g := r.Kind.Gates() * h
	if !is(x, b, t, in) || !is(y, b, t, h) || !is(s.Gates, b, t, g) || !is(s.Cells, b, t, h) {
		misfit(kernel, "y x gates cells", r, y, x, s.Gates, s.Cells)
	}
	if !is(w.Wi, g, in) || !is(w.Wh, g, h) || !is(w.Bi, g) || !is(w.Bh, g) {
		misfit(kernel, "y x wi wh bi bh", r, y, x, w.Wi, w.Wh, w.Bi, w.Bh)
	}
	checkState(kernel, r, "y h0 c0", y, s.H0, s.C0)
}

// CheckRecurGrad panics unless the shapes are those of RecurGrad.
func CheckRecurGrad(r Cell, dx tensor.Tensor, ds InitialState, dw RecurrentWeights, dy, dhT, dcT tensor.Tensor,
	s Sequence, y tensor.Tensor, w RecurrentWeights, x tensor.Tensor) {
	const kernel = "RecurGrad"
	CheckRecur(kernel, r, s, y, w, x)
	if !like(dx, x) || dy.Absent() || !like(dy, y) {
		misfit(kernel, "dx x dy y", r, dx, x, dy, y)
	}
	if !like(dw.Wi, w.Wi) || !like(dw.Wh, w.Wh) || !like(dw.Bi, w.Bi) || !like(dw.Bh, w.Bh) {
		misfit(kernel, "dwi dwh dbi dbh y x", r, dw.Wi, dw.Wh, dw.Bi, dw.Bh, y, x)
	}
	checkState(kernel, r, "y dh0 dc0", y, ds.H0, ds.C0)
	checkState(kernel, r, "y dhT dcT", y, dhT, dcT)
}

func checkState(kernel string, r Cell, names string, y, h, c tensor.Tensor) {
	b, n := y.Dim(0), y.Dim(2)
	if !h.Absent() && !is(h, b, n) || !c.Absent() && (r.Kind != LSTM || !is(c, b, n)) {
		misfit(kernel, names, r, y, h, c)
	}
}

// CheckRFFT panics unless x (B, R, In) and its half-spectrum y (B, 2, R, n/2+1)
// fit.
func CheckRFFT(kernel string, y, x tensor.Tensor, t Transform) {
	if x.Rank() != 3 || t.N < 1 || !is(x, x.Dim(0), x.Dim(1), t.In) || !is(y, x.Dim(0), 2, x.Dim(1), t.N/2+1) {
		misfit(kernel, "y x", t, y, x)
	}
}

// CheckIRFFT panics unless the half-spectrum x (B, 2, R, In) and y (B, R, n)
// fit.
func CheckIRFFT(kernel string, y, x tensor.Tensor, t Transform) {
	if x.Rank() != 4 || t.N < 1 || !is(x, x.Dim(0), 2, x.Dim(2), t.In) || !is(y, x.Dim(0), x.Dim(2), t.N) {
		misfit(kernel, "y x", t, y, x)
	}
}

// CheckFFT panics unless x (B, 2, R, In) and its spectrum y (B, 2, R, n) fit.
func CheckFFT(kernel string, y, x tensor.Tensor, t Transform) {
	if x.Rank() != 4 || t.N < 1 || !is(x, x.Dim(0), 2, x.Dim(2), t.In) || !is(y, x.Dim(0), 2, x.Dim(2), t.N) {
		misfit(kernel, "y x", t, y, x)
	}
}

// CheckSTFT panics unless spectrum (B, 2, Frames, Bins), signal (B, Length) and
// window (n_fft) fit f, and the frames lie within the padded signal.
func CheckSTFT(kernel string, spectrum, signal, window tensor.Tensor, f Framing) {
	if err := f.Check(); err != nil {
		misfit(kernel, "spectrum signal window", err, spectrum, signal, window)
	}
	if f.Frames > 0 && f.Span() > f.Length+2*f.Pad {
		misfit(kernel, "spectrum signal window", f, spectrum, signal, window)
	}
	CheckSynthesis(kernel, spectrum, signal, window, f)
}

// CheckSynthesis panics unless spectrum (B, 2, Frames, Bins), signal
// (B, Length) and window (n_fft) fit f. The frames may end before or after the
// signal does.
func CheckSynthesis(kernel string, spectrum, signal, window tensor.Tensor, f Framing) {
	if signal.Rank() != 2 || min(f.NFFT, f.Hop) < 1 || min(f.Frames, f.Pad) < 0 || !is(signal, signal.Dim(0), f.Length) ||
		!is(spectrum, signal.Dim(0), 2, f.Frames, f.Bins()) || !is(window, f.NFFT) {
		misfit(kernel, "spectrum signal window", f, spectrum, signal, window)
	}
}

// CheckEnvelope panics unless envelope (Length) and window (n_fft) fit f.
func CheckEnvelope(kernel string, envelope, window tensor.Tensor, f Framing) {
	if min(f.NFFT, f.Hop) < 1 || min(f.Frames, f.Pad) < 0 || !is(envelope, f.Length) || !is(window, f.NFFT) {
		misfit(kernel, "envelope window", f, envelope, window)
	}
}

// CheckPolar panics unless x is (B, 2, n) and y (B, n).
func CheckPolar(kernel string, y, x tensor.Tensor) {
	if x.Rank() != 3 || !is(x, x.Dim(0), 2, x.Dim(2)) || !is(y, x.Dim(0), x.Dim(2)) {
		misfit(kernel, "y x", "want (B, n) and (B, 2, n)", y, x)
	}
}

// CheckComplex panics unless all tensors have the same shape (B, 2, n).
func CheckComplex(kernel string, ts ...tensor.Tensor) {
	for _, t := range ts {
		if t.Rank() != 3 || t.Dim(1) != 2 || t.Absent() || t.Shape != ts[0].Shape {
			misfit(kernel, "", "want equal shapes (B, 2, n)", ts...)
		}
	}
}

// CheckOptional panics unless those of ts that are present are as long as p.
func CheckOptional(kernel string, p tensor.Tensor, ts ...tensor.Tensor) {
	for _, t := range ts {
		if !t.Absent() && t.Len() != p.Len() {
			misfit(kernel, "", fmt.Sprintf("want the length of %v", p.Shape), ts...)
		}
	}
}

// CheckSpectrogram panics unless the spectrogram y (B, Frames, Bins), x
// (B, Length) and window (n_fft) fit f, and m is a function of the power.
func CheckSpectrogram(kernel string, y, x, window tensor.Tensor, f Framing, m PolarFunc) {
	if x.Rank() != 2 || !is(x, x.Dim(0), f.Length) || !is(y, x.Dim(0), f.Frames, f.Bins()) || !f.analyses(window) || m > MagFloor {
		misfit(kernel, "y x window", f, y, x, window)
	}
}

// CheckComparison panics unless x and y (B, Length) and window (n_fft) fit f, dx
// is absent or as x, and value has one number.
func CheckComparison(value, dx, x, y, window tensor.Tensor, f Framing, c Comparison) {
	if x.Rank() != 2 || !holds(value, 1) || !is(x, x.Dim(0), f.Length) || !is(y, x.Dim(0), f.Length) || !like(dx, x) ||
		!f.analyses(window) || c.Floor != MagClamp && c.Floor != MagFloor {
		misfit("CompareSpectra", "value dx x y window", f, value, dx, x, y, window)
	}
}

// analyses says that one-sided frames with the window lie in their signals.
func (f Framing) analyses(window tensor.Tensor) bool {
	return is(window, f.NFFT) && f.Onesided && f.Check() == nil && (f.Frames == 0 || f.Span() <= f.Length+2*f.Pad)
}

// is says that t is present and has exactly these dims.
func is(t tensor.Tensor, dims ...int) bool {
	if t.Absent() || t.Rank() != len(dims) {
		return false
	}
	for i, d := range dims {
		if t.Dim(i) != d {
			return false
		}
	}
	return true
}

// holds says that t is present and has n numbers.
func holds(t tensor.Tensor, n int) bool { return !t.Absent() && t.Len() == n }

// like says that the gradient d is absent or shaped as t.
func like(d, t tensor.Tensor) bool { return d.Absent() || d.Shape == t.Shape }

// misfit panics: "Conv1D: y (1, 2, 3), x (1, 2), bias absent do not fit: {Dilation:1 Groups:1}".
func misfit(kernel, names string, why any, ts ...tensor.Tensor) {
	name := strings.Fields(names)
	var list []string
	for i, t := range ts {
		s := t.Shape.String()
		if t.Absent() {
			s = "absent"
		}
		if i < len(name) {
			s = name[i] + " " + s
		}
		list = append(list, s)
	}
	panic(fmt.Sprintf("%s: %s do not fit: %+v", kernel, strings.Join(list, ", "), why))
}
