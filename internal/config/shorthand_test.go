package config

import (
	"strings"
	"testing"
)

// rooted is a struct that its root may stand for.
type rooted struct {
	Root  string  `yaml:"root"`
	Share float64 `yaml:"share"`
}

func (rooted) Shorthand() string { return "root" }

type twoRoots struct {
	Clean rooted `yaml:"clean"`
	Noise rooted `yaml:"noise"`
}

// One value stands for the field that Shorthand names, in a file and in an
// override; the other fields stay as they are.
func TestShorthand(t *testing.T) {
	for _, c := range []struct {
		text string
		over []string
		want twoRoots
	}{
		{"clean: speech/", nil, twoRoots{rooted{"speech/", 0.5}, rooted{"n", 0.1}}},
		{"clean: {root: a, share: 0.2}", []string{"clean=b c/"}, twoRoots{rooted{"b c/", 0.2}, rooted{"n", 0.1}}},
		{"noise: 2024", []string{"clean=007", "clean.share=1"}, twoRoots{rooted{"007", 1}, rooted{"2024", 0.1}}},
		{"noise: {share: 0.3}", []string{"noise={share: 0.4}"}, twoRoots{rooted{"c", 0.5}, rooted{"n", 0.4}}},
	} {
		r := twoRoots{rooted{"c", 0.5}, rooted{"n", 0.1}}
		if err := Load(&r, "r.yaml", []byte(c.text), c.over); err != nil || r != c.want {
			t.Errorf("%s %q: %+v, %v, want %+v", c.text, c.over, r, err, c.want)
		}
	}
	var r twoRoots
	err := Load(&r, "r.yaml", []byte("clean: [a]\nnoise: null"), nil)
	if err == nil || !strings.Contains(err.Error(), "clean is a list; it must be its root, or a mapping") || !strings.Contains(err.Error(), "noise is null") {
		t.Errorf("%v", err)
	}
}
