package spectral_test

import (
	"fmt"
	"testing"

	"partials/autograd"
	"partials/autograd/gradcheck"
	"partials/device/ref"
	"partials/internal/golden"
	"partials/ops"
	"partials/spectral"
	"partials/tensor"
)

type (
	tape = autograd.Tape
	vars = []*autograd.Var
)

var of = tensor.Of

func adjoint(t *testing.T, name string, f gradcheck.Func, in ...tensor.Shape) {
	t.Run(name, func(t *testing.T) {
		if err := gradcheck.Adjoint(ref.NewChecked(), f, in); err != nil {
			t.Error(err)
		}
	})
}

// The transforms are linear, so their adjoints are exact: at lengths that are
// even, odd, prime and 1, cut and padded, and for every rank.
func TestTransformAdjoints(t *testing.T) {
	for _, in := range []int{1, 2, 3, 7, 8, 15, 16, 31} {
		for _, n := range []int{0, 1, 2, 5, 8, 13, 30} {
			for _, norm := range []spectral.Norm{spectral.NormBackward, spectral.NormOrtho, spectral.NormForward} {
				name := fmt.Sprintf("%d to %d %v", in, n, norm)
				adjoint(t, "RFFT "+name, func(t *tape, v vars) *autograd.Var { return spectral.RFFT(t, v[0], n, norm) }, of(2, 3, in))
				adjoint(t, "FFT "+name, func(t *tape, v vars) *autograd.Var { return spectral.FFT(t, v[0], n, norm) }, of(2, 2, 3, in))
				adjoint(t, "IFFT "+name, func(t *tape, v vars) *autograd.Var { return spectral.IFFT(t, v[0], n, norm) }, of(2, 3, in))
				if n > 0 || in > 1 {
					adjoint(t, "IRFFT "+name, func(t *tape, v vars) *autograd.Var { return spectral.IRFFT(t, v[0], n, norm) }, of(2, 2, 3, in))
				}
			}
		}
	}
}

// A transform and its inverse cancel, whatever the norm.
func TestInverses(t *testing.T) {
	for _, norm := range []spectral.Norm{spectral.NormBackward, spectral.NormOrtho, spectral.NormForward} {
		for _, n := range []int{1, 2, 3, 8, 9, 17, 60} {
			tape := autograd.NewTape(ref.NewChecked(), 0)
			x := gradcheck.Normal(1, of(2, 3, n))
			back := spectral.IRFFT(tape, spectral.RFFT(tape, tape.Put64(x.Shape, x.Data), 0, norm), n, norm)
			wantClose(t, fmt.Sprintf("irfft(rfft) of %d, %v", n, norm), read(tape.Device(), back.Tensor), x.Data, 1e-14)
			z := gradcheck.Normal(2, of(3, 2, 2, n))
			back = spectral.IFFT(tape, spectral.FFT(tape, tape.Put64(z.Shape, z.Data), 0, norm), 0, norm)
			wantClose(t, fmt.Sprintf("ifft(fft) of %d, %v", n, norm), read(tape.Device(), back.Tensor), z.Data, 1e-14)
		}
	}
}

// The plane axis stands before the rows, whatever the rank.
func TestRanks(t *testing.T) {
	tape := autograd.NewTape(ref.NewChecked(), 0)
	for _, c := range []struct{ real, complex tensor.Shape }{
		{of(8), of(2, 5)}, {of(3, 8), of(2, 3, 5)}, {of(4, 3, 8), of(4, 2, 3, 5)},
	} {
		x := gradcheck.Normal(3, c.real)
		y := spectral.RFFT(tape, tape.Put64(c.real, x.Data), 0, spectral.NormBackward)
		if y.Shape != c.complex {
			t.Errorf("rfft of %v is %v, want %v", c.real, y.Shape, c.complex)
		}
		back := spectral.IRFFT(tape, y, 0, spectral.NormBackward)
		if back.Shape != c.real {
			t.Errorf("irfft of %v is %v, want %v", y.Shape, back.Shape, c.real)
		}
		parts := spectral.Complex(tape, spectral.Re(tape, y), spectral.Im(tape, y))
		polar := spectral.FromPolar(tape, spectral.Magnitude(tape, y, spectral.FloorClamp, 0), spectral.Phase(tape, y))
		for _, same := range []*autograd.Var{parts, polar} {
			if same.Shape != y.Shape {
				t.Fatalf("%v, want %v", same.Shape, y.Shape)
			}
			wantClose(t, "parts of "+y.String(), read(tape.Device(), same.Tensor), read(tape.Device(), y.Tensor), 1e-15)
		}
	}
}

