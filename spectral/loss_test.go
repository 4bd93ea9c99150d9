package spectral_test

import (
	"math"
	"strings"
	"testing"

	"partials/autograd"
	"partials/autograd/gradcheck"
	"partials/device/ref"
	"partials/internal/golden"
	"partials/ops"
	"partials/spectral"
	"partials/tensor"
)

// The fused loss is what the public functions compose to, gradient and all.
func TestLossIsItsComposition(t *testing.T) {
	const rate = 16000
	shape := tensor.Of(3, 1, 700)
	target := gradcheck.Normal(1, shape).Data
	pred := gradcheck.Normal(2, shape).Data
	for name, bands := range map[string]spectral.Bands{"bins": spectral.NoBands, "mel": spectral.MelBands} {
		t.Run(name, func(t *testing.T) {
			s := spectral.DefaultSTFT(256)
			s.Hop, s.WinLength, s.Window = 60, 201, spectral.Window{Kind: spectral.Hamming}
			o := spectral.DefaultLossOptions()
			o.Scale, o.NBins, o.WLinMag, o.Lean, o.SCFloor = bands, 12, 0.3, 0, 0
			l, err := spectral.NewSTFTLoss(rate, []spectral.STFT{s}, o)
			if err != nil {
				t.Fatal(err)
			}
			a, err := spectral.NewAnalysis(s)
			if err != nil {
				t.Fatal(err)
			}
			fb, err := spectral.Mel{NMels: 12}.Filterbank(rate, s.NFFT)
			if err != nil {
				t.Fatal(err)
			}
			composed := func(tape *autograd.Tape, p, y *autograd.Var) *autograd.Var {
				magnitudes := func(x *autograd.Var) *autograd.Var {
					m := spectral.Magnitude(tape, a.Apply(tape, x), spectral.FloorAdd, o.Eps)
					if bands == spectral.MelBands {
						m = fb.Apply(tape, m)
					}
					return m
				}
				mx, my := magnitudes(p), magnitudes(y)
				d := ops.Sub(tape, mx, my)
				frobenius := func(x *autograd.Var) *autograd.Var {
					return ops.Sqrt(tape, ops.Sum(tape, ops.Square(tape, x)))
				}
				sc := ops.Div(tape, frobenius(d), frobenius(my))
				log := ops.Mean(tape, ops.Abs(tape, ops.Sub(tape, ops.Log(tape, mx), ops.Log(tape, my))))
				lin := ops.Mean(tape, ops.Abs(tape, d))
				return ops.Combine(tape, 1, ops.Add(tape, sc, log), 0.3, lin)
			}
			run := func(f func(*autograd.Tape, *autograd.Var, *autograd.Var) *autograd.Var) []float64 {
				dev := ref.NewChecked()
				tape := autograd.NewTape(dev, 0)
				x := tape.Watch(tape.Put64(shape, pred))
				v := f(tape, x, tape.Put64(shape, target))
				out := []float64{tape.Scalar(v)}
				if err := tape.Backward(v); err != nil {
					t.Fatal(err)
				}
				g, _ := x.Grad()
				grad := make([]float64, g.Len())
				dev.Read64(grad, g)
				return append(out, grad...)
			}
			got, want := run(l.Apply), run(composed)
			if e := golden.RelL2(got[:1], want[:1]); !(e <= 1e-13) {
				t.Errorf("value %v, composed %v", got[0], want[0])
			}
			if e := golden.RelL2(got[1:], want[1:]); !(e <= 1e-12) {
				t.Errorf("the gradients differ by %.2g", e)
			}
		})
	}
}

// What a loss keeps until the way back is no larger than the signal, whatever
// its transforms: the spectra are given back.
func TestLossKeepsNoSpectra(t *testing.T) {
	const samples = 8192
	shape := tensor.Of(1, 1, samples)
	rs, err := spectral.Resolutions([]int{64, 128}, []int{4, 4}, nil, spectral.Window{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := spectral.NewSTFTLoss(16000, rs, spectral.DefaultLossOptions())
	if err != nil {
		t.Fatal(err)
	}
	tape := autograd.NewTape(ref.New(), 0)
	x := tape.Watch(tape.Put64(shape, make([]float64, samples)))
	y := tape.Put64(shape, make([]float64, samples))
	before := tape.Usage().Live
	l.Apply(tape, x, y)
	if kept := tape.Usage().Live - before; kept > 8*samples*5/4+1024 {
		t.Errorf("%d bytes are kept of a signal of %d", kept, 8*samples)
	}
}

func TestLossFaults(t *testing.T) {
	rs, err := spectral.Resolutions([]int{64}, nil, nil, spectral.Window{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := spectral.NewSTFTLoss(16000, rs, spectral.DefaultLossOptions())
	if err != nil {
		t.Fatal(err)
	}
	if l.CheckLength(33) != nil || l.CheckLength(32) == nil {
		t.Error("a signal must have more than n_fft/2 samples")
	}
	tape := autograd.NewTape(ref.NewChecked(), 0)
	short, long := tape.Put64(tensor.Of(32), make([]float64, 32)), tape.Put64(tensor.Of(40), make([]float64, 40))
	for want, f := range map[string]func(){
		"too short": func() { l.Apply(tape, short, short) },
		"one shape": func() { l.Apply(tape, short, long) },
		"Detach it": func() { l.Apply(tape, long, tape.Watch(tape.Put64(tensor.Of(40), make([]float64, 40)))) },
	} {
		if err := autograd.Catch(f); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "spectral.STFTLoss") {
			t.Errorf("want a fault of spectral.STFTLoss that says %q, got %v", want, err)
		}
	}
	if _, err := spectral.NewSTFTLoss(16000, nil, spectral.DefaultLossOptions()); err == nil {
		t.Error("no resolution is no error")
	}
	if _, err := spectral.NewCompressedLoss(nil, spectral.DefaultCompressedOptions()); err == nil {
		t.Error("no resolution is no error")
	}
}

// The mean over no items is NaN, as PyTorch's, and no failure.
func TestLossOfNoItems(t *testing.T) {
	for _, bands := range []spectral.Bands{spectral.NoBands, spectral.MelBands, spectral.ChromaBands} {
		o := spectral.DefaultLossOptions()
		o.Scale, o.NBins, o.WPhs, o.ScaleInvariance = bands, 12, 1, true
		l, err := spectral.NewSTFTLoss(16000, []spectral.STFT{spectral.DefaultSTFT(512)}, o)
		if err != nil {
			t.Fatal(err)
		}
		tape := autograd.NewTape(ref.NewChecked(), 0)
		x := tape.Watch(tape.Put64(tensor.Of(0, 2, 700), nil))
		v := l.Apply(tape, x, tape.Put64(x.Shape, nil))
		if err := tape.Backward(v); err != nil || !math.IsNaN(tape.Scalar(v)) {
			t.Errorf("%v: the loss of no items is %v (%v), want NaN", bands, tape.Scalar(v), err)
		}
	}
}
