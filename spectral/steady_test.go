package spectral_test

import (
	"testing"

	"partials/autograd"
	"partials/autograd/gradcheck"
	"partials/ops"
	"partials/spectral"
)

// A steady step allocates nothing, also with a learnable window and on the way
// back to a signal.
func TestSteadyStepsAllocateNothing(t *testing.T) {
	cpu := benches(t)[1].dev
	a := newAnalysis(t, spectral.DefaultSTFT(64))
	mel, err := spectral.Mel{NMels: 8}.Filterbank(16000, 64)
	if err != nil {
		t.Fatal(err)
	}
	signal, samples := of(2, 300), make([]float32, 600)
	taps, window := of(64), spectral.Window{}.Values(64)
	for i, v := range gradcheck.Normal(1, signal).Data {
		samples[i] = float32(v)
	}
	for name, loss := range map[string]func(t *tape, x, w *autograd.Var) *autograd.Var{
		"magnitude": func(t *tape, x, w *autograd.Var) *autograd.Var {
			return spectral.Magnitude(t, a.Apply(t, x), spectral.FloorClamp, 1e-8)
		},
		"magnitude of a signal": func(t *tape, x, w *autograd.Var) *autograd.Var {
			return a.Magnitude(t, x, spectral.FloorClamp, 1e-8)
		},
		"learnable window": func(t *tape, x, w *autograd.Var) *autograd.Var {
			return spectral.LogMagnitude(t, a.ApplyWindow(t, x, w), spectral.FloorAdd, 1e-8, spectral.Decibels)
		},
		"mel": func(t *tape, x, w *autograd.Var) *autograd.Var {
			return spectral.LogPower(t, mel.Apply(t, spectral.Power(t, a.Apply(t, x))), spectral.FloorClamp, 1e-10, spectral.Ln)
		},
		"mask and back": func(t *tape, x, w *autograd.Var) *autograd.Var {
			y := a.Apply(t, x)
			return a.InverseWindow(t, spectral.Mask(t, y, spectral.Magnitude(t, y, spectral.FloorAdd, 1e-3)), w, 300)
		},
		"rfft": func(t *tape, x, w *autograd.Var) *autograd.Var {
			y := spectral.RFFT(t, x, 0, spectral.NormOrtho)
			return spectral.IRFFT(t, spectral.ComplexMul(t, y, y), 0, spectral.NormOrtho)
		},
	} {
		t.Run(name, func(t *testing.T) {
			tape := autograd.NewTape(cpu, 0)
			step := func() {
				tape.Reset()
				x, w := tape.Watch(tape.Put(signal, samples)), tape.Watch(tape.Put64(taps, window))
				if err := tape.Backward(ops.Mean(tape, loss(tape, x, w))); err != nil {
					t.Fatal(err)
				}
			}
			if n := testing.AllocsPerRun(10, step); n != 0 {
				t.Errorf("%v allocations a step", n)
			}
		})
	}
}
