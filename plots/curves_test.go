package plots

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// The axes of a chart lie between these columns of its PNG, whatever its labels.
const leftColumn, rightColumn = 160, 1740

func TestCurveIsWhereItsDataSays(t *testing.T) {
	x, y := ramp(500, func(i int) float64 { return math.Pow(10, -float64(i)/100) })
	for _, isLog := range []bool{true, false} {
		img := decode(t, Curves{Title: "decay", Log: isLog, Series: []Series{{Name: "loss", X: x, Y: y}}}.Figure())
		left, middle, right := rowIn(img, leftColumn, palette[0]), rowIn(img, (leftColumn+rightColumn)/2, palette[0]), rowIn(img, rightColumn, palette[0])
		if !(left < middle && middle < right) {
			t.Fatalf("log %v: rows %g, %g, %g do not fall", isLog, left, middle, right)
		}
		// An exponential decay is a straight line on a log axis and only there.
		if bend := middle - (left+right)/2; isLog != (math.Abs(bend) < 3) {
			t.Errorf("log %v: the line bends by %g pixels", isLog, bend)
		}
	}
}

func TestGapsStayGaps(t *testing.T) {
	x, y := ramp(1000, func(i int) float64 {
		if i >= 400 && i < 600 {
			return math.NaN()
		}
		return 2 + math.Sin(float64(i)/30)
	})
	f := Curves{Title: "gap", Series: []Series{{Name: "loss", X: x, Y: y}}}.Figure()
	img := decode(t, f)
	width := rightColumn - leftColumn
	for _, c := range []struct {
		at   float64
		line bool
	}{{0.2, true}, {0.45, false}, {0.5, false}, {0.55, false}, {0.8, true}} {
		row := rowIn(img, leftColumn+int(c.at*float64(width)), palette[0])
		if math.IsNaN(row) == c.line {
			t.Errorf("at %g of the width: row %g, want a line: %v", c.at, row, c.line)
		}
	}
	if _, text := svgText(t, f); !strings.Contains(text, "loss: 200 values not finite, the first at 400") {
		t.Errorf("no note about the gap in %q", text)
	}
}

func TestSmoothingAndLevels(t *testing.T) {
	x, y := ramp(2000, func(i int) float64 { return 1 + float64(i%2) })
	img := decode(t, Curves{Title: "smooth", Series: []Series{{Name: "loss", X: x, Y: y, Smooth: 50}}, Levels: []Level{{"clip", 3}}}.Figure())
	if n := count(img, pale(palette[0])); n < 20000 {
		t.Errorf("%d pale pixels, want the band of the raw values", n)
	}
	// The average of 1 and 2 runs through the middle of the band. The level 3 is above it.
	column := (leftColumn + rightColumn) / 2
	var band []int
	for row := 110; row < 700; row++ {
		if c := img.At(column, row); near(c, pale(palette[0])) || near(c, palette[0]) {
			band = append(band, row)
		}
	}
	if len(band) == 0 {
		t.Fatal("no band of raw values")
	}
	top, bottom := band[0], band[len(band)-1]
	if got, want := rowIn(img, column, palette[0]), float64(top+bottom)/2; math.Abs(got-want) > 4 {
		t.Errorf("the average is at row %g, want %g", got, want)
	}
	levelRow := math.NaN()
	for dx := range 12 { // dots: not every column has one
		if row := rowIn(img, column+dx, inkSoft); row < float64(top) {
			levelRow = row
		}
	}
	if want := float64(top - (bottom - top)); !(math.Abs(levelRow-want) <= 3) {
		t.Errorf("the level is at row %g, want %g", levelRow, want)
	}
}

