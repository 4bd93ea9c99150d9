package datasets

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"partials/audio"
	"partials/internal/rng"
)

// settled is a library of files.
func settled(t *testing.T, r Reading, paths ...string) *library {
	t.Helper()
	l := newLibrary(r, nil)
	for _, p := range paths {
		if _, err := l.add(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.settle(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.close() })
	return l
}

// Any stretch, kept in memory or read from the file, at its rate or another,
// has the bits of the whole file read and resampled at once.
func TestReadAnyStretch(t *testing.T) {
	dir := t.TempDir()
	const n = 18011
	a, b := white(n, 0.1, 1), white(n, 0.1, 2)
	for _, from := range []int{8000, 44100} {
		path := save(t, dir, fmt.Sprint(from, ".wav"), from, a, b)
		for _, rate := range []int{8000, 16000, 7919} {
			for _, channels := range []string{channelsAll, channelsMix, channelsRight} {
				reading := Reading{Rate: rate, Channels: channels}
				whole := &audio.Audio{Rate: from, Channels: [][]float32{a, b}}
				switch channels {
				case channelsMix:
					mean := make([]float32, n)
					for k := range mean {
						mean[k] = (a[k] + b[k]) / 2
					}
					whole.Channels = [][]float32{mean}
				case channelsRight:
					whole.Channels = [][]float32{b}
				}
				whole, err := whole.Resample(rate)
				if err != nil {
					t.Fatal(err)
				}
				for _, memory := range []int{0, 64} {
					reading.Memory = memory
					r := settled(t, reading, path).recordings[0]
					if r.resident != (memory > 0) || r.frames != whole.Frames() || r.channels != len(whole.Channels) {
						t.Fatalf("%d to %d Hz: resident %v, %d frames, want %d, %d channels", from, rate, r.resident, r.frames, whole.Frames(), r.channels)
					}
					draw := rng.New(1, "stretch", from, rate)
					for range 5 {
						at, m := draw.IntN(r.frames+400)-200, 1+draw.IntN(3000)
						if draw.IntN(4) == 0 {
							m = 1 + draw.IntN(n)
						}
						got := planes(nil, r.channels, m)
						if err := r.read(got, at); err != nil {
							t.Fatal(err)
						}
						for c := range got {
							for k, v := range got[c] {
								var want float32
								if i := at + k; i >= 0 && i < r.frames {
									want = whole.Channels[c][i]
								}
								if v != want {
									t.Fatalf("%d to %d Hz, %s, memory %d: sample %d of channel %d is %v, want %v", from, rate, channels, memory, at+k, c, v, want)
								}
							}
						}
					}
				}
			}
		}
	}
}

// What memory holds is bounded by the budget, not by the corpus: here 200
// files of 40 MB, holes on the disk.
func TestMemoryIsConstant(t *testing.T) {
	dir := t.TempDir()
	const files, frames = 200, 10 << 20
	first := save(t, dir, "0.wav", 16000, white(1000, 0.1, 1))
	head, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	// A data chunk of size 0xFFFFFFFF reaches to the end of the file.
	copy(head[len(head)-4*1000-4:], "\xff\xff\xff\xff")
	for k := range files {
		path := filepath.Join(dir, fmt.Sprint(k, ".wav"))
		if err := os.WriteFile(path, head, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, int64(len(head)-4*1000+4*frames)); err != nil {
			t.Fatal(err)
		}
	}
	const budget = 4 << 20
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	d := openCut(t, "kind: folder\nroot: "+dir+"\nmemory: 4\nvalidation: 0.02", Cut{Segment: 16000, Context: 4000})
	l := d.(*folder).lib
	if l.kept > budget || d.Len() < 190*frames/17000 {
		t.Fatalf("%d bytes are to be kept, %d pieces", l.kept, d.Len())
	}
	loader := NewLoader(d, LoaderOptions{Batch: 8, Seed: 1, Last: 60, Cut: Cut{Segment: 16000, Context: 4000}, Workers: 2})
	defer loader.Close()
	seen := map[string]bool{}
	for step := range 60 {
		b, err := loader.Batch(step)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range b.Files {
			seen[f] = true
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if len(seen) < 100 {
		t.Errorf("only %d files were read", len(seen))
	}
	if open := len(l.handles.open); open > maxOpen {
		t.Errorf("%d files are open", open)
	}
	// Batches are 3*8*36000 floats; a single whole file would be 40 MB.
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 20<<20 {
		t.Errorf("the heap has grown by %d MB", grown>>20)
	}
}

// The budget is filled in the order of the files; what is beyond is streamed.
func TestBudgetDecidesResidents(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	for k := range 5 { // 0.4 MB each
		paths = append(paths, save(t, dir, fmt.Sprint(k, ".wav"), 1000, white(100_000, 0.1, k)))
	}
	l := settled(t, Reading{Channels: channelsMono, Memory: 1}, paths...)
	for k, r := range l.recordings {
		if want := k < 2; r.resident != want {
			t.Errorf("file %d: resident is %v", k, r.resident)
		}
	}
	if l.kept != 800_000 {
		t.Errorf("%d bytes are kept", l.kept)
	}
}

// A file that shrinks, goes or changes during the run is an error naming it.
func TestFilesThatChange(t *testing.T) {
	dir := t.TempDir()
	path := save(t, dir, "a.wav", 1000, white(50_000, 0.1, 1))
	reading := Reading{Channels: channelsMono}
	x := planes(nil, 1, 100)
	readEnd := func(l *library) error { return l.recordings[0].read(x, 49_000) }

	l := settled(t, reading, path)
	if err := readEnd(l); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 100_000); err != nil { // while it is open
		t.Fatal(err)
	}
	err := readEnd(l)
	wantError(t, err, path, "frames 49000 to 49100", "changed since the run began")
	if !errors.Is(err, errChanged) {
		t.Errorf("%v is not errChanged", err)
	}

	save(t, dir, "a.wav", 1000, white(50_000, 0.1, 1))
	l = settled(t, reading, path)
	save(t, dir, "a.wav", 1000, white(50_000, 0.1, 1), white(50_000, 0.1, 1))
	wantError(t, l.recordings[0].read(x, 0), path, "1 channels", "2 at 1000 Hz", "resume")

	l = settled(t, Reading{Channels: channelsMix}, path)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	wantError(t, l.recordings[0].read(x, 0), path, "no such file", "was there when the run began")
}

// More files than may be open are read, and all are closed in the end.
func TestHandlesAreBounded(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	for k := range maxOpen + 30 {
		paths = append(paths, save(t, dir, fmt.Sprint(k, ".wav"), 1000, []float32{float32(k)}))
	}
	l := settled(t, Reading{Channels: channelsMono}, paths...)
	for range 3 {
		for k, r := range l.recordings {
			x := planes(nil, 1, 1)
			if err := r.read(x, 0); err != nil || x[0][0] != float32(k) {
				t.Fatalf("file %d: %v, %v", k, x[0][0], err)
			}
		}
	}
	if n := len(l.handles.open); n != maxOpen {
		t.Errorf("%d files are open, want %d", n, maxOpen)
	}
	// A file in use is closed by its last user, not by the limit.
	var h *handle
	for range 2 {
		var err error
		if h, err = l.handles.acquire(paths[0]); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range l.recordings[1:] {
		if err := r.read(planes(nil, 1, 1), 0); err != nil {
			t.Fatal(err)
		}
	}
	x := planes(nil, 1, 1)
	for range 2 {
		if _, err := h.reader.ReadAt(x, 0); err != nil || !h.gone {
			t.Errorf("gone is %v, reading says %v", h.gone, err)
		}
		l.handles.release(h)
	}
	if _, err := h.reader.ReadAt(x, 0); err == nil {
		t.Error("the file was not closed")
	}
}
