package loss_test

import (
	"strings"
	"testing"

	"partials/internal/config"
	"partials/loss"
)

// Every mistake names the field, its value and what to do.
func TestMistakesInARecipe(t *testing.T) {
	env := loss.Env{Rate: 44100, Channels: 1, Samples: 1024}
	for yaml, wants := range map[string]string{
		"nonsense":                       `unknown kind "nonsense"; known kinds: chroma_stft`,
		"{kind: stft, window: hnan}":     `loss[0].window is "hnan"; it must be hann, hamming`,
		"{kind: stft, hop: -1}":          "loss[0].hop is -1; it must be",
		"{kind: stft, n_fft: 0}":         "loss[0].n_fft is 0; it must be",
		"{kind: stft, win_length: 2000}": "loss[0].win_length is 2000; it must be at most n_fft, 1024",
		"{kind: stft, n_fft: 2048}":      "n_fft 2048 needs a segment of at least 1025 samples|segment is 1024: raise segment or lower n_fft",
		"{kind: mrstft, n_fft: [512, 4096], hop: [], win_length: []}": "n_fft 4096 needs a segment of at least 2049",
		"{kind: mrstft, hop: [1, 2]}":                                 "hop has 2 entries; it must have one for each of the 3 of n_fft",
		"{kind: mrstft, hop: [1, -2, 3]}":                             "transform 1: hop is -2",
		"{kind: mrstft, n_fft: []}":                                   "loss[0].n_fft is",
		"{kind: stft, w_sc: -1}":                                      "loss[0].w_sc is -1; it must be at least 0",
		"{kind: stft, w_sc: 0, w_log_mag: 0}":                         "are all 0",
		"{kind: stft, log_fac: 0}":                                    "loss[0].log_fac is 0",
		"{kind: stft, eps: 0}":                                        "loss[0].eps is 0|log_eps",
		"{kind: stft, floor: up}":                                     `loss[0].floor is "up"; it must be clamp or add`,
		"{kind: stft, mag_distance: L3}":                              `loss[0].mag_distance is "L3"; it must be L1 or L2`,
		"{kind: stft, sc_reduction: rows}":                            `it must be batch or item`,
		"{kind: stft, reduction: none}":                               `it must be mean or sum`,
		"{kind: stft, scale: bark}":                                   `it must be none, mel or chroma`,
		"{kind: mel_stft, n_bins: 400}":                               "n_bins 400 is too many for n_fft 1024: at 44100 Hz mel band",
		"{kind: stft, fft: 1}":                                        "fft",
		"{kind: mse, weight: -1}":                                     "loss[0].weight is -1; it must be at least 0",
		"{kind: mse, weight: lots}":                                   "loss[0].weight is",
		"{kind: esr, eps: 0, floor: 0}":                               "loss[0].eps is 0",
		"{kind: esr, floor: -1}":                                      "loss[0].floor is -1",
		"{kind: log_cosh, a: 0}":                                      "loss[0].a is 0; it must be above 0",
		"{kind: huber, delta: 0}":                                     "loss[0].delta is 0",
		"{kind: snr, eps: 0}":                                         "loss[0].eps is 0",
		"sum_difference":                                              "sum_difference needs 2 channels, but the prediction has 1",
		"random_stft":                                                 "max_n_fft 16384 needs a segment of at least 8193 samples|lower max_n_fft",
		"{kind: random_stft, min_n_fft: 100}":                         "loss[0].min_n_fft is 100; it must be a power of two",
		"{kind: random_stft, max_n_fft: 8}":                           "loss[0].max_n_fft is 8",
		"{kind: random_stft, min_hop: 0}":                             "loss[0].min_hop is 0",
		"{kind: random_stft, max_hop: 0.01}":                          "loss[0].max_hop is 0.01",
		"{kind: random_stft, windows: []}":                            "loss[0].windows is []; it must be at least one window",
		"{kind: random_stft, windows: [\"[1, 2]\"]}":                  "windows[0]",
		"{kind: random_stft, randomize_rate: 0}":                      "loss[0].randomize_rate is 0",
		"{kind: random_stft, resolutions: 0}":                         "loss[0].resolutions is 0",
		"{kind: compressed_stft, gamma: 0}":                           "loss[0].gamma is 0",
		"{kind: compressed_stft, w_mag: 0, w_complex: 0}":             "both 0",
		"{kind: compressed_stft, eps: 0}":                             "loss[0].eps is 0",
		"{kind: pre_emphasis, filter: lp}":                            `loss[0].filter is "lp"; it must be hp, fd or aw`,
		"{kind: pre_emphasis, edge: soft}":                            `loss[0].edge is "soft"; it must be valid or zero`,
		"{kind: pre_emphasis, losses: []}":                            "loss[0].losses is []; it must be at least one term",
		"{kind: pre_emphasis, losses: [{kind: stft, n_fft: 2046, hop: 0, win_length: 0}]}": "item 0 (pre_emphasis): losses: item 0 (stft): n_fft 2046 needs a segment of at least 1024 samples",
		"[mse, {kind: stft, n_fft: 4096}]":                                                 "item 1 (stft): n_fft 4096",
	} {
		list, err := parse(yaml)
		if err == nil {
			_, err = loss.New(list, env)
		}
		if err == nil {
			t.Errorf("%s is no mistake", yaml)
			continue
		}
		for want := range strings.SplitSeq(wants, "|") {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: the error %q does not say %q", yaml, err, want)
			}
		}
	}
}

// What is written out reads back as it was, comments and all.
func TestRecipesSurviveWriting(t *testing.T) {
	var kinds []string
	for kind := range loss.Kinds() {
		kinds = append(kinds, kind)
	}
	r := recipe{Loss: config.ListOf(loss.Kinds, kinds...)}
	text, err := config.MarshalCommented(r)
	if err != nil {
		t.Fatal(err)
	}
	back := recipe{Loss: config.ListOf(loss.Kinds)}
	if err := config.Load(&back, "back.yaml", text, nil); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	again, err := config.MarshalCommented(back)
	if err != nil {
		t.Fatal(err)
	}
	if string(again) != string(text) {
		t.Errorf("written:\n%s\nread and written again:\n%s", text, again)
	}
	for line := range strings.Lines(string(text)) {
		bare := strings.TrimSpace(strings.Split(line, "#")[0])
		if strings.HasSuffix(bare, ": []") || strings.HasPrefix(bare, "- ") || bare == "loss:" {
			continue // what has its comment in the line above, or none
		}
		if strings.Contains(bare, ":") && !strings.Contains(line, "#") {
			t.Errorf("a field without a comment: %s", line)
		}
	}
}