// A transform along another axis is one between two transposes.
func TestOtherAxis(t *testing.T) {
	const rows, n = 3, 6
	tape := autograd.NewTape(ref.NewChecked(), 0)
	x := gradcheck.Normal(4, of(n, rows))
	down := spectral.RFFT(tape, ops.Transpose(tape, tape.Put64(x.Shape, x.Data), 0, 1), 0, spectral.NormBackward)
	got := read(tape.Device(), down.Tensor) // (2, rows, n/2+1)
	for r := range rows {
		column := make([]float64, n)
		for i := range column {
			column[i] = x.Data[i*rows+r]
		}
		want := read(tape.Device(), spectral.RFFT(tape, tape.Put64(of(n), column), 0, spectral.NormBackward).Tensor)
		const bins = n/2 + 1
		wantClose(t, "real part", got[r*bins:(r+1)*bins], want[:bins], 1e-15)
		wantClose(t, "imaginary part", got[(rows+r)*bins:(rows+r+1)*bins], want[bins:], 1e-15)
	}
}

func wantClose(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if err := golden.RelL2(got, want); !(err <= tolerance) {
		t.Errorf("%s: relative error %.2g, allowed %.2g", what, err, tolerance)
	}
}

// framings are STFTs that differ in every option, and a length of signal.
var framings = []struct {
	options spectral.STFT
	length  int
}{
	{spectral.DefaultSTFT(16), 40},
	{spectral.STFT{NFFT: 16, Hop: 5, WinLength: 11, Window: spectral.Window{Kind: spectral.Hamming}, Center: true, PadMode: spectral.PadCircular, Onesided: true}, 23},
	{spectral.STFT{NFFT: 9, Hop: 2, Window: spectral.Window{Kind: spectral.Kaiser, Beta: 6}, Center: true, PadMode: spectral.PadReplicate, Normalized: true}, 13},
	{spectral.STFT{NFFT: 12, Hop: 3, Window: spectral.Window{Kind: spectral.Rectangular}, Onesided: true}, 31},
	{spectral.STFT{NFFT: 7, Hop: 1, WinLength: 4, Center: true, PadMode: spectral.PadConstant}, 2},
	{spectral.STFT{NFFT: 1, Hop: 1, Onesided: true}, 3},
}

