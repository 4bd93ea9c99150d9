package config

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// scalar decodes a boolean, a number or a string.
func (d *decoder) scalar(v reflect.Value, n *yaml.Node, at string) {
	if d.override != "" && n == d.overrideNode && v.Kind() == reflect.String {
		v.SetString(verbatim(n, d.overrideValue))
		return
	}
	if !d.is(n, yaml.ScalarNode, at, wanted(v)) {
		return
	}
	if want := setScalar(v, n); want != "" {
		d.fail(n, at, "%s is %s; it must be %s", subject(at), show(n), want)
	}
}

// text decodes a type that reads itself from text, such as Length.
func (d *decoder) text(t encoding.TextUnmarshaler, n *yaml.Node, at string) {
	if !d.is(n, yaml.ScalarNode, at, "one plain value") {
		return
	}
	if err := t.UnmarshalText([]byte(n.Value)); err != nil {
		d.fail(n, at, "%s is %s; %v", subject(at), show(n), err)
	}
}

// setScalar sets v from a scalar node, or returns what the node must be.
func setScalar(v reflect.Value, n *yaml.Node) (want string) {
	want = wanted(v)
	tag, digits := n.ShortTag(), strings.ReplaceAll(n.Value, "_", "")
	if tag == "!!int" && octal(digits) {
		return want + " without a leading 0"
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.Value)
		return ""
	case reflect.Bool:
		if tag == "!!bool" {
			v.SetBool(strings.EqualFold(n.Value, "true"))
			return ""
		}
	case reflect.Float32, reflect.Float64:
		if tag == "!!int" || tag == "!!float" {
			return setFloat(v, digits, want)
		}
	default:
		switch tag {
		case "!!int":
			return setInt(v, digits)
		case "!!float":
			if x, err := strconv.ParseFloat(digits, 64); err == nil && x == math.Trunc(x) && math.Abs(x) < 1<<53 {
				want += fmt.Sprintf(" (write %d)", int64(x))
			}
		}
	}
	return want
}

// setFloat rounds the decimal text once, to the precision of v.
func setFloat(v reflect.Value, digits, want string) string {
	x, err := strconv.ParseFloat(digits, v.Type().Bits())
	if err != nil { // not decimal: 0x10, .inf, .nan; or out of range
		i, intErr := strconv.ParseInt(digits, 0, 64)
		switch {
		case intErr == nil:
			x = float64(i)
		case math.IsInf(x, 0) && v.Kind() == reflect.Float32:
			return want + " within the range of float32"
		default:
			return want
		}
	}
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return want
	}
	v.SetFloat(x)
	return ""
}

func setInt(v reflect.Value, digits string) string {
	if v.CanInt() {
		x, err := strconv.ParseInt(digits, 0, 64)
		if err == nil && !v.OverflowInt(x) {
			v.SetInt(x)
			return ""
		}
		top := int64(math.MaxInt64) >> (64 - v.Type().Bits())
		return fmt.Sprintf("a whole number from %d to %d", -top-1, top)
	}
	x, err := strconv.ParseUint(strings.TrimPrefix(digits, "+"), 0, 64)
	if err == nil && !v.OverflowUint(x) {
		v.SetUint(x)
		return ""
	}
	return fmt.Sprintf("a whole number from 0 to %d", uint64(math.MaxUint64)>>(64-v.Type().Bits()))
}

// octal tells whether YAML would read the digits in base 8 for a leading zero alone, as 010.
func octal(digits string) bool {
	digits = strings.TrimLeft(digits, "+-")
	return len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9'
}

// wanted says what a scalar must be to fit v.
func wanted(v reflect.Value) string {
	switch v.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a finite number"
	}
	return "a whole number"
}

// verbatim is the text of an override: as typed, less quotes around all of it.
func verbatim(n *yaml.Node, typed string) string {
	if n.Kind == yaml.ScalarNode && n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		return n.Value
	}
	return typed
}
