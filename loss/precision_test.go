package loss_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"partials/device/ref"
	"partials/internal/golden"
	"partials/loss"
)

// In single precision what two signals have in common must not drown how they
// differ: the difference of loud signals is taken before it is scaled, and
// levels near silence go into the logarithm as log_fac*m + log_eps, near 1.
func TestSmallDifferencesInSinglePrecision(t *testing.T) {
	const n = 4096
	for _, c := range []struct {
		recipe          string
		level, apart    float64
		inValue, inGrad float64
	}{
		{"{kind: huber, delta: 0.3}", 100, 0.1, 1e-6, 1e-6},
		{"{kind: log_cosh, a: 5}", 100, 0.1, 1e-6, 2e-6},
		{"{kind: stft, n_fft: 128, w_sc: 0, log_fac: 10, log_eps: 1, mag_distance: L2}", 1e-5, 1e-6, 1e-4, 1.3e-3},
	} {
		r := rand.New(rand.NewPCG(1, 1))
		pred, target := make([]float64, n), make([]float64, n)
		for i := range pred {
			target[i] = float64(float32(c.level * r.NormFloat64()))
			pred[i] = float64(float32(target[i] + c.apart*r.NormFloat64()))
		}
		s := build(t, c.recipe, loss.Env{Rate: 48000, Channels: 1, Samples: n})
		want, wantGrad := evaluate(t, ref.NewChecked(), s, of(1, 1, n), pred, target)
		got, grad := evaluate(t, cpuDevice(t), s, of(1, 1, n), pred, target)
		e, g := math.Abs(got/want-1), golden.RelL2(grad, wantGrad)
		if !(e <= c.inValue) || !(g <= c.inGrad) {
			t.Errorf("%s: the value is off by %.2g (allowed %.2g), the gradient by %.2g (allowed %.2g)", c.recipe, e, c.inValue, g, c.inGrad)
		}
	}
}

// A perfect prediction leaves no noise if <p,y>/<y,y> is exactly 1. Where it is
// off by one rounding, the noise over an eps of 1e-8 drowns the gradient.
func TestPerfectPredictionInSinglePrecision(t *testing.T) {
	const n = 997
	r := rand.New(rand.NewPCG(2, 2))
	for _, kind := range []string{"si_sdr", "sd_sdr", "snr"} {
		for range 20 {
			x := make([]float64, n)
			for i := range x {
				x[i] = float64(float32(r.NormFloat64()))
			}
			s := build(t, kind, loss.Env{Rate: 48000, Channels: 1, Samples: n})
			_, want := evaluate(t, ref.NewChecked(), s, of(1, 1, n), x, x)
			_, grad := evaluate(t, cpuDevice(t), s, of(1, 1, n), x, x)
			if e := golden.RelL2(grad, want); !(e <= 1e-4) {
				t.Fatalf("%s: the gradient at a perfect prediction is off by %.2g", kind, e)
			}
		}
	}
}
