package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"partials/audio"
	"partials/internal/config"
)

// identity is a run whose model gives back its input, late by lag samples, of
// some channels, at 8 kHz.
func identity(t *testing.T, o Options, lag, block, channels int) Dir {
	t.Helper()
	o.Kinds = kinds
	x := [][]float32{noise(20000, 1), noise(20000, 2)}[:channels]
	path := saveWAV(t, t.TempDir(), "x.wav", 8000, x...)
	r, err := o.parseRecipe("tiny.yaml", []byte(tiny), []string{"steps=1", fmt.Sprintf("name=identity-%d-%d-%d", lag, block, channels),
		"data={kind: pair, input: " + path + ", target: " + path + ", validation: null, channels: all}", "optim={kind: sgd, lr: 1e-30}",
		fmt.Sprintf("model={kind: delay, lag: %d, block: %d}", lag, block)})
	if err != nil {
		t.Fatal(err)
	}
	return undisturbed(t, r, o)
}

func render(t *testing.T, dir Dir, in string, o Options) (*Rendering, *audio.Audio) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out.wav")
	o.Kinds = kinds
	res, err := Render(context.Background(), string(dir), in, out, RenderOptions{Format: audio.Float32}, o)
	if err != nil {
		t.Fatal(err)
	}
	a, info, err := audio.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if res.Frames != info.Frames || res.Rate != info.Rate || res.Channels != info.Channels || res.ModelRate != 8000 {
		t.Errorf("%+v, but the file has %+v", res, info)
	}
	return res, a
}

// A model that only delays gives the file back, of any length, and of any
// number of channels that the model's go into.
func TestRenderIdentity(t *testing.T) {
	alone(t)
	o := optionsOf(t)
	for _, m := range []struct{ lag, block, channels int }{{0, 1, 1}, {5, 1, 2}, {48, 16, 1}, {evaluateBlock + 3, 1, 1}, {100, 7, 2}} {
		dir := identity(t, o, m.lag, m.block, m.channels)
		for _, n := range []int{0, 1, 7, evaluateBlock - 1, evaluateBlock, evaluateBlock + 1, 100000} {
			for channels := m.channels; channels <= 4; channels += m.channels {
				var x [][]float32
				for c := range channels {
					x = append(x, noise(n, 10+c))
				}
				in := saveWAV(t, t.TempDir(), "in.wav", 8000, x...)
				_, a := render(t, dir, in, o)
				for c := range x {
					if !equalSamples(a.Channels[c], x[c]) {
						t.Fatalf("%+v, %d samples, %d channels: channel %d is not what it was", m, n, channels, c)
					}
				}
			}
		}
	}
}

