package plots

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"
	"testing"
)

func matrix(frames, bins int, f func(i, k int) float64) [][]float32 {
	db := make([][]float32, frames)
	for i := range db {
		db[i] = make([]float32, bins)
		for k := range db[i] {
			db[i][k] = float32(f(i, k))
		}
	}
	return db
}

// run returns the first and last pixel of the longest unbroken run that is as wanted, among n.
func run(n int, as func(i int) bool) (first, last int) {
	first, last = -1, -2
	for i := 0; i < n; {
		k := i
		for k < n && as(k) {
			k++
		}
		if k-i > last-first+1 {
			first, last = i, k-1
		}
		i = max(k, i+1)
	}
	return first, last
}

// onScale says whether a pixel is dark, light or a blend of the ends of the magma scale: yellow,
// with less blue than the grey and white around the raster.
func onScale(c color.Color) bool {
	r, _, b, _ := c.RGBA()
	return near(c, magma[0]) || r > 0x0900 && 10*b < 9*r
}

// stripe finds the light stripe across a dark raster along n pixels: its middle and the first and
// last pixel of the raster.
func stripe(n int, at func(i int) color.Color) (middle float64, from, to int) {
	from, to = run(n, func(i int) bool { return onScale(at(i)) })
	var sum, weight float64
	for i := from; i <= to; i++ {
		r, _, _, _ := at(i).RGBA()
		if r > 0x8000 {
			sum, weight = sum+float64(i)*float64(r), weight+float64(r)
		}
	}
	return sum / weight, from, to
}

func TestToneIsAtItsFrequency(t *testing.T) {
	for _, c := range []struct{ frames, bins, tone, moment int }{
		{60, 33, 0, 0}, {60, 33, 32, 59}, {2500, 1025, 700, 1900}, {1201, 401, 100, 600}, {7, 3, 1, 3},
	} {
		// A tone and a click cross in one picture.
		f := Spectrogram{Title: "tone and click", Scale: Scale{SecondsPerFrame: 0.01, RateHz: 48000},
			DB: matrix(c.frames, c.bins, func(i, k int) float64 {
				if k == c.tone || i == c.moment {
					return 0
				}
				return -100
			})}.Figure()
		img := decode(t, f)
		// A column and a row away from the crossing. The colour bar begins at column 1640.
		x, y := 400, 200
		if c.moment < c.frames/2 {
			x = 1300
		}
		if c.tone > c.bins/2 {
			y = 480
		}
		tone, top, bottom := stripe(int(2*f.height), func(i int) color.Color { return img.At(x, i) })
		height := float64(bottom - top + 1)
		if want := float64(bottom) - height*(float64(c.tone)+0.5)/float64(c.bins); !(math.Abs(tone-want) <= 2.5) || height < 400 {
			t.Errorf("%d frames, %d bins: tone in row %g of %d to %d, want %g", c.frames, c.bins, tone, top, bottom, want)
		}
		click, left, right := stripe(1640, func(i int) color.Color { return img.At(i, y) })
		width := float64(right - left + 1)
		if want := float64(left) + width*(float64(c.moment)+0.5)/float64(c.frames); !(math.Abs(click-want) <= 2.5) || width < 1400 {
			t.Errorf("%d frames, %d bins: click in column %g of %d to %d, want %g", c.frames, c.bins, click, left, right, want)
		}
	}
}

func TestMaxHzCutsTheAxis(t *testing.T) {
	db := matrix(10, 513, func(_, k int) float64 { return -float64(k) / 10 })
	r := newRaster(db, 10, Scale{SecondsPerFrame: 1, RateHz: 48000, MaxHz: 8000}, greatest)
	binHz := 48000.0 / 1024
	if want := (math.Floor(8000/binHz) + 0.5) * binHz / 1000; math.Abs(r.kiloHz[1]-want) > 1e-12 {
		t.Errorf("the axis ends at %g kHz, want %g", r.kiloHz[1], want)
	}
	if got, want := len(r.cells[0]), int(8000/binHz)+1; got != want {
		t.Errorf("%d rows, want %d", got, want)
	}
}

