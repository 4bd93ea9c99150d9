package config

import (
	"cmp"
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// field is one key of a struct.
type field struct {
	key   string
	doc   string // the doc tag: one line for MarshalCommented
	index []int  // for reflect.Value.FieldByIndex
}

// fieldsOf lists the keys of a struct in the order of its fields, those of embedded structs in place.
func fieldsOf(t reflect.Type) []field {
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case key == "-":
			continue
		case embedded(f):
			for _, inner := range fieldsOf(f.Type) {
				inner.index = append([]int{i}, inner.index...)
				fields = append(fields, inner)
			}
			continue
		case !f.IsExported():
			continue
		case key == "":
			key = strings.ToLower(f.Name)
		}
		fields = append(fields, field{key: key, doc: f.Tag.Get("doc"), index: []int{i}})
	}
	seen := make(map[string]bool, len(fields))
	for _, f := range fields {
		if seen[f.key] {
			panic(fmt.Sprintf("config: %s has the key %q twice", t, f.key))
		}
		seen[f.key] = true
	}
	return fields
}

// embedded tells whether the keys of a field's struct are keys of its parent.
func embedded(f reflect.StructField) bool {
	key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	return f.Anonymous && f.Type.Kind() == reflect.Struct && key == ""
}

// keys lists the keys of fields, "kind" first where they belong to a section.
func keys(fields []field, kind string) []string {
	var out []string
	if kind != "" {
		out = append(out, kindKey)
	}
	for _, f := range fields {
		out = append(out, f.key)
	}
	return out
}

const kindKey = "kind"

// as returns v as an I where its pointer implements I.
func as[I any](v reflect.Value) (I, bool) {
	if !v.CanInterface() { // an embedded struct whose type is unexported: its parent has its methods
		var none I
		return none, false
	}
	i, ok := v.Addr().Interface().(I)
	return i, ok
}

// maxWalk is far deeper than a file of maxDepth levels and sane defaults below it can lead.
const maxWalk = 16 * maxDepth

// walk visits every value below v, children before parents, and fills each unset section with its
// kind's defaults on the way. It sets only copies of what slices, maps and pointers lead to, so
// a default shared by two recipes stays as it is. v must be addressable; at is its path.
func walk(v reflect.Value, at string, depth int, visit func(v reflect.Value, at string)) {
	if depth > maxWalk {
		panic(fmt.Sprintf("config: the defaults of %.80s nest without end", at))
	}
	defer visit(v, at)
	if _, ok := as[encoding.TextUnmarshaler](v); ok {
		return
	}
	if s, ok := as[section](v); ok {
		if s.kind() != "" {
			p := s.current()
			walk(p.Elem(), at, depth+1, visit)
			s.store(s.kind(), p)
		}
		return
	}
	if l, ok := as[list](v); ok {
		for i, s := range l.sections() {
			walk(reflect.ValueOf(s).Elem(), item(at, i), depth+1, visit)
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); embedded(f) {
				walk(v.Field(i), at, depth+1, visit)
			}
		}
		for _, f := range fieldsOf(v.Type()) {
			if len(f.index) == 1 {
				walk(v.Field(f.index[0]), join(at, f.key), depth+1, visit)
			}
		}
	case reflect.Pointer:
		own(v)
		if !v.IsNil() {
			walk(v.Elem(), at, depth+1, visit)
		}
	case reflect.Slice, reflect.Array:
		own(v)
		for i := range v.Len() {
			walk(v.Index(i), item(at, i), depth+1, visit)
		}
	case reflect.Map:
		own(v)
		for _, key := range sortedKeys(v) {
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(v.MapIndex(key))
			walk(value, join(at, key.String()), depth+1, visit)
			v.SetMapIndex(key, value)
		}
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
	default:
		panic(fmt.Sprintf("config: %s is a %s, which YAML cannot give", at, v.Type()))
	}
}

// fill gives every unset section below v its kind's defaults.
func fill(v reflect.Value) { walk(v, "", 0, func(reflect.Value, string) {}) }

// own replaces what a slice, map or pointer leads to by a copy, so that it may be set.
func own(v reflect.Value) {
	switch {
	case v.Kind() == reflect.Array || v.IsNil():
	case v.Kind() == reflect.Slice:
		c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(c, v)
		v.Set(c)
	case v.Kind() == reflect.Map:
		c := reflect.MakeMapWithSize(v.Type(), v.Len())
		for it := v.MapRange(); it.Next(); {
			c.SetMapIndex(it.Key(), it.Value())
		}
		v.Set(c)
	default:
		c := reflect.New(v.Type().Elem())
		c.Elem().Set(v.Elem())
		v.Set(c)
	}
}

// sortedKeys lists the keys of a map in order.
func sortedKeys(v reflect.Value) []reflect.Value {
	return slices.SortedFunc(slices.Values(v.MapKeys()), func(a, b reflect.Value) int {
		return cmp.Compare(a.String(), b.String())
	})
}

// join and item build the path of a value, as optim.lr and loss[0].weight.
func join(at, key string) string {
	if at == "" || strings.HasPrefix(key, "[") {
		return at + key
	}
	return at + "." + key
}

func item(at string, i int) string { return at + "[" + strconv.Itoa(i) + "]" }
