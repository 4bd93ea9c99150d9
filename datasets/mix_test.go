package datasets

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mixFiles makes folders of clean sounds and noises and returns their YAML.
func mixFiles(t *testing.T) (yaml, dir string) {
	dir = t.TempDir()
	for k := range 12 {
		save(t, dir, fmt.Sprintf("clean/%d.wav", k), 1000, white(2000+k, 0.1, k))
		save(t, dir, fmt.Sprintf("noise/%d.wav", k), 1000, white(300*(k+1), 0.001*float64(k+1), 100+k))
	}
	return fmt.Sprintf("kind: mix\nclean: {root: %s/clean, validation: 0.5}\nnoise: {root: %s/noise, validation: 0.5}\n", dir, dir), dir
}

// ratio is the SNR in dB of an input over its target.
func ratio(in, target []float32) float64 {
	var signal, noise float64
	for t, x := range target {
		e := float64(in[t]) - float64(x)
		signal += float64(x) * float64(x)
		noise += e * e
	}
	return 10 * math.Log10(signal/noise)
}

func decibels(x []float32) float64 { return 10 * math.Log10(power([][]float32{x})) }

// The ratio and the level are those that were drawn: exactly, for a range of
// one value.
func TestMixHasTheDrawnRatio(t *testing.T) {
	yaml, _ := mixFiles(t)
	for _, snr := range []float64{-20, 0, 13.5, 40} {
		c := Cut{Segment: 400}
		d := openCut(t, fmt.Sprintf("%ssnr: [%v, %v]\nlevel: [-30, -30]", yaml, snr, snr), c)
		for i := range d.Len() {
			in, target, files := fill(t, d, c, 2, i)
			if got := ratio(in[0], target[0]); math.Abs(got-snr) > 2e-3 {
				t.Errorf("example %d has %v dB, want %v", i, got, snr)
			}
			if got := decibels(in[0]); math.Abs(got+30) > 1e-3 {
				t.Errorf("example %d has a level of %v dBFS, want -30", i, got)
			}
			if len(files) != 2 || filepath.Base(filepath.Dir(files[0])) != "clean" || filepath.Base(filepath.Dir(files[1])) != "noise" {
				t.Errorf("files are %q", files)
			}
		}
	}
}

// Draws fill their range evenly.
func TestMixDrawsTheWholeRange(t *testing.T) {
	yaml, _ := mixFiles(t)
	c := Cut{Segment: 200}
	d := openCut(t, yaml+"snr: [-10, 20]\nlevel: [-40, -30]", c)
	const n = 600
	var sum, low, high, level float64
	low, high = 100, -100
	for k := range n {
		in, target, _ := fill(t, d, c, k, k%d.Len())
		r := ratio(in[0], target[0])
		sum, low, high, level = sum+r, min(low, r), max(high, r), level+decibels(in[0])
	}
	if m := sum / n; math.Abs(m-5) > 4*30/math.Sqrt(12*n) || low < -10.01 || low > -9 || high > 20.01 || high < 19 {
		t.Errorf("ratios have mean %v and lie in %v to %v", m, low, high)
	}
	if m := level / n; math.Abs(m+35) > 4*10/math.Sqrt(12*n) {
		t.Errorf("levels have mean %v", m)
	}
}

// With context and latency the target is still the clean part of the input.
func TestMixStaysAligned(t *testing.T) {
	yaml, _ := mixFiles(t)
	for _, c := range []Cut{{200, 50, 0}, {200, 50, 30}, {200, 10, 30}} {
		d := openCut(t, yaml+"snr: [150, 150]", c)
		for i := range 10 {
			in, target, _ := fill(t, d, c, 0, i)
			a, b := in[0][max(c.Context-c.Latency, 0):], target[0][max(c.Latency-c.Context, 0):]
			n := min(len(a), len(b))
			if n < 180 || ratio(a[:n], b[:n]) < 100 {
				t.Fatalf("%+v: %d samples with a ratio of %v dB", c, n, ratio(a[:n], b[:n]))
			}
		}
	}
}

func TestMixCleanOnlyAndNoiseOnly(t *testing.T) {
	yaml, _ := mixFiles(t)
	c := Cut{Segment: 100}
	d := openCut(t, yaml+"clean_only: 0.3\nnoise_only: 0.2", c)
	const n = 2000
	clean, noise := 0, 0
	for k := range n {
		in, target, files := fill(t, d, c, k, k%d.Len())
		switch {
		case equal(in[0], target[0]):
			clean++
			if len(files) != 1 || !strings.Contains(files[0], "clean") {
				t.Fatalf("files are %q", files)
			}
		case power(target) == 0:
			noise++
			if power(in) == 0 || len(files) != 1 || !strings.Contains(files[0], "noise") {
				t.Fatalf("files are %q, power %v", files, power(in))
			}
		}
	}
	within := func(got int, share float64) bool {
		return math.Abs(float64(got)-share*n) < 4*math.Sqrt(share*(1-share)*n)
	}
	if !within(clean, 0.3) || !within(noise, 0.2) {
		t.Errorf("%d clean, %d noise of %d", clean, noise, n)
	}
}