func TestPooling(t *testing.T) {
	// One cell of each sign stands out of a matrix much larger than the paper.
	up, down := [2]int{1234, 789}, [2]int{4321, 17}
	db := matrix(5000, 1025, func(i, k int) float64 {
		switch [2]int{i, k} {
		case up:
			return 3
		case down:
			return -9
		}
		return 1
	})
	sc, _ := Scale{SecondsPerFrame: 1, RateHz: 2}.checked()
	for _, c := range []struct {
		choose pool
		want   map[float64]int
	}{{greatest, map[float64]int{3: 1}}, {farthest, map[float64]int{3: 1, -9: 1}}} {
		r := newRaster(db, len(db), sc, c.choose)
		got := map[float64]int{}
		for _, column := range r.cells {
			for _, v := range column {
				if v != 1 {
					got[v]++
				}
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("cells that stand out: %v, want %v", got, c.want)
		}
	}
}

func TestDifferencePanel(t *testing.T) {
	// The output is 20 dB above the target in the first half and 20 dB below in the second. Above
	// bin 40 both are inaudible, but differ by 100 dB.
	target := matrix(100, 65, func(_, k int) float64 {
		if k > 40 {
			return -300
		}
		return 0
	})
	output := matrix(100, 65, func(i, k int) float64 {
		switch {
		case k > 40:
			return -200
		case i < 50:
			return 20
		}
		return -20
	})
	f := Triptych{Title: "difference", Target: target, Output: output, Scale: Scale{SecondsPerFrame: 0.01, RateHz: 16000}}.Figure()
	img := decode(t, f)
	third := img.(interface {
		SubImage(image.Rectangle) image.Image
	}).SubImage(image.Rect(0, 950, 1800, 1400))
	columnOf := func(c color.NRGBA) (from, to int) {
		return run(1640, func(x int) bool {
			n := 0
			for y := third.Bounds().Min.Y; y < third.Bounds().Max.Y; y++ {
				if near(third.At(x, y), c) {
					n++
				}
			}
			return n > 150
		})
	}
	redFrom, redTo := columnOf(diverging[255])
	blueFrom, blueTo := columnOf(diverging[0])
	if redTo-redFrom < 700 || blueTo-blueFrom < 700 || redTo > blueFrom+2 {
		t.Errorf("red in columns %d to %d, blue in %d to %d; want two halves", redFrom, redTo, blueFrom, blueTo)
	}
	whiteFrom, whiteTo := columnOf(diverging[128])
	if whiteTo-whiteFrom > 1640 || count(img, diverging[128]) < 100_000 {
		t.Error("where both are below the floor, the difference is not white")
	}
	// 41 of 65 bins differ by 20 dB, the others by nothing.
	if want := fmt.Sprintf("mean absolute difference %.2f dB", 20*41/65.0); !strings.Contains(f.Alt(), want) {
		t.Errorf("%q lacks %q", f.Alt(), want)
	}
}

func TestOddSpectrograms(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	good := Scale{SecondsPerFrame: 0.01, RateHz: 48000}
	for _, c := range []struct {
		name  string
		db    [][]float32
		scale Scale
		note  string
	}{
		{"nothing", nil, good, "no data yet"},
		{"no bins", [][]float32{{}, {}}, good, "no data yet"},
		{"one cell", [][]float32{{-3}}, good, ""},
		{"silence", [][]float32{{-inf, -inf}}, good, "silence"},
		{"nan", [][]float32{{nan, 1}, {2, inf}}, good, "2 cells not a number"},
		{"all nan", [][]float32{{nan}}, good, "1 cell not a number"},
		{"absurd", [][]float32{{math.MaxFloat32, -math.MaxFloat32, 0}}, good, "1 cell not a number"},
		{"ragged", [][]float32{{1, 2, 3}, {1}, {}, {1, 2}}, good, ""},
		{"no scale", [][]float32{{1, 2}, {3, 4}}, Scale{}, "the axes count frames and bins"},
		{"bad scale", [][]float32{{1, 2}, {3, 4}}, Scale{math.NaN(), -1, math.Inf(1), math.NaN()}, "the axes count frames and bins"},
		{"tiny range", [][]float32{{1, 2}, {3, 4}}, Scale{0.01, 48000, 1e-3, 1e-200}, ""},
	} {
		other := [][]float32{{0, -10, -20}, {nan, -inf, 5}}
		for _, f := range []*Figure{
			Spectrogram{Title: c.name, DB: c.db, Scale: c.scale}.Figure(),
			Triptych{Title: c.name, Target: c.db, Output: other, Scale: c.scale, DifferenceDB: math.NaN()}.Figure(),
			Triptych{Title: c.name, Target: other, Output: c.db, Scale: c.scale}.Figure(),
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

// lightness is CIE L* of an sRGB colour.
func lightness(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		f := float64(v) / 255
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	y := 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
	if y <= 216.0/24389 {
		return y * 24389 / 27
	}
	return 116*math.Cbrt(y) - 16
}

func TestColorMapsAreEven(t *testing.T) {
	// Magma gains lightness everywhere, and by nearly equal steps above the darkest colours (there
	// L* is not the measure it was made even by, which is J' of CAM02-UCS).
	const step = 15
	total := lightness(magma[255]) - lightness(magma[step])
	for i := range 255 {
		if lightness(magma[i+1]) <= lightness(magma[i])-0.15 {
			t.Errorf("magma darkens from %d to %d", i, i+1)
		}
	}
	for i := step; i+step <= 255; i += step {
		if got, want := lightness(magma[i+step])-lightness(magma[i]), total*step/(255-step); math.Abs(got-want) > 0.3*want {
			t.Errorf("magma gains %.2f from %d to %d, want %.2f", got, i, i+step, want)
		}
	}
	// The diverging map is lightest in the middle and darkens alike to both sides.
	for i := range 127 {
		low, high := lightness(diverging[i]), lightness(diverging[255-i])
		if math.Abs(low-high) > 6 {
			t.Errorf("lightness %.1f at %d, %.1f at %d", low, i, high, 255-i)
		}
		if i > 0 && (low < lightness(diverging[i-1])-0.4 || high < lightness(diverging[256-i])-0.4) {
			t.Errorf("the diverging map darkens towards its middle at %d", i)
		}
	}
	if magma.at(math.NaN()) != noData || magma.at(-5) != magma[0] || magma.at(5) != magma[255] {
		t.Error("values off the scale have the wrong colours")
	}
}
