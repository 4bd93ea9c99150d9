package plots

import (
	"fmt"
	"image/color"
	"math"
	"strings"
	"testing"
)

func TestLoudestWindow(t *testing.T) {
	for _, n := range []int{1, 2, 7, 64, 997} {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(math.Sin(float64(i*i) * 0.37))
		}
		for _, length := range []int{1, 2, 5, n / 2, n - 1, n, n + 1} {
			if length < 1 {
				continue
			}
			energy := func(start int) (sum float64) {
				for _, v := range x[start : start+length] {
					sum += float64(v) * float64(v)
				}
				return sum
			}
			got := loudestWindow(x, length)
			if length >= n {
				if got != 0 {
					t.Errorf("n=%d, length %d: starts at %d", n, length, got)
				}
				continue
			}
			for start := 0; start+length <= n; start++ {
				if energy(start) > energy(got)*(1+1e-6)+1e-9 {
					t.Fatalf("n=%d, length %d: %d is louder than %d", n, length, start, got)
				}
			}
		}
	}
}

func TestOverlay(t *testing.T) {
	target := samples(48000, 0.8)
	output := make([]float32, len(target))
	for i, v := range target {
		output[i] = 0.9 * v
	}
	f := Overlay{Title: "window", Target: target, Output: output, RateHz: 48000, Start: 4800, Length: 480}.Figure()
	// output = 0.9 target, so the residual has a hundredth of the energy.
	if !strings.Contains(f.Alt(), "10 ms from 0.100 s; error-to-signal ratio 0.01.") {
		t.Errorf("alt text %q", f.Alt())
	}
	_, text := svgText(t, f)
	for _, want := range []string{"time (ms from 0.100 s)", "amplitude", "target", "output", "residual", "ratio of this window 0.01"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %q", want, text)
		}
	}
	img := decode(t, f)
	if a, b, c := count(img, targetColor), count(img, outputColor), count(img, residualColor); a < 2000 || b < 2000 || c < 2000 {
		t.Errorf("%d, %d, %d pixels of target, output, residual", a, b, c)
	}
	// Every 20 ms that is chosen by default starts with the loudest part, here the beginning.
	if _, text := svgText(t, Overlay{Target: target, Output: output, RateHz: 48000}.Figure()); !strings.Contains(text, "time (ms from 0.0") {
		t.Errorf("the default window is not at the start: %q", text)
	}
}

func TestLevelsOfBlocks(t *testing.T) {
	for _, n := range []int{1, 2, columns - 1, columns, columns + 1, 5003, 100_003} {
		x := samples(n, 1)
		l := newLevels(x, 1000, float64(n)/1000, targetColor)
		if len(l.mean) > columns {
			t.Errorf("n=%d: %d blocks", n, len(l.mean))
		}
		block := int(math.Round(l.seconds * 1000))
		if block*len(l.mean) < n || block*(len(l.mean)-1) >= n {
			t.Errorf("n=%d: %d blocks of %d", n, len(l.mean), block)
		}
		for i := range l.mean {
			part := x[i*block : min((i+1)*block, n)]
			s, sum := emptySpan(), 0.0
			for _, v := range part {
				s.add(float64(v))
				sum += float64(v) * float64(v)
			}
			if rms := math.Sqrt(sum / float64(len(part))); l.low[i] != s.lo || l.high[i] != s.hi || math.Abs(l.mean[i]-rms) > 1e-12 {
				t.Fatalf("n=%d, block %d: %g %g %g, want %g %g %g", n, i, l.low[i], l.high[i], l.mean[i], s.lo, s.hi, rms)
			}
		}
	}
}

func TestEnvelopeShowsTheLevel(t *testing.T) {
	// Loud, silent, loud: the pale and dark band is wide, then a hairline, then wide.
	x := samples(90_000, 1)
	clear(x[30_000:60_000])
	f := Envelope{Title: "levels", Target: x, Output: x, RateHz: 48000}.Figure()
	img := decode(t, f)
	thick := func(at float64, colors ...color.NRGBA) (n int) {
		column := leftColumn + int(at*float64(rightColumn-leftColumn))
		for y := 60; y < 330; y++ { // the first panel
			for _, c := range colors {
				if near(img.At(column, y), c) {
					n++
				}
			}
		}
		return n
	}
	loud, silent, later := thick(0.1, targetColor, pale(targetColor)), thick(0.5, targetColor, pale(targetColor)), thick(0.9, targetColor, pale(targetColor))
	if silent > 6 || later < 40 || loud < later*3/2 {
		t.Errorf("%d, %d, %d pixels thick", loud, silent, later)
	}
	// The RMS of a sine is 0.71 of its peak.
	if part := float64(thick(0.1, targetColor)) / float64(loud); math.Abs(part-math.Sqrt2/2) > 0.06 {
		t.Errorf("the RMS takes %.2f of the band", part)
	}
	if svg, _ := svgText(t, f); len(svg) > 250_000 {
		t.Errorf("SVG of %d bytes", len(svg))
	}
	if n := count(img, residualColor); n > 5000 {
		t.Errorf("%d pixels of a residual that is zero", n)
	}
}

