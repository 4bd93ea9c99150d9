package config

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Validator is what a struct implements to judge its own fields. Load calls it on every value,
// those of sections and lists too, after decoding, innermost first; one that could not be
// decoded whole is left out. Return Field, or several of them joined by errors.Join.
type Validator interface {
	Validate() error
}

// Field says that a field is out of bounds: Field("lr", -1, "> 0") reads "lr is -1; it must be > 0".
// name is the field's YAML key, or a path below the struct such as "layers[2].width".
func Field(name string, value any, bound string) error {
	return &fieldError{name, value, bound}
}

type fieldError struct {
	name  string
	value any
	bound string
}

func (e *fieldError) Error() string { return e.at("") }

// at is the message for a struct at a path.
func (e *fieldError) at(path string) string {
	return fmt.Sprintf("%s is %s; it must be %s", join(path, e.name), display(e.value), e.bound)
}

// display shows a value as YAML would: text quoted, what a pointer leads to, numbers in full.
func display(value any) string {
	v := reflect.ValueOf(value)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	switch {
	case !v.IsValid() || v.Kind() == reflect.Pointer:
		return "null"
	case v.Kind() == reflect.String:
		return quote(v.String())
	case v.CanFloat():
		return formatFloat(v.Float(), v.Type().Bits())
	}
	return fmt.Sprint(v.Interface())
}

// validate calls every Validate below v and reports sections that still lack a kind.
func (d *decoder) validate(v reflect.Value) {
	// Judged before any Validate runs: what a child's Validate says must not hide its parent's.
	undecoded := append(Errors(nil), d.problems...)
	walk(v, "", 0, func(v reflect.Value, at string) {
		if s, ok := as[section](v); ok && s.kind() == "" && !undecoded.broken(at) {
			d.add(d.nearest(at), at, "%s needs a kind; known kinds: %s", at, strings.Join(s.names(), ", "))
			return
		}
		if v.Kind() == reflect.Pointer {
			return // its element is visited
		}
		if val, ok := as[Validator](v); ok && !undecoded.broken(at) {
			d.judge(val.Validate(), at)
		}
	})
}

// judge reports what a Validate returned for the value at a path.
func (d *decoder) judge(err error, at string) {
	switch e := err.(type) {
	case nil:
	case *fieldError:
		path := join(at, e.name)
		d.add(d.nearest(path), path, "%s", e.at(at))
	case interface{ Unwrap() []error }: // errors.Join
		for _, inner := range e.Unwrap() {
			d.judge(inner, at)
		}
	default:
		d.add(d.nearest(at), at, "%s%v", prefix(at, ""), err)
	}
}

// nearest returns where a value was given, or where the innermost section around it was; no
// place where all of it is default.
func (d *decoder) nearest(at string) place {
	for at != "" {
		if p, ok := d.where[at]; ok {
			return p
		}
		at = at[:max(0, strings.LastIndexAny(at, ".["))]
	}
	return place{}
}

// formatFloat writes the shortest decimal that reads back as the same float: 0.001, 48000, 1e-8.
func formatFloat(x float64, bits int) string {
	s := strconv.FormatFloat(x, 'g', -1, bits)
	mantissa, exponent, ok := strings.Cut(s, "e")
	if !ok {
		if s == "-0" {
			return "-0.0" // YAML's -0 may be read as an integer
		}
		return s
	}
	e, err := strconv.Atoi(exponent)
	if err == nil && e >= -4 && e < 15 {
		return strconv.FormatFloat(x, 'f', -1, bits)
	}
	return mantissa + "e" + strconv.Itoa(e)
}
