package plots

import (
	"bytes"
	"fmt"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// pngDPI gives two pixels for each point (1/72 inch), sharp on a dense screen.
const pngDPI = 144

// figureWidth is the width of every figure in points.
const figureWidth vg.Length = 900

// Figure is a finished picture that can be written any number of times. It keeps no
// reference to the data that it was made of.
type Figure struct {
	title  string
	alt    string
	height vg.Length
	draw   func(draw.Canvas)
}

// Title returns the heading of the picture.
func (f *Figure) Title() string { return f.title }

// Alt returns one sentence that says what the picture shows, for those who cannot see it.
func (f *Figure) Alt() string { return f.alt }

// With returns the figure with a line of small print below it, such as the settings that what it
// shows was made with.
func (f *Figure) With(note string) *Figure {
	const line vg.Length = 16
	whole := *f
	whole.height += line
	whole.draw = func(c draw.Canvas) {
		c.SetColor(color.White)
		c.Fill(c.Rectangle.Path())
		f.draw(draw.Crop(c, 0, 0, line, 0))
		small := textStyle(8.5, inkSoft, false)
		small.YAlign = draw.YBottom
		c.FillText(small, vg.Point{X: c.Min.X + 18, Y: c.Min.Y + 6}, clean(note, 190))
	}
	return &whole
}

// WritePNG writes the figure as a PNG, 1800 pixels wide.
func (f *Figure) WritePNG(w io.Writer) error {
	canvas := vgimg.NewWith(vgimg.UseWH(figureWidth, f.height), vgimg.UseDPI(pngDPI))
	f.draw(draw.New(canvas))
	if err := png.Encode(w, canvas.Image()); err != nil {
		return fmt.Errorf("write %q as PNG: %w", f.title, err)
	}
	return nil
}

// WriteSVG writes the figure as an SVG, 900 points wide. Its text names Liberation Sans and,
// where that font is missing, Arial and Helvetica, which have the same widths.
func (f *Figure) WriteSVG(w io.Writer) error {
	canvas := vgsvg.New(figureWidth, f.height)
	f.draw(draw.New(canvas))
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return fmt.Errorf("write %q as SVG: %w", f.title, err)
	}
	// vgsvg names no fallback font (a browser would take its serif) and calls its PNG images
	// JPEG. Both patterns hold a raw quote, which text in an SVG cannot: it is escaped.
	svg := bytes.ReplaceAll(b.Bytes(), []byte(`style="font-family:Liberation Sans;`),
		[]byte(`style="font-family:Liberation Sans,Arial,Helvetica,sans-serif;`))
	svg = bytes.ReplaceAll(svg, []byte(`xlink:href="data:image/jpg;`), []byte(`xlink:href="data:image/png;`))
	if _, err := w.Write(svg); err != nil {
		return fmt.Errorf("write %q as SVG: %w", f.title, err)
	}
	return nil
}

// Save writes path+".png" and path+".svg". Each file is written aside and renamed, so a
// reader sees the old picture or the new one, never half of one. The folder must exist.
func (f *Figure) Save(path string) error {
	if err := writeFile(path+".png", f.WritePNG); err != nil {
		return err
	}
	return writeFile(path+".svg", f.WriteSVG)
}

// writeFile creates or replaces the file at path with what write produces: all of it or nothing.
func writeFile(path string, write func(io.Writer) error) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".tmp-"+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("save %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			tmp.Close()
			_ = os.Remove(tmp.Name()) // the first error is the one to tell
			err = fmt.Errorf("save %s: %w", path, err)
		}
	}()
	if err = write(tmp); err != nil {
		return err
	}
	// CreateTemp makes files that only their owner reads; a picture is for everybody.
	if err = tmp.Chmod(0o644); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
