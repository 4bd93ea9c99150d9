package sweep

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

var grid = []Axis{{Key: "a", Values: []string{"1", "2"}}, {Key: "b", Values: []string{"x", "y", "z"}}}

func TestGrid(t *testing.T) {
	got := ""
	for i, trial := range (Plan{Axes: grid}).Trials() {
		if trial.Index != i {
			t.Errorf("trial %d is called %d", i, trial.Index)
		}
		got += strings.Join(trial.Values, "") + " "
	}
	if got != "1x 1y 1z 2x 2y 2z " {
		t.Errorf("the grid is %s", got)
	}
}

// What is drawn depends on the seed alone, nothing is drawn twice, and where
// more is asked for than there is, all of it comes.
func TestRandom(t *testing.T) {
	p := Plan{Axes: append([]Axis{{Key: "lr", Range: &Range{"log", 1e-4, 1e-2}}}, grid...), Random: 30, Seed: 1}
	first := fmt.Sprint(p.Trials())
	if again := fmt.Sprint(p.Trials()); again != first || len(p.Trials()) != 30 {
		t.Errorf("drawn once\n%s\nand once\n%s", first, again)
	}
	p.Seed = 2
	if fmt.Sprint(p.Trials()) == first {
		t.Error("another seed draws the same")
	}
	p = Plan{Axes: grid, Random: 5}
	seen := map[string]bool{}
	for _, trial := range p.Trials() {
		seen[strings.Join(trial.Values, "")] = true
	}
	if len(seen) != 5 {
		t.Errorf("5 of 6 drawn: %v", seen)
	}
	if p.Random = 50; len(p.Trials()) != 6 {
		t.Errorf("50 of 6 drawn: %d", len(p.Trials()))
	}
}

// Each round has a third of the trials, three times as long, and the last is the
// whole training.
func TestRounds(t *testing.T) {
	for n, want := range map[int]string{1: "1@1", 2: "2@0.33 1@1", 9: "9@0.11 3@0.33 1@1", 10: "10@0.037 4@0.11 2@0.33 1@1"} {
		var got []string
		for _, r := range (Plan{Halving: 3}).rounds(n) {
			got = append(got, fmt.Sprintf("%d@%.2g", r.trials, r.share))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%d trials: %v, want %s", n, got, want)
		}
	}
	if r := (Plan{}).rounds(7); len(r) != 1 || r[0].trials != 7 || r[0].share != 1 {
		t.Errorf("without halving: %v", r)
	}
}

func TestPlanCheck(t *testing.T) {
	long := make([]string, 400)
	for i := range long {
		long[i] = fmt.Sprint(i)
	}
	for part, p := range map[string]Plan{
		"nothing varies":        {},
		"name cannot vary":      {Axes: []Axis{{Key: "name", Values: []string{"a", "b"}}}},
		"steps cannot vary":     {Axes: []Axis{{Key: "steps", Values: []string{"1", "2"}}}, Halving: 2},
		"halving is 1":          {Axes: grid, Halving: 1},
		"--random N":            {Axes: []Axis{{Key: "lr", Range: &Range{"log", 1, 2}}}},
		"1.6e+05 combinations":  {Axes: []Axis{{Key: "a", Values: long}, {Key: "b", Values: long}}},
		"random is -1; it must": {Axes: grid, Random: -1},
	} {
		if err := p.Check(); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("got %v, want %q", err, part)
		}
	}
	if n := (Plan{Axes: []Axis{{Range: &Range{}}}}).combinations(); !math.IsInf(n, 1) {
		t.Errorf("a range has %g combinations", n)
	}
}
