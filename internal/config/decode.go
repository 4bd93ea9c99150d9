package config

import (
	"encoding"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// decoder walks a tree of YAML nodes and a Go value side by side. It is our own walk, and not
// yaml.Node.Decode, because a section must pick its type first and Decode, called again
// from there, forgets that unknown keys are errors.
type decoder struct {
	file     string
	problems Errors
	where    map[string]place // path -> where its value was given
	values   int              // decoded so far
	depth    int
	stopped  bool

	override      string // the text of the override being applied, or ""
	overrideOrder int
	overrideNode  *yaml.Node // its value
	overrideValue string     // its value as typed
}

// place is where a value was given: a position in the file, or an override.
type place struct {
	line, column int
	override     string
	order        int
}

func newDecoder(file string) *decoder {
	return &decoder{file: file, where: map[string]place{}}
}

// place returns where a node is.
func (d *decoder) place(n *yaml.Node) place {
	if d.override != "" {
		return place{override: d.override, order: d.overrideOrder}
	}
	return place{line: n.Line, column: n.Column}
}

// fail reports a problem with the value at a path, given by n.
func (d *decoder) fail(n *yaml.Node, at, format string, args ...any) {
	d.add(d.place(n), at, format, args...)
}

func (d *decoder) add(p place, at, format string, args ...any) {
	if d.stopped {
		return
	}
	text := fmt.Sprintf(format, args...)
	if len(d.problems) == maxProblems {
		d.stopped = true
		p, at, text = place{}, "", "too many problems; the rest is not shown"
	}
	d.problems = append(d.problems, Problem{
		File: d.file, Line: p.line, Column: p.column, Override: p.override, Path: at, Text: text, order: p.order,
	})
}

func (d *decoder) err() error {
	if len(d.problems) == 0 {
		return nil
	}
	return d.problems.sorted()
}

// value decodes n into v, which is addressable and holds the default. at is the path of v.
func (d *decoder) value(v reflect.Value, n *yaml.Node, at string) {
	if d.stopped {
		return
	}
	d.depth++
	defer func() { d.depth-- }()
	if d.depth > maxDepth {
		d.fail(n, at, "nested deeper than %d levels", maxDepth)
		return
	}
	if d.values++; d.values > maxValues {
		d.fail(n, at, "the file holds more than %d values, aliases counted each time", maxValues)
		d.stopped = true
		return
	}
	d.where[at] = d.place(n)
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Style&yaml.TaggedStyle != 0 {
		d.fail(n, at, "%s has the tag %s; tags are not allowed", subject(at), quote(n.Tag))
		return
	}
	if v.Kind() == reflect.Pointer {
		d.pointer(v, n, at)
		return
	}
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		d.fail(n, at, "%s is null; give it a value, or leave the key out for the default", subject(at))
		return
	}
	if s, ok := as[section](v); ok {
		d.section(s, n, at)
		return
	}
	if l, ok := as[list](v); ok {
		d.list(l, n, at)
		return
	}
	if t, ok := as[encoding.TextUnmarshaler](v); ok {
		d.text(t, n, at)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(v, n, at)
	case reflect.Slice, reflect.Array:
		d.sequence(v, n, at)
	case reflect.Map:
		d.table(v, n, at)
	default:
		d.scalar(v, n, at)
	}
}

// Shorthand is a struct that a single value may stand for: `clean: speech/` is
// `clean: {root: speech/}` where Shorthand returns "root".
type Shorthand interface{ Shorthand() string }

// structure decodes a mapping into the struct v, or one value into the field
// that it stands for.
func (d *decoder) structure(v reflect.Value, n *yaml.Node, at string) {
	want := "a mapping such as {key: value}"
	if s, ok := v.Interface().(Shorthand); ok {
		if n.Kind == yaml.ScalarNode {
			if f, ok := d.field(v, s.Shorthand(), n, at, ""); ok {
				d.value(f, n, join(at, s.Shorthand()))
			}
			return
		}
		want = "its " + s.Shorthand() + ", or " + want
	}
	if d.is(n, yaml.MappingNode, at, want) {
		d.fields(v, d.pairs(n, at), at, "")
	}
}

// is checks what a node is; want says what it must be.
func (d *decoder) is(n *yaml.Node, kind yaml.Kind, at, want string) bool {
	if n.Kind != kind {
		d.fail(n, at, "%s is %s; it must be %s", subject(at), show(n), want)
	}
	return n.Kind == kind
}

func (d *decoder) pointer(v reflect.Value, n *yaml.Node, at string) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		d.forget(at)
		v.SetZero()
		return
	}
	if v.IsNil() {
		v.Set(reflect.New(v.Type().Elem()))
	}
	d.value(v.Elem(), n, at)
}

