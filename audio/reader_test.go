package audio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

// wavBytes builds a WAV file: chunks in front of the data chunk, then a data chunk that announces the given size.
func wavBytes(riffSize uint32, front []byte, announced uint32, data []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte("RIFF"), riffSize)
	b = append(append(b, "WAVE"...), front...)
	b = binary.LittleEndian.AppendUint32(append(b, "data"...), announced)
	return append(b, data...)
}

func chunkBytes(id string, body []byte) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte(id), uint32(len(body))), body...)
}

// fmtBytes is a fmt chunk of 16 bytes.
func fmtBytes(tag, channels, rate, blockAlign, bits int) []byte {
	le := binary.LittleEndian
	b := le.AppendUint16(nil, uint16(tag))
	b = le.AppendUint16(b, uint16(channels))
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(rate*blockAlign))
	b = le.AppendUint16(b, uint16(blockAlign))
	return chunkBytes("fmt ", le.AppendUint16(b, uint16(bits)))
}

// TestWAVSizes: what a header says of lengths, against what the file has.
func TestWAVSizes(t *testing.T) {
	pcm := fmtBytes(1, 1, 8000, 2, 16)
	sound := bytes.Repeat([]byte{0x01, 0x80}, 100) // 100 frames; no chunk name starts so
	for _, c := range []struct {
		name    string
		file    []byte
		frames  int64
		warning string
	}{
		{"right", wavBytes(236, pcm, 200, sound), 100, ""},
		{"riff size 0", wavBytes(0, pcm, 200, sound), 100, ""},
		{"riff size huge", wavBytes(1<<32-2, pcm, 200, sound), 100, ""},
		{"data size ffffffff", wavBytes(1<<32-1, pcm, 1<<32-1, sound), 100, "never written"},
		{"sox to a pipe", wavBytes(0x7FFFF024, pcm, 0x7FFFF000, sound), 100, "never written"},
		{"data size 0, never closed", wavBytes(8, pcm, 0, sound), 100, "never closed"},
		{"data size 0", wavBytes(36, pcm, 0, sound), 0, "200 bytes follow"},
		{"data size 0 at the end", wavBytes(36, pcm, 0, nil), 0, ""},
		{"data size 0, then a chunk", wavBytes(48, pcm, 0, chunkBytes("LIST", []byte("INFO"))), 0, ""},
		{"cut", wavBytes(836, pcm, 800, sound), 100, "300 of 400 frames are missing"},
		{"cut in a frame", wavBytes(836, pcm, 800, sound[:199]), 99, "301 of 400 frames are missing"},
		{"cut at 3 GiB", wavBytes(836, pcm, 3<<30, sound), 100, "frames are missing"},
		{"odd byte", wavBytes(237, pcm, 199, sound), 99, "1 bytes at the end"},
		{"odd chunk, padded", wavBytes(0, append(chunkBytes("LIST", []byte("INFO1")), append([]byte{0}, pcm...)...), 200, sound), 100, ""},
		{"odd chunk, not padded", wavBytes(0, append(chunkBytes("LIST", []byte("INFO1")), pcm...), 200, sound), 100, ""},
		{"two data chunks", append(wavBytes(0, pcm, 100, sound[:100]), chunkBytes("data", sound[:100])...), 50, "second data chunk of 100 bytes"},
	} {
		r, err := NewReader(c.name, bytes.NewReader(c.file), int64(len(c.file)))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		a, err := ReadAll(r)
		if err != nil || int64(a.Frames()) != c.frames || r.Info().Frames != c.frames {
			t.Errorf("%s: %d frames, %v; want %d", c.name, a.Frames(), err, c.frames)
		}
		if got := strings.Join(r.Info().Warnings, "; "); (got == "") != (c.warning == "") || !strings.Contains(got, c.warning) {
			t.Errorf("%s: warnings %q, want %q", c.name, got, c.warning)
		}
	}
}

// sparse is a file that begins with some bytes and goes on with zeros.
type sparse []byte

func (s sparse) ReadAt(b []byte, off int64) (int, error) {
	clear(b)
	if off < int64(len(s)) {
		copy(b, s[off:])
	}
	return len(b), nil
}

