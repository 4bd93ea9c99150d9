package audio

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// FuzzRead: no file makes the reader panic, hang or allocate beyond a small multiple of its size.
func FuzzRead(f *testing.F) {
	err := filepath.WalkDir("testdata", func(path string, d fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); err != nil || ext != ".wav" && ext != ".flac" {
			return err
		}
		b, err := os.ReadFile(path)
		if len(b) <= 20000 {
			f.Add(b)
		}
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r, err := NewReader("fuzz", bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		info := r.Info()
		if info.Rate < 1 || info.Channels < 1 || info.Frames < 0 || info.Format == "" {
			t.Fatalf("%+v", info)
		}
		_, compressed := r.src.(*flacSource)
		if !compressed && info.Frames*int64(info.Channels) > 64*int64(len(file)) {
			t.Fatalf("%d frames of %d channels in %d bytes", info.Frames, info.Channels, len(file))
		}
		dst := make([][]float32, info.Channels)
		for c := range dst {
			dst[c] = make([]float32, 100)
		}
		for _, frame := range []int64{0, 1, info.Frames / 2, info.Frames - 50, info.Frames} {
			n, err := r.ReadAt(dst, max(frame, 0))
			if n < 100 && err == nil || n == 100 && err == io.EOF {
				t.Fatalf("%d frames at %d of %d: %v", n, frame, info.Frames, err)
			}
		}
		if !compressed {
			if _, err := ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; !compressed && used > 4<<20+300*uint64(len(file)) {
			t.Fatalf("%d bytes allocated for a file of %d", used, len(file))
		}
	})
}
