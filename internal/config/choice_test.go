package config

import "testing"

type colour uint8

var colours = []string{"red", "green", "blue"}

func (c *colour) UnmarshalText(text []byte) error { return Choose(c, text, colours) }

func TestChoices(t *testing.T) {
	type recipe struct {
		Colour colour `yaml:"colour"`
	}
	for i, name := range colours {
		r := recipe{Colour: 3}
		if err := Load(&r, "r.yaml", []byte("colour: "+name), nil); err != nil || r.Colour != colour(i) {
			t.Errorf("%s is read as %d (%v)", name, r.Colour, err)
		}
	}
	r := recipe{Colour: 1}
	const want = `r.yaml:1:9: colour is "rod"; it must be red, green or blue`
	if err := Load(&r, "r.yaml", []byte("colour: rod"), nil); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if r.Colour != 1 {
		t.Errorf("a mistake sets the choice to %d", r.Colour)
	}
}

func TestOneOf(t *testing.T) {
	if err := OneOf("mode", "b", "a", "b"); err != nil {
		t.Error(err)
	}
	for want, choices := range map[string][]string{
		`mode is "c"; it must be a`:         {"a"},
		`mode is "c"; it must be a or b`:    {"a", "b"},
		`mode is "c"; it must be a, b or d`: {"a", "b", "d"},
	} {
		if err := OneOf("mode", "c", choices...); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
