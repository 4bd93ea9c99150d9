package config

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Marshal writes a struct, or a pointer to one, as YAML with every default written out, in the
// order of the struct's fields, "kind" first in each section. Load of the result over the same defaults
// gives the same values bit for bit. A float that is not finite, text that is not
// UTF-8 and a section without a kind are errors.
func Marshal(v any) ([]byte, error) { return marshal(v, false) }

// MarshalCommented is Marshal with comments: each field's doc tag, and the known kinds beside each kind.
func MarshalCommented(v any) ([]byte, error) { return marshal(v, true) }

func marshal(v any, comments bool) ([]byte, error) {
	given := reflect.ValueOf(v)
	if given.Kind() == reflect.Pointer {
		given = given.Elem()
	}
	p := pointerTo(given)
	fill(p.Elem())
	root, err := encoder{comments}.node(p.Elem(), "")
	if err != nil {
		return nil, err
	}
	return yaml.Dump(root, yaml.WithV4Defaults(), yaml.WithLineWidth(-1))
}

// encoder builds the YAML tree of a filled value.
type encoder struct{ comments bool }

func (e encoder) node(v reflect.Value, at string) (*yaml.Node, error) {
	if s, ok := as[section](v); ok {
		return e.section(s, at)
	}
	if l, ok := as[list](v); ok {
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for i, s := range l.sections() {
			if err := e.add(n, reflect.ValueOf(s).Elem(), item(at, i)); err != nil {
				return nil, err
			}
		}
		return flowIfEmpty(n), nil
	}
	if t, ok := as[encoding.TextMarshaler](v); ok {
		s, err := t.MarshalText()
		if err != nil {
			return nil, fmt.Errorf("config: %s is %s; %w", at, display(v.Interface()), err)
		}
		if n := plain(string(s)); n.ShortTag() == "!!int" { // 4096, not '4096'
			return n, nil
		}
		return text(string(s)), nil
	}
	switch v.Kind() {
	case reflect.Struct:
		n := &yaml.Node{Kind: yaml.MappingNode}
		err := e.fields(n, v, at)
		return flowIfEmpty(n), err
	case reflect.Slice, reflect.Array:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for i := range v.Len() {
			if err := e.add(n, v.Index(i), item(at, i)); err != nil {
				return nil, err
			}
		}
		if !nested(n) {
			n.Style = yaml.FlowStyle
		}
		return n, nil
	case reflect.Map:
		n := &yaml.Node{Kind: yaml.MappingNode}
		for _, key := range sortedKeys(v) {
			n.Content = append(n.Content, text(key.String()))
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(v.MapIndex(key))
			if err := e.add(n, value, join(at, key.String())); err != nil {
				return nil, err
			}
		}
		return flowIfEmpty(n), nil
	case reflect.Pointer:
		if v.IsNil() {
			return plain("null"), nil
		}
		return e.node(v.Elem(), at)
	}
	return scalarNode(v, at)
}

func scalarNode(v reflect.Value, at string) (*yaml.Node, error) {
	switch {
	case v.Kind() == reflect.Bool:
		return plain(strconv.FormatBool(v.Bool())), nil
	case v.CanInt():
		return plain(strconv.FormatInt(v.Int(), 10)), nil
	case v.CanUint():
		return plain(strconv.FormatUint(v.Uint(), 10)), nil
	case v.CanFloat():
		if x := v.Float(); math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("config: %s is %v; YAML recipes hold finite numbers", at, x)
		}
		return plain(formatFloat(v.Float(), v.Type().Bits())), nil
	}
	if !utf8.ValidString(v.String()) {
		return nil, fmt.Errorf("config: %s is %s; YAML recipes hold UTF-8 text", at, quote(v.String()))
	}
	return text(v.String()), nil
}

func (e encoder) add(n *yaml.Node, v reflect.Value, at string) error {
	child, err := e.node(v, at)
	n.Content = append(n.Content, child)
	return err
}

func (e encoder) section(s section, at string) (*yaml.Node, error) {
	if s.kind() == "" {
		return nil, fmt.Errorf("config: %s has no kind; known kinds: %s", at, strings.Join(s.names(), ", "))
	}
	kind := text(s.kind())
	n := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{text(kindKey), kind}}
	if names := s.names(); e.comments && len(names) > 1 {
		kind.LineComment = "one of " + strings.Join(names, ", ")
	}
	return n, e.fields(n, s.current().Elem(), at)
}

// fields appends the fields of a struct to a mapping.
func (e encoder) fields(n *yaml.Node, v reflect.Value, at string) error {
	for _, f := range fieldsOf(v.Type()) {
		key := text(f.key)
		value, err := e.node(v.FieldByIndex(f.index), join(at, f.key))
		if err != nil {
			return err
		}
		if e.comments {
			comment(key, value, f.doc)
		}
		n.Content = append(n.Content, key, value)
	}
	return nil
}

// comment puts a line beside a value, or beside its key where the value starts on a new line;
// above the key where yaml writes no comment beside it.
func comment(key, value *yaml.Node, doc string) {
	doc = strings.Join(strings.Fields(doc), " ")
	empty := value.Kind != yaml.ScalarNode && len(value.Content) == 0
	switch {
	case empty:
		key.HeadComment = doc
	case value.Kind == yaml.ScalarNode || value.Style == yaml.FlowStyle:
		value.LineComment = doc
	default:
		key.LineComment = doc
	}
}

// plain is a scalar without quotes; text is one that reads back as a string.
func plain(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: s} }
func text(s string) *yaml.Node  { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }

// nested tells whether a sequence holds anything but scalars.
func nested(n *yaml.Node) bool {
	for _, c := range n.Content {
		if c.Kind != yaml.ScalarNode {
			return true
		}
	}
	return false
}

// flowIfEmpty writes a mapping or sequence without content as {} or [].
func flowIfEmpty(n *yaml.Node) *yaml.Node {
	if len(n.Content) == 0 {
		n.Style = yaml.FlowStyle
	}
	return n
}
