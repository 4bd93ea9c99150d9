package spectral_test

import (
	"fmt"
	"math"
	"testing"

	"partials/autograd"
	"partials/autograd/gradcheck"
	"partials/device"
	"partials/device/devices"
	"partials/device/ref"
	"partials/internal/golden"
	"partials/spectral"
	"partials/tensor"
)

// plain is a device without what devices may do beyond the kernels.
type plain struct{ device.Device }

// fusedLosses are options that a device may compute in one pass.
func fusedLosses() map[string]spectral.LossOptions {
	all := map[string]spectral.LossOptions{}
	for name, change := range map[string]func(o *spectral.LossOptions){
		"default":    func(o *spectral.LossOptions) {},
		"auraloss":   func(o *spectral.LossOptions) { o.Floor, o.SCFloor, o.Lean = spectral.FloorClamp, 0, 0 },
		"all terms":  func(o *spectral.LossOptions) { o.WLinMag, o.WSC = 0.3, 2 },
		"no log":     func(o *spectral.LossOptions) { o.WLogMag, o.WLinMag, o.Eps = 0, 1, 0 },
		"sc only":    func(o *spectral.LossOptions) { o.WLogMag = 0 },
		"log only":   func(o *spectral.LossOptions) { o.WSC = 0 },
		"shallow":    func(o *spectral.LossOptions) { o.LogFac, o.LogEps = 10, 1 },
		"squares":    func(o *spectral.LossOptions) { o.MagDistance, o.Floor, o.Eps = spectral.L2, spectral.FloorClamp, 1e-2 },
		"items, sum": func(o *spectral.LossOptions) { o.SCReduction, o.Reduction = spectral.ByItem, spectral.SumOf },
		"floored":    func(o *spectral.LossOptions) { o.SCFloor = 10 },
	} {
		o := spectral.DefaultLossOptions()
		change(&o)
		all[name] = o
	}
	return all
}

// fusedSizes are STFTs that cover their signals in awkward ways.
func fusedSizes() []struct {
	stft   spectral.STFT
	rows   int
	length int
} {
	of := func(n, hop, win int) spectral.STFT {
		s := spectral.DefaultSTFT(n)
		s.Hop, s.WinLength = hop, win
		return s
	}
	left := of(32, 11, 30)
	left.Center, left.Normalized = false, true
	zeros := of(30, 7, 30)
	zeros.PadMode = spectral.PadConstant
	wrapped := of(21, 40, 9) // odd, and hops past the window
	wrapped.PadMode, wrapped.Window = spectral.PadCircular, spectral.Window{Kind: spectral.Rectangular}
	last := of(16, 3, 16)
	last.PadMode = spectral.PadReplicate
	return []struct {
		stft   spectral.STFT
		rows   int
		length int
	}{
		{of(64, 9, 40), 3, 777}, {of(64, 16, 0), 1, 33}, {of(128, 1, 128), 1, 300}, {left, 2, 500}, {zeros, 2, 129},
		{wrapped, 2, 1009}, {last, 1, 100}, {of(1, 1, 1), 2, 5}, {of(2, 1, 2), 1, 70}, {of(22, 5, 21), 1, 333},
	}
}

// lossOf returns the value and the gradient of a loss.
func lossOf(t *testing.T, dev device.Device, l *spectral.STFTLoss, s tensor.Shape, pred, target []float64) (float64, []float64) {
	t.Helper()
	tape := autograd.NewTape(dev, 0)
	x := tape.Watch(tape.Put64(s, pred))
	v := l.Apply(tape, x, tape.Put64(s, target))
	if err := tape.Backward(v); err != nil {
		t.Fatal(err)
	}
	g, _ := x.Grad()
	return tape.Scalar(v), read(dev, g)
}

