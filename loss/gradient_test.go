package loss_test

import (
	"testing"

	"partials/autograd"
	"partials/autograd/gradcheck"
	"partials/device/ref"
	"partials/loss"
)

// every is a recipe for each kind, and for the options that change a gradient.
var every = map[string]string{
	"l1":       "l1",
	"mse":      "{kind: mse, reduction: sum}",
	"huber":    "{kind: huber, delta: 0.1}",
	"log_cosh": "{kind: log_cosh, a: 3}",
	"esr":      "esr",
	"dc":       "{kind: dc, floor: 2}",
	"snr":      "snr",
	"si_sdr":   "si_sdr",
	"sd_sdr":   "{kind: sd_sdr, zero_mean: false}",

	"stft":              "{kind: stft, n_fft: 32, hop: 9, win_length: 30, w_lin_mag: 0.5}",
	"stft clamp":        "{kind: stft, n_fft: 32, hop: 0, win_length: 0, " + auraloss + "}",
	"stft phase":        "{kind: stft, n_fft: 32, hop: 9, win_length: 31, w_phs: 1}",
	"stft L2 item":      "{kind: stft, n_fft: 32, hop: 9, win_length: 0, mag_distance: L2, sc_reduction: item, log_eps: 0.1, log_fac: 3, w_lin_mag: 1, reduction: sum}",
	"stft scaled":       "{kind: stft, n_fft: 32, hop: 9, win_length: 0, scale_invariance: true, w_lin_mag: 0.5}",
	"stft scaled item":  "{kind: stft, n_fft: 32, hop: 9, win_length: 0, scale_invariance: true, sc_reduction: item, mag_distance: L2}",
	"stft floored":      "{kind: stft, n_fft: 32, hop: 9, win_length: 0, scale_invariance: true, sc_floor: 10}",
	"stft perceptual":   "{kind: stft, n_fft: 32, hop: 9, win_length: 0, perceptual_weighting: true}",
	"mel_stft":          "{kind: mel_stft, n_fft: 64, hop: 20, win_length: 61, n_bins: 6, w_phs: 0.1}",
	"mel_stft scaled":   "{kind: mel_stft, n_fft: 64, hop: 20, win_length: 60, n_bins: 6, scale_invariance: true}",
	"chroma_stft":       "{kind: chroma_stft, n_fft: 64, hop: 20, win_length: 60}",
	"mrstft":            "{kind: mrstft, n_fft: [32, 15], hop: [9, 4], win_length: [30, 15], normalized: true}",
	"mel_mrstft":        "{kind: mel_mrstft, n_fft: [64, 45], hop: [], win_length: [], n_bins: 4}",
	"random_stft":       "{kind: random_stft, max_n_fft: 64}",
	"compressed_stft":   "{kind: compressed_stft, n_fft: [32, 64], gamma: 0.4}",
	"sum_difference":    "{kind: sum_difference, w_diff: 2, n_fft: [32], hop: [], win_length: []}",
	"pre_emphasis":      "{kind: pre_emphasis, losses: [l1, {kind: stft, weight: 0.1, n_fft: 32, hop: 9, win_length: 0}]}",
	"pre_emphasis fd":   "{kind: pre_emphasis, filter: fd, edge: zero, losses: [esr]}",
	"pre_emphasis aw":   "{kind: pre_emphasis, filter: aw, edge: zero, losses: [mse, {kind: random_stft, max_n_fft: 64}]}",
	"weighted sum":      "[{kind: mse, weight: 3}, {kind: esr, weight: 0}, {kind: l1, weight: 0.5}]",
	"named and unnamed": "[{kind: mse, name: energy}, mse, mse]",
}

var small = loss.Env{Rate: 16000, Channels: 2, Samples: 101, Seed: 3}

func TestGradients(t *testing.T) {
	shape := of(2, 2, 101)
	target := gradcheck.Uniform(1, shape, -0.5, 0.5)
	// Not far from the target, and nowhere as near as a kink.
	pred := gradcheck.Uniform(2, shape, 0.05, 0.15)
	for i, v := range target.Data {
		pred.Data[i] += 0.7 * v
	}
	for name, yaml := range every {
		t.Run(name, func(t *testing.T) {
			s := build(t, yaml, small)
			f := func(tape *autograd.Tape, in []*autograd.Var) *autograd.Var {
				return s.Apply(tape, 5, in[0], tape.Put64(shape, target.Data))
			}
			// Of hundreds of |x - y|, some are near their kink: small steps.
			if err := gradcheck.Directional(ref.NewChecked(), f, []gradcheck.Input{pred}, gradcheck.Step(1e-5), gradcheck.Tolerance(1e-6)); err != nil {
				t.Error(err)
			}
		})
	}
	for kind := range loss.Kinds() {
		if _, ok := every[kind]; !ok {
			t.Errorf("no recipe for %s", kind)
		}
	}
}

// Equal signals have no distance and nothing to learn, whatever the loss. Only
// the ratios in decibels go on to their end, which eps sets.
func TestEqualSignals(t *testing.T) {
	shape := of(2, 2, 101)
	x := gradcheck.Normal(1, shape).Data
	for name, yaml := range every {
		value, grad := evaluate(t, ref.NewChecked(), build(t, yaml, small), shape, x, x)
		if name == "snr" || name == "si_sdr" || name == "sd_sdr" {
			if !(value < -90) {
				t.Errorf("%s of equal signals is %g dB", name, value)
			}
			continue
		}
		if !(value >= 0 && value <= 1e-8) {
			t.Errorf("%s of equal signals is %g", name, value)
		}
		if g := norm(grad); g != 0 {
			t.Errorf("%s of equal signals has a gradient of %g", name, g)
		}
	}
}

// A target is data.
func TestTargetWithoutDetach(t *testing.T) {
	s := build(t, "{kind: stft, n_fft: 32, hop: 9, win_length: 0}", small)
	tape := autograd.NewTape(ref.NewChecked(), 0)
	x := tape.Watch(tape.Put64(of(1, 1, 101), make([]float64, 101)))
	err := autograd.Catch(func() { s.Apply(tape, 0, x, x) })
	if err == nil {
		t.Error("a target that wants a gradient is no fault")
	}
}
