package datasets

import (
	"fmt"
	"testing"
)

// Before an excerpt stands what the file has there, before the file silence,
// behind the excerpt silence.
func TestExcerptBeyondItsEnds(t *testing.T) {
	dir := t.TempDir()
	x := ramp(100)
	save(t, dir, "a.wav", 8000, x)
	for _, name := range []string{"b", "c", "d", "e", "f"} {
		save(t, dir, name+".wav", 8000, x)
	}
	for _, c := range []struct {
		what, yaml string
		from, to   int // of the excerpt in the file
	}{
		{"pair", fmt.Sprintf("kind: pair\ninput: %[1]s/a.wav\ntarget: %[1]s/a.wav\nvalidation: {start: 40, stop: 70}\nholdout: 0", dir), 40, 70},
		{"folder", fmt.Sprintf("kind: folder\nroot: %s\nvalidation: 0.5\nexcerpt: 30", dir), 0, 30},
	} {
		d, _ := open(t, c.yaml)
		for _, e := range d.Excerpts() {
			for _, at := range []int{-200, -60, -50, -41, -40, -13, -1, 0, 3, 29, 30, 50} {
				for _, n := range []int{1, 7, 120} {
					in, target := planes(nil, 1, n), planes(nil, 1, n)
					for i := range n {
						in[0][i], target[0][i] = 9, 9
					}
					if err := e.Read(in, target, at); err != nil {
						t.Fatal(err)
					}
					for i := range n {
						want := float32(0)
						if k := c.from + at + i; k >= 0 && k < c.to {
							want = x[k]
						}
						if in[0][i] != want || target[0][i] != want {
							t.Fatalf("%s: sample %d read from %d on is %v and %v, want %v", c.what, i, at, in[0][i], target[0][i], want)
						}
					}
				}
			}
		}
		if len(d.Excerpts()) == 0 {
			t.Errorf("%s: no excerpt", c.what)
		}
	}
}
