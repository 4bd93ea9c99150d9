package plots

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// hostile is what a run's name may hold.
const hostile = `</title></script><script>alert(1)</script><img src=http://evil.example/x onerror=alert(2)> "quoted" 'too' {{.Config}}`

func fullReport() *Report {
	charts := everyChart()
	return &Report{
		Title: hostile, Status: "finished " + hostile, Version: "v1 " + hostile,
		Facts:    [][2]string{{"parameters", "12,345"}, {hostile, hostile}},
		Warnings: []string{"3 samples clipped", hostile},
		Tables:   []Table{{Caption: hostile, Header: []string{"metric", "end", hostile}, Rows: [][]string{{"ESR", "0.01", hostile}, {"only one"}}}},
		Curves:   charts[:1], Pictures: charts[5:],
		Audio:    []Clip{{"input", []byte("RIFF++++")}, {"target", bytes.Repeat([]byte{0xfb, 0xef, 0xbe}, 1000)}, {hostile, nil}},
		Commands: []string{"train run " + hostile},
		Config:   "name: " + hostile + "\n",
	}
}

func written(t *testing.T, r *Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var dataURI = regexp.MustCompile(`src="data:([a-z/+]+);base64,([A-Za-z0-9+/=]*)"`)

func TestReportEscapesNames(t *testing.T) {
	got := written(t, fullReport())
	bare := dataURI.ReplaceAllString(got, "")
	if n := strings.Count(bare, "<script"); n != 1 {
		t.Errorf("%d scripts on the page, want our own alone", n)
	}
	tag := regexp.MustCompile(`<[a-zA-Z][^>]*>`)
	for _, bad := range tag.FindAllString(bare, -1) {
		// Inside a quoted attribute the text is harmless; outside of quotes it is not.
		outside := regexp.MustCompile(`"[^"]*"`).ReplaceAllString(bad, `""`)
		if strings.Contains(outside, "onerror") || strings.Contains(outside, "evil") {
			t.Errorf("a name became markup: %s", bad)
		}
	}
	if strings.Count(html.UnescapeString(bare), hostile) < 9 {
		t.Error("a name is missing from the page")
	}
}

func TestReportLoadsNothing(t *testing.T) {
	r := fullReport()
	r.Title, r.Status, r.Version, r.Config = "run", "finished", "v1", "seed: 1\n"
	r.Facts, r.Warnings, r.Tables, r.Commands = r.Facts[:1], r.Warnings[:1], nil, []string{"train run quickstart"}
	r.Audio = r.Audio[:2]
	got := written(t, r)
	bare := dataURI.ReplaceAllString(got, "")
	for _, bad := range []string{"http:", "https:", "src=", "<link", "@import", "url(", "//cdn", "fetch(", "import("} {
		if strings.Contains(bare, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if !strings.Contains(got, "default-src 'none'; img-src data:; media-src data:;") {
		t.Error("the page does not forbid loading")
	}
	xmlns := regexp.MustCompile(`xmlns(:xlink)?="http://www.w3.org/[0-9a-z/]+"`)
	kinds := map[string]int{}
	for _, m := range dataURI.FindAllStringSubmatch(got, -1) {
		kinds[m[1]]++
		data, err := base64.StdEncoding.DecodeString(m[2])
		if err != nil {
			t.Fatal(err)
		}
		if m[1] == "image/svg+xml" && strings.Contains(xmlns.ReplaceAllString(string(data), ""), "http") {
			t.Error("an SVG on the page loads something")
		}
	}
	if kinds["image/svg+xml"] != 1 || kinds["image/png"] != 2 || kinds["audio/wav"] != 2 {
		t.Errorf("the page holds %v", kinds)
	}
}

func TestReportAllowsItsOwnScriptOnly(t *testing.T) {
	got := written(t, fullReport())
	_, rest, _ := strings.Cut(got, "<script>")
	script, _, found := strings.Cut(rest, "</script>")
	sum := sha256.Sum256([]byte(script))
	policy := html.UnescapeString(got[:strings.Index(got, "<title>")])
	if want := "script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !found || !strings.Contains(policy, want) {
		t.Errorf("the policy does not allow the script %s", want)
	}
}

func TestReportHoldsItsSoundsAndPictures(t *testing.T) {
	r := fullReport()
	got := written(t, r)
	var sounds [][]byte
	for _, m := range dataURI.FindAllStringSubmatch(got, -1) {
		if data, err := base64.StdEncoding.DecodeString(m[2]); err == nil && m[1] == "audio/wav" {
			sounds = append(sounds, data)
		}
	}
	if len(sounds) != len(r.Audio) {
		t.Fatalf("%d sounds, want %d", len(sounds), len(r.Audio))
	}
	for i, c := range r.Audio {
		if !bytes.Equal(sounds[i], c.WAV) {
			t.Errorf("%s: other bytes", c.Name)
		}
	}
	for _, f := range append(r.Curves, r.Pictures...) {
		if !strings.Contains(html.UnescapeString(got), f.Alt()) || f.Alt() == "" {
			t.Errorf("%s: no alternative text", f.Title())
		}
	}
	for _, want := range []string{`download="target.wav"`, `<td class="number">0.01</td>`, `<td>ESR</td>`, `<th scope="col" class="number">end</th>`, `prefers-color-scheme: dark`, `name="viewport"`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestEmptyReport(t *testing.T) {
	got := written(t, &Report{Title: "nothing yet", Status: "running"})
	for _, bad := range []string{"<section", "<script", "<img", "<audio"} {
		if strings.Contains(got, bad) {
			t.Errorf("an empty report holds %s", bad)
		}
	}
	if !strings.Contains(got, `<p class="badge busy">running</p>`) || !strings.Contains(got, "<h1>nothing yet</h1>") {
		t.Error("no title or status")
	}
}

func TestReportIsDeterministicOnDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.html")
	if err := fullReport().Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != written(t, fullReport()) {
		t.Error("two reports of the same run differ")
	}
}

func TestNumericCells(t *testing.T) {
	for cell, want := range map[string]bool{"0.01": true, "-3": true, "12.1 dB": true, "5%": true, "1e-4": true, "": false, "ESR": false, "a 1": false, "v1.2": false} {
		if numeric(cell) != want {
			t.Errorf("numeric(%q) is not %v", cell, want)
		}
	}
}