func TestOddWaveforms(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		name           string
		target, output []float32
		rate           float64
		start, length  int
		note           string
	}{
		{"nothing", nil, nil, 48000, 0, 0, "no samples to show"},
		{"no output", samples(10, 1), nil, 48000, 0, 0, "no samples to show"},
		{"one", []float32{1}, []float32{0.5}, 48000, 0, 0, ""},
		{"silence", make([]float32, 5000), make([]float32, 5000), 48000, 0, 0, ""},
		{"nan", []float32{nan, inf, 1}, []float32{1, 1, -inf}, 48000, 0, 3, "3 samples not finite"},
		{"no rate", samples(9, 1), samples(9, 1), 0, 0, 0, "no sampling rate"},
		{"absurd rate", samples(9, 1), samples(9, 1), 1e149, 0, 0, ""},
		{"beyond", samples(9, 1), samples(9, 1), 8000, 100, 100, ""},
		{"before", samples(9, 1), samples(9, 1), 8000, -5, 1 << 40, ""},
		{"unequal", samples(9000, 1), samples(100, 1), 8000, 0, 0, ""},
		{"largest", []float32{math.MaxFloat32, 0}, []float32{-math.MaxFloat32, 0}, 8000, 0, 2, ""},
	} {
		for _, f := range []*Figure{
			Overlay{c.name, c.target, c.output, c.rate, c.start, c.length}.Figure(),
			Envelope{c.name, c.target, c.output, c.rate}.Figure(),
		} {
			svg, text := svgText(t, f)
			if !strings.Contains(text, c.note) {
				t.Errorf("%s: no note %q in %q", c.name, c.note, text)
			}
			if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
				t.Errorf("%s: a place in the SVG is not a number", c.name)
			}
		}
	}
}

func TestBars(t *testing.T) {
	f := Bars{Title: "ESR", XLabel: "ratio", Names: []string{"a", "b", "c", "d"}, Values: []float64{1, 2, 4, math.NaN()}}.Figure()
	img := decode(t, f)
	var lengths []int
	inBar := false
	for y := range img.Bounds().Dy() {
		from, to := run(1800, func(x int) bool { return near(img.At(x, y), palette[0]) })
		if long := to - from + 1; long > 50 && !inBar {
			lengths = append(lengths, long)
			inBar = true
		} else if long <= 50 {
			inBar = false
		}
	}
	if len(lengths) != 3 {
		t.Fatalf("bars of %v pixels, want three", lengths)
	}
	for i, want := range []float64{1, 2, 4} {
		if got := float64(lengths[i]) / float64(lengths[0]); math.Abs(got-want) > 0.02*want {
			t.Errorf("bar %d is %.2f times the first, want %g", i, got, want)
		}
	}
	if _, text := svgText(t, f); !strings.Contains(text, "1 value not finite") {
		t.Errorf("no note in %q", text)
	}
	many := Bars{Title: "many", Names: make([]string, 1000), Values: make([]float64, 1000)}.Figure()
	if _, text := svgText(t, many); !strings.Contains(text, "the first 40 of 1000") {
		t.Errorf("no note in %q", text)
	}
	for _, values := range [][]float64{nil, {0}, {-1, -2}, {-1, 3}, {math.Inf(1)}, {1e150, -1e150}} {
		svg, _ := svgText(t, Bars{Names: make([]string, len(values)), Values: values}.Figure())
		if strings.Contains(svg, `"NaN`) || strings.Contains(svg, ",NaN") {
			t.Errorf("%v: a place in the SVG is not a number", values)
		}
	}
}

func TestHistogram(t *testing.T) {
	// Ten values near 0, thirty near 1, one at either end to fix the range.
	values := []float64{0, 1}
	for range 9 {
		values = append(values, 0.05)
	}
	for range 29 {
		values = append(values, 0.95)
	}
	img := decode(t, Histogram{Title: "histogram", XLabel: "x", Values: values, Bins: 10}.Figure())
	height := func(column int) int {
		from, to := run(img.Bounds().Dy(), func(y int) bool { return near(img.At(column, y), palette[0]) })
		return to - from + 1
	}
	low, middle, high := height(leftColumn+10), height(950), height(rightColumn-10)
	if middle != 0 || math.Abs(float64(high)/float64(low)-3) > 0.1 {
		t.Errorf("bars of %d, %d, %d pixels; want 1 : 0 : 3", low, middle, high)
	}
	for _, values := range [][]float64{nil, {1}, {1, 1}, {math.NaN()}, {1e150, -1e150}, {0, math.Inf(1)}} {
		for _, bins := range []int{-1, 0, 1, 1 << 40} {
			svg, _ := svgText(t, Histogram{Title: fmt.Sprint(values), Values: values, Bins: bins}.Figure())
			if strings.Contains(svg, ",NaN") || strings.Contains(svg, ",+Inf") {
				t.Errorf("%v in %d bins: a place in the SVG is not a number", values, bins)
			}
		}
	}
}