// No level is reached by clipping: both signals are lowered together.
func TestMixNeverClips(t *testing.T) {
	yaml, _ := mixFiles(t)
	c := Cut{Segment: 400, Context: 30}
	d := openCut(t, yaml+"snr: [3, 3]\nlevel: [0, 10]", c)
	for i := range d.Len() {
		in, target, _ := fill(t, d, c, 0, i)
		peak := 0.0
		for _, x := range append(append([]float32{}, in[0]...), target[0]...) {
			peak = max(peak, math.Abs(float64(x)))
		}
		if peak > ceiling+1e-6 || peak < ceiling-1e-4 {
			t.Errorf("example %d has a peak of %v, want %v", i, peak, ceiling)
		}
		if got := ratio(in[0][30:], target[0]); math.Abs(got-3) > 1.5 { // the ratio holds with the context
			t.Errorf("example %d has %v dB", i, got)
		}
	}
}

// Silence in the clean files is drawn again; where there is nothing else, the
// noise is not scaled after it.
func TestMixOfSilence(t *testing.T) {
	yaml, dir := mixFiles(t)
	x := make([]float32, 20000)
	copy(x[17000:], white(3000, 0.1, 1))
	save(t, dir, "half/0.wav", 1000, x)
	save(t, dir, "half/1.wav", 1000, make([]float32, 20000))
	c := Cut{Segment: 100}
	clean := func(name string) string {
		return strings.ReplaceAll(yaml, "clean, validation: 0.5", name+", validation: 0")
	}
	d := openCut(t, clean("half")+"snr: [0, 0]\nlevel: [-30, -30]", c)
	silent := 0
	for k := range 200 {
		in, target, _ := fill(t, d, c, k, k%d.Len())
		if power(target) == 0 {
			silent++
		}
		if got := decibels(in[0]); math.Abs(got+30) > 1e-3 {
			t.Fatalf("level %v", got)
		}
	}
	if share := math.Pow(0.92, tries) * 200; float64(silent) > 1.3*share+5 || silent == 0 {
		t.Errorf("%d of 200 targets are silent; %.0f are expected after %d tries", silent, share, tries)
	}
}

// Wrong data is refused in a sentence that says what and where.
func TestMixOfWrongData(t *testing.T) {
	yaml, dir := mixFiles(t)
	save(t, dir, "none/1.wav", 1000, make([]float32, 2000))
	save(t, dir, "empty/readme.wav", 1000, []float32{})
	save(t, dir, "nan/1.wav", 1000, append(white(1500, 0.1, 1), float32(math.NaN())))
	for k := range 12 {
		save(t, dir, fmt.Sprintf("copy/%d.wav", k), 1000, white(2000+k, 0.1, k))
	}
	noise := func(name string) string {
		return strings.ReplaceAll(yaml, "/noise, validation: 0.5", "/"+name+", validation: 0")
	}
	for _, c := range []struct {
		yaml string
		want []string
	}{
		{noise("none"), []string{"noise.root", "/none are silent", "/none/1.wav"}},
		{strings.ReplaceAll(yaml, "/clean, validation: 0.5", "/none, validation: 0"), []string{"clean.root", "/none are silent"}},
		{noise("clean"), []string{"noise.root", "/clean holds the same files as clean.root", "name a folder of noises"}},
		{noise("copy"), []string{"noise.root", "/copy hold the same sounds as those below clean.root"}},
		{strings.ReplaceAll(yaml, "/clean,", ","), []string{"clean.root", "holds all the files of noise.root", "clean.glob"}},
		{strings.ReplaceAll(yaml, "/noise,", ","), []string{"noise.root", "holds all the files of clean.root", "noise.glob"}},
		{noise("empty"), []string{"readme.wav has no samples"}},
		{noise("nan"), []string{"/nan/1.wav: sample 1500 of channel 1 (at 1.5 s) is NaN"}},
		{noise("nowhere"), []string{"noise.root: there is no folder"}},
		{yaml + "rate: 8000", []string{"rate is 8000 Hz, and no file has so much", "1000 Hz", ".wav"}},
	} {
		_, err := load(t, c.yaml).Open(Env{})
		wantError(t, err, c.want...)
	}
	for want, yaml := range map[string]string{
		"no file has 500 Hz, the rate: all are resampled": yaml + "rate: 500",
		"files are silent": strings.ReplaceAll(yaml, "/noise, validation: 0.5", ", glob: ['no?s*/*.wav'], validation: 0"),
	} {
		save(t, dir, "noise/silent.wav", 1000, make([]float32, 100))
		if _, log := open(t, yaml); !strings.Contains(log.String(), want) {
			t.Errorf("the log is %q, want %q", log, want)
		}
	}
	yaml, _ = mixFiles(t)
	if _, log := open(t, yaml); log.Len() > 0 {
		t.Errorf("the log of good data is %q", log)
	}
}

