package audio

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// flacMD5 is the MD5 of samples as the FLAC header has it: interleaved, little-endian, whole bytes.
func flacMD5(a *Audio, bits int) [md5.Size]byte {
	var b []byte
	for t := range a.Frames() {
		for _, ch := range a.Channels {
			v := int32(float64(ch[t]) * float64(int(1)<<(bits-1)))
			b = append(b, binary.LittleEndian.AppendUint32(nil, uint32(v))[:(bits+7)/8]...)
		}
	}
	return md5.Sum(b)
}

func TestFLAC(t *testing.T) {
	var logged bytes.Buffer
	log.SetOutput(&logged)
	defer log.SetOutput(os.Stderr)
	for _, c := range []struct {
		file           string
		rate, channels int
		frames         int64
		bits           int
		same           string // the WAV it was made from
	}{
		{"s16_stereo_44k_b576", 44100, 2, 4410, 16, "s16_stereo_44k"},
		{"s24_mono_48k", 48000, 1, 4800, 24, "s24_mono_48k"},
		{"u8_mono_22k_b192", 22050, 1, 2205, 8, "u8_mono_22k"},
		{"s16_stereo_24k_b256", 24000, 2, 2400, 16, ""},
		{"s16_stereo_44k_length_0", 44100, 2, 4410, 16, "s16_stereo_44k"},
	} {
		path := filepath.Join("testdata/flac", c.file+".flac")
		r, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		a, err := ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		i := r.Info()
		if i.Rate != c.rate || i.Channels != c.channels || i.Frames != c.frames || i.BitsPerSample != c.bits || len(i.Warnings) > 0 {
			t.Errorf("%s: %+v", c.file, i)
		}
		if want := r.src.(*flacSource).info.MD5sum; want != [md5.Size]byte{} && flacMD5(a, c.bits) != want {
			t.Errorf("%s: the samples have not the MD5 of the header", c.file)
		}
		if c.same != "" {
			w, _, err := ReadFile(filepath.Join("testdata/wavzoo/gen", c.same+".wav"))
			if err != nil {
				t.Fatal(err)
			}
			for ch := range w.Channels {
				if !slices.Equal(w.Channels[ch], a.Channels[ch]) {
					t.Errorf("%s: channel %d is not that of %s.wav", c.file, ch, c.same)
				}
			}
		}
	}
	if logged.Len() > 0 {
		t.Errorf("reading FLAC wrote to the log: %s", logged.String())
	}
}

// A FLAC file cut at any byte gives the frames of its whole blocks and counts the others, or an error.
func TestFLACCutOff(t *testing.T) {
	whole, err := os.ReadFile("testdata/flac/s16_stereo_44k_b576.flac")
	if err != nil {
		t.Fatal(err)
	}
	want, _, err := ReadFile("testdata/flac/s16_stereo_44k_b576.flac")
	if err != nil {
		t.Fatal(err)
	}
	readable := 0
	for size := 0; size < len(whole); size += 97 {
		r, err := NewReader("cut.flac", bytes.NewReader(whole[:size]), int64(size))
		if err != nil {
			continue
		}
		readable++
		i := r.Info()
		if i.Frames%576 != 0 || i.Frames >= 4410 || !strings.Contains(strings.Join(i.Warnings, " "), "missing") {
			t.Fatalf("%d bytes: %+v", size, i)
		}
		a, err := ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		for ch := range a.Channels {
			if !slices.Equal(a.Channels[ch], want.Channels[ch][:i.Frames]) {
				t.Fatalf("%d bytes: wrong samples", size)
			}
		}
	}
	if readable < 20 {
		t.Errorf("only %d of the cut files could be read", readable)
	}
}