func TestLongSeries(t *testing.T) {
	const n = 100_000
	for _, c := range []struct {
		name   string
		smooth int
		bytes  int
	}{{"raw", 0, 140_000}, {"smoothed", 500, 160_000}} {
		x, y := ramp(n, func(i int) float64 { return 1 + 0.2*math.Sin(float64(i)*float64(i)) })
		y[n/2] = 10 // one step in a hundred thousand
		f := Curves{Title: c.name, Series: []Series{{Name: "loss", X: x, Y: y, Smooth: c.smooth}}}.Figure()
		svg, _ := svgText(t, f)
		if len(svg) > c.bytes {
			t.Errorf("%s: SVG of %d bytes, want at most %d", c.name, len(svg), c.bytes)
		}
		img := decode(t, f)
		col := palette[0]
		if c.smooth > 0 {
			col = pale(col)
		}
		topRow, topColumn := math.Inf(1), 0
		for x := leftColumn; x < rightColumn; x++ {
			for y := 110; y < 700; y++ {
				if near(img.At(x, y), col) && float64(y) < topRow {
					topRow, topColumn = float64(y), x
				}
			}
		}
		if topRow > 200 || topColumn < 880 || topColumn > 980 {
			t.Errorf("%s: the spike is at row %g, column %d; want the top of the middle", c.name, topRow, topColumn)
		}
	}
}

func TestCutKeepsExtremes(t *testing.T) {
	for _, n := range []int{0, 1, 2, columns, 2 * columns, 2*columns + 1, 4999, 31337} {
		x, y := ramp(n, func(i int) float64 { return math.Sin(float64(i) * 1.7) })
		p := newPoints(x, y)
		if n > 3 {
			p.cut(0, float64(n-1))
		}
		if len(p.y) > 4*(columns+1) || (n > 2*columns && len(p.y) >= n) && n > 4*columns {
			t.Errorf("n=%d: %d points left", n, len(p.y))
		}
		want, got := emptySpan(), emptySpan()
		for _, v := range y {
			want.add(v)
		}
		for i, v := range p.y {
			got.add(v)
			if y[int(p.x[i])] != v {
				t.Fatalf("n=%d: point %g has y %g, want %g", n, p.x[i], v, y[int(p.x[i])])
			}
			if i > 0 && p.x[i] <= p.x[i-1] {
				t.Fatalf("n=%d: points out of order at %d", n, i)
			}
		}
		if got != want {
			t.Errorf("n=%d: range %v, want %v", n, got, want)
		}
		if n > 0 && (p.x[0] != 0 || p.x[len(p.x)-1] != float64(n-1)) {
			t.Errorf("n=%d: from %g to %g", n, p.x[0], p.x[len(p.x)-1])
		}
	}
}

