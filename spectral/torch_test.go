package spectral_test

import (
	"fmt"
	"math"
	"testing"

	"partials/autograd"
	"partials/internal/golden"
	"partials/ops"
	"partials/spectral"
)

func norm(t *testing.T, c golden.Case) (m spectral.Norm) {
	t.Helper()
	unmarshal(t, &m, golden.Param[string](t, c, "norm"))
	return m
}

func TestRFFT(t *testing.T) {
	onEach(t, "torch", func(t *testing.T, s session) {
		x := s.put(t, "x")
		y := spectral.RFFT(s.tape, x, golden.Param[int](t, s.Case, "n"), norm(t, s.Case))
		s.backFrom(t, y)
		s.want(t, "y", y.Tensor)
		s.wantGrad(t, "gx", x)
	}, "rfft")
}

func TestIRFFT(t *testing.T) {
	onEach(t, "torch", func(t *testing.T, s session) {
		x := s.put(t, "X")
		y := spectral.IRFFT(s.tape, x, golden.Param[int](t, s.Case, "n"), norm(t, s.Case))
		s.backFrom(t, y)
		s.want(t, "y", y.Tensor)
		s.wantGrad(t, "gX", x)
	}, "irfft")
}

func TestFFT(t *testing.T) {
	onEach(t, "spectral2", func(t *testing.T, s session) {
		x := s.put(t, "x")
		transform := spectral.FFT
		if s.Op == "ifft" {
			transform = spectral.IFFT
		}
		y := transform(s.tape, x, golden.Param[int](t, s.Case, "n"), norm(t, s.Case))
		s.backFrom(t, y)
		s.want(t, "y", y.Tensor)
		s.wantGrad(t, "gx", x)
	}, "fft", "ifft")
}

// analysis is the STFT of a case's parameters.
func analysis(t *testing.T, c golden.Case) *spectral.Analysis {
	t.Helper()
	o := spectral.STFT{
		NFFT: golden.Param[int](t, c, "n_fft"), Hop: golden.Param[int](t, c, "hop_length"), WinLength: golden.Param[int](t, c, "win_length"),
		Center: golden.Param[bool](t, c, "center"), Normalized: golden.Param[bool](t, c, "normalized"), Onesided: golden.Param[bool](t, c, "onesided"),
		Window: window(t, c),
	}
	if _, ok := c.Params["pad_mode"]; ok {
		unmarshal(t, &o.PadMode, golden.Param[string](t, c, "pad_mode"))
	}
	a, err := spectral.NewAnalysis(o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// window is the window of a case's parameters.
func window(t *testing.T, c golden.Case) spectral.Window {
	t.Helper()
	text := golden.Param[string](t, c, "window")
	switch text {
	case "rect":
		text = "rectangular"
	case "kaiser":
		beta := 12.0
		if _, ok := c.Params["beta"]; ok {
			beta = golden.Param[float64](t, c, "beta")
		}
		text = fmt.Sprintf("kaiser(%g)", beta)
	}
	var w spectral.Window
	unmarshal(t, &w, text)
	if _, ok := c.Params["periodic"]; ok {
		w.Symmetric = !golden.Param[bool](t, c, "periodic")
	}
	return w
}

func TestSTFT(t *testing.T) {
	for _, file := range []string{"torch", "spectral2"} {
		onEach(t, file, func(t *testing.T, s session) {
			a := analysis(t, s.Case)
			x, w := s.put(t, "x"), s.put(t, "window")
			y := a.ApplyWindow(s.tape, x, w)
			s.backFrom(t, y)
			s.want(t, "y", y.Tensor)
			s.wantGrad(t, "gx", x)
			s.wantGrad(t, "gwindow", w)

			s.tape.Reset()
			x = s.put(t, "x")
			s.want(t, "y", a.Apply(s.tape, x).Tensor) // with the window that it keeps
			if frames := a.Frames(x.Dim(-1)); frames != s.Array(t, "y").Shape[2] {
				t.Errorf("Frames is %d", frames)
			}
			if _, ok := s.Scalars["meanabs"]; !ok {
				return
			}
			s.tape.Reset()
			x, w = s.put(t, "x"), s.put(t, "window")
			mean := ops.Mean(s.tape, spectral.Magnitude(s.tape, a.ApplyWindow(s.tape, x, w), spectral.FloorClamp, 0))
			if err := s.tape.Backward(mean); err != nil {
				t.Fatal(err)
			}
			s.want(t, "meanabs", mean.Tensor)
			s.wantGrad(t, "meanabs_gx", x)
			s.wantGrad(t, "meanabs_gwindow", w)
		}, "stft")
	}
}

func TestISTFT(t *testing.T) {
	for _, file := range []string{"torch", "spectral2"} {
		onEach(t, file, func(t *testing.T, s session) {
			a := analysis(t, s.Case)
			n := golden.Param[int](t, s.Case, "length")
			inverse := func(x, window *autograd.Var) *autograd.Var {
				if _, ok := s.Params["return_complex"]; ok && golden.Param[bool](t, s.Case, "return_complex") {
					return a.InverseComplex(s.tape, x, window, n)
				}
				if window == nil {
					return a.Inverse(s.tape, x, n)
				}
				return a.InverseWindow(s.tape, x, window, n)
			}
			x, w := s.put(t, "X"), s.put(t, "window")
			y := inverse(x, w)
			s.backFrom(t, y)
			s.want(t, "y", y.Tensor)
			s.wantGrad(t, "gX", x)
			s.wantGrad(t, "gwindow", w)

			s.tape.Reset()
			s.want(t, "y", inverse(s.put(t, "X"), nil).Tensor)
		}, "istft")
	}
}

func TestWindows(t *testing.T) {
	for _, file := range []string{"torch", "filterbanks"} {
		for _, c := range golden.Cases(t, file, "window") {
			want := c.Array(t, "w").Data
			got := window(t, c).Values(len(want))
			for i := range want {
				if d := math.Abs(got[i] - want[i]); !(d <= 1e-14) {
					t.Errorf("%s: sample %d is %v, want %v", c.ID, i, got[i], want[i])
				}
			}
		}
	}
}
