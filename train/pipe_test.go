package train

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"partials/audio"
)

// A pipe gives what a file gives, bit for bit, WAV or raw, in blocks of any
// size, however its bytes come.
func TestRenderThroughPipes(t *testing.T) {
	o := optionsOf(t)
	o.Kinds = kinds
	dir := identity(t, o, 100, 7, 1)
	x := [][]float32{noise(5000, 1), noise(5000, 2)}
	for _, rate := range []int{8000, 11025} {
		in := saveWAV(t, t.TempDir(), "in.wav", rate, x...)
		_, want := render(t, dir, in, o)
		for _, block := range []int{0, 1, 333} {
			if block == 1 && rate != 8000 {
				continue
			}
			var wav, raw, out bytes.Buffer
			for _, p := range []struct {
				to     *bytes.Buffer
				format *RawSamples
			}{{&wav, nil}, {&raw, &RawSamples{rate, 2, audio.Float32}}} {
				pipe, err := audio.NewPipe("x", p.to, rate, 2, audio.Float32, p.format != nil)
				if err != nil {
					t.Fatal(err)
				}
				if err := pipe.Write(x); err != nil {
					t.Fatal(err)
				}
				out.Reset()
				res, err := Render(context.Background(), string(dir), "-", "-", RenderOptions{Format: audio.Float32, Raw: p.format, Block: block,
					Stdin: iotest.HalfReader(p.to), Stdout: &out}, o)
				if err != nil {
					t.Fatal(err)
				}
				var s *audio.Stream
				if p.format == nil {
					s, err = audio.NewStream("out", &out)
				} else {
					s, err = audio.NewRawStream("out", &out, rate, 2, audio.Float32)
				}
				if err != nil {
					t.Fatal(err)
				}
				got := planes(2, 6000)
				n := 0
				for {
					k, err := s.Read(cut(got, n, 6000))
					if n += k; err != nil {
						break
					}
				}
				if res.Frames != 5000 || n != 5000 || res.Latency != 100+6 || s.Info().Rate != rate {
					t.Fatalf("%d frames were played, %d came at %d Hz; latency %d", res.Frames, n, s.Info().Rate, res.Latency)
				}
				for c := range want.Channels {
					if !equalSamples(got[c][:n], want.Channels[c]) {
						t.Errorf("%d Hz, raw %v, blocks of %d: channel %d is not the file's", rate, p.format != nil, block, c)
					}
				}
			}
		}
	}
	// A file of raw samples, and no output at all.
	path := filepath.Join(t.TempDir(), "x.raw")
	if err := os.WriteFile(path, make([]byte, 2*800), 0o666); err != nil {
		t.Fatal(err)
	}
	res, err := Render(context.Background(), string(dir), path, "", RenderOptions{Raw: &RawSamples{8000, 1, audio.PCM16}, Live: true, Block: 64}, o)
	if err != nil || res.Frames != 800 || res.Live == nil || res.Live.Blocks != 12 {
		t.Errorf("%+v, %v", res, err)
	}
	for want, j := range map[string]RenderOptions{
		"this is an Ogg file":       {Stdin: strings.NewReader("OggS and more of it"), Stdout: new(bytes.Buffer)},
		"ends inside the header":    {Stdin: strings.NewReader(""), Stdout: new(bytes.Buffer)},
		"does not change the model": {Overrides: []string{"steps=7"}},
	} {
		_, err := Render(context.Background(), string(dir), "-", "-", j, o)
		wantError(t, err, want)
	}
	nan := float32(math.NaN())
	var bad bytes.Buffer
	pipe, err := audio.NewPipe("x", &bad, 8000, 1, audio.Float32, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := pipe.Write([][]float32{{0, 0, nan}}); err != nil {
		t.Fatal(err)
	}
	_, err = Render(context.Background(), string(dir), "-", "-", RenderOptions{Stdin: &bad, Stdout: new(bytes.Buffer)}, o)
	wantError(t, err, "standard input: sample 2 of channel 1 is NaN")
}

// The numbers of a live timing, of times that are known.
func TestLiveTiming(t *testing.T) {
	l := newLiveTiming(100, 1000)
	for k := range 200 {
		took := time.Millisecond
		if k == 70 || k == 90 || k == 110 {
			took = 150 * time.Millisecond
		}
		l.add(100, took)
	}
	l.add(40, time.Second) // a shorter last block does not count
	r := l.result()
	if r.Blocks != 200 || r.Late != 3 || r.Deadline != 100*time.Millisecond || r.Worst != 150*time.Millisecond || r.Most != 150*time.Millisecond ||
		r.Mean != 3235*time.Microsecond || math.Abs(r.RealTime-0.647/20) > 1e-9 {
		t.Errorf("%+v", r)
	}
}

// A post-filter is set when a run is rendered.
func TestRenderWithAPostFilter(t *testing.T) {
	o := optionsOf(t)
	dir := undisturbed(t, recipeOf(t, "steps=1", "model={kind: mask, n_fft: 64, hop: 32, hidden_size: 4, layers: 1, burn_in: 0}"), o)
	in := saveWAV(t, t.TempDir(), "in.wav", 44100, noise(2000, 1))
	level := func(overrides ...string) float64 {
		out := filepath.Join(t.TempDir(), "out.wav")
		if _, err := Render(context.Background(), string(dir), in, out, RenderOptions{Format: audio.Float32, Overrides: overrides}, o); err != nil {
			t.Fatal(err)
		}
		a, _, err := audio.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, v := range a.Channels[0] {
			sum += float64(v) * float64(v)
		}
		return sum
	}
	if plain, filtered := level(), level("model.post_filter=1"); !(filtered < 0.99*plain && filtered > 0) {
		t.Errorf("an energy of %v with a post-filter, %v without", filtered, plain)
	}
}