// Several noises are more than one file's, the further ones up to 10 dB below
// the first.
func TestMixOfSeveralNoises(t *testing.T) {
	yaml, _ := mixFiles(t)
	c := Cut{Segment: 300}
	d := openCut(t, yaml+"noises: [2, 3]\nnoise_only: 1", c)
	several := map[int]int{}
	for k := range 300 {
		_, _, files := fill(t, d, c, k, k%d.Len())
		several[len(files)]++
	}
	if len(several) != 2 || several[2] < 110 || several[3] < 110 {
		t.Errorf("numbers of noises %v, want 2 and 3, equally often", several)
	}
}

// A speed moves the pitch of the clean sounds by as much, of input and target
// together.
func TestMixSpeed(t *testing.T) {
	dir := t.TempDir()
	tone := make([]float32, 8000)
	for k := range tone {
		tone[k] = float32(0.3 * math.Sin(2*math.Pi*0.05*float64(k)))
	}
	save(t, dir, "clean/tone.wav", 8000, tone)
	save(t, dir, "noise/white.wav", 8000, white(8000, 0.1, 1))
	c := Cut{Segment: 2000}
	for _, speed := range []float64{0.8, 1.25} {
		d := openCut(t, fmt.Sprintf("kind: mix\nclean: {root: %s/clean, validation: 0}\nnoise: {root: %s/noise, validation: 0}\nsnr: [100, 100]\nspeed: [%v, %v]\nnoise_speed: [0.9, 1.1]", dir, dir, speed, speed), c)
		in, target, _ := fill(t, d, c, 0, 0)
		crossings := 0
		for k := 101; k < 1900; k++ {
			if (target[0][k] < 0) != (target[0][k-1] < 0) {
				crossings++
			}
		}
		if want := 0.1 * speed * 1800; math.Abs(float64(crossings)-want) > 2 {
			t.Errorf("at speed %v the tone crosses zero %d times, want %.0f", speed, crossings, want)
		}
		if r := ratio(in[0], target[0]); r < 95 {
			t.Errorf("at speed %v the input is %v dB over the target's error", speed, r)
		}
	}
}

// Effects of the clean sound change what is heard; what they leave dry is the
// target. Their margins are read, too.
func TestMixCleanEffects(t *testing.T) {
	yaml, _ := mixFiles(t)
	c := Cut{Segment: 300, Context: 40, Latency: 11}
	room := "clean_effects: [{kind: room, probability: 1, rt60: [0.2, 0.2], ratio: [0, 0], keep: %v}, {kind: equalizer}]\nnoise_effects: [equalizer]\nsnr: [150, 150]"
	all := openCut(t, yaml+fmt.Sprintf(room, 200), c)
	dry := openCut(t, yaml+fmt.Sprintf(room, 0), c)
	for i := range 5 {
		in, target, _ := fill(t, all, c, 0, i)
		if r := ratio(in[0][40-11:340-11], target[0]); r < 100 {
			t.Errorf("a target that keeps the room is %v dB from it", r)
		}
		in, target, _ = fill(t, dry, c, 0, i)
		if r := ratio(in[0][40-11:340-11], target[0]); math.Abs(r) > 2 {
			t.Errorf("a dry target is %v dB over the room, want 0", r)
		}
	}
}

