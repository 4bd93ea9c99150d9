package audio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

// readStream reads a stream in blocks of the given size.
func readStream(t *testing.T, s *Stream, block int) [][]float32 {
	t.Helper()
	out := make([][]float32, s.Info().Channels)
	dst := make([][]float32, len(out))
	for c := range dst {
		dst[c] = make([]float32, block)
	}
	for {
		n, err := s.Read(dst)
		for c := range out {
			out[c] = append(out[c], dst[c][:n]...)
		}
		if err == io.EOF {
			return out
		}
		if err != nil || n == 0 {
			t.Fatalf("%d frames, %v", n, err)
		}
	}
}

// ramps are channels of n samples, each different.
func ramps(channels, n int) [][]float32 {
	x := make([][]float32, channels)
	for c := range x {
		for i := range n {
			x[c] = append(x[c], float32((i*7+c*1001)%4001-2000)/4096)
		}
	}
	return x
}

func wantSame(t *testing.T, what string, got, want [][]float32, tolerance float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d channels, want %d", what, len(got), len(want))
	}
	for c := range want {
		if len(got[c]) != len(want[c]) {
			t.Fatalf("%s: %d samples, want %d", what, len(got[c]), len(want[c]))
		}
		for i, v := range want[c] {
			if d := got[c][i] - v; d > tolerance || d < -tolerance {
				t.Fatalf("%s: sample %d of channel %d is %v, want %v", what, i, c, got[c][i], v)
			}
		}
	}
}

// What goes into a pipe comes out of a stream, in any format, raw or not,
// however the bytes are cut; and a file reader reads it too.
func TestPipeToStream(t *testing.T) {
	for _, f := range []Format{PCM16, PCM24, Float32} {
		for _, raw := range []bool{false, true} {
			for _, channels := range []int{1, 3} {
				x := ramps(channels, 1000)
				var b bytes.Buffer
				p, err := NewPipe("p", &b, 8000, channels, f, raw)
				if err != nil {
					t.Fatal(err)
				}
				for _, part := range [][2]int{{0, 1}, {1, 1}, {1, 700}, {700, 1000}} {
					block := make([][]float32, channels)
					for c := range x {
						block[c] = x[c][part[0]:part[1]]
					}
					if err := p.Write(block); err != nil {
						t.Fatal(err)
					}
				}
				for name, r := range map[string]io.Reader{"whole": bytes.NewReader(b.Bytes()), "bytes": iotest.OneByteReader(bytes.NewReader(b.Bytes())),
					"with its end": iotest.DataErrReader(bytes.NewReader(b.Bytes()))} {
					var s *Stream
					if raw {
						s, err = NewRawStream("s", r, 8000, channels, f)
					} else {
						s, err = NewStream("s", r)
					}
					if err != nil {
						t.Fatal(err)
					}
					what := fmt.Sprintf("%v, raw %v, %d channels, %s", f, raw, channels, name)
					if i := s.Info(); i.Rate != 8000 || i.Channels != channels || i.Frames != -1 {
						t.Errorf("%s: %+v", what, i)
					}
					wantSame(t, what, readStream(t, s, 170), x, 0)
				}
				if !raw {
					path := filepath.Join(t.TempDir(), "x.wav")
					if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
						t.Fatal(err)
					}
					a, _, err := ReadFile(path)
					if err != nil {
						t.Fatal(err)
					}
					wantSame(t, "as a file", a.Channels, x, 0)
				}
			}
		}
	}
}

