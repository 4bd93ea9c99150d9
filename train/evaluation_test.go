package train

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"partials/audio"
	"partials/datasets"
)

// Means by tag are those of the excerpts that have it, one kind of tag after
// the other; nothing that is not finite spoils them.
func TestGroups(t *testing.T) {
	tags := func(snr, noise string) []datasets.Tag {
		return []datasets.Tag{{Name: "snr", Value: snr}, {Name: "noise", Value: noise}}
	}
	value := func(v float64) map[string]Number { return map[string]Number{"si_sdr": Number(v)} }
	excerpts := []ExcerptValues{
		{Tags: tags("0", "car"), Values: value(5), Before: value(0)},
		{Tags: tags("9", "car"), Values: value(12), Before: value(9)},
		{Tags: tags("0", "rain"), Values: value(math.NaN()), Before: value(1)},
		{Values: value(70), Before: value(70)},
	}
	for i := range excerpts {
		excerpts[i].addImprovement()
	}
	type row struct {
		name, value          string
		n                    int
		after, before, gains float64
	}
	var got []row
	for _, g := range groups(excerpts) {
		got = append(got, row{g.Name, g.Value, g.Excerpts, float64(g.Mean["si_sdr"]), float64(g.Before["si_sdr"]), float64(g.Mean[improvement])})
	}
	want := []row{{"snr", "0", 2, 5, 0.5, 5}, {"snr", "9", 1, 12, 9, 3}, {"noise", "car", 2, 8.5, 4.5, 4}}
	if len(got) != 4 || !slices.Equal(got[:3], want) || got[3].name != "noise" || got[3].value != "rain" || !math.IsNaN(got[3].after) {
		t.Errorf("%+v, want %+v and the rain", got, want)
	}
}

// A run of a mix says what its inputs measure without the model, writes its
// validation mix beside the runs, and can be measured on that again.
func TestRunOfAMix(t *testing.T) {
	o := optionsOf(t)
	mix := `data={kind: mix, clean: {root: "embedded:speech", validation: 0.5, split: middles}, noise: {root: "embedded:noise", validation: 0.25, split: middles},
		excerpt: 1s, validation_snr: [3, 12]}`
	dir := undisturbed(t, recipeOf(t, mix, "steps=3", "loss=[mse]", "model={kind: fir, taps: 1, noise: 0}", "optim.lr=0.001"), o)
	e, err := Evaluate(t.Context(), dir, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Excerpts) < 2 || len(e.Groups) < 3 || e.RealTime <= 0 {
		t.Fatalf("%d excerpts, %d groups, a real-time factor of %v", len(e.Excerpts), len(e.Groups), e.RealTime)
	}
	for _, x := range e.Excerpts {
		// One tap is a gain, which SI-SDR does not see.
		if gain := float64(x.Values[improvement]); math.Abs(gain) > 1e-3 || x.Before["si_sdr"] == 0 {
			t.Errorf("%s is improved by %v dB from %v", x.Name, gain, x.Before["si_sdr"])
		}
		var snr string
		for _, tag := range x.Tags {
			if tag.Name == "snr" {
				snr = tag.Value
			}
		}
		if want := map[string]float64{"3 dB": 3, "12 dB": 12}[snr]; want == 0 || math.Abs(float64(x.Before["si_sdr"])-want) > 0.5 {
			t.Errorf("%s, at %s, has a SI-SDR of %v before", x.Name, snr, x.Before["si_sdr"])
		}
	}
	man, err := readManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Dir(man.Mix) != filepath.Join(o.RunsDir, mixesDir) {
		t.Fatalf("the mix is written to %q", man.Mix)
	}
	again, err := Evaluate(t.Context(), dir, []string{"data.validation_mix=" + man.Mix}, o)
	if err != nil {
		t.Fatal(err)
	}
	a, b := text(t, e.Excerpts), text(t, again.Excerpts)
	if a != b {
		t.Errorf("the written mix measures\n%s\nand not\n%s", b, a)
	}
	if dirs, err := ListDirs(o.RunsDir); err != nil || len(dirs) != 1 {
		t.Errorf("the runs are %q, %v", dirs, err)
	}
}

func text(t *testing.T, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The report of a denoiser has the table of excerpts, the groups and what was
// before.
func TestReportOfAMix(t *testing.T) {
	o := optionsOf(t)
	mix := `data={kind: mix, clean: {root: "embedded:speech", validation: 0.5, split: middles}, noise: {root: "embedded:noise", validation: 0.25, split: middles},
		excerpt: 0.5s, validation_snr: [3, 12]}`
	res, err := Start(t.Context(), recipeOf(t, mix, "steps=2", "loss=[mse]", "model={kind: fir, taps: 1, noise: 0}"), o)
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(res.Dir.Report())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"By excerpt, in brackets before the model", "By kind, in brackets", "SI-SDR improvement (dB)", "snr: 3 dB",
		"noise: ambi_sauna", "Before the model", "librivox_ss_0880.wav, "} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	if _, err := os.Stat(res.Dir.path(plotsDir + "/before.png")); err != nil {
		t.Error(err)
	}
}

// Written examples are the batches of training, in their order.
func TestWriteExamples(t *testing.T) {
	o := optionsOf(t)
	r := recipeOf(t, `data={kind: mix, clean: {root: "embedded:speech", validation: 0.5, split: middles}, noise: {root: "embedded:noise", validation: 0.5, split: middles}}`,
		"model={kind: mask, n_fft: 64, hop: 32, hidden_size: 4, layers: 1, burn_in: 2}")
	dir := filepath.Join(t.TempDir(), "heard")
	mix, err := WriteExamples(t.Context(), r, dir, 3, o)
	if err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 7 || filepath.Dir(mix) != dir {
		t.Fatalf("%d entries, want 6 sounds and the mix; %v", len(entries), err)
	}
	s, err := openSession(r, o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if err := s.prepare(); err != nil {
		t.Fatal(err)
	}
	loader := s.newLoader(0, 2)
	defer loader.Close()
	for i := range 3 {
		b, err := loader.Batch(i / r.Batch)
		if err != nil {
			t.Fatal(err)
		}
		in, target := b.Input[i%r.Batch*b.InputShape.Dim(2):], b.Target[i%r.Batch*b.TargetShape.Dim(2):]
		for name, want := range map[string][]float32{"input": in[:b.InputShape.Dim(2)], "target": target[:b.TargetShape.Dim(2)]} {
			a, _, err := audio.ReadFile(filepath.Join(dir, fmt.Sprintf("%06d_%s.wav", i, name)))
			if err != nil {
				t.Fatal(err)
			}
			if !equalSamples(a.Channels[0], want) {
				t.Errorf("%s of example %d is not training's", name, i)
			}
		}
	}
}
