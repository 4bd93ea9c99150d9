package sweep

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"partials/internal/rng"
)

// Axis is a setting that a sweep varies: the key of a recipe and its values, or
// a range that values are drawn from.
type Axis struct {
	Key    string   `json:"key"`
	Values []string `json:"values,omitempty"` // as a recipe writes them
	Range  *Range   `json:"range,omitempty"`  // where there are no Values
}

// Range is an interval of numbers, ends included.
type Range struct {
	Kind string  `json:"kind"` // uniform, log (uniform in the logarithm) or int
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// ParseAxes reads settings as the command line gives them: "key=value" is
// fixed, "key=a,b,c" is an axis, and so is "key=uniform(0, 1)", "log(1e-5, 1e-2)"
// and "int(4, 32)". A comma inside brackets or quotes belongs to the value. Fixed
// settings come back as they are.
func ParseAxes(settings []string) (axes []Axis, fixed []string, err error) {
	seen := map[string]bool{}
	for _, s := range settings {
		key, text, ok := strings.Cut(s, "=")
		if !ok || key == "" {
			return nil, nil, fmt.Errorf("%q is not key=value, as in optim.lr=1e-4,1e-3", s)
		}
		if seen[key] {
			return nil, nil, fmt.Errorf("%s is given twice", key)
		}
		seen[key] = true
		r, err := parseRange(text)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", key, err)
		}
		values := split(text)
		switch {
		case r != nil:
			axes = append(axes, Axis{Key: key, Range: r})
		case len(values) == 1:
			fixed = append(fixed, s)
		default:
			for i, v := range values {
				if v == "" {
					return nil, nil, fmt.Errorf("%s: value %d of %q is empty", key, i+1, text)
				}
				if slices.Contains(values[:i], v) {
					return nil, nil, fmt.Errorf("%s: %s is there twice", key, v)
				}
			}
			axes = append(axes, Axis{Key: key, Values: values})
		}
	}
	return axes, fixed, nil
}

// split cuts a list of values at its commas, but not inside brackets or quotes.
func split(text string) []string {
	var values []string
	depth, quote, from := 0, rune(0), 0
	for i, r := range text {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case r == '[' || r == '{' || r == '(':
			depth++
		case r == ']' || r == '}' || r == ')':
			depth--
		case r == ',' && depth <= 0:
			values = append(values, strings.TrimSpace(text[from:i]))
			from = i + 1
		}
	}
	return append(values, strings.TrimSpace(text[from:]))
}

// parseRange reads "uniform(a, b)", "log(a, b)" or "int(a, b)"; nil for anything
// else.
func parseRange(text string) (*Range, error) {
	kind, rest, ok := strings.Cut(text, "(")
	if kind = strings.TrimSpace(kind); !ok || kind != "uniform" && kind != "log" && kind != "int" {
		return nil, nil
	}
	inside, closed := strings.CutSuffix(strings.TrimSpace(rest), ")")
	ends := strings.Split(inside, ",")
	if !closed || len(ends) != 2 {
		return nil, fmt.Errorf("%q must be %s(low, high)", text, kind)
	}
	r := &Range{Kind: kind}
	for i, to := range []*float64{&r.Low, &r.High} {
		v, err := strconv.ParseFloat(strings.TrimSpace(ends[i]), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%q in %q is no number", strings.TrimSpace(ends[i]), text)
		}
		*to = v
	}
	switch {
	case !(r.Low < r.High):
		return nil, fmt.Errorf("%q: the low end must be below the high end", text)
	case kind == "log" && r.Low <= 0:
		return nil, fmt.Errorf("%q: the low end must be above 0 for a logarithm", text)
	case kind == "int" && (r.Low != math.Trunc(r.Low) || r.High != math.Trunc(r.High)):
		return nil, fmt.Errorf("%q: both ends must be whole numbers", text)
	}
	return r, nil
}

// at is the value at a place from 0 to 1 of the range, as a recipe writes it.
func (r *Range) at(u float64) string {
	switch r.Kind {
	case "log":
		return strconv.FormatFloat(r.Low*math.Pow(r.High/r.Low, u), 'g', 6, 64)
	case "int":
		return strconv.FormatFloat(min(r.High, math.Floor(r.Low+u*(r.High-r.Low+1))), 'f', 0, 64)
	}
	return strconv.FormatFloat(r.Low+u*(r.High-r.Low), 'g', 6, 64)
}

// draw is a random value of the axis.
func (a Axis) draw(s *rng.Source) string {
	if a.Range != nil {
		return a.Range.at(s.Float64())
	}
	return a.Values[min(int(s.Float64()*float64(len(a.Values))), len(a.Values)-1)]
}
