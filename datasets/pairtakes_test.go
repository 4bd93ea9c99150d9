package datasets

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"partials/internal/config"
)

// takes writes a ramp, and two targets of it, late by delays, as YAML of pairs.
func takes(t *testing.T, delays [2]int, more [2]string) string {
	yaml := "pairs:\n"
	for i, d := range delays {
		in, target := pairFiles(t, 1000, d)
		yaml += fmt.Sprintf("  - {input: %s, target: %s, delay: %d%s}\n", in, target, d, more[i])
	}
	return yaml
}

// Every pair has a delay, ranges and settings of its own; the settings stand
// behind the audio of each example and excerpt, context and all.
func TestPairsHaveSettingsOfTheirOwn(t *testing.T) {
	c := Cut{Segment: 50, Context: 13}
	d := openCut(t, takes(t, [2]int{7, -5}, [2]string{
		", controls: {tone: 0.25, gain: 1}", ", controls: {gain: 0.5, tone: 0}, validation: {start: 900}",
	})+"crop: grid\nholdout: 0.25", c)
	if got := fmt.Sprint(Controls(d)); got != "[gain tone]" {
		t.Fatalf("controls %s", got)
	}
	settings := [2][2]float32{{1, 0.25}, {0.5, 0}}
	if got, want := d.Len(), (744-13)/50+(895-13)/50; got != want { // 993 and 995 samples, the first fourth set aside
		t.Errorf("%d windows, want %d", got, want)
	}
	for i := range d.Len() {
		x, y := make([]float32, 3*63), make([]float32, 50)
		files, err := d.Fill(0, i, x, y)
		if err != nil {
			t.Fatal(err)
		}
		k := 0
		if files[0] == d.(*pair).takes[1].files[0] {
			k = 1
		}
		for j, want := range settings[k] {
			for _, v := range x[(1+j)*63 : (2+j)*63] {
				if v != want {
					t.Fatalf("example %d: a knob stands at %v, want %v", i, v, want)
				}
			}
		}
		for s := range y {
			if place(-y[s]) != place(x[13+s]) {
				t.Fatalf("example %d: target %d beside input %d", i, place(-y[s]), place(x[13+s]))
			}
		}
	}
	for k, e := range d.Excerpts() {
		in, target := [][]float32{make([]float32, 300), make([]float32, 300), make([]float32, 300)}, [][]float32{make([]float32, 300)}
		if err := e.Read(in, target, -10); err != nil { // past both ends
			t.Fatal(err)
		}
		for s := range 300 {
			if in[1][s] != settings[k][0] || in[2][s] != settings[k][1] {
				t.Fatalf("excerpt %d: the knobs stand at %v and %v", k, in[1][s], in[2][s])
			}
			if s < e.Frames() && place(-target[0][s]) != place(in[0][s]) {
				t.Fatalf("excerpt %d: target %d beside input %d", k, place(-target[0][s]), place(in[0][s]))
			}
		}
	}
}

func TestPairsAreChecked(t *testing.T) {
	two := func(a, b string) string { return takes(t, [2]int{}, [2]string{a, b}) }
	for _, c := range []struct{ yaml, want string }{
		{two(", controls: {gain: 0}", ""), "pairs[1].controls names none, and pairs[0].controls gain"},
		{two(", controls: {gain: 0}", ", controls: {gain: 1.5}"), "pairs[1].controls.gain is 1.5"},
		{two("", "") + "input: [a.wav]", "left out where pairs are given"},
		{"pairs: [{input: a.wav}]", "pairs[0].target"},
		{two("", ", validation: {start: 2s}"), "outside"},
		{two("", "") + "target_level: 3", "target_level is 3"},
	} {
		r := recipe{Data: config.Of(Kinds, "pair")}
		err := config.Load(&r, "test.yaml", []byte("data:\n  "+strings.ReplaceAll(c.yaml, "\n", "\n  ")), nil)
		if err == nil {
			_, err = r.Data.Value.Open(Env{})
		}
		wantError(t, err, c.want)
	}
}

// The targets of all pairs get one factor, which brings what is trained on to the
// level.
func TestTargetLevel(t *testing.T) {
	yaml := takes(t, [2]int{0, 0}, [2]string{})
	yaml += "crop: grid\nholdout: 0.5\n"
	c := Cut{Segment: 100}
	plain, scaled := openCut(t, yaml, c), openCut(t, yaml+"target_level: -18", c)
	squares, n := 0.0, 0
	for i := range scaled.Len() {
		_, before, _ := fill(t, plain, c, 0, i)
		_, after, _ := fill(t, scaled, c, 0, i)
		for k, v := range after[0] {
			squares += float64(v) * float64(v)
			n++
			if want := before[0][k] * float32(TargetGain(scaled)); v != want {
				t.Fatalf("a sample of %v becomes %v, want %v", before[0][k], v, want)
			}
		}
	}
	if got := 10 * math.Log10(squares/float64(n)); math.Abs(got+18) > 1e-4 {
		t.Errorf("the targets are at %v dBFS, not -18", got)
	}
	x, y, z := [][]float32{make([]float32, 9)}, [][]float32{make([]float32, 9)}, [][]float32{make([]float32, 9)}
	if err := plain.Excerpts()[0].Read(x, y, 5); err != nil {
		t.Fatal(err)
	}
	if err := scaled.Excerpts()[0].Read(x, z, 5); err != nil {
		t.Fatal(err)
	}
	if want := y[0][3] * float32(TargetGain(scaled)); z[0][3] != want || TargetGain(plain) != 1 {
		t.Errorf("an excerpt's sample is %v, want %v", z[0][3], want)
	}
}
