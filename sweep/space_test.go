package sweep

import (
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"partials/internal/rng"
)

func TestParseAxes(t *testing.T) {
	axes, fixed, err := ParseAxes([]string{
		"optim.lr=1e-4, 1e-3", "steps=50", "loss[1].n_fft=[64, 128],[256]", "data.input=a.wav", "about='one, two'",
		"model.channels=int(4, 8)", "ema=log(0.9,0.99)", "clip.norm=uniform(0, 2)", "schedule=constant,cosine",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []Axis{
		{Key: "optim.lr", Values: []string{"1e-4", "1e-3"}},
		{Key: "loss[1].n_fft", Values: []string{"[64, 128]", "[256]"}},
		{Key: "model.channels", Range: &Range{"int", 4, 8}},
		{Key: "ema", Range: &Range{"log", 0.9, 0.99}},
		{Key: "clip.norm", Range: &Range{"uniform", 0, 2}},
		{Key: "schedule", Values: []string{"constant", "cosine"}},
	}
	if !reflect.DeepEqual(axes, want) {
		t.Errorf("axes %+v", axes)
	}
	if strings.Join(fixed, " ") != "steps=50 data.input=a.wav about='one, two'" {
		t.Errorf("fixed %q", fixed)
	}
	for setting, part := range map[string]string{
		"steps":             "is not key=value",
		"=3":                "is not key=value",
		"steps=1,,2":        "value 2 of",
		"steps=1,2,1":       "1 is there twice",
		"lr=log(0, 1)":      "above 0",
		"lr=log(1, 1)":      "below the high end",
		"lr=uniform(1)":     "must be uniform(low, high)",
		"lr=uniform(1, 2":   "must be uniform(low, high)",
		"lr=uniform(a, 2)":  `"a" in`,
		"n=int(1.5, 3)":     "whole numbers",
		"lr=uniform(1,Inf)": "is no number",
	} {
		if _, _, err := ParseAxes([]string{setting}); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v, want %q", setting, err, part)
		}
	}
	if _, _, err := ParseAxes([]string{"a=1,2", "a=3"}); err == nil || !strings.Contains(err.Error(), "a is given twice") {
		t.Errorf("a twice: %v", err)
	}
}

// Values drawn from a range stay inside, reach both ends, and a logarithmic one
// has its median in the geometric middle.
func TestDraw(t *testing.T) {
	const n = 4000
	for _, r := range []Range{{"uniform", -1, 3}, {"log", 1e-4, 1e-2}, {"int", 3, 6}} {
		counts := map[string]int{}
		below := 0
		middle := map[string]float64{"uniform": 1, "log": 1e-3, "int": 4.5}[r.Kind]
		for i := range n {
			s := rng.New(1, "test", i)
			text := Axis{Key: "x", Range: &r}.draw(&s)
			v, err := strconv.ParseFloat(text, 64)
			if err != nil || v < r.Low || v > r.High {
				t.Fatalf("%v gives %s", r, text)
			}
			if v < middle {
				below++
			}
			counts[text]++
		}
		if math.Abs(float64(below)/n-0.5) > 0.03 {
			t.Errorf("%v: %d of %d below %g", r, below, n, middle)
		}
		if r.Kind == "int" && (len(counts) != 4 || counts["3"] < n/5 || counts["6"] < n/5) {
			t.Errorf("%v gives %v", r, counts)
		}
	}
}
