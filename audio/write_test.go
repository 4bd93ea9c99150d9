package audio

import (
	"bytes"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// dataOf returns the samples of a WAV file as bytes.
func dataOf(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var info Info
	f, err := walkRIFF(bytes.NewReader(b), int64(len(b)), &info)
	if err != nil {
		t.Fatal(err)
	}
	return b[f.dataAt : f.dataAt+f.dataBytes]
}

// TestWriteSameBytes: a file read and written again in its own format has the same samples to the byte.
func TestWriteSameBytes(t *testing.T) {
	dir := t.TempDir()
	for name, format := range map[string]Format{
		"gen/s16_stereo_44k.wav": PCM16, "gen/s16_6ch_48k_ext.wav": PCM16, "gen/one_frame.wav": PCM16, "gen/zero_frames.wav": PCM16,
		"gen/wavex_s24_stereo.wav": PCM24, "gen/s24_mono_48k.wav": PCM24, "gen/f32_mono_48k.wav": Float32, "gen/f32_nan_inf.wav": Float32,
	} {
		in, out := filepath.Join("testdata/wavzoo", name), filepath.Join(dir, "out.wav")
		a, _, err := ReadFile(in)
		if err != nil {
			t.Fatal(err)
		}
		clipped, err := WriteFile(out, a, format)
		if err != nil || clipped != 0 {
			t.Fatalf("%s: %d clipped, %v", name, clipped, err)
		}
		if !bytes.Equal(dataOf(t, in), dataOf(t, out)) {
			t.Errorf("%s: the samples changed", name)
		}
	}
}

// TestWriteSizes: any length and number of channels, in blocks of any size, is a file whose sizes are right.
func TestWriteSizes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.wav")
	for _, format := range []Format{PCM16, PCM24, Float32} {
		for _, channels := range []int{1, 2, 3, 7} {
			for _, frames := range []int{0, 1, 2, 3, 101, 4096, 4097, 9001} {
				a := &Audio{Rate: 44100, Channels: make([][]float32, channels)}
				for c := range a.Channels {
					a.Channels[c] = make([]float32, frames)
					for i := range a.Channels[c] {
						a.Channels[c][i] = float32((i*31+c*17)%256-128) / 128
					}
				}
				w, err := Create(path, a.Rate, channels, format)
				if err != nil {
					t.Fatal(err)
				}
				for from := 0; from < frames; from += 4099 {
					block := make([][]float32, channels)
					for c := range block {
						block[c] = a.Channels[c][from:min(from+4099, frames)]
					}
					if err := w.Write(block); err != nil {
						t.Fatal(err)
					}
				}
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
				file, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if riffSize := int(file[4]) | int(file[5])<<8 | int(file[6])<<16 | int(file[7])<<24; riffSize != len(file)-8 || len(file)%2 == 1 {
					t.Errorf("%v, %d channels, %d frames: RIFF size %d in a file of %d bytes", format, channels, frames, riffSize, len(file))
				}
				b, info, err := ReadFile(path)
				if err != nil || len(info.Warnings) > 0 || info.Frames != int64(frames) || info.Channels != channels || info.Rate != 44100 {
					t.Fatalf("%v, %d channels, %d frames: %+v %v", format, channels, frames, info, err)
				}
				for c := range a.Channels {
					if !slices.Equal(a.Channels[c], b.Channels[c]) {
						t.Errorf("%v, %d channels, %d frames: channel %d changed", format, channels, frames, c)
					}
				}
			}
		}
	}
}

func TestQuantize(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	const s16, s24 = 1. / (1 << 15), 1. / (1 << 23)
	for _, c := range []struct {
		format        Format
		x             float32
		want          int
		clipped, nans int64
	}{
		{PCM16, 0, 0, 0, 0}, {PCM16, -1, -32768, 0, 0}, {PCM16, 1 - s16, 32767, 0, 0},
		{PCM16, 1, 32767, 1, 0}, {PCM16, 1.5, 32767, 1, 0}, {PCM16, -1.5, -32768, 1, 0}, {PCM16, inf, 32767, 1, 0}, {PCM16, -inf, -32768, 1, 0},
		{PCM16, nan, 0, 0, 1},
		{PCM16, 0.5 * s16, 0, 0, 0}, {PCM16, 1.5 * s16, 2, 0, 0}, {PCM16, 2.5 * s16, 2, 0, 0}, {PCM16, -0.5 * s16, 0, 0, 0}, {PCM16, -1.5 * s16, -2, 0, 0},
		{PCM16, 32767.25 * s16, 32767, 0, 0}, {PCM16, 32767.5 * s16, 32767, 1, 0}, {PCM16, -32768.5 * s16, -32768, 0, 0},
		{PCM24, 1, 8388607, 1, 0}, {PCM24, -1, -8388608, 0, 0}, {PCM24, 1.5 * s24, 2, 0, 0}, {PCM24, nan, 0, 0, 1},
	} {
		w := &Writer{quantizer: quantizer{format: c.format}}
		if got := w.quantize(c.x); got != c.want || w.Clipped() != c.clipped || w.NaNs() != c.nans {
			t.Errorf("%v %v: %d, %d clipped, %d NaN; want %d, %d, %d", c.format, c.x, got, w.Clipped(), w.NaNs(), c.want, c.clipped, c.nans)
		}
	}
}