func equalSamples(a, b []float32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// At other rates the sound comes back as long as it was, in time, and changed
// no more than by resampling twice.
func TestRenderOtherRates(t *testing.T) {
	alone(t)
	o := optionsOf(t)
	dir := identity(t, o, 100, 7, 1)
	for _, rate := range []int{4000, 7999, 11025, 44100} {
		for _, n := range []int{0, 1, 7, 1000, 50001} {
			x := make([]float32, n)
			for i := range x { // 300 Hz, with soft ends
				x[i] = float32(0.5 * math.Sin(2*math.Pi*300*float64(i)/float64(rate)) * math.Pow(math.Sin(math.Pi*float64(i)/float64(n)), 2))
			}
			in := saveWAV(t, t.TempDir(), "in.wav", rate, x)
			res, a := render(t, dir, in, o)
			if res.Rate != rate || a.Frames() != n {
				t.Fatalf("%d samples at %d Hz became %d at %d Hz", n, rate, a.Frames(), res.Rate)
			}
			if n < 50001 {
				continue
			}
			worst := 0.0
			for i := range x {
				worst = max(worst, math.Abs(float64(a.Channels[0][i]-x[i])))
			}
			if worst > 2e-3*0.5 { // the resampler is flat to 0.01 dB
				t.Errorf("%d Hz: the largest error is %v", rate, worst)
			}
		}
	}
}

// What does not fit full scale is clipped and counted.
func TestRenderClips(t *testing.T) {
	o := optionsOf(t)
	dir := identity(t, o, 3, 1, 1)
	x := noise(1000, 1)
	x[10], x[500] = 1.5, -2
	in := saveWAV(t, t.TempDir(), "in.wav", 8000, x)
	out := filepath.Join(t.TempDir(), "out.wav")
	o.Kinds = kinds
	res, err := Render(context.Background(), string(dir), in, out, RenderOptions{Format: audio.PCM16, Device: "cpu"}, o)
	if err != nil || res.Clipped != 2 {
		t.Errorf("%+v, %v", res, err)
	}
	a, _, err := audio.ReadFile(out)
	if err != nil || a.Channels[0][10] != 32767.0/32768 || a.Channels[0][500] != -1 {
		t.Errorf("%v: %v, %v", err, a.Channels[0][10], a.Channels[0][500])
	}
}

// Where rendering fails or is stopped no file is left, and one that was there
// stays.
func TestRenderRefuses(t *testing.T) {
	o := optionsOf(t)
	stereo := identity(t, o, 0, 1, 2)
	o.Kinds = kinds
	folder := t.TempDir()
	mono := saveWAV(t, folder, "mono.wav", 8000, noise(50000, 1))
	good := saveWAV(t, folder, "good.wav", 8000, noise(50000, 1), noise(50000, 2))
	write(t, filepath.Join(folder, "text.wav"), "no sound")
	old := filepath.Join(folder, "old.wav")
	write(t, old, "old")
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	left := 2
	for _, c := range []struct {
		what    string
		ctx     context.Context
		in, out string
		want    string
	}{
		{"channels", context.Background(), mono, old, mono + ": it has 1 channels, which cannot be shared out to a model of 2"},
		{"no sound", context.Background(), filepath.Join(folder, "text.wav"), old, "text.wav"},
		{"no file", context.Background(), filepath.Join(folder, "none.wav"), old, "none.wav"},
		{"no folder", context.Background(), good, filepath.Join(folder, "none", "out.wav"), "none"},
		{"stopped before", stopped, good, old, "context canceled"},
		{"stopped on the way", countdown{context.Background(), &left}, good, old, "context canceled"},
		{"onto itself", context.Background(), good, good, good + " would be written over by its own output; give the output another name"},
	} {
		before := read(t, good)
		_, err := Render(c.ctx, string(stereo), c.in, c.out, RenderOptions{Format: audio.PCM16}, o)
		wantError(t, err, c.want)
		if read(t, old) != "old" || read(t, good) != before {
			t.Fatalf("%s: a file was changed", c.what)
		}
		if entries, err := os.ReadDir(folder); err != nil || len(entries) != 4 {
			t.Fatalf("%s: files are left: %v, %v", c.what, entries, err)
		}
	}
	_, err := Render(context.Background(), string(stereo), good, old, RenderOptions{Format: audio.PCM16, Device: "gpu"}, o)
	wantError(t, err, `device: unknown device "gpu"`)
	_, err = Render(context.Background(), string(stereo), good, old, RenderOptions{Format: audio.PCM16}, Options{})
	var unknown config.Errors
	if !errors.As(err, &unknown) {
		t.Errorf("a kind that is not given: %v", err)
	}
}

// A loaded run plays in blocks of any size what Render writes.
func TestPlayer(t *testing.T) {
	o := optionsOf(t)
	dir := undisturbed(t, recipeOf(t, "steps=2"), o)
	x := noise(20000, 1)
	in := saveWAV(t, t.TempDir(), "in.wav", 44100, x)
	out := filepath.Join(t.TempDir(), "out.wav")
	if _, err := Render(context.Background(), string(dir), in, out, RenderOptions{Format: audio.Float32}, o); err != nil {
		t.Fatal(err)
	}
	want, _, err := audio.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Load(string(dir), "", o)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if p.Rate != 44100 || p.Inputs != 1 || p.Outputs != 1 || p.Run != dir || p.Latency() != 0 {
		t.Errorf("%+v", p)
	}
	got := make([]float32, len(x))
	for at, n := 0, 1; at < len(x); at, n = at+n, n*3+1 {
		n = min(n, len(x)-at)
		p.Process([][]float32{got[at : at+n]}, [][]float32{x[at : at+n]})
	}
	if !equalSamples(got, want.Channels[0]) {
		t.Error("the blocks do not give what Render wrote")
	}
}

func TestInspect(t *testing.T) {
	alone(t)
	dir := t.TempDir()
	left, right := make([]float32, 40000), make([]float32, 40000)
	for i := range left {
		left[i] = 0.5
		right[i] = 0.25
	}
	left[30000] = -0.75
	path := saveWAV(t, dir, "x.wav", 8000, left, right)
	ins, err := Inspect(path)
	if err != nil {
		t.Fatal(err)
	}
	if ins.File != path || ins.Rate != 8000 || ins.Channels != 2 || ins.Frames != 40000 || ins.Seconds() != 5 || ins.Peak != 0.75 ||
		math.Abs(float64(ins.RMS)-math.Sqrt((0.25+0.0625)/2)) > 1e-4 || len(ins.Warnings) != 0 || ins.Warnings == nil {
		t.Errorf("%+v", ins)
	}
	if err := DrawSpectrogram(path, "x", filepath.Join(dir, "picture")); err != nil {
		t.Fatal(err)
	}
	if existing(filepath.Join(dir, "picture.png")) == "" {
		t.Error("there is no picture")
	}
	empty := saveWAV(t, dir, "empty.wav", 8000, nil)
	if ins, err = Inspect(empty); err != nil || ins.Frames != 0 || ins.Peak != 0 || ins.RMS != 0 {
		t.Errorf("%+v, %v", ins, err)
	}
	if err := DrawSpectrogram(empty, "empty", filepath.Join(dir, "nothing")); err != nil {
		t.Error(err)
	}
	_, err = Inspect(filepath.Join(dir, "none.wav"))
	wantError(t, err, "none.wav")
}

// A sample that is no number is refused by its place, and no file is left.
func TestRenderRefusesNaN(t *testing.T) {
	alone(t)
	o := optionsOf(t)
	dir := identity(t, o, 0, 1, 1)
	o.Kinds = kinds
	x := noise(evaluateBlock+100, 1)
	x[evaluateBlock+7] = float32(math.NaN())
	folder := t.TempDir()
	in := saveWAV(t, folder, "in.wav", 8000, noise(len(x), 2), x)
	out := filepath.Join(folder, "out.wav")
	_, err := Render(context.Background(), string(dir), in, out, RenderOptions{Format: audio.Float32}, o)
	want := fmt.Sprintf("%s: sample %d of channel 2 is NaN; write the file again without it", in, evaluateBlock+7)
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if _, err := os.Stat(out); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("out.wav: %v", err)
	}
}

// A picture ends above the sound of both signals, not only of one.
func TestTopFrequency(t *testing.T) {
	tone := func(hz float64) [][]float32 {
		x := make([]float32, 16000)
		for i := range x {
			x[i] = float32(math.Sin(2 * math.Pi * hz * float64(i) / 48000))
		}
		db, _ := spectrogram(x, 48000)
		return db
	}
	for hz, want := range map[float64]float64{300: 1000, 1500: 2000, 7000: 8000, 15000: 16000, 20000: 24000} {
		db := tone(hz)
		if got := topFrequency(db, loudest(db), 48000); got != want {
			t.Errorf("a tone of %v Hz: the picture ends at %v Hz, want %v", hz, got, want)
		}
	}
	silent, _ := spectrogram(make([]float32, 16000), 48000)
	if got := topFrequency(silent, loudest(silent), 48000); got != 24000 {
		t.Errorf("silence: the picture ends at %v Hz", got)
	}
}