// Every coding of a file is read from a pipe as from the file, with its length
// where it is known; what is cut off is said.
func TestStreamEqualsFile(t *testing.T) {
	dir := t.TempDir()
	x := ramps(2, 500)
	for _, f := range []Format{PCM16, PCM24, Float32} {
		path := filepath.Join(dir, f.String()+".wav")
		if _, err := WriteFile(path, &Audio{Rate: 16000, Channels: x}, f); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		s, err := NewStream("s", bytes.NewReader(append(data, "LIST behind the samples"...)))
		if err != nil {
			t.Fatal(err)
		}
		if s.Info().Frames != 500 {
			t.Errorf("%v: %d frames are announced", f, s.Info().Frames)
		}
		wantSame(t, f.String(), readStream(t, s, 64), x, 0)
		s, err = NewStream("s", bytes.NewReader(data[:len(data)-100]))
		if err != nil {
			t.Fatal(err)
		}
		if n := len(readStream(t, s, 64)[0]); n >= 500 || len(s.Info().Warnings) != 1 || !strings.Contains(s.Info().Warnings[0], "cut off") {
			t.Errorf("%v: %d frames of a stream that is cut off, warnings %q", f, n, s.Info().Warnings)
		}
	}
}

func TestStreamMistakes(t *testing.T) {
	wav := pipeHeader(8000, 1, PCM16)
	swap := func(at int, b ...byte) []byte {
		w := bytes.Clone(wav)
		copy(w[at:], b)
		return w
	}
	for want, data := range map[string][]byte{
		"ends inside the header":       wav[:20],
		"it ends inside":               {},
		"this is an Ogg file":          append([]byte("OggS"), make([]byte, 20)...),
		"no fmt chunk before the data": append(bytes.Clone(wav[:12]), wav[36:]...),
		"0 channels":                   swap(22, 0, 0),
		"samples of coding 0x0055":     swap(20, 0x55, 0),
		"frames of 7 bytes":            swap(32, 7, 0),
		"where a chunk should start":   swap(36, 1, 2, 3, 4),
	} {
		if _, err := NewStream("x", bytes.NewReader(data)); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "audio: x: ") {
			t.Errorf("%q: %v", want, err)
		}
	}
	broken := errors.New("broken pipe")
	s, err := NewStream("x", io.MultiReader(bytes.NewReader(wav), iotest.ErrReader(broken)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read([][]float32{make([]float32, 5)}); !errors.Is(err, broken) {
		t.Errorf("a broken pipe is %v", err)
	}
	if _, err := NewRawStream("x", nil, 0, 1, PCM16); err == nil {
		t.Error("0 Hz are read")
	}
	huge := bytes.Clone(wav[:12])
	huge = append(huge, "JUNK"...)
	huge = binary.LittleEndian.AppendUint32(huge, 0xFFFFFFF0)
	if _, err := NewStream("x", bytes.NewReader(huge)); err == nil {
		t.Error("a chunk of 4 GiB that is not there is skipped")
	}
}

// sox writes into pipes that a stream reads, and reads what a pipe writes.
func TestPipesOfSox(t *testing.T) {
	sox, err := exec.LookPath("sox")
	if err != nil {
		if os.Getenv("PARTIALS_STRICT") != "" {
			t.Fatal("sox is missing")
		}
		t.Skip("sox is missing")
	}
	path := filepath.Join(t.TempDir(), "x.wav")
	x := ramps(2, 3000)
	if _, err := WriteFile(path, &Audio{Rate: 16000, Channels: x}, PCM24); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"-t", "wav", "-"}, {"-t", "wav", "-e", "float", "-b", "32", "-"}, {"-t", "wavpcm", "-"}} {
		out, err := exec.Command(sox, append([]string{path}, args...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		s, err := NewStream("sox", bytes.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, strings.Join(args, " "), readStream(t, s, 1000), x, 0)
	}
	for _, f := range []Format{PCM16, PCM24, Float32} {
		var b bytes.Buffer
		p, err := NewPipe("p", &b, 16000, 2, f, false)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Write(x); err != nil {
			t.Fatal(err)
		}
		back := exec.Command(sox, "-t", "wav", "-", "-t", "f32", "-")
		back.Stdin = &b
		out, err := back.Output()
		if err != nil {
			t.Fatalf("sox cannot read %v: %v", f, err)
		}
		s, err := NewRawStream("raw", bytes.NewReader(out), 16000, 2, Float32)
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, f.String(), readStream(t, s, 1000), x, 0)
	}
}