// TestHugeFiles: what 32 bits of a header say of files that are larger.
func TestHugeFiles(t *testing.T) {
	pcm := fmtBytes(1, 2, 48000, 4, 16)
	ds64 := func(data uint64) []byte {
		b := binary.LittleEndian.AppendUint64(nil, data+80)
		b = binary.LittleEndian.AppendUint64(b, data)
		return append(chunkBytes("ds64", append(b, make([]byte, 12)...)), pcm...)
	}
	rf64 := func(b []byte) []byte { copy(b, "RF64"); return b }
	const gib = 1 << 30
	for _, c := range []struct {
		name    string
		head    []byte
		data    int64 // bytes behind the head
		frames  int64
		warning string
	}{
		{"3.5 GiB", wavBytes(0, pcm, 7*gib/2, nil), 7 * gib / 2, 7 * gib / 8, ""},
		{"5 GiB, size wrapped", wavBytes(0, pcm, 1*gib, nil), 5 * gib, 5 * gib / 4, "larger than its header can say"},
		{"9 GiB and a little, size wrapped", wavBytes(0, pcm, 1*gib, nil), 9*gib + 100, 9 * gib / 4, "larger than its header can say"},
		{"5 GiB to a pipe", wavBytes(0, pcm, 1<<32-1, nil), 5 * gib, 5 * gib / 4, "never written"},
		{"5 GiB by sox to a pipe", wavBytes(0, pcm, 0x7FFFF000, nil), 5 * gib, 5 * gib / 4, "never written"},
		{"2 GiB that sox's mark names rightly", wavBytes(0, pcm, 0x7FFFF000, nil), 0x7FFFF000, 0x7FFFF000 / 4, ""},
		{"6 GiB of RF64", rf64(wavBytes(1<<32-1, ds64(6*gib), 1<<32-1, nil)), 6 * gib, 6 * gib / 4, ""},
		{"6 GiB of RF64, size 0 beside ds64", rf64(wavBytes(1<<32-1, ds64(6*gib), 0, nil)), 6 * gib, 6 * gib / 4, ""},
		{"RF64 of no samples", rf64(wavBytes(1<<32-1, ds64(0), 1<<32-1, nil)), 0, 0, ""},
	} {
		r, err := NewReader(c.name, sparse(c.head), int64(len(c.head))+c.data)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := r.Info().Frames; got != c.frames {
			t.Errorf("%s: %d frames, want %d", c.name, got, c.frames)
		}
		if got := strings.Join(r.Info().Warnings, "; "); (got == "") != (c.warning == "") || !strings.Contains(got, c.warning) {
			t.Errorf("%s: warnings %q, want %q", c.name, got, c.warning)
		}
	}
}

// TestGSMOddBytes: bytes behind the last whole block count as one, and a warning says so.
func TestGSMOddBytes(t *testing.T) {
	file := wavBytes(0, fmtBytes(0x31, 1, 8000, 65, 0), 66, make([]byte, 66))
	r, err := NewReader("gsm.wav", bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	if i := r.Info(); i.Frames != 640 || len(i.Warnings) != 1 || !strings.Contains(i.Warnings[0], "last block has 1 bytes") {
		t.Errorf("%+v", i)
	}
}

// TestRefused: what cannot be read is an error that names the file and the reason.
func TestRefused(t *testing.T) {
	data := make([]byte, 64)
	for _, c := range []struct {
		reason string
		file   []byte
	}{
		{"empty", nil},
		{"Ogg", []byte("OggS, and more than that")},
		{"AIFF", []byte("FORM\x00\x00\x00\x00AIFF")},
		{"MP3", append([]byte("ID3\x04\x00\x00\x00\x00\x00\x02"), data...)},
		{"starts with", []byte("hello, world, this is text")},
		{"starts with zeros", data},
		{"MP4", []byte("\x00\x00\x00\x20ftypM4A ")},
		{"RIFF file of \"AVI \"", []byte("RIFF\x10\x00\x00\x00AVI LIST")},
		{"ends inside its header", []byte("RIFF\x10\x00")},
		{"FLAC of 32-bit samples is not read", flacHeader(32)},
		{"the file ends inside it", append(flacHeader(16), 0xFF, 0xF8)},
		{"Git LFS", []byte("version https://git-lfs.github.com/spec/v1")},
		{"MP3 (tag 0x0055)", wavBytes(0, fmtBytes(0x55, 1, 8000, 1, 0), 64, data)},
		{"unknown coding 0x1234", wavBytes(0, fmtBytes(0x1234, 1, 8000, 1, 0), 64, data)},
		{"0 channels", wavBytes(0, fmtBytes(1, 0, 8000, 2, 16), 64, data)},
		{"65535 channels", wavBytes(0, fmtBytes(1, 65535, 8000, 2, 16), 64, data)},
		{"0 Hz", wavBytes(0, fmtBytes(1, 1, 0, 2, 16), 64, data)},
		{"0 bits", wavBytes(0, fmtBytes(1, 1, 8000, 2, 0), 64, data)},
		{"48 bits", wavBytes(0, fmtBytes(1, 1, 8000, 6, 48), 64, data)},
		{"float samples of 16 bits", wavBytes(0, fmtBytes(3, 1, 8000, 2, 16), 64, data)},
		{"no fmt chunk before", wavBytes(0, nil, 64, data)},
		{"no data chunk", append([]byte("RIFF\x00\x00\x00\x00WAVE"), fmtBytes(1, 1, 8000, 2, 16)...)},
		{"ends inside its \"fmt \" chunk", []byte("RIFF\x00\x00\x00\x00WAVEfmt \xff\xff\xff\x7f\x01\x00")},
		{"where a chunk should start", append([]byte("RIFF\x00\x00\x00\x00WAVE"), make([]byte, 100)...)},
		{"predictor table", wavBytes(0, fmtBytes(2, 1, 8000, 256, 4), 64, data)},
		{"too small for 2 channels", wavBytes(0, fmtBytes(0x11, 2, 8000, 7, 4), 64, data)},
		{"GSM 6.10 of 2 channels", wavBytes(0, fmtBytes(0x31, 2, 8000, 65, 0), 64, data)},
		{"blocks of 0 bytes", wavBytes(0, fmtBytes(0x11, 1, 8000, 0, 4), 64, data)},
		{"ends inside", []byte("fLaC")},
		{"the FLAC header is damaged", []byte("fLaC\x80\x00\x00\x22 not a stream info")},
	} {
		_, err := NewReader("some.wav", bytes.NewReader(c.file), int64(len(c.file)))
		if err == nil || !strings.Contains(err.Error(), c.reason) || !strings.Contains(err.Error(), "some.wav") {
			t.Errorf("error %v, want it to name some.wav and %q", err, c.reason)
		}
	}
	if _, err := Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), "this is a folder") {
		t.Errorf("a folder: %v", err)
	}
	if _, err := Open("no such.wav"); !errors.Is(err, fs.ErrNotExist) || strings.Count(err.Error(), "no such.wav") != 1 {
		t.Errorf("a missing file: %v", err)
	}
}

