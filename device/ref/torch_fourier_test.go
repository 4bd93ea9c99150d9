package ref_test

import (
	"math"
	"testing"

	"partials/device"
	"partials/internal/golden"
	"partials/tensor"
)

// planar returns the named complex array, (rows, n) as (1, 2, rows, n) and
// (B, bins, frames) as (B, 2, frames, bins).
func (b bench) planar(name string) tensor.Tensor {
	a := b.c.Array(b.t, name)
	batch, rows, bins := 1, a.Shape[0], a.Shape[1]
	rowStep, binStep := bins, 1
	if len(a.Shape) == 3 {
		batch, bins, rows = a.Shape[0], a.Shape[1], a.Shape[2]
		rowStep, binStep = 1, rows
	}
	var values []float64
	for i := range batch {
		for plane := range 2 {
			for r := range rows {
				for k := range bins {
					values = append(values, a.Data[2*(i*rows*bins+r*rowStep+k*binStep)+plane])
				}
			}
		}
	}
	return b.of(values, batch, 2, rows, bins)
}

// scale is PyTorch's norm: the factor of a forward or an inverse transform.
func (b bench) scale(inverse bool) float64 {
	n := float64(golden.Param[int](b.t, b.c, "n"))
	switch norm := golden.Param[string](b.t, b.c, "norm"); {
	case norm == "ortho":
		return 1 / math.Sqrt(n)
	case (norm == "backward") == inverse:
		return 1 / n
	}
	return 1
}

func TestTorchRealTransforms(t *testing.T) {
	eachTorch(t, "torch", func(b bench) {
		n := golden.Param[int](t, b.c, "n")
		inverse := b.c.Op == "irfft"
		tr := device.Transform{N: n, Scale: b.scale(inverse)}
		if inverse {
			x, want := b.planar("X"), b.c.Array(t, "y")
			rows := want.Shape[0]
			tr.In = x.Dim(-1)
			y, dx := b.zeros(1, rows, n), b.zeros(1, 2, rows, tr.In)
			b.d.IRFFT(y, x, tr)
			b.d.IRFFTGrad(dx, b.array("g", 1, rows, n), tr)
			b.same("y", y, b.array("y"))
			b.same("gX", dx, b.planar("gX"))
			return
		}
		shape := b.c.Array(t, "x").Shape
		tr.In = shape[1]
		y, dx := b.zeros(1, 2, shape[0], n/2+1), b.zeros(1, shape[0], tr.In)
		b.d.RFFT(y, b.array("x", 1, shape[0], tr.In), tr)
		b.d.RFFTGrad(dx, b.planar("g"), tr)
		b.same("y", y, b.planar("y"))
		b.same("gx", dx, b.array("gx"))
	}, "rfft", "irfft")
}

func TestTorchComplexTransforms(t *testing.T) {
	eachTorch(t, "spectral2", func(b bench) {
		inverse := b.c.Op == "ifft"
		n := golden.Param[int](t, b.c, "n")
		x := b.planar("x")
		tr := device.Transform{N: n, In: x.Dim(-1), Scale: b.scale(inverse), Inverse: inverse}
		y, dx := b.zeros(1, 2, x.Dim(2), n), b.zeros(1, 2, x.Dim(2), tr.In)
		b.d.FFT(y, x, tr)
		b.d.FFTGrad(dx, b.planar("g"), tr)
		b.same("y", y, b.planar("y"))
		b.same("gx", dx, b.planar("gx"))
	}, "fft", "ifft")
}

// framing is that of a torch.stft or torch.istft, with the window centred in
// n_fft samples.
func (b bench) framing() (f device.Framing, window tensor.Tensor, short device.Runs) {
	f = device.Framing{NFFT: golden.Param[int](b.t, b.c, "n_fft"), Hop: golden.Param[int](b.t, b.c, "hop_length"),
		Onesided: golden.Param[bool](b.t, b.c, "onesided"), Scale: 1}
	if golden.Param[bool](b.t, b.c, "center") {
		f.Pad = f.NFFT / 2
	}
	w := b.array("window")
	window = b.zeros(f.NFFT)
	b.d.Move(window, w, device.Runs{Len: w.Len(), Count: 1, DstOff: (f.NFFT - w.Len()) / 2})
	return f, window, device.Runs{Len: w.Len(), Count: 1, SrcOff: (f.NFFT - w.Len()) / 2}
}

