package train

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A row for each step, the validation beside the step that it came after.
func TestExportCSV(t *testing.T) {
	o := optionsOf(t)
	dir := undisturbed(t, recipeOf(t, "validate.every=3", "steps=4"), o)
	res, err := Export(dir, nil, ExportOptions{Format: "csv"}, o)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(read(t, res.Path)), "\n")
	head := strings.Split(lines[0], ",")
	if len(lines) != 5 || strings.Join(head[:4], ",") != "step,train/loss,train/loss/esr,train/loss/mrstft" || !slices.Contains(head, "valid/esr") {
		t.Fatalf("%d lines, head %s", len(lines), lines[0])
	}
	records, err := ReadMetrics(dir)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.Index(head, "valid/esr")
	for i, line := range lines[1:] {
		row := strings.Split(line, ",")
		if (row[at] != "") != (i == 2 || i == 3) || row[0] != fmt.Sprint(i+1) || row[1] == "" {
			t.Errorf("row %d is %s", i+1, line)
		}
	}
	if want := strconv.FormatFloat(float64(*records[0].Loss), 'g', -1, 64); strings.Split(lines[1], ",")[1] != want {
		t.Errorf("the first loss is %s, want %s", lines[1], want)
	}
}
