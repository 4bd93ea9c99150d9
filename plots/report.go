package plots

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page's template, style and script
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"
)

// Report is the page of one run. Empty fields leave their section out.
type Report struct {
	Title   string // the run's name
	Status  string // "finished", "running", "stopped", "failed" or any other words
	Version string // of the program that made the page

	Facts    [][2]string // name and value: parameters, receptive field, device, steps, time ...
	Warnings []string
	Tables   []Table   // metrics, as at the end or file by file
	Curves   []*Figure // kept sharp at any size, as SVG
	Pictures []*Figure // spectrograms and waveforms, as PNG
	Audio    []Clip    // excerpts of equal length and start, in the order of the keys 1, 2, 3 ...
	Commands []string  // how to repeat, resume and render the run
	Config   string    // the resolved YAML
}

// Table is a caption, a header and rows of cells. Cells that are numbers are set to the right.
type Table struct {
	Caption string
	Header  []string
	Rows    [][]string
}

// Clip is a named sound: the bytes of a WAV file.
type Clip struct {
	Name string
	WAV  []byte
}

var (
	//go:embed report.html
	reportHTML string
	//go:embed report.css
	reportCSS string
	//go:embed report.js
	reportJS string

	reportTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
		"numeric": numeric,
		"mood":    mood,
		"inc":     func(i int) int { return i + 1 },
	}).Parse(reportHTML))
)

// Write writes the report as one HTML page that loads nothing from anywhere: its own content
// policy forbids that, and allows no script but its own. The same report gives the same bytes.
func (r *Report) Write(w io.Writer) error {
	type picture struct {
		Alt string
		Src template.HTMLAttr
	}
	type clip struct {
		Name, File string
		Src        template.HTMLAttr
	}
	page := struct {
		*Report
		Curves, Pictures []picture
		Audio            []clip
		Style            template.CSS
		Script           template.JS
		ScriptHash       string
	}{Report: r, Style: template.CSS(reportCSS), Script: template.JS(reportJS)}
	hash := sha256.Sum256([]byte(reportJS))
	page.ScriptHash = "sha256-" + base64.StdEncoding.EncodeToString(hash[:])

	render := func(figures []*Figure, mime string, write func(*Figure, io.Writer) error) ([]picture, error) {
		var out []picture
		for _, f := range figures {
			var b bytes.Buffer
			if err := write(f, &b); err != nil {
				return nil, err
			}
			out = append(out, picture{f.Alt(), dataSource(mime, b.Bytes())})
		}
		return out, nil
	}
	var err error
	if page.Curves, err = render(r.Curves, "image/svg+xml", (*Figure).WriteSVG); err != nil {
		return err
	}
	if page.Pictures, err = render(r.Pictures, "image/png", (*Figure).WritePNG); err != nil {
		return err
	}
	for _, c := range r.Audio {
		page.Audio = append(page.Audio, clip{c.Name, fileName(c.Name), dataSource("audio/wav", c.WAV)})
	}
	if err := reportTemplate.Execute(w, page); err != nil {
		return fmt.Errorf("write report %q: %w", r.Title, err)
	}
	return nil
}

// Save writes the report to path, which is replaced at once or not at all. The folder must exist.
func (r *Report) Save(path string) error { return writeFile(path, r.Write) }

// dataSource returns a whole src attribute. As an attribute of our own making it is not escaped:
// html/template would write every + of the base64 as five bytes.
func dataSource(mime string, data []byte) template.HTMLAttr {
	return template.HTMLAttr(`src="data:` + mime + ";base64," + base64.StdEncoding.EncodeToString(data) + `"`)
}

// fileName makes the name of a download out of a clip's name.
func fileName(name string) string {
	s := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, clean(name, 60))
	return s + ".wav"
}

// NumericColumn says whether column i of the first row holds a number, so that its header stands
// above the numbers.
func (t Table) NumericColumn(i int) bool {
	return len(t.Rows) > 0 && i < len(t.Rows[0]) && numeric(t.Rows[0][i])
}

// numeric says whether a cell holds a number, perhaps with a unit after a space.
func numeric(cell string) bool {
	number, _, _ := strings.Cut(strings.TrimSpace(cell), " ")
	_, err := strconv.ParseFloat(strings.TrimSuffix(number, "%"), 64)
	return err == nil
}

// mood sorts a status into the colours of its badge.
func mood(status string) string {
	switch word, _, _ := strings.Cut(strings.ToLower(status), " "); strings.TrimRight(word, ":,.;") {
	case "finished", "complete", "completed", "done":
		return "good"
	case "running", "training":
		return "busy"
	case "failed", "diverged", "error":
		return "bad"
	}
	return "plain"
}