// section decodes a kind's name, or a mapping with the kind and its fields.
func (d *decoder) section(s section, n *yaml.Node, at string) {
	kind, kindNode := s.kind(), n
	var pairs []pair
	switch {
	case n.Kind == yaml.MappingNode:
		pairs = d.pairs(n, at)
		if i := slices.IndexFunc(pairs, func(p pair) bool { return p.key == kindKey }); i >= 0 {
			kindNode = pairs[i].value
			if kindNode.Kind == yaml.AliasNode {
				kindNode = kindNode.Alias
			}
			if !d.is(kindNode, yaml.ScalarNode, join(at, kindKey), "a kind's name") {
				return
			}
			kind = kindNode.Value
			pairs = slices.Delete(pairs, i, i+1)
		}
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str":
		kind = n.Value
	default:
		d.fail(n, at, "%s is %s; it must be a kind's name or a mapping with one; known kinds: %s",
			subject(at), show(n), strings.Join(s.names(), ", "))
		return
	}
	if kind == "" {
		d.fail(kindNode, at, "%s needs a kind; known kinds: %s", subject(at), strings.Join(s.names(), ", "))
		return
	}
	var p reflect.Value
	if kind == s.kind() {
		p = s.current()
	} else {
		p = s.fresh(kind)
		if !p.IsValid() {
			d.fail(kindNode, at, "%s", prefix(at, "")+unknown("kind", kind, s.names()))
			return
		}
		fill(p.Elem())
		d.forget(at)
		d.where[at] = d.place(n)
	}
	d.where[join(at, kindKey)] = d.place(kindNode)
	d.fields(p.Elem(), pairs, at, kind)
	s.store(kind, p)
}

func (d *decoder) list(l list, n *yaml.Node, at string) {
	if !d.is(n, yaml.SequenceNode, at, "a list such as [name, {kind: name}]") {
		return
	}
	d.forget(at)
	d.where[at] = d.place(n)
	for i, s := range l.reset(len(n.Content)) {
		d.value(reflect.ValueOf(s).Elem(), n.Content[i], item(at, i))
	}
}

// sequence decodes a list. For a list of texts one text alone will do:
// `input: a.wav`.
func (d *decoder) sequence(v reflect.Value, n *yaml.Node, at string) {
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.String && n.Kind == yaml.ScalarNode {
		n = &yaml.Node{Kind: yaml.SequenceNode, Line: n.Line, Column: n.Column, Content: []*yaml.Node{n}}
	}
	if !d.is(n, yaml.SequenceNode, at, "a list such as [1, 2]") {
		return
	}
	size := len(n.Content)
	if v.Kind() == reflect.Array && size != v.Len() {
		d.fail(n, at, "%s is a list of length %d; its length must be %d", subject(at), size, v.Len())
		return
	}
	d.forget(at)
	d.where[at] = d.place(n)
	if v.Kind() == reflect.Slice {
		v.Set(reflect.MakeSlice(v.Type(), size, size))
	}
	for i := range size {
		d.value(v.Index(i), n.Content[i], item(at, i))
	}
}

func (d *decoder) table(v reflect.Value, n *yaml.Node, at string) {
	if !d.is(n, yaml.MappingNode, at, "a mapping such as {key: value}") {
		return
	}
	d.forget(at)
	d.where[at] = d.place(n)
	v.Set(reflect.MakeMap(v.Type()))
	for _, p := range d.pairs(n, at) {
		value := reflect.New(v.Type().Elem()).Elem()
		d.value(value, p.value, join(at, p.key))
		v.SetMapIndex(reflect.ValueOf(p.key).Convert(v.Type().Key()), value)
	}
}

// fields decodes the pairs of a mapping into the struct v; kind is that of its section, or "".
func (d *decoder) fields(v reflect.Value, pairs []pair, at, kind string) {
	for _, p := range pairs {
		if f, ok := d.field(v, p.key, p.node, at, kind); ok {
			d.value(f, p.value, join(at, p.key))
		}
	}
}

// field finds the field of a struct that a key names.
func (d *decoder) field(v reflect.Value, key string, n *yaml.Node, at, kind string) (reflect.Value, bool) {
	fields := fieldsOf(v.Type())
	for _, f := range fields {
		if f.key == key {
			return v.FieldByIndex(f.index), true
		}
	}
	d.fail(n, at, "%s", prefix(at, kind)+unknown("key", key, keys(fields, kind)))
	return reflect.Value{}, false
}

// pair is one entry of a mapping.
type pair struct {
	key         string
	node, value *yaml.Node
}

// pairs lists the entries of a mapping, and reports those whose key is no plain word or came before.
func (d *decoder) pairs(n *yaml.Node, at string) []pair {
	lines := map[string]int{}
	var out []pair
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		first, again := lines[key.Value]
		switch {
		case key.Kind != yaml.ScalarNode:
			d.fail(key, at, "%sa key is %s; it must be a plain word", prefix(at, ""), show(key))
		case !utf8.ValidString(key.Value):
			d.fail(key, at, "%skey %s is not UTF-8", prefix(at, ""), quote(key.Value))
		case key.Value == "<<" && key.ShortTag() == "!!merge":
			d.fail(key, at, "%smerge keys (<<) are not allowed; write the fields out", prefix(at, ""))
		case again:
			d.fail(key, at, "%skey %s is given twice, first on line %d", prefix(at, ""), quote(key.Value), first)
		default:
			lines[key.Value] = key.Line
			out = append(out, pair{key.Value, key, n.Content[i+1]})
		}
	}
	return out
}

// forget drops the places below a path whose value an override replaces whole.
func (d *decoder) forget(at string) {
	if d.override == "" {
		return
	}
	maps.DeleteFunc(d.where, func(path string, _ place) bool {
		rest, ok := strings.CutPrefix(path, at)
		return ok && rest != "" && (rest[0] == '.' || rest[0] == '[')
	})
}

// subject names a path in a sentence, prefix before one.
func subject(at string) string {
	if at == "" {
		return "the file"
	}
	return at
}

func prefix(at, kind string) string {
	switch {
	case at == "":
		return ""
	case kind != "":
		return at + " (" + kind + "): "
	}
	return at + ": "
}

// show names a node's content in a sentence.
func show(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	if n.ShortTag() == "!!str" || len(n.Value) > 60 {
		return quote(n.Value)
	}
	return n.Value
}
