package train

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"partials/datasets"
	"partials/internal/config"
	"partials/loss"
	"partials/model"
	"partials/optim"
)

// section is a part of a recipe that comes in kinds.
type section struct {
	name   string
	kinds  []string
	indent [2]string // of the first line of a kind and of the others
	yaml   func(kind string) ([]byte, error)
}

func sectionOf[T any](name, first string, kinds func() config.Kinds[T]) section {
	return section{name, slices.Sorted(maps.Keys(kinds())), [2]string{first, strings.Repeat(" ", len(first))}, func(kind string) ([]byte, error) {
		return config.MarshalCommented(config.Of(kinds, kind))
	}}
}

func (k Kinds) sections() []section {
	return []section{
		sectionOf("data", "  ", with(datasets.Kinds, k.Datasets)),
		sectionOf("model", "  ", with(model.Kinds, k.Models)),
		sectionOf("loss", "  - ", with(loss.Kinds, k.Losses)),
		sectionOf("optim", "  ", with(optim.Kinds, k.Optimizers)),
		sectionOf("schedule", "  ", with(optim.Schedules, k.Schedules)),
	}
}

// Sections lists the sections of a recipe that come in kinds.
func Sections() []string {
	var names []string
	for _, s := range (Kinds{}).sections() {
		names = append(names, s.name)
	}
	return names
}

// FieldPaths lists what Fields can be asked for: "model", "model.tcn" and so
// on.
func (o Options) FieldPaths() []string {
	var paths []string
	for _, s := range o.Kinds.sections() {
		paths = append(paths, s.name)
		for _, kind := range s.kinds {
			paths = append(paths, s.name+"."+kind)
		}
	}
	return paths
}

// Fields documents the keys of a recipe: commented YAML with every default. The
// path is a kind ("model.tcn"), a section ("model") for all its kinds, or empty
// for a whole recipe.
func (o Options) Fields(path string) (string, error) {
	if path == "" {
		text, err := config.MarshalCommented(o.Kinds.defaults())
		return string(text), err
	}
	name, kind, one := strings.Cut(path, ".")
	all := o.Kinds.sections()
	i := slices.IndexFunc(all, func(s section) bool { return s.name == name })
	if i < 0 {
		return "", fmt.Errorf("there is no section %q that comes in kinds, only %s", name, strings.Join(Sections(), ", "))
	}
	kinds := all[i].kinds
	if one {
		if !slices.Contains(kinds, kind) {
			return "", fmt.Errorf("%s has no kind %q, only %s", name, kind, strings.Join(kinds, ", "))
		}
		kinds = []string{kind}
	}
	var documents []string
	for _, kind := range kinds {
		text, err := all[i].text(kind)
		if err != nil {
			return "", err
		}
		documents = append(documents, text)
	}
	return strings.Join(documents, "---\n"), nil
}

// text is a kind as it stands in a recipe.
func (s section) text(kind string) (string, error) {
	yaml, err := s.yaml(kind)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(s.name + ":\n")
	indent := s.indent[0]
	for line := range strings.Lines(string(yaml)) {
		b.WriteString(indent + line)
		indent = s.indent[1]
	}
	return b.String(), nil
}
