package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Kinds is a table of the kinds of a section: the name that YAML gives, and a struct literal with
// that kind's defaults. T is an interface; the entries are struct values, never pointers, and a
// decoded Section holds the same struct type that the table does.
type Kinds[T any] map[string]T

// Section is a part of a recipe that comes in kinds. In YAML it is a mapping with the key "kind" and the
// fields of that kind beside it, or the kind's name alone. Without "kind" the default kind
// stays; another kind starts from its own defaults.
//
// Build one with Of. Value is nil until Load or Resolve fills it.
type Section[T any] struct {
	Kind  string
	Value T
	kinds func() Kinds[T]
}

// List is a sequence of sections. In YAML each element is a mapping with "kind", or the kind's name
// alone. A list in the file replaces the default whole. Build one with ListOf.
type List[T any] struct {
	Items []Section[T]
	kinds func() Kinds[T]
}

// Of makes a section with a default kind; the empty kind makes one that the file must give.
// The table is asked when the section is filled, so a table may refer to itself.
func Of[T any](kinds func() Kinds[T], kind string) Section[T] {
	return Section[T]{Kind: kind, kinds: kinds}
}

// ListOf makes a list whose default is one section of each kind named, in that order.
func ListOf[T any](kinds func() Kinds[T], names ...string) List[T] {
	l := List[T]{kinds: kinds}
	for _, name := range names {
		l.Items = append(l.Items, Of(kinds, name))
	}
	return l
}

// section is a *Section[T], whatever T is.
type section interface {
	kind() string
	names() []string                    // of all kinds, sorted; empty where there is no table
	fresh(kind string) reflect.Value    // pointer to a copy of the kind's default; zero where the kind is unknown
	current() reflect.Value             // pointer to a copy of the value; the default where it is unset
	store(kind string, p reflect.Value) // p as fresh and current return it
}

// list is a *List[T], whatever T is.
type list interface {
	sections() []section // of a copy of the items, which becomes the list's own
	reset(n int) []section
}

func (s *Section[T]) kind() string { return s.Kind }

func (s *Section[T]) names() []string {
	if s.kinds == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(s.kinds()))
}

func (s *Section[T]) fresh(kind string) reflect.Value {
	if s.kinds == nil {
		panic(fmt.Sprintf("config: a %T without a table; build it with config.Of", *s))
	}
	value, ok := s.kinds()[kind]
	if !ok {
		return reflect.Value{}
	}
	return pointerTo(reflect.ValueOf(value))
}

func (s *Section[T]) current() reflect.Value {
	value := reflect.ValueOf(s.Value)
	if s.kinds == nil && value.IsValid() {
		return pointerTo(value)
	}
	p := s.fresh(s.Kind)
	if !p.IsValid() {
		panic(fmt.Sprintf("config: %T: %q is not in its table (%q)", *s, s.Kind, s.names()))
	}
	if !value.IsValid() {
		return p
	}
	if value.Type() != p.Type().Elem() {
		panic(fmt.Sprintf("config: %T: kind %q is a %s, but its value is a %s", *s, s.Kind, p.Type().Elem(), value.Type()))
	}
	return pointerTo(value)
}

func (s *Section[T]) store(kind string, p reflect.Value) {
	s.Kind, s.Value = kind, p.Elem().Interface().(T)
}

func (l *List[T]) sections() []section {
	l.Items = slices.Clone(l.Items)
	out := make([]section, len(l.Items))
	for i := range l.Items {
		out[i] = &l.Items[i]
	}
	return out
}

func (l *List[T]) reset(n int) []section {
	l.Items = make([]Section[T], n)
	for i := range l.Items {
		l.Items[i].kinds = l.kinds
	}
	return l.sections()
}

// pointerTo returns a pointer to a copy of a struct value, so that its fields can be set.
func pointerTo(v reflect.Value) reflect.Value {
	if v.Kind() != reflect.Struct {
		panic(fmt.Sprintf("config: a kind must be a struct value, not a %s", v.Type()))
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	return p
}
