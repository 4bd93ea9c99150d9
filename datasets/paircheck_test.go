package datasets

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every mistake of a pair is an error that says what, where and what to do.
func TestPairMistakes(t *testing.T) {
	dir := t.TempDir()
	x := white(4000, 0.1, 1)
	change := func(f func(y []float32) []float32) []float32 { return f(append([]float32(nil), x...)) }
	set := func(at int, v float32) []float32 {
		return change(func(y []float32) []float32 { y[at] = v; return y })
	}
	in := save(t, dir, "in.wav", 1000, x)
	good := save(t, dir, "good.wav", 1000, x)
	file := func(name string, rate int, channels ...[]float32) string {
		return save(t, dir, name, rate, channels...)
	}
	text := filepath.Join(dir, "text.wav")
	if err := os.WriteFile(text, []byte("this is text, not sound"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, input, target, more string
		want                      []string
	}{
		{"missing", filepath.Join(dir, "none.wav"), good, "", []string{"input", "none.wav", "no such file"}},
		{"no sound", in, text, "", []string{"target", text, "not a sound file"}},
		{"no match", in, filepath.Join(dir, "z*.wav"), "", []string{"target", "no file matches", "z*.wav"}},
		{"lists", in + ", " + in, good, "", []string{"input names 2 files and target names 1", "each input needs its target"}},
		{"stereo", in, file("stereo.wav", 1000, x, x), "", []string{"target", "stereo.wav", "2 channels", "channels: mix"}},
		{"rates", in, file("rate.wav", 1001, x), "", []string{"in.wav has 1000 Hz", "rate.wav has 1001 Hz", "set rate"}},
		{"short", in, file("short.wav", 1000, x[:3990]), "", []string{"short.wav", "10 samples (0.01 s) shorter", "not shorter", "allow_unequal_lengths"}},
		{"long", in, file("long.wav", 1000, append(x, x...)), "", []string{"long.wav", "4000 samples (4 s) longer", "up to 1 s longer"}},
		{"clipped", in, file("clip.wav", 1000, set(1234, -1)), "", []string{"clip.wav is clipped 1 times, first at 1.234 s", "lower level"}},
		{"silent", in, file("silent.wav", 1000, make([]float32, 4000)), "", []string{"silent.wav is silent: every sample is 0;"}},
		{"silent input", file("dither.wav", 1000, white(4000, 1e-6, 2)), good, "", []string{"dither.wav is silent: its peak is -1", "dBFS;"}},
		{"not a number", in, file("nan.wav", 1000, set(77, float32(math.NaN()))), "", []string{"nan.wav", "sample 77 of channel 1", "0.077 s", "NaN"}},
		{"infinite", file("inf.wav", 1000, set(78, float32(math.Inf(-1)))), good, "", []string{"inf.wav", "sample 78 of channel 1", "-Inf"}},
		{"delay", in, good, "delay: 5000", []string{"delay 5000", "in.wav (4000 samples)"}},
		{"overlap", in, good, "train: {stop: 3s}\nvalidation: {start: 2.5s}", []string{"train and validation", "in.wav overlap from 2.5 s to 3 s"}},
		{"outside", in, good, "validation: {start: -5s}", []string{"validation", "-5s", "outside of", "4000 samples (4 s)"}},
		{"empty", in, good, "train: {start: 3s, stop: 2s}", []string{"train", "empty", "begin at 3 s and end at 2 s"}},
		{"sound before", in, good, "pre_silence: 0.4s", []string{"in.wav is not silent for 0.4s", "at 3.6 s", "sound at 3.2 s", "pre_silence: 0"}},
		{"no time before", in, good, "validation: {stop: 0.5s}\npre_silence: 0.4s", []string{"begins at 0 s", "pre_silence (0.4s)"}},
		{"outside behind", in, good, "train: {start: 5s}", []string{"train: the range 5s to the end is outside of"}},
		{"no samples", in, file("none0.wav", 1000, nil), "allow_unequal_lengths: true", []string{"none0.wav has no samples"}},
		{"no name", "\"\"", good, "", []string{"input: a name in it is empty"}},
		{"a folder", dir, good, "", []string{"input", "this is a folder"}},
		{"no pattern", "\"" + dir + "/[.wav\"", good, "", []string{"input: in the pattern", "a [ is not closed"}},
		{"right of mono", in, good, "channels: right", []string{"only one channel"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := load(t, fmt.Sprintf("input: [%s]\ntarget: [%s]\n%s", c.input, c.target, c.more)).Open(Env{})
			wantError(t, err, c.want...)
		})
	}

	// What the errors say helps.
	for _, yaml := range []string{
		"target: [" + filepath.Join(dir, "stereo.wav") + "]\nchannels: mix",
		"target: [" + filepath.Join(dir, "rate.wav") + "]\nrate: 1000\nallow_unequal_lengths: true",
		"target: [" + filepath.Join(dir, "short.wav") + "]\nallow_unequal_lengths: true",
		"target: [" + filepath.Join(dir, "long.wav") + "]\nallow_unequal_lengths: true",
		"target: [" + filepath.Join(dir, "clip.wav") + "]\nallow_clipping: true",
	} {
		open(t, "input: ["+in+"]\n"+yaml)
	}
}

func TestPairAcceptsSilenceBefore(t *testing.T) {
	dir := t.TempDir()
	x := white(4000, 0.1, 1)
	clear(x[2600:3000])
	in, target := save(t, dir, "in.wav", 1000, x), save(t, dir, "out.wav", 1000, x)
	open(t, fmt.Sprintf("input: [%s]\ntarget: [%s]\npre_silence: 0.4s\nvalidation: {start: 3s}", in, target))
	_, err := load(t, fmt.Sprintf("input: [%s]\ntarget: [%s]\npre_silence: 401ms\nvalidation: {start: 3s}", in, target)).Open(Env{})
	wantError(t, err, "sound at 2.599 s")
}

// One file as input and target is most likely a slip, and nothing to learn from.
func TestPairOfOneFile(t *testing.T) {
	in, target := pairFiles(t, 1000, 0)
	for _, c := range []struct {
		target string
		warned bool
	}{{in, true}, {target, false}} {
		_, log := open(t, fmt.Sprintf("input: [%s]\ntarget: [%s]", in, c.target))
		if got := strings.Contains(log.String(), "one file is input and target"); got != c.warned {
			t.Errorf("input %s, target %s: the log is %q", in, c.target, log)
		}
	}
}

// A run of equal full-scale integers is clipping too, though below 1.
func TestPairFindsPlateaus(t *testing.T) {
	dir := t.TempDir()
	x := white(4000, 0.1, 1)
	y := append([]float32(nil), x...)
	for k := 2000; k < 2010; k++ {
		y[k] = 32767.0 / 32768
	}
	in, target := save(t, dir, "in.wav", 1000, x), save(t, dir, "out.wav", 1000, y)
	_, err := load(t, fmt.Sprintf("input: [%s]\ntarget: [%s]", in, target)).Open(Env{})
	wantError(t, err, "out.wav is clipped 1 times, first at 2.002 s")
}

func TestPairTooShortNamesTheWayOut(t *testing.T) {
	in, target := pairFiles(t, 1000, 0)
	d, _ := open(t, fmt.Sprintf("input: [%s]\ntarget: [%s]\naugment: [{kind: shift, samples: 3}]", in, target))
	err := d.Cut(Cut{Segment: 800, Context: 95, Latency: 96})
	wantError(t, err, in, "900 samples (0.9 s)", "needs 902", "segment 800", "96 before it", "6 around it", "shorter segment")
	if err := d.Cut(Cut{Segment: 800, Context: 94, Latency: 3}); err != nil || d.Len() != 1 {
		t.Errorf("exactly enough: %v", err)
	}
}
