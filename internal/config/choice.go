package config

import (
	"errors"
	"slices"
	"strings"
)

// OneOf is nil where a text field holds one of the choices, and else a Field that lists them.
func OneOf(name, value string, choices ...string) error {
	if slices.Contains(choices, value) {
		return nil
	}
	return Field(name, value, among(choices))
}

// Choose sets an enumeration, whose constants count from 0 in the order of the names, to the one
// named by text: the UnmarshalText of a type that recipes give by name.
func Choose[T ~uint8](to *T, text []byte, names []string) error {
	i := slices.Index(names, string(text))
	if i < 0 {
		return NoneOf(names)
	}
	*to = T(i)
	return nil
}

// NoneOf is what an UnmarshalText returns for text that is none of the choices. Load puts the field and
// the text before it.
func NoneOf(choices []string) error {
	return errors.New("it must be " + among(choices))
}

// among is "a, b or c".
func among(choices []string) string {
	last := len(choices) - 1
	if last < 1 {
		return strings.Join(choices, "")
	}
	return strings.Join(choices[:last], ", ") + " or " + choices[last]
}
