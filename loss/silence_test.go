package loss_test

import (
	"math"
	"testing"

	"partials/autograd/gradcheck"
	"partials/device/ref"
	"partials/internal/golden"
	"partials/loss"
)

// spectralKinds are losses that compare magnitudes, with their defaults.
var spectralKinds = []string{"stft", "mrstft", "mel_stft", "mel_mrstft", "chroma_stft", "sum_difference", "compressed_stft",
	"{kind: random_stft, max_n_fft: 4096}", "{kind: stft, sc_reduction: item}", "{kind: stft, scale_invariance: true}"}

const silentSamples = 2400

func tone() []float64 {
	x := make([]float64, 2*silentSamples)
	for i := range x {
		n := float64(i % silentSamples)
		x[i] = 0.3*math.Sin(0.03*n) + 0.1*math.Sin(0.4*n+1)
		if i < silentSamples {
			x[i] *= 0.5
		}
	}
	return x
}

// A magnitude does not say which way to leave silence; a loss must, or a model
// that starts silent never learns from it. With auraloss' options the gradient
// is exactly 0.
func TestSilentPredictionLearns(t *testing.T) {
	env := loss.Env{Rate: 44100, Channels: 2, Samples: silentSamples}
	shape, target := of(1, 2, silentSamples), tone()
	quiet := gradcheck.Normal(1, shape).Data
	for i := range quiet {
		quiet[i] *= 1e-7
	}
	for _, yaml := range spectralKinds {
		for name, pred := range map[string][]float64{"silence": make([]float64, shape.Len()), "near silence": quiet} {
			s := build(t, yaml, env)
			value, grad := evaluate(t, ref.NewChecked(), s, shape, pred, target)
			if g := norm(grad); !(g > 1e-3 && g < 1e5) {
				t.Errorf("%s: the gradient at %s is %g", yaml, name, g)
			}
			// A small step against the gradient brings it down.
			const step = 1e-6
			next := make([]float64, len(pred))
			for i, g := range grad {
				next[i] = pred[i] - step*g/norm(grad)
			}
			after, _ := evaluate(t, ref.NewChecked(), s, shape, next, target)
			if !(after < value) {
				t.Errorf("%s: a step from %s leads from %g to %g", yaml, name, value, after)
			}
			if name == "silence" { // and it points to the target
				dot := 0.0
				for i, g := range grad {
					dot -= g * target[i]
				}
				if !(dot > 0) {
					t.Errorf("%s: from silence it leads away from the target", yaml)
				}
			}
		}
	}
	s := build(t, "{kind: mrstft, "+auraloss+"}", env)
	if _, grad := evaluate(t, ref.NewChecked(), s, shape, make([]float64, shape.Len()), target); norm(grad) != 0 {
		t.Error("auraloss' gradient of a silent prediction is not 0: this test proves nothing")
	}
}

// What is divided by a target's energy stays bounded where there is none.
func TestSilentTargetIsBounded(t *testing.T) {
	env := loss.Env{Rate: 44100, Channels: 2, Samples: silentSamples}
	shape, pred := of(1, 2, silentSamples), tone()
	silence := make([]float64, shape.Len())
	for _, yaml := range append([]string{"esr", "dc", "snr", "si_sdr", "sd_sdr"}, spectralKinds...) {
		most := 1000.0
		if yaml == "esr" { // squares: (0.2/0.001)^2
			most = 1e5
		}
		value, grad := evaluate(t, ref.NewChecked(), build(t, yaml, env), shape, pred, silence)
		if !(math.Abs(value) < most) || !(norm(grad) < most) {
			t.Errorf("%s of a silent target is %g, its gradient %g", yaml, value, norm(grad))
		}
		// Nothing at all is right.
		value, grad = evaluate(t, ref.NewChecked(), build(t, yaml, env), shape, silence, silence)
		if math.IsNaN(value) || !(norm(grad) <= 1e-9) {
			t.Errorf("%s of silence and silence is %g, its gradient %g", yaml, value, norm(grad))
		}
	}
}

// The defaults differ from auraloss where there is silence only.
func TestDefaultsAreNearAuraloss(t *testing.T) {
	set := golden.Losses(t)
	for name, yaml := range map[string]string{"STFTLoss default": "stft", "MultiResolutionSTFTLoss default mono": "mrstft"} {
		s := build(t, yaml, loss.Env{Rate: 48000, Channels: 1, Samples: golden.LossSamples})
		value, grad := evaluate(t, ref.NewChecked(), s, of(1, 1, golden.LossSamples), set.Pred[0], set.Target[0])
		want := set.Results[name]
		check(t, name, value, want.Value, 1e-3*want.Value)
		check(t, name+"'s gradient", norm(grad), want.GradL2, 0.3*want.GradL2)
	}
}

// Every item is scaled by its own factor: a batch is the mean of its items.
func TestScaleInvarianceOfABatch(t *testing.T) {
	const n = 500
	env := loss.Env{Rate: 16000, Channels: 1, Samples: n}
	s := build(t, "{kind: stft, n_fft: 64, hop: 16, win_length: 64, scale_invariance: true, sc_reduction: item, lean: 0, sc_floor: 0}", env)
	pred, target := gradcheck.Normal(1, of(3, 2, n)).Data, gradcheck.Normal(2, of(3, 2, n)).Data
	louder := make([]float64, len(target))
	for i := range louder {
		louder[i] = target[i] * float64(1+i/n)
	}
	whole, _ := evaluate(t, ref.NewChecked(), s, of(3, 2, n), pred, target)
	scaled, _ := evaluate(t, ref.NewChecked(), s, of(3, 2, n), pred, louder)
	check(t, "with every row at another level", scaled, whole, 1e-6*whole)
	mean := 0.0
	for i := range 6 {
		v, _ := evaluate(t, ref.NewChecked(), s, of(1, 1, n), pred[i*n:(i+1)*n], target[i*n:(i+1)*n])
		mean += v / 6
	}
	check(t, "the mean of single rows", mean, whole, 1e-12*whole)
}