func TestTorchSTFT(t *testing.T) {
	for _, file := range []string{"torch", "spectral2"} {
		eachTorch(t, file, func(b bench) {
			f, window, short := b.framing()
			for mode, name := range device.PadModes {
				if name == golden.Param[string](t, b.c, "pad_mode") {
					f.Mode = device.PadMode(mode)
				}
			}
			if golden.Param[bool](t, b.c, "normalized") {
				f.Scale = 1 / math.Sqrt(float64(f.NFFT))
			}
			x, dy := b.array("x"), b.planar("g")
			f.Length, f.Frames = x.Dim(1), dy.Dim(2)
			y, dx, dw := b.zeros(dy.Dim(0), 2, f.Frames, f.Bins()), b.zeros(x.Dim(0), f.Length), b.zeros(f.NFFT)
			b.d.STFT(y, x, window, f)
			b.d.STFTGrad(dx, dy, window, f)
			b.d.STFTWindowGrad(dw, dy, x, f)
			b.same("y", y, b.planar("y"))
			b.same("gx", dx, b.array("gx"))
			got := b.zeros(b.c.Array(t, "window").Shape...)
			b.d.Move(got, dw, short)
			b.same("gwindow", got, b.array("gwindow"))
		}, "stft")
	}
}

// The inverse is Synthesis over Envelope.
func TestTorchInverseSTFT(t *testing.T) {
	eachTorch(t, "torch", func(b bench) {
		f, window, _ := b.framing()
		if golden.Param[bool](t, b.c, "normalized") {
			f.Scale = math.Sqrt(float64(f.NFFT))
		}
		x, want := b.planar("X"), b.array("y")
		f.Frames, f.Length = x.Dim(2), want.Dim(1)
		if !f.Onesided { // torch.istft reads only the first half
			half := b.zeros(x.Dim(0), 2, f.Frames, f.NFFT/2+1)
			b.d.Move(half, x, device.Runs{Len: half.Dim(3), Count: half.Len() / half.Dim(3), DstStride: half.Dim(3), SrcStride: x.Dim(3)})
			x, f.Onesided = half, true
		}
		y, envelope := b.zeros(want.Dim(0), f.Length), b.zeros(f.Length)
		b.d.Synthesis(y, x, window, f)
		b.d.Envelope(envelope, window, f)
		sum, weights := tensor.Slice[float64](y), tensor.Slice[float64](envelope)
		for i := range sum {
			if w := weights[i%f.Length]; w > 1e-11 {
				sum[i] /= w
			}
		}
		b.same("y", y, want)
	}, "istft")
}

func TestTorchPolar(t *testing.T) {
	eachTorch(t, "spectral2", func(b bench) {
		f, eps := device.Power, 0.0
		switch b.c.Op {
		case "phase":
			f = device.Phase
		case "magnitude":
			eps = golden.Param[float64](t, b.c, "eps")
			f = device.MagFloor
			if golden.Param[string](t, b.c, "floor") == "clamp" {
				f = device.MagClamp
			}
		}
		flat := func(name string) tensor.Tensor { // (2, B*bins*frames)
			x := b.planar(name)
			return x.View(tensor.Of(x.Dim(0), 2, x.Dim(2)*x.Dim(3)))
		}
		real := func(name string) tensor.Tensor {
			a := b.c.Array(t, name)
			y := b.zeros(a.Shape[0], a.Shape[1]*a.Shape[2])
			b.d.Transpose(y, b.array(name), device.Transposition{Outer: a.Shape[0], Rows: a.Shape[1], Cols: a.Shape[2], Inner: 1})
			return y
		}
		x, dy := flat("X"), real("g")
		y, dx := b.zeros(dy.Dim(0), dy.Dim(1)), b.zeros(dy.Dim(0), 2, dy.Dim(1))
		b.d.Polar(f, eps, y, x)
		b.d.PolarGrad(f, eps, dx, x, y, dy)
		b.same("y", y, real("y"))
		b.same("gX", dx, flat("gX"))
	}, "magnitude", "power", "phase")
}
