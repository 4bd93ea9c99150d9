package train

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Two runs differ by what was changed between them, and by nothing else.
func TestCompare(t *testing.T) {
	o := optionsOf(t)
	a := undisturbed(t, recipeOf(t, "steps=4", "validate.every=2"), o)
	b := undisturbed(t, recipeOf(t, "steps=3", "validate.every=2", "optim=sgd", "loss[1].n_fft=[64, 128]"), o)
	c, err := Compare([]Dir{a, b}, o)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, s := range c.Settings {
		values[s.Key] = strings.Join(s.Values, " | ")
	}
	for key, want := range map[string]string{"steps": "4 | 3", "optim.kind": "adam | sgd", "optim.betas": "[0.9, 0.999] | ", "optim.momentum": " | 0"} {
		if values[key] != want {
			t.Errorf("%s: %q, want %q", key, values[key], want)
		}
	}
	for key := range values {
		if key != "steps" && !strings.HasPrefix(key, "optim.") {
			t.Errorf("%s is said to differ: %q", key, values[key])
		}
	}
	for i, d := range []Dir{a, b} {
		r := c.Runs[i]
		records, err := ReadMetrics(d)
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(records, func(rec Record) bool { return rec.Valid != nil && rec.Step == r.BestStep })
		if at < 0 || r.Valid["esr"] != records[at].Valid["esr"] || *r.Best != r.Valid["esr"] {
			t.Errorf("%s: best %v of %v", r.Name, r.Best, r.Valid)
		}
		if r.Seconds <= 0 || r.Bytes <= 0 || r.Parameters <= 0 {
			t.Errorf("%+v", r)
		}
	}

	folder := filepath.Join(t.TempDir(), "pictures")
	names, err := c.Save(folder)
	if err != nil || !slices.Equal(names, []string{"loss", "validation", "lr", "gradient"}) {
		t.Fatalf("drew %v, %v", names, err)
	}
	text, err := os.ReadFile(filepath.Join(folder, "validation.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) != 4 || lines[0] != "step,tiny,tiny-2" || !strings.HasPrefix(lines[2], "3,,") || !strings.HasSuffix(lines[3], ",") {
		t.Errorf("validation.csv:\n%s", text)
	}
}

func TestSortSummaries(t *testing.T) {
	n := func(x float64) *Number { return number(x) }
	list := []Summary{
		{Name: "c", Metric: "snr", Best: n(3), Step: 1}, {Name: "b", Metric: "esr", Step: 2}, {Name: "a", Metric: "esr", Best: n(0.2), Step: 2},
		{Name: "e", Metric: "esr", Best: n(0.1), Step: 3}, {Name: "d", Metric: "snr", Best: n(9), Step: 0},
	}
	for _, x := range []struct {
		by      string
		reverse bool
		want    string
	}{{"name", false, "abcde"}, {"name", true, "edcba"}, {"best", false, "eabdc"}, {"step", false, "dcabe"}, {"step", true, "eabcd"}} {
		if err := SortSummaries(list, x.by, x.reverse); err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, s := range list {
			got += s.Name
		}
		if got != x.want {
			t.Errorf("by %s (reversed %t): %s, want %s", x.by, x.reverse, got, x.want)
		}
	}
	if err := SortSummaries(list, "size", false); err == nil || !strings.Contains(err.Error(), "name, status") {
		t.Errorf("by size: %v", err)
	}
}

// Only runs that left nothing to go on from are litter, unless a status is
// asked for, and never one that is in use.
func TestLitter(t *testing.T) {
	o := optionsOf(t)
	whole := undisturbed(t, recipeOf(t, "steps=1"), o)
	empty := copyRun(t, whole)
	for _, name := range []string{lastFile, bestFile} {
		if err := os.Remove(empty.path(name)); err != nil {
			t.Fatal(err)
		}
	}
	find := func(statuses ...string) string {
		t.Helper()
		list, err := FindLitter([]Dir{whole, empty}, statuses, o)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, l := range list {
			names = append(names, l.Dir.Name()+" "+l.Status)
		}
		return strings.Join(names, ", ")
	}
	if got := find(); got != "copy killed" {
		t.Errorf("litter is %q", got)
	}
	if got := find("killed"); got != "tiny killed, copy killed" {
		t.Errorf("killed: %q", got)
	}
	held, err := empty.lock()
	if err != nil {
		t.Fatal(err)
	}
	if got := find(); got != "" {
		t.Errorf("litter that is in use: %q", got)
	}
	if err := empty.Remove(); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a run in use was removed: %v", err)
	}
	if err := held.release(); err != nil {
		t.Fatal(err)
	}
	if err := empty.Remove(); err != nil || existing(string(empty)) != "" {
		t.Errorf("not removed: %v", err)
	}
	if err := Dir(t.TempDir()).Remove(); err == nil {
		t.Error("a folder that is no run was removed")
	}
	if _, err := FindLitter(nil, []string{"running"}, o); err == nil {
		t.Error("running runs were asked for")
	}
}
