package datasets

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestFolderGivesBackTheSound(t *testing.T) {
	dir := t.TempDir()
	x := ramp(1000)
	save(t, dir, "a/b/c.wav", 1000, x)
	for _, crop := range []string{cropRandom, cropGrid} {
		for _, c := range []Cut{{64, 0, 0}, {64, 21, 0}, {50, 21, 9}, {50, 3, 10}} {
			d := openCut(t, "kind: folder\nvalidation: 0\ncrop: "+crop+"\nroot: "+dir, c)
			if want := (1000 - max(c.Context, c.Latency)) / c.Segment; d.Len() != want {
				t.Fatalf("%d pieces, want %d", d.Len(), want)
			}
			for i := range d.Len() {
				in, target, _ := fill(t, d, c, 0, i)
				at := place(in[0][0])
				if !equal(in[0], x[at:at+c.Context+c.Segment]) {
					t.Fatalf("%s %+v: the input at %d is not the file's", crop, c, at)
				}
				if from := at + c.Context - c.Latency; !equal(target[0], x[from:from+c.Segment]) {
					t.Fatalf("%s %+v: the target at %d is not the file's", crop, c, from)
				}
				if want := i*c.Segment + max(c.Context, c.Latency) - c.Context; crop == cropGrid && at != want {
					t.Fatalf("piece %d begins at %d, want %d", i, at, want)
				}
			}
		}
	}
}

// Files shorter than an example get silence in front, or are left out; either
// is said once, with counts.
func TestFolderShortFiles(t *testing.T) {
	dir := t.TempDir()
	for k := range 3 {
		save(t, dir, fmt.Sprintf("short%d.wav", k), 1000, ramp(50))
	}
	long := save(t, dir, "z.wav", 1000, ramp(500))
	c := Cut{Segment: 100, Context: 20}

	d, log := open(t, "kind: folder\nvalidation: 0\nroot: "+dir)
	if err := d.Cut(c); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "padded") || !strings.Contains(log.String(), "files=3 of=4 samples_needed=120") {
		t.Errorf("log: %s", log)
	}
	if d.Len() != 3+4 {
		t.Errorf("%d pieces, want 7", d.Len())
	}
	in, target, _ := fill(t, d, c, 0, 1)
	for k, v := range in[0] {
		if want := max(k-70, -1); place(v) != want {
			t.Fatalf("sample %d is %d, want %d", k, place(v), want)
		}
	}
	if !equal(target[0], in[0][20:]) {
		t.Error("the target is not the input's end")
	}

	d, log = open(t, "kind: folder\nvalidation: 0\nshort: skip\nroot: "+dir)
	if err := d.Cut(c); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "left out") || d.Len() != 4 {
		t.Errorf("%d pieces, log: %s", d.Len(), log)
	}
	if _, _, files := fill(t, d, c, 0, 0); files[0] != long {
		t.Errorf("piece 0 comes from %q", files)
	}
	wantError(t, d.Cut(Cut{Segment: 480, Context: 21}), "all 4 files", "501 samples (0.501 s; segment 480 and 21 before it", "shorter segment")
}

// The same excerpts at every seed, degraded, the target as it was; reading in
// parts gives the bits of reading at once.
func TestFolderExcerpts(t *testing.T) {
	dir := t.TempDir()
	for k := range 30 {
		save(t, dir, fmt.Sprintf("%d.wav", k), 1000, white(300+k, 0.1, k))
	}
	c := load(t, "kind: folder\nvalidation: 0.5\nexcerpts: 5\nexcerpt: 310\ndegrade: [{kind: noise, snr: [10, 10]}]\naugment: [{kind: gain, range: [20, 20]}]\nroot: "+dir)
	var first []string
	for _, seed := range []uint64{1, 2} {
		d, err := c.Open(Env{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		ex := d.Excerpts()
		if len(ex) != 5 {
			t.Fatalf("%d excerpts", len(ex))
		}
		for k, x := range ex {
			n := x.Frames()
			if file := d.(*folder).files.valid[k]; n != min(file.frames, 310) || !strings.HasSuffix(file.path, x.Name()) {
				t.Fatalf("%s has %d frames", x.Name(), n)
			}
			in, target := planes(nil, 1, n+7), planes(nil, 1, n+7)
			if err := x.Read(in, target, 0); err != nil {
				t.Fatal(err)
			}
			for _, other := range ex { // so that it must be made again
				if err := other.Read(planes(nil, 1, 1), planes(nil, 1, 1), 0); err != nil {
					t.Fatal(err)
				}
			}
			for at := 0; at < n+7; at += 50 {
				m := min(50, n+7-at)
				a, b := planes(nil, 1, m), planes(nil, 1, m)
				if err := x.Read(a, b, at); err != nil {
					t.Fatal(err)
				}
				if !equal(a[0], in[0][at:at+m]) || !equal(b[0], target[0][at:at+m]) {
					t.Fatalf("excerpt %d differs at %d", k, at)
				}
			}
			if in[0][n] != 0 || target[0][n+6] != 0 {
				t.Error("no zeros past the end")
			}
			if snr := ratio(in[0][:n], target[0][:n]); math.Abs(snr-10) > 1e-3 {
				t.Errorf("excerpt %d has an SNR of %v dB, want 10", k, snr)
			}
			sum := fmt.Sprint(x.Name(), in[0][:20], target[0][:20])
			if seed == 1 {
				first = append(first, sum)
			} else if first[k] != sum {
				t.Errorf("excerpt %d depends on the seed", k)
			}
		}
	}
}

// Mixed rates are one rate after resampling: a tone keeps its frequency.
func TestFolderResamples(t *testing.T) {
	dir := t.TempDir()
	tone := func(rate int) []float32 {
		x := make([]float32, rate)
		for k := range x {
			x[k] = float32(0.5 * math.Sin(2*math.Pi*100*float64(k)/float64(rate)))
		}
		return x
	}
	for _, rate := range []int{8000, 11025, 16000} {
		save(t, dir, fmt.Sprint(rate, ".wav"), rate, tone(rate))
	}
	c := Cut{Segment: 1000}
	for _, memory := range []int{0, 10} {
		d := openCut(t, fmt.Sprintf("kind: folder\nvalidation: 0\ncrop: grid\nrate: 16000\nmemory: %d\nroot: %s", memory, dir), c)
		want := tone(16000)
		if d.Rate() != 16000 || d.Len() != 48 {
			t.Fatalf("rate %d, %d pieces", d.Rate(), d.Len())
		}
		for i := range d.Len() {
			if i%16 == 0 || i%16 == 15 {
				continue // the edges of a file ring
			}
			_, y, files := fill(t, d, c, 0, i)
			for k, v := range y[0] {
				if diff := v - want[i%16*1000+k]; diff > 1e-3 || diff < -1e-3 {
					t.Fatalf("%s: sample %d is %v, want %v", files, i%16*1000+k, v, want[i%16*1000+k])
				}
			}
		}
	}
}

// Random crops begin anywhere in a file, the last place included.
func TestFolderCropsCoverTheFile(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, "a.wav", 1000, ramp(120))
	c := Cut{Segment: 90, Context: 20}
	d := openCut(t, "kind: folder\nvalidation: 0\nroot: "+dir, c)
	seen := map[int]bool{}
	for epoch := range 300 {
		in, _, _ := fill(t, d, c, epoch, 0)
		seen[place(in[0][0])] = true
	}
	for at := range 11 {
		if !seen[at] {
			t.Errorf("no crop begins at %d", at)
		}
	}
	if len(seen) != 11 {
		t.Errorf("crops begin at %v", seen)
	}
}