// One pass over the frames is what the kernels compose to.
func TestFusedLossIsThePlainOne(t *testing.T) {
	cpu := benches(t)[1].dev
	if _, ok := cpu.(device.FusedSpectra); !ok {
		t.Fatal("the CPU has no fused loss")
	}
	for name, o := range fusedLosses() {
		for _, c := range fusedSizes() {
			l, err := spectral.NewSTFTLoss(16000, []spectral.STFT{c.stft}, o)
			if err != nil {
				t.Fatal(err)
			}
			s := tensor.Of(c.rows, c.length)
			target, pred := gradcheck.Normal(1, s).Data, gradcheck.Normal(2, s).Data
			for i, v := range target {
				target[i] = float64(float32(v))
				pred[i] = float64(float32(v + 0.5*pred[i]))
			}
			want, wantGrad := lossOf(t, ref.NewChecked(), l, s, pred, target)
			slow, slowGrad := lossOf(t, plain{cpu}, l, s, pred, target)
			got, grad := lossOf(t, cpu, l, s, pred, target)
			// As far from the definition as the kernels are, or nearly: of the bins
			// where both signals are almost alike, rounding decides the sign.
			tol := 4*math.Abs(slow-want) + 1e-6*math.Abs(want)
			tolGrad := 4*golden.RelL2(slowGrad, wantGrad) + 5e-5
			if e := golden.RelL2(grad, wantGrad); !(math.Abs(got-want) <= tol) || !(e <= tolGrad) {
				t.Errorf("%s, %+v, %d of %d samples: value %.9g, want %.9g within %.2g; the gradient is off by %.2g, %.2g allowed",
					name, c.stft, c.rows, c.length, got, want, tol, e, tolGrad)
			}
			same, sameGrad := lossOf(t, cpu, l, s, target, target)
			if same != 0 || golden.RelL2(sameGrad, make([]float64, s.Len())) != 0 {
				t.Errorf("%s, %+v: the loss of equal signals is %g and its gradient not 0", name, c.stft, same)
			}
			tape := autograd.NewTape(cpu, 0)
			if v := tape.Scalar(l.Apply(tape, tape.Put64(s, pred), tape.Put64(s, target))); v != got {
				t.Errorf("%s, %+v: the value is %g with a gradient and %g without", name, c.stft, got, v)
			}
		}
	}
}

// The same bits at any number of threads, for a long signal and a batch.
func TestFusedLossThreads(t *testing.T) {
	rs, err := spectral.Resolutions([]int{64, 128}, []int{5, 20}, []int{40, 100}, spectral.Window{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := spectral.NewSTFTLoss(16000, rs, spectral.DefaultLossOptions())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []tensor.Shape{tensor.Of(1, 20011), tensor.Of(5, 3000)} {
		pred, target := gradcheck.Normal(1, s).Data, gradcheck.Normal(2, s).Data
		var want []float64
		for _, threads := range []int{1, 2, 3, 7} {
			dev, _, err := devices.Open("cpu", devices.Options{Threads: threads})
			if err != nil {
				t.Fatal(err)
			}
			value, grad := lossOf(t, dev, l, s, pred, target)
			got := append(grad, value)
			if want == nil {
				want = got
			}
			for i, v := range got {
				if v != want[i] {
					t.Fatalf("%v on %d threads: number %d is %g, on one thread %g", s, threads, i, v, want[i])
				}
			}
			dev.Close()
		}
	}
}

// Silence on either side, and a signal that is no number.
func TestFusedLossOfSilence(t *testing.T) {
	cpu := benches(t)[1].dev
	s := tensor.Of(2, 400)
	noise, silence := gradcheck.Normal(1, s).Data, make([]float64, s.Len())
	broken := gradcheck.Normal(2, s).Data
	broken[100] = math.Inf(1)
	for name, o := range fusedLosses() {
		l, err := spectral.NewSTFTLoss(16000, []spectral.STFT{spectral.DefaultSTFT(32)}, o)
		if err != nil {
			t.Fatal(err)
		}
		for kind, pair := range map[string][2][]float64{"prediction": {silence, noise}, "target": {noise, silence}, "both": {silence, silence}} {
			t.Run(fmt.Sprint(name, "/", kind), func(t *testing.T) {
				want, wantGrad := lossOf(t, ref.NewChecked(), l, s, pair[0], pair[1])
				got, grad := lossOf(t, cpu, l, s, pair[0], pair[1])
				if e := math.Abs(got - want); !(e <= 1e-5*math.Abs(want)) && !(math.IsInf(want, 1) && math.IsInf(got, 1)) && !(math.IsNaN(want) && math.IsNaN(got)) {
					t.Errorf("value %g, want %g", got, want)
				}
				if e := golden.RelL2(grad, wantGrad); !(e <= 1e-4) && !math.IsInf(want, 1) && !math.IsNaN(want) {
					t.Errorf("the gradient is off by %.2g", e)
				}
			})
		}
		if v, _ := lossOf(t, cpu, l, s, broken, noise); !math.IsNaN(v) && !math.IsInf(v, 0) {
			t.Errorf("%s: the loss of an infinite sample is %g", name, v)
		}
	}
}