// TestNoHalfFile: only a completed file has its name, and nothing else stays behind.
func TestNoHalfFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.wav")
	names := func() string {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		var n []string
		for _, e := range entries {
			n = append(n, e.Name())
		}
		return strings.Join(n, " ")
	}
	block := [][]float32{make([]float32, 10)}
	start := func() *Writer {
		w, err := Create(path, 8000, 1, PCM16)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(block); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(" "+names(), " out.wav") {
			t.Fatal("the file has its name before Close")
		}
		return w
	}

	w := start()
	w.Abort()
	if err := w.Close(); err != nil || names() != "" {
		t.Errorf("after Abort: %v, %q", err, names())
	}

	w = start()
	w.bytes = maxDataBytes - 19 // as if 4 GiB were written: a block of 20 bytes does not fit
	if err := w.Write(block); err == nil || !strings.Contains(err.Error(), "4 GiB") {
		t.Errorf("too long: %v", err)
	}
	if err := w.Write(block); err == nil {
		t.Error("a write after an error went through")
	}
	if err := w.Close(); err == nil || names() != "" {
		t.Errorf("after an error: %v, %q", err, names())
	}

	w = start()
	if err := w.Close(); err != nil || names() != "out.wav" {
		t.Errorf("after Close: %v, %q", err, names())
	}
	if err := w.Write(block); err == nil {
		t.Error("a write after Close went through")
	}

	for _, c := range []struct {
		path           string
		rate, channels int
		reason         string
	}{
		{path, 8000, 0, "0 channels"}, {path, 8000, 2000, "2000 channels"}, {path, 0, 1, "0 Hz"}, {path, 1 << 31, 1, "Hz"},
		{filepath.Join(dir, "no", "such", "folder.wav"), 8000, 1, "no such file"},
	} {
		if _, err := Create(c.path, c.rate, c.channels, PCM16); err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%v, want %q", err, c.reason)
		}
	}
}

// TestWriteErrorsNameTheFile: and not the temporary one beside it, which a user has never heard of.
func TestWriteErrorsNameTheFile(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "folder.wav")
	if err := os.MkdirAll(filepath.Join(taken, "full"), 0o777); err != nil {
		t.Fatal(err)
	}
	sound := &Audio{Rate: 8000, Channels: [][]float32{make([]float32, 10)}}
	for _, path := range []string{taken, filepath.Join(dir, "none", "a.wav"), filepath.Join(dir, strings.Repeat("x", 300)+".wav")} {
		_, err := WriteFile(path, sound, PCM16)
		if err == nil || strings.Count(err.Error(), path) != 1 || strings.Contains(err.Error(), ".tmp") {
			t.Errorf("%v", err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

// TestSoxReadsOurs: sox finds rate, channels, frames and samples of what is written here, and nothing to complain of.
func TestSoxReadsOurs(t *testing.T) {
	if _, err := exec.LookPath("sox"); err != nil {
		if os.Getenv("PARTIALS_STRICT") == "1" {
			t.Fatal("sox is not installed, and PARTIALS_STRICT=1 wants it")
		}
		t.Skip("sox is not installed")
	}
	dir := t.TempDir()
	for _, format := range []Format{PCM16, PCM24, Float32} {
		for _, channels := range []int{1, 2, 6} {
			a := &Audio{Rate: 44100, Channels: make([][]float32, channels)}
			for c := range a.Channels {
				for i := range 1001 {
					a.Channels[c] = append(a.Channels[c], float32((i*31+c*17)%256-128)/128)
				}
			}
			ours, raw := filepath.Join(dir, "ours.wav"), filepath.Join(dir, "sox.f32")
			if _, err := WriteFile(ours, a, format); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command("sox", ours, "-t", "f32", raw).CombinedOutput()
			if err != nil || len(out) > 0 {
				t.Fatalf("%v, %d channels: sox: %v %s", format, channels, err, out)
			}
			for option, want := range map[string]int{"-r": 44100, "-c": channels, "-s": 1001} {
				out, err := exec.Command("sox", "--i", option, ours).Output()
				if err != nil || strings.TrimSpace(string(out)) != strconv.Itoa(want) {
					t.Errorf("%v: soxi %s says %s (%v), want %d", format, option, out, err, want)
				}
			}
			got, err := os.ReadFile(raw)
			if err != nil {
				t.Fatal(err)
			}
			var want []float32
			for i := range 1001 {
				for c := range channels {
					want = append(want, a.Channels[c][i])
				}
			}
			read := make([]float32, len(got)/4)
			float32LE(read, got, 4)
			for i := range want {
				if len(read) != len(want) || math.Abs(float64(read[i]-want[i])) > 1e-9 {
					t.Fatalf("%v, %d channels: sox reads other samples", format, channels)
				}
			}
		}
	}
}
