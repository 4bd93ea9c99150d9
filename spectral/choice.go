package spectral

import (
	"fmt"
	"slices"
	"strings"
)

// choose sets to to the place of text among the names that a recipe may give.
func choose[T ~uint8](to *T, what string, names []string, text []byte) error {
	i := slices.Index(names, string(text))
	if i < 0 {
		return fmt.Errorf("%s %q is unknown; there are %s", what, text, strings.Join(names, ", "))
	}
	*to = T(i)
	return nil
}