func TestPointsAreSortedAndPaired(t *testing.T) {
	p := newPoints([]float64{3, 1, math.NaN(), 2, 1, 9}, []float64{30, 10, 0, 20, 11})
	if got, want := fmt.Sprint(p.x, p.y), "[1 1 2 3] [10 11 20 30]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestSmoothed compares the moving average with its definition: weights (1-1/n)^age over their sum.
func TestSmoothed(t *testing.T) {
	for _, n := range []int{2, 3, 10, 1000} {
		x, y := ramp(57, func(i int) float64 { return math.Cos(float64(i * i)) })
		y[20] = math.NaN()
		got := newPoints(x, y).smoothed(n)
		for i := range y {
			var sum, weights float64
			age := 0
			for k := i; k >= 0; k-- {
				if math.IsNaN(y[k]) {
					continue
				}
				w := math.Pow(1-1/float64(n), float64(age))
				sum, weights = sum+w*y[k], weights+w
				age++
			}
			want := sum / weights
			if math.IsNaN(y[i]) {
				want = math.NaN()
			}
			if math.Abs(got.y[i]-want) > 1e-12 || math.IsNaN(got.y[i]) != math.IsNaN(want) {
				t.Fatalf("n=%d, point %d: %g, want %g", n, i, got.y[i], want)
			}
		}
	}
}

// TestOddCurves draws what a run can produce when it goes wrong.
func TestOddCurves(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name string
		y    []float64
		note string // on the log axis
	}{
		{"nothing", nil, "no data yet"},
		{"one", []float64{3}, ""},
		{"one-zero", []float64{0}, "no value is above zero"},
		{"constant", []float64{2, 2, 2}, ""},
		{"constant-zero", []float64{0, 0}, "no value is above zero"},
		{"some-zero", []float64{1, 0, 2}, "1 value at zero not drawn"},
		{"negative", []float64{-3, 2, 5}, "has negative values"},
		{"all-nan", []float64{nan, nan}, "2 values not finite"},
		{"diverged", []float64{1, 5, 1e30, inf, nan}, "2 values not finite, the first at 3"},
		{"negative-infinity", []float64{1, -inf}, "1 value not finite"},
		{"largest", []float64{math.MaxFloat64, 1}, "1 value not finite"},
		{"wide", []float64{1e150, 1e-149}, ""},
		{"wide-negative", []float64{1e150, -1e150}, "has negative values"},
		{"denormal", []float64{5e-324, 1}, "1 value at zero"},
		{"neighbours", []float64{1, math.Nextafter(1, 2)}, ""},
		{"large-neighbours", []float64{1e15, 1e15 + 1}, ""},
	} {
		for _, isLog := range []bool{true, false} {
			for _, smooth := range []int{0, 3} {
				x, _ := ramp(len(c.y), func(int) float64 { return 0 })
				f := Curves{Title: c.name, Log: isLog, Series: []Series{{Name: "loss", X: x, Y: c.y, Smooth: smooth}},
					Levels: []Level{{"nan", nan}, {"zero", 0}}}.Figure()
				svg, text := svgText(t, f)
				if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
					t.Errorf("%s, log %v: a place in the SVG is not a number", c.name, isLog)
				}
				if isLog && !strings.Contains(text, c.note) {
					t.Errorf("%s: no note %q in %q", c.name, c.note, text)
				}
			}
		}
	}
	decode(t, Curves{}.Figure())
	if alt := (Curves{Title: "x"}).Figure().Alt(); !strings.Contains(alt, "no data yet") {
		t.Errorf("alt text of an empty chart: %q", alt)
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		log    bool
		lo, hi float64
		want   string
	}{
		{false, 0, 1, "0 0.2 0.4 0.6 0.8 1.0"},
		{false, -0.04, 0.045, "-0.04 -0.02 0 0.02 0.04"},
		{false, 0, 100_000, "0 20k 40k 60k 80k 100k"},
		{false, 0, 3e6, "0 0.5M 1.0M 1.5M 2.0M 2.5M 3.0M"},
		{false, 0, 3e-4, "0 5e-5 1.0e-4 1.5e-4 2.0e-4 2.5e-4 3.0e-4"},
		{false, 0, 2.5e10, "0 5e9 1.0e10 1.5e10 2.0e10 2.5e10"},
		{true, 0.01, 100, "0.01 0.1 1 10 100"},
		{true, 0.5, 20, "0.5 1 2 5 10 20"},
		{true, 1, 2, "1.0 1.2 1.4 1.6 1.8 2.0"},
		{true, 1e-10, 1, "1e-10 1e-8 1e-6 1e-4 0.01 1"},
		{true, 1e-4, 1, "1e-4 0.001 0.01 0.1 1"},
	} {
		ticks := linearTicks{6}.Ticks(c.lo, c.hi)
		if c.log {
			ticks = logTicks{}.Ticks(c.lo, c.hi)
		}
		var labels []string
		for _, tick := range ticks {
			if !tick.IsMinor() {
				labels = append(labels, tick.Label)
			}
			if tick.Value < c.lo-1e-9*(c.hi-c.lo) || tick.Value > c.hi+1e-9*(c.hi-c.lo) {
				t.Errorf("%g to %g: a tick at %g", c.lo, c.hi, tick.Value)
			}
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("%g to %g, log %v: %s, want %s", c.lo, c.hi, c.log, got, c.want)
		}
	}
}
