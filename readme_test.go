package partials_test

import (
	"os"
	"strings"
	"testing"
)

// TestReadmeQuotesFiles holds the README to the sources that it quotes: a ```go
// block that begins with the name of a file in a comment,
//
//	// examples/rfft/main.go
//
// continues with lines that stand in that file, which tests compile and run.
func TestReadmeQuotesFiles(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range quotations(string(text)) {
		source, err := os.ReadFile(q.file)
		if err != nil {
			t.Errorf("README.md, line %d: %v", q.line, err)
			continue
		}
		if !strings.Contains("\n"+string(source), "\n"+q.text) {
			t.Errorf("README.md, line %d: the block is not a part of %s as it is now", q.line, q.file)
		}
	}
}

// quotation is a block of the README that names its file.
type quotation struct {
	line int // of the README
	file string
	text string // whole lines
}

func quotations(markdown string) []quotation {
	var all []quotation
	lines := strings.SplitAfter(markdown, "\n")
	for i := 0; i < len(lines); i++ {
		if strings.TrimSpace(lines[i]) != "```go" {
			continue
		}
		begin := i + 1
		for i = begin; i < len(lines) && strings.TrimSpace(lines[i]) != "```"; i++ {
		}
		block := lines[begin:i]
		if len(block) == 0 {
			continue
		}
		name, comment := strings.CutPrefix(strings.TrimSpace(block[0]), "// ")
		if comment && strings.HasSuffix(name, ".go") && !strings.Contains(name, " ") {
			text := strings.TrimLeft(strings.Join(block[1:], ""), "\n")
			all = append(all, quotation{begin + 1, name, text})
		}
	}
	return all
}

func TestQuotations(t *testing.T) {
	const markdown = "text\n```go\n// a/b.go\n\nx := 1\n```\n```sh\n// c.go\n```\n```go\n// Not a file.\ny := 2\n```\n```go\n// d.go\nz := 3\n"
	got := quotations(markdown)
	want := []quotation{{3, "a/b.go", "x := 1\n"}, {15, "d.go", "z := 3\n"}}
	if len(got) != len(want) {
		t.Fatalf("%d quotations, want %d: %+v", len(got), len(want), got)
	}
	for i, q := range got {
		if q != want[i] {
			t.Errorf("quotation %d is %+v, want %+v", i, q, want[i])
		}
	}
}