func newAnalysis(t *testing.T, o spectral.STFT) *spectral.Analysis {
	t.Helper()
	a, err := spectral.NewAnalysis(o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestSTFTGradients(t *testing.T) {
	dev := ref.NewChecked()
	for _, c := range framings {
		t.Run(fmt.Sprintf("n_fft %d", c.options.NFFT), func(t *testing.T) {
			a := newAnalysis(t, c.options)
			for _, s := range []tensor.Shape{of(c.length), of(2, c.length), of(2, 3, c.length)} {
				adjoint(t, "in the signal "+s.String(), func(t *tape, v vars) *autograd.Var { return a.Apply(t, v[0]) }, s)
			}
			both := func(t *tape, v vars) *autograd.Var { return a.ApplyWindow(t, v[0], v[1]) }
			in := []gradcheck.Input{gradcheck.Normal(1, of(2, c.length)), gradcheck.Normal(2, of(a.WinLength))}
			if err := gradcheck.Full(dev, both, in); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestISTFTGradients(t *testing.T) {
	dev := ref.NewChecked()
	for _, c := range framings {
		if c.options.Window.Kind == spectral.Hann && c.options.NFFT < 8 {
			continue // leaves gaps
		}
		t.Run(fmt.Sprintf("n_fft %d", c.options.NFFT), func(t *testing.T) {
			a := newAnalysis(t, c.options)
			spectrum := of(2, 2, max(a.Frames(c.length), 3), a.Bins())
			lengths := []int{0, 5}
			if a.WinLength == a.NFFT { // a shorter window reaches 0 before the last frame ends
				lengths = append(lengths, c.length+30)
			}
			for _, n := range lengths {
				adjoint(t, fmt.Sprintf("in the spectrum, length %d", n), func(t *tape, v vars) *autograd.Var { return a.Inverse(t, v[0], n) }, spectrum)
				both := func(t *tape, v vars) *autograd.Var { return a.InverseWindow(t, v[0], v[1], n) }
				in := []gradcheck.Input{gradcheck.Normal(1, spectrum), gradcheck.Uniform(2, of(a.WinLength), 0.5, 1)}
				if err := gradcheck.Full(dev, both, in); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// OverlapAdd is Inverse before the division.
func TestOverlapAdd(t *testing.T) {
	a := newAnalysis(t, spectral.DefaultSTFT(16))
	adjoint(t, "OverlapAdd", func(t *tape, v vars) *autograd.Var { return a.OverlapAdd(t, v[0], 0) }, of(2, 2, 5, 9))
	tape := autograd.NewTape(ref.NewChecked(), 0)
	x := gradcheck.Normal(5, of(1, 2, 9, 9))
	spectrum := tape.Put64(x.Shape, x.Data)
	got := read(tape.Device(), a.OverlapAdd(tape, spectrum, 0).Tensor)
	want := read(tape.Device(), a.Inverse(tape, spectrum, 0).Tensor)
	// Periodic Hann squares at a quarter's hop add up to 3/2, away from the edges.
	for i := range want {
		want[i] *= 1.5
	}
	wantClose(t, "the middle", got[8:24], want[8:24], 1e-14)
}

// The inverse gives the signal back, and its own length: an STFT of any
// options that leave no gap loses nothing.
func TestRoundTrip(t *testing.T) {
	for _, c := range framings[:4] {
		a := newAnalysis(t, c.options)
		tape := autograd.NewTape(ref.NewChecked(), 0)
		x := gradcheck.Normal(5, of(2, c.length))
		back := a.Inverse(tape, a.Apply(tape, tape.Put64(x.Shape, x.Data)), c.length)
		covered := c.length
		if !a.Center {
			covered = (a.Frames(c.length)-1)*a.Hop + a.NFFT
		}
		for b := range 2 {
			got := read(tape.Device(), back.Row(b))
			wantClose(t, fmt.Sprintf("n_fft %d", a.NFFT), got[:covered], x.Data[b*c.length:][:covered], 1e-13)
		}
	}
}

func TestPlanarGradients(t *testing.T) {
	dev := ref.NewChecked()
	x := of(2, 2, 3, 4)
	m := of(2, 3, 4)
	for _, c := range []struct {
		name string
		f    gradcheck.Func
		in   []tensor.Shape
	}{
		{"Power", func(t *tape, v vars) *autograd.Var { return spectral.Power(t, v[0]) }, []tensor.Shape{x}},
		{"Magnitude", func(t *tape, v vars) *autograd.Var { return spectral.Magnitude(t, v[0], spectral.FloorAdd, 0.3) }, []tensor.Shape{x}},
		{"Phase", func(t *tape, v vars) *autograd.Var { return spectral.Phase(t, v[0]) }, []tensor.Shape{x}},
		{"Re", func(t *tape, v vars) *autograd.Var { return spectral.Re(t, v[0]) }, []tensor.Shape{x}},
		{"Im of rows", func(t *tape, v vars) *autograd.Var { return spectral.Im(t, v[0]) }, []tensor.Shape{of(2, 3, 4)}},
		{"Complex", func(t *tape, v vars) *autograd.Var { return spectral.Complex(t, v[0], v[1]) }, []tensor.Shape{m, m}},
		{"FromPolar", func(t *tape, v vars) *autograd.Var { return spectral.FromPolar(t, v[0], v[1]) }, []tensor.Shape{m, m}},
		{"ComplexMul", func(t *tape, v vars) *autograd.Var { return spectral.ComplexMul(t, v[0], v[1]) }, []tensor.Shape{x, x}},
		{"ComplexMul with itself", func(t *tape, v vars) *autograd.Var { return spectral.ComplexMul(t, v[0], v[0]) }, []tensor.Shape{x}},
		{"Mask", func(t *tape, v vars) *autograd.Var { return spectral.Mask(t, v[0], v[1]) }, []tensor.Shape{x, m}},
		{"Mask of one spectrum", func(t *tape, v vars) *autograd.Var { return spectral.Mask(t, v[0], v[1]) }, []tensor.Shape{of(2, 5), of(5)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := make([]gradcheck.Input, len(c.in))
			for i, s := range c.in {
				in[i] = gradcheck.Normal(uint64(i+7), s)
			}
			if err := gradcheck.Full(dev, c.f, in); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestMaskScalesBothParts(t *testing.T) {
	tape := autograd.NewTape(ref.NewChecked(), 0)
	x := tape.Put64(of(2, 2, 1, 2), []float64{1, 2, 3, 4, 5, 6, 7, 8})
	y := spectral.Mask(tape, x, tape.Put64(of(2, 1, 2), []float64{10, 1, 100, 0}))
	wantClose(t, "masked", read(tape.Device(), y.Tensor), []float64{10, 2, 30, 4, 500, 0, 700, 0}, 0)
	z := spectral.ComplexMul(tape, x, tape.Put64(x.Shape, []float64{0, 1, 1, 0, 2, 0, 0, 3}))
	wantClose(t, "multiplied", read(tape.Device(), z.Tensor), []float64{-3, 2, 1, 4, 10, -24, 14, 18}, 0)
}