// flacHeader is a FLAC file of no frames: 44.1 kHz, 2 channels, blocks of 4096, of samples of the given bits.
func flacHeader(bits int) []byte {
	info := make([]byte, 34)
	info[0], info[2] = 0x10, 0x10
	rest := uint64(44100)<<44 | 1<<41 | uint64(bits-1)<<36 | 1000
	binary.BigEndian.PutUint64(info[10:], rest)
	return append([]byte("fLaC\x80\x00\x00\x22"), info...)
}

// TestID3: a tag in front of the sound, as some taggers write, is stepped over.
func TestID3(t *testing.T) {
	tag := append([]byte("ID3\x04\x00\x00\x00\x00\x01\x05"), make([]byte, 133)...)
	flac, err := os.ReadFile("testdata/flac/s16_stereo_44k_b576.flac")
	if err != nil {
		t.Fatal(err)
	}
	wav, err := os.ReadFile("testdata/wavzoo/gen/s16_stereo_44k.wav")
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"WAV": wav, "FLAC": flac} {
		var sound [2]*Audio
		for i, b := range [][]byte{file, append(slices.Clone(tag), file...)} {
			r, err := NewReader(name, bytes.NewReader(b), int64(len(b)))
			if err != nil {
				t.Fatal(name, err)
			}
			if sound[i], err = ReadAll(r); err != nil {
				t.Fatal(name, err)
			}
		}
		if !reflect.DeepEqual(sound[0], sound[1]) || sound[0].Frames() != 4410 {
			t.Errorf("%s: behind a tag it reads otherwise", name)
		}
	}
}

// TestNamedPipe: opening a pipe that nobody writes to is an error, and does not wait.
func TestNamedPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe.wav")
	if err := exec.Command("mkfifo", path).Run(); err != nil {
		if os.Getenv("PARTIALS_STRICT") == "1" {
			t.Fatal("PARTIALS_STRICT=1 wants mkfifo: ", err)
		}
		t.Skip("no mkfifo here:", err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("%v", err)
	}
}

// TestManyChunks: a file of empty chunks ends the walk instead of holding it.
func TestManyChunks(t *testing.T) {
	file := append([]byte("RIFF\x00\x00\x00\x00WAVE"), bytes.Repeat(chunkBytes("JUNK", nil), maxChunks+1)...)
	if _, err := NewReader("junk.wav", bytes.NewReader(file), int64(len(file))); err == nil || !strings.Contains(err.Error(), "no data chunk among") {
		t.Errorf("%v", err)
	}
}

