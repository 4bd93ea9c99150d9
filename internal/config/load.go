package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Limits on a file: no recipe comes near them, and no file can take more memory or time than they allow.
const (
	maxBytes    = 1 << 20
	maxValues   = 50_000 // after aliases are expanded
	maxDepth    = 64     // levels of nesting
	maxProblems = 100
)

// Load decodes a YAML recipe over the defaults that dst, a pointer to a struct, already holds,
// applies the overrides, and validates the result. Every problem found is in the error, an Errors;
// what dst holds after an error is unspecified. name stands for the file in messages.
//
// An override is "path=value": "optim.lr=1e-3", "loss[0].weight=2" or "loss.0.weight=2",
// "model.kind=lstm", "taps=[1, 2, 3]", "limit=null". The value is YAML, but a string field takes the
// text as it stands, less quotes around it. Overrides apply from the root downwards and a
// kind before its fields, so their order is free; of two with one path the later wins.
func Load(dst any, name string, data []byte, overrides []string) error {
	v := target(dst)
	d := newDecoder(name)
	root := d.parse(data, v)
	if root == nil {
		return d.problems
	}
	d.value(v, root, "")
	d.applyOverrides(v, overrides)
	d.validate(v)
	return d.err()
}

// Resolve fills every section of dst, a pointer to a struct, with its defaults and validates
// it: what Load does where there is no YAML.
func Resolve(dst any) error {
	v := target(dst)
	d := newDecoder("")
	d.validate(v)
	return d.err()
}

// target returns the struct that dst points to, all its sections filled.
func target(dst any) reflect.Value {
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		panic(fmt.Sprintf("config: want a pointer to a struct, not %T", dst))
	}
	fill(v.Elem())
	return v.Elem()
}

// parse reads the one document of a file, or reports why there is none and returns nil.
func (d *decoder) parse(data []byte, v reflect.Value) *yaml.Node {
	if len(data) > maxBytes {
		d.add(place{}, "", "the file has %d bytes; at most %d are read", len(data), maxBytes)
		return nil
	}
	if i := invalidUTF8(data); i >= 0 {
		line, column := position(data, i)
		d.add(place{line: line, column: column}, "", "not UTF-8 text; save the file as UTF-8")
		return nil
	}
	root, second, err := documents(data)
	switch {
	case err != nil:
		d.syntax(data, err)
	case root == nil:
		d.add(place{}, "", "the file is empty; known keys: %s", strings.Join(keys(fieldsOf(v.Type()), ""), ", "))
	case second != nil:
		d.add(place{line: second.Line, column: second.Column}, "", "a second document starts here; the file must hold one")
	default:
		return root
	}
	return nil
}

// documents returns the root values of the first two documents; nil where there is none.
// A document without content counts as none.
func documents(data []byte) (first, second *yaml.Node, err error) {
	// Duplicate keys are found in decoding, which reports all of them.
	loader, err := yaml.NewLoader(bytes.NewReader(data), yaml.WithV4Defaults(), yaml.WithUniqueKeys(false))
	if err != nil {
		return nil, nil, err
	}
	var docs [2]yaml.Node
	for i := range docs {
		err := loader.Load(&docs[i])
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
	}
	if docs[0].Kind == yaml.DocumentNode {
		first = docs[0].Content[0]
		if first.Kind == yaml.ScalarNode && first.Value == "" && first.ShortTag() == "!!null" {
			first = nil
		}
	}
	if docs[1].Kind == yaml.DocumentNode {
		second = &docs[1]
	}
	return first, second, nil
}

// syntax reports an error of the YAML parser.
func (d *decoder) syntax(data []byte, err error) {
	var e *yaml.LoadError
	if !errors.As(err, &e) {
		d.add(place{}, "", "%v", err)
		return
	}
	text := e.Message
	if e.ContextMsg != "" && e.ContextMark.Line > 0 && e.ContextMark != e.Mark {
		text += fmt.Sprintf(" (%s that starts at line %d, column %d)", e.ContextMsg, e.ContextMark.Line, e.ContextMark.Column)
	}
	if line := lineOf(data, e.Mark.Line); strings.HasPrefix(strings.TrimLeft(line, " "), "\t") {
		text = "a tab in the indentation; indent with spaces"
	}
	d.add(place{line: e.Mark.Line, column: e.Mark.Column}, "", "%s", text)
}

// lineOf returns a line of the text, 1-based, or "" where there is none.
func lineOf(data []byte, line int) string {
	lines := bytes.Split(data, []byte("\n"))
	if line < 1 || line > len(lines) {
		return ""
	}
	return string(lines[line-1])
}

// position returns the line and column, 1-based and in runes, of a byte.
func position(data []byte, offset int) (line, column int) {
	before := data[:offset]
	start := bytes.LastIndexByte(before, '\n') + 1
	return 1 + bytes.Count(before, []byte("\n")), 1 + utf8.RuneCount(before[start:])
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}