// The middles of files that are set aside are never trained on.
func TestMixSplitsMiddles(t *testing.T) {
	dir := t.TempDir()
	for k := range 3 {
		x := white(4000, 0.1, k)
		for i := 1500; i < 2500; i++ {
			x[i] = 0.5
		}
		save(t, dir, fmt.Sprintf("noise/n%d.wav", k), 1000, x)
	}
	save(t, dir, "clean/a.wav", 1000, white(5000, 0.1, 9))
	save(t, dir, "clean/b.wav", 1000, white(5000, 0.1, 10))
	c := Cut{Segment: 500}
	yaml := fmt.Sprintf("kind: mix\nclean: {root: %s/clean, validation: 0.2, split: middles}\nnoise: {root: %s/noise, validation: 0.25, split: middles}\n", dir, dir)
	d := openCut(t, yaml+"noise_only: 1", c)
	for k := range 100 {
		in, _, _ := fill(t, d, c, k, k%d.Len())
		for i := 1; i < 500; i++ {
			if in[0][i] == in[0][i-1] {
				t.Fatal("an example holds the middle of a noise")
			}
		}
	}
	if n := len(d.Excerpts()); n != 2 {
		t.Fatalf("%d excerpts, want the middle of each clean file", n)
	}
	for _, x := range d.Excerpts() {
		in, target := planes(nil, 1, x.Frames()), planes(nil, 1, x.Frames())
		if err := x.Read(in, target, 0); err != nil {
			t.Fatal(err)
		}
		if a, b := in[0][10]-target[0][10], in[0][900]-target[0][900]; x.Frames() != 1000 || math.Abs(float64(a-b)) > 1e-6 {
			t.Errorf("%d frames with noise %v and %v, want the constant middle", x.Frames(), a, b)
		}
	}
}

// Made noises differ from each other, have sound in them, and need no file.
func TestMadeNoise(t *testing.T) {
	yaml, _ := mixFiles(t)
	c := Cut{Segment: 1000}
	d := openCut(t, yaml+"made_noise: 1\nnoise_only: 1\nlevel: [-20, -20]", c)
	var colours []float64
	for k := range 40 {
		in, _, files := fill(t, d, c, k, k%d.Len())
		if len(files) != 0 {
			t.Fatalf("a made noise comes from %q", files)
		}
		var same, next float64
		for i := 1; i < 1000; i++ {
			same += float64(in[0][i] * in[0][i])
			next += float64(in[0][i] * in[0][i-1])
		}
		if math.Abs(decibels(in[0])+20) > 6 { // lowered where it would clip
			t.Errorf("noise %d has %v dBFS", k, decibels(in[0]))
		}
		colours = append(colours, next/same)
	}
	slices.Sort(colours)
	if colours[0] > 0.3 || colours[len(colours)-1] < 0.8 {
		t.Errorf("correlations of neighbours go from %.2f to %.2f only", colours[0], colours[len(colours)-1])
	}
}

// Excerpts do not depend on the seed and take the listed ratios in turn.
func TestMixExcerpts(t *testing.T) {
	yaml, _ := mixFiles(t)
	c := load(t, yaml+"excerpts: 5\nexcerpt: 1.5s\nvalidation_snr: [-3, 12]")
	var first []string
	for _, seed := range []uint64{1, 2} {
		d, err := c.Open(Env{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		if n := len(d.Excerpts()); n < 3 {
			t.Fatalf("%d excerpts", n)
		}
		for k, x := range d.Excerpts() {
			if x.Frames() != 1500 {
				t.Errorf("%d frames", x.Frames())
			}
			in, target := planes(nil, 1, 1500), planes(nil, 1, 1500)
			if err := x.Read(in, target, 0); err != nil {
				t.Fatal(err)
			}
			if got, want := ratio(in[0], target[0]), []float64{-3, 12}[k%2]; math.Abs(got-want) > 2e-3 {
				t.Errorf("excerpt %d has %v dB, want %v", k, got, want)
			}
			sum := fmt.Sprint(x.Name(), in[0][:50], target[0][:50])
			if seed == 1 {
				first = append(first, sum)
			} else if first[k] != sum {
				t.Errorf("excerpt %d depends on the seed", k)
			}
		}
	}
}

// Held-out files are never trained on.
func TestMixKeepsValidationApart(t *testing.T) {
	yaml, _ := mixFiles(t)
	c := Cut{Segment: 100}
	d := openCut(t, yaml, c)
	held := map[string]bool{}
	for _, g := range []*grove{d.(*mix).clean, d.(*mix).noise} {
		for _, r := range g.valid {
			held[r.path] = true
		}
	}
	if len(held) < 4 {
		t.Fatalf("only %d files are held out", len(held))
	}
	for k := range 500 {
		if _, _, files := fill(t, d, c, k, k%d.Len()); held[files[0]] || held[files[1]] {
			t.Fatalf("trained on %q", files)
		}
	}
}

func TestMixOfEmbeddedSounds(t *testing.T) {
	d, log := open(t, "kind: mix\nclean: {root: 'embedded:speech'}\nnoise: {root: 'embedded:noise', validation: 0.05}")
	if err := d.Cut(Cut{Segment: 16000}); err != nil {
		t.Fatal(err)
	}
	if log.Len() > 0 || len(d.Excerpts()) != 1 || d.Rate() != 16000 || len(d.Files()) != 6 {
		t.Errorf("%d excerpts at %d Hz of %q; log %s", len(d.Excerpts()), d.Rate(), d.Files(), log)
	}
}