// TestPacking24: where the 24 bits lie when the header says 24 bits in 4 bytes.
func TestPacking24(t *testing.T) {
	const frames = 4000
	value := func(i int) int32 { return int32(i*7919%(1<<24)) - 1<<23 }
	build := func(shift uint) []byte {
		var data []byte
		for i := range frames {
			data = binary.LittleEndian.AppendUint32(data, uint32(value(i))<<shift)
		}
		return wavBytes(0, fmtBytes(1, 1, 8000, 4, 24), uint32(len(data)), data)
	}
	for shift, name := range map[uint]string{0: "low bytes", 8: "high bytes"} {
		file := build(shift)
		r, err := NewReader(name, bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		a, err := ReadAll(r)
		if err != nil || a.Frames() != frames {
			t.Fatalf("%s: %d frames, %v", name, a.Frames(), err)
		}
		for i, v := range a.Channels[0] {
			if v != float32(value(i))/(1<<23) {
				t.Fatalf("%s: sample %d is %v", name, i, v)
			}
		}
	}
}

// TestCrops: any stretch of any kind of file is that stretch of the whole, from several goroutines at once.
func TestCrops(t *testing.T) {
	var files []string
	for _, pattern := range []string{"testdata/wavzoo/gen/s*.wav", "testdata/wavzoo/gen/*adpcm*.wav", "testdata/wavzoo/gen/gsm*.wav", "testdata/wavzoo/gen/ulaw*.wav", "testdata/flac/*.flac"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatal(pattern, err)
		}
		files = append(files, found...)
	}
	for _, path := range files {
		whole, info, err := ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Open(path) // knows nothing of the file yet
		if err != nil {
			t.Fatal(err)
		}
		var wait sync.WaitGroup
		for worker := range 4 {
			wait.Go(func() {
				rng := rand.New(rand.NewPCG(1, uint64(worker)))
				for range 20 {
					if err := checkCrop(r, whole, info, rng.IntN(int(info.Frames)+10), rng.IntN(700)); err != nil {
						t.Errorf("%s: %v", path, err)
						return
					}
				}
			})
		}
		wait.Wait()
		r.Close()
	}
}

func checkCrop(r *Reader, whole *Audio, info Info, frame, length int) error {
	dst := make([][]float32, info.Channels)
	for c := range dst {
		dst[c] = make([]float32, length)
	}
	n, err := r.ReadAt(dst, int64(frame))
	want := min(length, max(0, int(info.Frames)-frame))
	if n != want || (err == io.EOF) != (want < length) || err != nil && err != io.EOF {
		return fmt.Errorf("crop %d+%d: %d frames, %v; want %d", frame, length, n, err, want)
	}
	for c := range dst {
		if n > 0 && !slices.Equal(dst[c][:n], whole.Channels[c][frame:frame+n]) {
			return fmt.Errorf("crop %d+%d: wrong samples in channel %d", frame, length, c)
		}
	}
	return nil
}

// failing is a file whose bytes can no longer be read.
type failing struct{ io.ReaderAt }

var errDisk = errors.New("disk on fire")

func (f failing) ReadAt(b []byte, off int64) (int, error) {
	if off > 100 {
		return 0, errDisk
	}
	return f.ReaderAt.ReadAt(b, off)
}

func TestReadAtMistakes(t *testing.T) {
	file := wavBytes(0, fmtBytes(1, 2, 8000, 4, 16), 400, make([]byte, 400))
	r, err := NewReader("a.wav", failing{bytes.NewReader(file)}, int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	ten, five := make([]float32, 10), make([]float32, 5)
	for _, c := range []struct {
		dst    [][]float32
		frame  int64
		reason string
	}{
		{[][]float32{ten}, 0, "1 channels of a file that has 2"},
		{[][]float32{ten, five}, 0, "differ in length"},
		{[][]float32{ten, ten}, -1, "frame -1"},
		{[][]float32{ten, ten}, 50, "disk on fire"},
	} {
		if _, err := r.ReadAt(c.dst, c.frame); err == nil || !strings.Contains(err.Error(), c.reason) || !strings.Contains(err.Error(), "a.wav") {
			t.Errorf("%v, want %q", err, c.reason)
		}
	}
	if n, err := r.ReadAt([][]float32{ten, ten}, math.MaxInt64); n != 0 || err != io.EOF {
		t.Errorf("far behind the end: %d, %v", n, err)
	}
}

// TestNonFinite: NaN and infinities are read as they are, and counted.
func TestNonFinite(t *testing.T) {
	a, _, err := ReadFile("testdata/wavzoo/gen/f32_nan_inf.wav")
	if err != nil {
		t.Fatal(err)
	}
	bad := 0
	for _, v := range a.Channels[0] {
		if d := v - v; d != 0 {
			bad++
		}
	}
	l := Measure(a.Channels[0])
	if bad == 0 || l.NonFinite != int64(bad) || l.Samples+l.NonFinite != 2205 || math.IsNaN(l.RMS()) {
		t.Errorf("%d bad samples, levels %+v", bad, l)
	}
}
