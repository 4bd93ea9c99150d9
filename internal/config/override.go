package config

import (
	"cmp"
	"encoding"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// override is one "path=value".
type override struct {
	text  string
	order int // among those given
	path  []string
	value string
}

var pathForm = regexp.MustCompile(`^[^.\[\]]+(\.[^.\[\]]+|\[[0-9]+\])*$`)

// applyOverrides sets values on top of what the file gave. Parents go before children and a
// kind before its fields: "model.hidden=8" and "model.kind=lstm" mean the same in either order.
func (d *decoder) applyOverrides(v reflect.Value, texts []string) {
	var all []override
	for i, text := range texts {
		path, value, ok := strings.Cut(text, "=")
		path, value = strings.TrimSpace(path), strings.TrimSpace(value)
		here := place{override: text, order: i}
		switch {
		case !ok:
			d.add(here, "", "write it as path=value, such as optim.lr=1e-3")
		case !utf8.ValidString(text):
			d.add(here, "", "it holds bytes that are not UTF-8")
		case !pathForm.MatchString(path):
			d.add(here, "", "%s is no path; write it as optim.lr or loss[0].weight", quote(path))
		case value == "":
			d.add(here, "", `nothing after "="; write '' for empty text, or null for no value`)
		case len(value) > maxBytes:
			d.add(here, "", "the value has %d bytes; at most %d are read", len(value), maxBytes)
		default:
			keys := strings.Split(strings.NewReplacer("[", ".", "]", "").Replace(path), ".")
			all = append(all, override{text, i, keys, value})
		}
	}
	slices.SortStableFunc(all, func(a, b override) int {
		return cmp.Or(cmp.Compare(len(a.path), len(b.path)), cmp.Compare(a.fields(), b.fields()))
	})
	for _, o := range all {
		d.override, d.overrideOrder = o.text, o.order
		d.overrideNode, d.overrideValue = valueNode(o.value), o.value
		d.set(v, o.path, d.overrideNode, "", "")
	}
	d.override = ""
}

// fields is 0 for an override of a kind and 1 for one of a field.
func (o override) fields() int {
	if o.path[len(o.path)-1] == kindKey {
		return 0
	}
	return 1
}

// valueNode parses the value of an override; what is no YAML is text.
func valueNode(value string) *yaml.Node {
	if first, second, err := documents([]byte(value)); err == nil && first != nil && second == nil {
		return first
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
}

// set decodes n into the value that a path leads to from v, which is at the path at and,
// where it is a section's struct, of that kind.
func (d *decoder) set(v reflect.Value, path []string, n *yaml.Node, at, kind string) {
	if len(path) == 0 {
		d.value(v, n, at)
		return
	}
	key, rest := path[0], path[1:]
	if s, ok := as[section](v); ok {
		d.setSection(s, path, n, at)
		return
	}
	if l, ok := as[list](v); ok {
		items := l.sections()
		if i, ok := d.index(key, len(items), n, at); ok {
			d.set(reflect.ValueOf(items[i]).Elem(), rest, n, item(at, i), "")
		}
		return
	}
	_, text := as[encoding.TextUnmarshaler](v)
	switch {
	case v.Kind() == reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		d.set(v.Elem(), path, n, at, "")
	case v.Kind() == reflect.Struct && !text:
		if f, ok := d.field(v, key, n, at, kind); ok {
			d.set(f, rest, n, join(at, key), "")
		}
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Array:
		if i, ok := d.index(key, v.Len(), n, at); ok {
			d.set(v.Index(i), rest, n, item(at, i), "")
		}
	case v.Kind() == reflect.Map:
		name := reflect.ValueOf(key).Convert(v.Type().Key())
		value := reflect.New(v.Type().Elem()).Elem()
		if old := v.MapIndex(name); old.IsValid() {
			value.Set(old)
		}
		d.set(value, rest, n, join(at, key), "")
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
		v.SetMapIndex(name, value)
	default:
		d.fail(n, at, "%s is one value and has no %s", at, quote(key))
	}
}

func (d *decoder) setSection(s section, path []string, n *yaml.Node, at string) {
	if path[0] == kindKey && len(path) == 1 {
		key := &yaml.Node{Kind: yaml.ScalarNode, Value: kindKey}
		d.section(s, &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{key, n}}, at)
		return
	}
	if path[0] == kindKey {
		d.fail(n, at, "%s is one value and has no %s", join(at, kindKey), quote(path[1]))
		return
	}
	if s.kind() == "" {
		d.fail(n, at, "%s needs a kind first; known kinds: %s", at, strings.Join(s.names(), ", "))
		return
	}
	p := s.current()
	d.set(p.Elem(), path, n, at, s.kind())
	s.store(s.kind(), p)
}

// index parses the index of an item of a list of a given length.
func (d *decoder) index(key string, length int, n *yaml.Node, at string) (int, bool) {
	i, err := strconv.Atoi(key)
	if err == nil && i >= 0 && i < length {
		return i, true
	}
	switch length {
	case 0:
		d.fail(n, at, "%s has no item %s; it is empty", at, quote(key))
	case 1:
		d.fail(n, at, "%s has no item %s; it has one, 0", at, quote(key))
	default:
		d.fail(n, at, "%s has no item %s; it has 0 to %d", at, quote(key), length-1)
	}
	return 0, false
}
