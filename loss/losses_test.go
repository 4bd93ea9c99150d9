package loss_test

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"partials/device"
	"partials/device/ref"
	"partials/internal/golden"
	"partials/loss"
)

// Every loss of losses.json on its two signals, as auraloss, ddsp_pytorch and
// DeepFilterNet compute them in float64.
func TestLossesOfTheReference(t *testing.T) {
	const mr = "kind: mrstft, " + auraloss
	cases := map[string]string{
		"STFTLoss default":                       "{kind: stft, " + auraloss + "}",
		"STFTLoss w_sc only":                     "{kind: stft, w_log_mag: 0, " + auraloss + "}",
		"STFTLoss w_log only":                    "{kind: stft, w_sc: 0, " + auraloss + "}",
		"STFTLoss w_lin only":                    "{kind: stft, w_sc: 0, w_log_mag: 0, w_lin_mag: 1, " + auraloss + "}",
		"STFTLoss w_phs only":                    "{kind: stft, w_sc: 0, w_log_mag: 0, w_phs: 1, " + auraloss + "}",
		"STFTLoss L2":                            "{kind: stft, mag_distance: L2, " + auraloss + "}",
		"STFTLoss scale_invariance (1 item)":     "{kind: stft, scale_invariance: true, " + auraloss + "}",
		"STFTLoss log_eps=1 log_fac=10":          "{kind: stft, log_eps: 1, log_fac: 10, " + auraloss + "}",
		"MultiResolutionSTFTLoss default mono":   "{" + mr + "}",
		"MultiResolutionSTFTLoss default stereo": "{" + mr + "}",
		"SumAndDifference [1024,2048,512]":       "{kind: sum_difference, " + auraloss + "}",
		"ESRLoss":                                "esr",
		"DCLoss":                                 "dc",
		"LogCoshLoss":                            "log_cosh",
		"SNRLoss":                                "snr",
		"SISDRLoss":                              "si_sdr",
		"SDSDRLoss":                              "sd_sdr",
		"NAM pre-emph(0.85) MRSTFT":              "{kind: pre_emphasis, coef: 0.85, losses: [{" + mr + "}]}",
		"MSE":                                    "mse",
		"NAM total A1 (MSE + 2e-4*preMRSTFT)":    "[mse, {kind: pre_emphasis, weight: 2e-4, losses: [{" + mr + "}]}]",
		"NAM total A2 (MSE + 5e-4*MRSTFT)":       "[mse, {weight: 5e-4, " + mr + "}]",
		"MRSTFT identical":                       "{" + mr + "}",
		"MRSTFT pred=0":                          "{" + mr + "}",
		"MRSTFT target=0":                        "{" + mr + "}",
		"ddsp_pytorch multiscale": "{kind: mrstft, weight: 6, n_fft: [4096, 2048, 1024, 512, 256, 128], hop: [], win_length: [], " +
			"normalized: true, w_sc: 0, w_lin_mag: 1, eps: 0, log_eps: 1e-7, " + auraloss + "}",
		"DeepFilterNet MultiResSpec gamma=.3 f=1 fc=1": "{kind: compressed_stft, eps: 1e-24, lean: 0}",
	}
	set := golden.Losses(t)
	if len(set.Results) < 26 {
		t.Errorf("losses.json has %d losses", len(set.Results))
	}
	single := float32Errors(t)
	silence := make([]float64, golden.LossSamples)
	dev32 := cpuDevice(t)
	for name, want := range set.Results {
		t.Run(name, func(t *testing.T) {
			yaml, ok := cases[name]
			if !ok {
				t.Fatal("this test has no recipe for it")
			}
			pred, target, channels := set.Pred[0], set.Target[0], 1
			switch {
			case strings.Contains(name, "stereo"), strings.Contains(name, "SumAnd"):
				pred, target, channels = slices.Concat(set.Pred[:]...), slices.Concat(set.Target[:]...), 2
			case name == "MRSTFT identical":
				pred = target
			case name == "MRSTFT pred=0":
				pred = silence
			case name == "MRSTFT target=0":
				target = silence
			}
			run := func(dev device.Device) (float64, []float64) {
				s := build(t, yaml, loss.Env{Rate: 48000, Channels: channels, Samples: golden.LossSamples})
				return evaluate(t, dev, s, of(1, channels, golden.LossSamples), pred, target)
			}
			value, grad := run(ref.NewChecked())
			tol := 1e-9
			if strings.Contains(name, "w_phs") {
				// Under reflect padding the first frame is symmetric and its spectrum
				// real: the sign of an angle of pi is rounding noise.
				tol = 1e-2
			}
			check(t, "value", value, want.Value, tol*math.Abs(want.Value))
			check(t, "gradient norm", norm(grad), want.GradL2, 1e-9*want.GradL2)
			check(t, "gradient at 100", grad[100], want.GradAt100, 1e-9*max(math.Abs(want.GradAt100), want.GradL2/128))
			check(t, "gradient at 8000", grad[8000], want.GradAt8000, 1e-9*max(math.Abs(want.GradAt8000), want.GradL2/128))

			e, ok := single[name]
			if !ok {
				t.Fatal("not in testdata/float32_error.json")
			}
			value32, grad32 := run(dev32)
			check(t, "value in float32", value32, want.Value, max(tol, 1e-5, 10*e.Value)*math.Abs(want.Value))
			if err, most := golden.RelL2(grad32, grad), max(1e-5, 10*e.Gradient); !(err <= most) {
				t.Errorf("the gradient in float32 is off by %.2g, %.2g allowed", err, most)
			}
		})
	}
}

func check(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s is %.12g, want %.12g (off by %.2g, %.2g allowed)", what, got, want, math.Abs(got-want), tol)
	}
}

func norm(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	return math.Sqrt(sum)
}

// float32Errors are the relative errors of PyTorch's own float32.
func float32Errors(t *testing.T) (errs map[string]struct{ Value, Gradient float64 }) {
	t.Helper()
	data, err := os.ReadFile("testdata/float32_error.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &errs); err != nil {
		t.Fatal(err)
	}
	return errs
}
