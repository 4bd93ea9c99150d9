package plots

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// decode draws f as PNG, checks its width and returns the picture.
func decode(t *testing.T, f *Figure) image.Image {
	t.Helper()
	var b bytes.Buffer
	if err := f.WritePNG(&b); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := img.Bounds().Size(), image.Pt(1800, int(2*f.height)); got != want {
		t.Fatalf("%s: picture of %v pixels, want %v", f.Title(), got, want)
	}
	return img
}

// svgText draws f as SVG, checks that it is well-formed XML and returns it and the text on it.
func svgText(t *testing.T, f *Figure) (svg, text string) {
	t.Helper()
	var b bytes.Buffer
	if err := f.WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	svg = b.String()
	var words strings.Builder
	for d := xml.NewDecoder(&b); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return svg, words.String()
		}
		if err != nil {
			t.Fatalf("%s: the SVG is not XML: %v", f.Title(), err)
		}
		if chars, ok := token.(xml.CharData); ok {
			words.Write(bytes.TrimSpace(chars))
			words.WriteByte('\n')
		}
	}
}

// near says whether a pixel has the colour c, but for the rounding of its edge.
func near(p color.Color, c color.NRGBA) bool {
	r, g, b, _ := p.RGBA()
	diff := func(a uint32, b uint8) float64 { return math.Abs(float64(a>>8) - float64(b)) }
	return diff(r, c.R) < 12 && diff(g, c.G) < 12 && diff(b, c.B) < 12
}

// rowIn returns the mean row of the pixels of colour c in one column below the legend, NaN where
// there is none.
func rowIn(img image.Image, x int, c color.NRGBA) float64 {
	sum, n := 0, 0
	for y := 110; y < img.Bounds().Dy(); y++ {
		if near(img.At(x, y), c) {
			sum, n = sum+y, n+1
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return float64(sum) / float64(n)
}

func count(img image.Image, c color.NRGBA) int {
	n := 0
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if near(img.At(x, y), c) {
				n++
			}
		}
	}
	return n
}

func ramp(n int, f func(i int) float64) (x, y []float64) {
	x, y = make([]float64, n), make([]float64, n)
	for i := range x {
		x[i], y[i] = float64(i), f(i)
	}
	return x, y
}

// samples is a tone with a decaying level.
func samples(n int, level float64) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = float32(level * math.Exp(-float64(i)/float64(n)) * math.Sin(float64(i)*0.1))
	}
	return s
}

// everyChart holds one figure of each kind.
func everyChart() []*Figure {
	x, y := ramp(300, func(i int) float64 { return 1 / float64(i+1) })
	db := matrix(40, 33, func(i, k int) float64 { return float64(-i - k) })
	scale := Scale{SecondsPerFrame: 0.01, RateHz: 16000}
	return []*Figure{
		Curves{Title: "curves", YLabel: "loss", Log: true, Series: []Series{{Name: "a", X: x, Y: y, Smooth: 20}}, Levels: []Level{{"clip", 0.1}}}.Figure(),
		Spectrogram{Title: "spectrogram", DB: db, Scale: scale}.Figure(),
		Triptych{Title: "triptych", Target: db, Output: db, Scale: scale}.Figure(),
		Overlay{Title: "overlay", Target: samples(900, 1), Output: samples(900, 0.9), RateHz: 8000}.Figure(),
		Envelope{Title: "envelope", Target: samples(5000, 1), Output: samples(5000, 0.9), RateHz: 8000}.Figure(),
		Bars{Title: "bars", XLabel: "ESR", Names: []string{"a.wav", "b.wav"}, Values: []float64{1, 2}}.Figure(),
		Histogram{Title: "histogram", XLabel: "ESR", Values: y}.Figure(),
	}
}

func TestSameInputSameBytes(t *testing.T) {
	first, second := everyChart(), everyChart()
	for i, f := range first {
		var want, wantSVG bytes.Buffer
		if err := errors.Join(f.WritePNG(&want), f.WriteSVG(&wantSVG)); err != nil {
			t.Fatal(err)
		}
		// The same figure again, one made anew, and both at once.
		var wg sync.WaitGroup
		for _, g := range []*Figure{f, second[i]} {
			wg.Go(func() {
				var got, gotSVG bytes.Buffer
				if err := errors.Join(g.WritePNG(&got), g.WriteSVG(&gotSVG)); err != nil {
					t.Error(err)
				}
				if !bytes.Equal(got.Bytes(), want.Bytes()) || !bytes.Equal(gotSVG.Bytes(), wantSVG.Bytes()) {
					t.Errorf("%s: not the same bytes", g.Title())
				}
			})
		}
		wg.Wait()
	}
}

func TestSVGNamesAFallbackFont(t *testing.T) {
	for _, f := range everyChart() {
		svg, _ := svgText(t, f)
		if n, all := strings.Count(svg, "Liberation Sans,Arial,Helvetica,sans-serif;"), strings.Count(svg, "<text"); n != all || n == 0 {
			t.Errorf("%s: %d of %d texts have a fallback font", f.Title(), n, all)
		}
		if strings.Contains(svg, "image/jpg") {
			t.Errorf("%s: a PNG is called JPEG", f.Title())
		}
	}
}

func TestSave(t *testing.T) {
	dir := t.TempDir()
	f := everyChart()[0]
	for range 2 { // the second replaces the first
		if err := f.Save(filepath.Join(dir, "loss")); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 2 || entries[0].Name() != "loss.png" || entries[1].Name() != "loss.svg" {
		t.Errorf("the folder holds %v, want loss.png and loss.svg", entries)
	}
	if info, err := os.Stat(filepath.Join(dir, "loss.png")); err != nil || info.Mode().Perm()&0o044 != 0o044 {
		t.Errorf("others cannot read the picture: %v, %v", info.Mode(), err)
	}
	missing := filepath.Join(dir, "no", "loss")
	if err := f.Save(missing); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), missing) {
		t.Errorf("a missing folder gives %v, want an error that names %s", err, missing)
	}
}

func TestFailedSaveKeepsTheOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := writeFile(path, func(w io.Writer) error {
		if _, err := io.WriteString(w, "half of the n"); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "old" {
		t.Errorf("the file now holds %q (%v)", got, err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

// TestNamesFromOutside draws names that hold markup, control bytes and broken UTF-8.
func TestNamesFromOutside(t *testing.T) {
	name := "<script>&\"'\x00\x1b\n\xff\u2028 " + strings.Repeat("long ", 100)
	x, y := ramp(5, func(i int) float64 { return float64(i) })
	for _, f := range []*Figure{
		Curves{Title: name, XLabel: "x", YLabel: "y", Series: []Series{{Name: name, X: x, Y: y}, {Name: name, X: x, Y: y}}}.Figure(),
		Bars{Title: name, Names: []string{name}, Values: []float64{1}}.Figure(),
		Spectrogram{Title: name}.Figure(),
	} {
		_, text := svgText(t, f)
		if !strings.Contains(text, `<script>&"'`) {
			t.Errorf("the name is not in the picture's text: %q", text)
		}
		if strings.Contains(text, strings.Repeat("long ", 20)) {
			t.Error("the name was not shortened")
		}
	}
}
